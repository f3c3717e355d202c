//! What every store has to keep to, as a test that runs against any of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;

use super::TokenStore;
use crate::{Issued, Refresh, Token};

/// How long a lease is asked for. Longer than any of the checks takes.
const LONGEST: Duration = Duration::from_secs(60);

/// Runs the contract of a store that one process has for itself, which needs no lease. `open` opens one and
/// the same store, which is empty at first, each time anew, as a restarted process would.
///
/// # Panics
/// When the store breaks the contract: the message says which part.
pub async fn check<S: TokenStore>(open: impl Fn() -> S) {
    an_empty_store_holds_nothing(&open()).await;
    what_was_saved_is_loaded_whole(&open).await;
    the_last_save_wins(&open).await;
}

/// Runs the contract of a store that processes share: that of [`check`], and that one at a time has the
/// lease.
///
/// # Panics
/// When the store breaks the contract: the message says which part.
pub async fn check_shared<S: TokenStore>(open: impl Fn() -> S) {
    check(&open).await;
    one_lease_at_a_time(&open).await;
    a_dropped_wait_takes_no_lease(&open).await;
}

async fn an_empty_store_holds_nothing(store: &impl TokenStore) {
    let loaded = store.load().await.expect("an empty store can be loaded");
    assert!(loaded.is_none(), "an empty store holds a token");
}

async fn what_was_saved_is_loaded_whole<S: TokenStore>(open: &impl Fn() -> S) {
    for token in [
        sample("full", true),
        sample("bare", false),
        sample("é\u{1f512}\"\\", true),
    ] {
        save(&open(), &token).await;
        assert!(
            load(&open()).await == Some(token),
            "a token changes on its way through the store"
        );
    }
}

async fn the_last_save_wins<S: TokenStore>(open: &impl Fn() -> S) {
    let (first, second) = (sample("first", true), sample("second", false));
    let store = open();
    save(&store, &first).await;
    save(&store, &second).await;
    assert!(
        load(&store).await == Some(second.clone()),
        "a later save is lost"
    );
    assert!(
        load(&open()).await == Some(second),
        "another process sees an older token"
    );
}

/// Ten that each read a number, wait and write the next: none is lost if one goes at a time.
async fn one_lease_at_a_time<S: TokenStore>(open: &impl Fn() -> S) {
    let inside = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    save(&open(), &sample("0", true)).await;
    for _ in 0..10 {
        let (store, inside) = (open(), Arc::clone(&inside));
        tasks.spawn(async move {
            let lease = store.lease(LONGEST).await.expect("a lease can be had");
            assert_eq!(
                inside.fetch_add(1, Ordering::SeqCst),
                0,
                "two leases at a time"
            );
            let known = load(&store).await.expect("saved before");
            let number: usize = known.access_token().expose().parse().expect("a number");
            tokio::task::yield_now().await;
            let next = sample(&(number + 1).to_string(), true);
            store
                .save(&next)
                .await
                .expect("whoever has the lease can save");
            inside.fetch_sub(1, Ordering::SeqCst);
            drop(lease);
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no task panics");
    }
    let last = load(&open()).await.expect("saved before");
    assert_eq!(
        last.access_token().expose(),
        "10",
        "a save under the lease is lost"
    );
}

async fn a_dropped_wait_takes_no_lease<S: TokenStore>(open: &impl Fn() -> S) {
    let (first, second) = (open(), open());
    let lease = first.lease(LONGEST).await.expect("a lease can be had");
    {
        let mut waiting = second.lease(LONGEST);
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(waiting.as_mut().poll(context).is_ready())
        });
        assert!(
            !polled.await,
            "a second lease is given while the first is out"
        );
    }
    drop(lease);
    let third = tokio::time::timeout(LONGEST, open().lease(LONGEST)).await;
    drop(
        third
            .expect("a wait that was dropped holds the lease")
            .expect("a lease can be had"),
    );
}

async fn save(store: &impl TokenStore, token: &Token) {
    let lease = store.lease(LONGEST).await.expect("a lease can be had");
    store
        .save(token)
        .await
        .expect("whoever has the lease can save");
    drop(lease);
}

async fn load(store: &impl TokenStore) -> Option<Token> {
    store.load().await.expect("what was saved can be loaded")
}

fn sample(name: &str, full: bool) -> Token {
    let refresh = if full {
        let lifetime = Some(Duration::from_secs(86_400));
        Refresh::Replace {
            token: format!("refresh {name}").into(),
            lifetime,
        }
    } else {
        Refresh::Forget
    };
    let lifetime = full.then_some(Duration::from_secs(3600));
    let issued = Issued {
        access_token: name.into(),
        lifetime,
        refresh,
    };
    Token::new(
        issued,
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123),
        None,
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use rstest::rstest;

    use super::*;
    use crate::{BoxFuture, Error, Lease, MemoryStore};

    /// A store with one fault.
    #[derive(Clone)]
    struct Faulty {
        inner: MemoryStore,
        fault: Fault,
        first: Arc<Mutex<Option<Token>>>,
        /// Saves since the last load.
        saves: Arc<AtomicUsize>,
        turns: Arc<Turns>,
    }

    /// Of those who ask for the lease.
    #[derive(Default)]
    struct Turns {
        asked: AtomicUsize,
        served: AtomicUsize,
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Fault {
        NoLease,
        KeepsTheFirst,
        LosesTheRefreshToken,
        HoldsSomethingAtFirst,
        LosesASecondSave,
        WaitsForWhoeverIsGone,
    }

    impl TokenStore for Faulty {
        fn load(&self) -> BoxFuture<'_, Result<Option<Token>, Error>> {
            self.saves.store(0, Ordering::SeqCst);
            if self.fault == Fault::HoldsSomethingAtFirst && self.inner.token().is_none() {
                let token = Some(sample("anything", true));
                return Box::pin(std::future::ready(Ok(token)));
            }
            self.inner.load()
        }

        fn save<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
            let mut first = self.first.lock().expect("not poisoned");
            let first = first.get_or_insert_with(|| token.clone()).clone();
            let again = self.saves.fetch_add(1, Ordering::SeqCst) > 0;
            let kept = match self.fault {
                Fault::KeepsTheFirst => first,
                Fault::LosesASecondSave if again => self.inner.token().unwrap_or(first),
                Fault::LosesTheRefreshToken => {
                    let issued = Issued {
                        access_token: token.access_token().clone(),
                        lifetime: token.lifetime(),
                        refresh: Refresh::Forget,
                    };
                    Token::new(issued, token.issued_at(), None)
                }
                _ => token.clone(),
            };
            Box::pin(async move { self.inner.save(&kept).await })
        }

        fn lease(&self, longest: Duration) -> BoxFuture<'_, Result<Lease, Error>> {
            if self.fault == Fault::NoLease {
                return Box::pin(std::future::ready(Ok(Lease::unneeded())));
            }
            if self.fault != Fault::WaitsForWhoeverIsGone {
                return self.inner.lease(longest);
            }
            let turns = Arc::clone(&self.turns);
            let mine = turns.asked.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                while turns.served.load(Ordering::SeqCst) != mine {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Ok(Lease::new(move || {
                    turns.served.fetch_add(1, Ordering::SeqCst);
                }))
            })
        }
    }

    async fn breaks(fault: Fault) -> String {
        let store = Faulty {
            inner: MemoryStore::default(),
            fault,
            first: Arc::default(),
            saves: Arc::default(),
            turns: Arc::default(),
        };
        let failed = tokio::spawn(async move { check_shared(|| store.clone()).await }).await;
        let panic = failed.expect_err("the fault is found").into_panic();
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .expect("a panic with a message")
    }

    #[rstest]
    #[case(Fault::KeepsTheFirst, "changes on its way")]
    #[case(Fault::LosesTheRefreshToken, "changes on its way")]
    #[case(Fault::HoldsSomethingAtFirst, "an empty store holds a token")]
    #[case(Fault::LosesASecondSave, "a later save is lost")]
    #[case(
        Fault::WaitsForWhoeverIsGone,
        "a wait that was dropped holds the lease"
    )]
    #[tokio::test(start_paused = true)]
    async fn a_store_that_breaks_the_contract_is_found_out(
        #[case] fault: Fault,
        #[case] expected: &str,
    ) {
        let found = breaks(fault).await;
        assert!(found.contains(expected), "{fault:?}: {found}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_without_a_lease_is_found_out_by_whichever_task_meets_another() {
        let found = breaks(Fault::NoLease).await;
        assert!(
            found.contains("two leases at a time") || found.contains("panics"),
            "{found}"
        );
    }
}
