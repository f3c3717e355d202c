use std::sync::Mutex;

use rstest::rstest;

use super::*;
use crate::provider::BoxFuture;
use crate::{Error, MemoryStore};

/// A store with one fault.
#[derive(Clone)]
struct Faulty {
    inner: MemoryStore,
    fault: Fault,
    first: Arc<Mutex<Option<Record>>>,
    leases: Arc<AtomicUsize>,
    turns: Arc<Turns>,
}

/// The turns for the lease.
#[derive(Default)]
struct Turns {
    asked: AtomicUsize,
    served: AtomicUsize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// No fault: a store may refuse lower versions.
    RefusesLowerVersions,
    HoldsSomethingAtFirst,
    KeepsTheFirst,
    LosesTheRefreshToken,
    LosesTheVersion,
    LosesTheOwner,
    LosesTheEnd,
    LosesTheTombstone,
    LosesASecondSave,
    SavesUnderALeaseOnly,
    DeletesNothing,
    DeletesWithoutAVersion,
    DeletesTheOwner,
    RefusesAfterADeletion,
    NoLease,
    WaitsForDroppedRequests,
    IgnoresPatience,
    ReportsATakenLeaseAsATimeout,
    LetsALeaseLapse,
}

impl Faulty {
    fn with(fault: Fault) -> Self {
        Self {
            inner: MemoryStore::default(),
            fault,
            first: Arc::default(),
            leases: Arc::default(),
            turns: Arc::default(),
        }
    }

    /// The record as this store saves or returns it.
    fn kept(&self, record: &Record, stored: Option<Record>) -> Record {
        let mut first = self.first.lock().expect("not poisoned");
        let first = first.get_or_insert_with(|| record.clone()).clone();
        let is_second = |token: &Token| token.access_token().expose() == "second";
        let like = |token: Token| {
            let like = Record::new(token).with_version(record.version());
            like.with_owner(record.owner().cloned())
        };
        match (self.fault, record.token()) {
            (Fault::KeepsTheFirst, _) => first,
            (Fault::LosesASecondSave, Some(token)) if is_second(token) => stored.unwrap_or(first),
            (Fault::LosesTheRefreshToken, Some(token)) => {
                let access_token = token.access_token().clone();
                let issued = Issued::new(access_token, token.lifetime(), Refresh::Forget);
                like(Token::new(issued, token.issued_at(), None))
            }
            (Fault::LosesTheVersion, _) => record.clone().with_version(0),
            (Fault::LosesTheOwner, _) => record.clone().with_owner(None),
            (Fault::LosesTheEnd, Some(token)) => like(token.clone()),
            (Fault::LosesTheTombstone, None) => {
                Record::deleted(SystemTime::UNIX_EPOCH).with_version(record.version())
            }
            _ => record.clone(),
        }
    }
}

impl TokenStore for Faulty {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        let is_first = self.first.lock().expect("not poisoned").is_none();
        if self.fault == Fault::HoldsSomethingAtFirst && is_first {
            let record = Record::new(sample("anything", true));
            return Box::pin(std::future::ready(Ok(Some(record))));
        }
        self.inner.load()
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let refused = || Err(Error::new(ErrorKind::Store, "refused"));
            let stored = self.inner.load().await?;
            let deleted = stored
                .as_ref()
                .is_some_and(|stored| stored.token().is_none());
            let is_newer = stored
                .as_ref()
                .is_none_or(|stored| stored.version() < record.version());
            let leased = self.leases.load(Ordering::SeqCst) > 0;
            match self.fault {
                Fault::SavesUnderALeaseOnly if !leased => refused(),
                Fault::RefusesLowerVersions if !is_newer => refused(),
                Fault::RefusesAfterADeletion if deleted => refused(),
                _ => self.inner.save(&self.kept(record, stored)).await,
            }
        })
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async move {
            let lease = match self.fault {
                Fault::NoLease => return Ok(Lease::unneeded()),
                Fault::WaitsForDroppedRequests => return Ok(self.turn().await),
                Fault::IgnoresPatience => {
                    let patience = Duration::MAX;
                    self.inner.lease(LeaseTerms { patience, ..terms }).await
                }
                Fault::ReportsATakenLeaseAsATimeout => {
                    let lease = self.inner.lease(terms).await;
                    lease.map_err(|_| Error::new(ErrorKind::Timeout, "too late"))
                }
                Fault::LetsALeaseLapse => self.lapsing(terms).await,
                _ => self.inner.lease(terms).await,
            }?;
            self.leases.fetch_add(1, Ordering::SeqCst);
            let leases = Arc::clone(&self.leases);
            Ok(Lease::new(move || {
                drop(lease);
                leases.fetch_sub(1, Ordering::SeqCst);
            }))
        })
    }

    fn delete(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let former = self.inner.load().await?.expect("something to delete");
            let deleted = Record::deleted(SystemTime::UNIX_EPOCH)
                .with_version(former.version() + 1)
                .with_owner(former.owner().cloned());
            match self.fault {
                Fault::DeletesNothing => Ok(()),
                Fault::DeletesWithoutAVersion => self.save(&deleted.with_version(0)).await,
                Fault::DeletesTheOwner => self.save(&deleted.with_owner(None)).await,
                _ => self.save(&deleted).await,
            }
        })
    }
}

impl Faulty {
    /// Grants turns in the order of the requests, even if earlier ones were dropped.
    async fn turn(&self) -> Lease {
        let turns = Arc::clone(&self.turns);
        let mine = turns.asked.fetch_add(1, Ordering::SeqCst);
        while turns.served.load(Ordering::SeqCst) != mine {
            sleep(Duration::from_millis(1)).await;
        }
        Lease::new(move || {
            turns.served.fetch_add(1, Ordering::SeqCst);
        })
    }

    /// It ends after its lifetime, even if it is prolonged.
    async fn lapsing(&self, terms: LeaseTerms) -> Result<Lease, Error> {
        let lease = self.inner.lease(terms).await?;
        let ends = tokio::spawn(async move {
            sleep(terms.lifetime).await;
            drop(lease);
        });
        Ok(Lease::new(move || ends.abort()))
    }
}

async fn breaks(fault: Fault) -> String {
    let store = Faulty::with(fault);
    let failed = tokio::spawn(async move { check_shared(|| store.clone()).await }).await;
    let panic = failed.expect_err("the fault is found").into_panic();
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .expect("a panic with a message")
}

#[rstest]
#[case(Fault::None)]
#[case(Fault::RefusesLowerVersions)]
#[tokio::test(start_paused = true)]
async fn a_store_without_a_fault_passes(#[case] fault: Fault) {
    let store = Faulty::with(fault);
    check_shared(|| store.clone()).await;
}

#[rstest]
#[case(Fault::HoldsSomethingAtFirst, "an empty store holds a record")]
#[case(Fault::KeepsTheFirst, "a token changes")]
#[case(Fault::LosesTheRefreshToken, "a token changes")]
#[case(Fault::LosesTheVersion, "the version changes")]
#[case(Fault::LosesTheOwner, "the owner changes")]
#[case(Fault::LosesTheEnd, "the end of a session is lost")]
#[case(Fault::LosesTheTombstone, "the user logged out changes")]
#[case(Fault::LosesASecondSave, "a later save is lost")]
#[case(Fault::SavesUnderALeaseOnly, "a save needs none")]
#[case(Fault::DeletesNothing, "deleted is there again")]
#[case(Fault::DeletesWithoutAVersion, "not newer than what it deletes")]
#[case(Fault::DeletesTheOwner, "a deletion loses the owner")]
#[case(Fault::RefusesAfterADeletion, "a record can be saved")]
#[case(
    Fault::WaitsForDroppedRequests,
    "a wait that was dropped holds the lease"
)]
#[case(Fault::IgnoresPatience, "waited for beyond the patience")]
#[case(Fault::ReportsATakenLeaseAsATimeout, "no error of the store")]
#[case(Fault::LetsALeaseLapse, "a second lease is given")]
#[tokio::test(start_paused = true)]
async fn a_store_that_breaks_the_contract_is_found(#[case] fault: Fault, #[case] expected: &str) {
    let found = breaks(fault).await;
    assert!(found.contains(expected), "{fault:?}: {found}");
}

#[tokio::test(start_paused = true)]
async fn a_store_without_a_lease_is_found_by_the_contract() {
    let found = breaks(Fault::NoLease).await;
    assert!(
        found.contains("two leases at a time") || found.contains("panics"),
        "{found}"
    );
}
