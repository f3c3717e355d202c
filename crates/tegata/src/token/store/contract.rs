//! The contract of token stores, as a test that runs against any of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{Lease, LeaseTerms, Owner, Record, TokenStore};
use crate::provider::{Issued, Refresh};
use crate::{AccountHash, ErrorKind, Token};

/// Longer than any of the checks takes.
const LONGEST: Duration = Duration::from_secs(60);

/// The lifetime of a lease that ends by itself unless it is prolonged.
const SHORT: Duration = Duration::from_secs(1);

const TERMS: LeaseTerms = LeaseTerms {
    lifetime: LONGEST,
    patience: LONGEST,
};

/// The patience for a lease that is not granted.
const IMPATIENT: LeaseTerms = LeaseTerms {
    lifetime: LONGEST,
    patience: Duration::from_millis(100),
};

/// Runs the contract of a store that a single process uses, which needs no lease. `open` opens the same store,
/// empty at first, each time anew, as a restarted process would.
///
/// # Panics
/// When the store breaks the contract: the message says which part.
pub async fn check<S: TokenStore>(open: impl Fn() -> S) {
    an_empty_store_holds_nothing(&open()).await;
    a_saved_record_is_loaded_complete(&open).await;
    the_last_save_wins(&open).await;
    a_save_without_a_lease_is_kept(&open).await;
    a_deleted_record_stays_deleted(&open).await;
}

/// Runs the contract of a store that processes share: that of [`check`], and that only one at a time has the
/// lease. It takes a few seconds, unless the clock is paused.
///
/// # Panics
/// When the store breaks the contract: the message says which part.
pub async fn check_shared<S: TokenStore>(open: impl Fn() -> S) {
    check(&open).await;
    one_lease_at_a_time(&open).await;
    a_dropped_wait_takes_no_lease(&open).await;
    a_prolonged_lease_stays_exclusive(&open).await;
}

async fn an_empty_store_holds_nothing(store: &impl TokenStore) {
    let loaded = store.load().await.expect("an empty store can be loaded");
    assert!(loaded.is_none(), "an empty store holds a record");
}

async fn a_saved_record_is_loaded_complete<S: TokenStore>(open: &impl Fn() -> S) {
    let owner = Owner::new("provider é\"\\", AccountHash::of("contract"));
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
    for record in [
        Record::new(sample("full", true)),
        Record::new(sample("bare", false)),
        Record::new(sample("é\u{1f512}\"\\", true)).with_owner(Some(owner.clone())),
        Record::new(sample("ended", true)).ended(),
        Record::deleted(at).with_owner(Some(owner)),
    ] {
        let saved = save(&open(), record).await;
        let loaded = load(&open()).await;
        let same = |of: fn(&Record) -> String| of(&saved) == of(&loaded);
        assert!(
            saved.token() == loaded.token(),
            "a token changes on its way through the store"
        );
        assert_eq!(
            saved.deleted_at(),
            loaded.deleted_at(),
            "a record that says that the user logged out changes"
        );
        assert!(
            same(|record| record.version().to_string()),
            "the version changes"
        );
        assert!(
            same(|record| format!("{:?}", record.owner())),
            "the owner changes"
        );
        assert!(
            same(|record| record.is_ended().to_string()),
            "the end of a session is lost"
        );
    }
}

async fn the_last_save_wins<S: TokenStore>(open: &impl Fn() -> S) {
    let store = open();
    save(&store, Record::new(sample("first", true))).await;
    let second = save(&store, Record::new(sample("second", false))).await;
    assert!(load(&store).await == second, "a later save is lost");
    assert!(
        load(&open()).await == second,
        "another process sees an older record"
    );
}

async fn a_save_without_a_lease_is_kept<S: TokenStore>(open: &impl Fn() -> S) {
    let store = open();
    let version = load(&store).await.version() + 1;
    let record = Record::new(sample("without a lease", true)).with_version(version);
    let saved = store.save(&record).await;
    saved.expect("while there is no lease, a save needs none");
    assert!(
        load(&open()).await == record,
        "a save without a lease is lost"
    );
}

async fn a_deleted_record_stays_deleted<S: TokenStore>(open: &impl Fn() -> S) {
    let owner = Owner::new("contract", AccountHash::of("contract"));
    let record = Record::new(sample("deleted", true)).with_owner(Some(owner));
    let former = save(&open(), record).await;
    let store = open();
    store.delete().await.expect("a saved record can be deleted");
    for loaded in [load(&store).await, load(&open()).await] {
        assert!(
            loaded.token().is_none() && loaded.deleted_at().is_some(),
            "a token that was deleted is there again"
        );
        assert!(
            loaded.version() > former.version(),
            "a deletion is not newer than what it deletes"
        );
        assert!(
            loaded.owner() == former.owner(),
            "a deletion loses the owner"
        );
    }
    let again = save(&open(), Record::new(sample("again", true))).await;
    assert!(
        load(&open()).await == again,
        "after a deletion nothing is saved any more"
    );
}

/// Ten tasks that each read a number, wait and write the next: none is lost if the lease excludes the others.
async fn one_lease_at_a_time<S: TokenStore>(open: &impl Fn() -> S) {
    let inside = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    save(&open(), Record::new(sample("0", true))).await;
    for _ in 0..10 {
        let (store, inside) = (open(), Arc::clone(&inside));
        tasks.spawn(async move {
            let lease = lease(&store, TERMS).await;
            let others = inside.fetch_add(1, Ordering::SeqCst);
            assert_eq!(others, 0, "two leases at a time");
            let known = load(&store).await;
            tokio::task::yield_now().await;
            let next = sample(&(number(&known) + 1).to_string(), true);
            let next = Record::new(next).with_version(known.version() + 1);
            let saved = store.save(&next).await;
            saved.expect("under a lease a record can be saved");
            inside.fetch_sub(1, Ordering::SeqCst);
            drop(lease);
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no task panics");
    }
    let last = load(&open()).await;
    assert_eq!(number(&last), 10, "a save under the lease is lost");
}

async fn a_dropped_wait_takes_no_lease<S: TokenStore>(open: &impl Fn() -> S) {
    let (first, second) = (open(), open());
    let held = lease(&first, TERMS).await;
    {
        let mut waiting = second.lease(TERMS);
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(waiting.as_mut().poll(context).is_ready())
        });
        assert!(
            !polled.await,
            "a second lease is given while the first is out"
        );
    }
    drop(held);
    let third = timeout(LONGEST, open().lease(TERMS)).await;
    let third = third.expect("a wait that was dropped holds the lease");
    drop(third.expect("a lease can be had"));
}

async fn a_prolonged_lease_stays_exclusive<S: TokenStore>(open: &impl Fn() -> S) {
    let (first, second) = (open(), open());
    let terms = LeaseTerms {
        lifetime: SHORT,
        ..TERMS
    };
    let mut held = lease(&first, terms).await;
    let prolonged = held.prolong(LONGEST).await;
    prolonged.expect("a lease that has not ended can be prolonged");
    // Real time, since the lease of a store may end by the clock of its server.
    sleep(SHORT * 2).await;
    must_be_refused(&second).await;
    drop(held);
    drop(lease(&second, TERMS).await);
}

/// Requests a lease of this store while another task has it.
async fn must_be_refused(store: &impl TokenStore) {
    let waited = timeout(LONGEST, store.lease(IMPATIENT)).await;
    let refused = waited.expect("a lease is waited for beyond the patience");
    let error = refused.expect_err("a second lease is given while the first is out");
    assert_eq!(
        error.kind(),
        ErrorKind::Store,
        "a lease that is out is no error of the store"
    );
}

async fn lease(store: &impl TokenStore, terms: LeaseTerms) -> Lease {
    store.lease(terms).await.expect("a lease can be had")
}

/// Saves it under a lease, as newer than the present record, and returns the saved record.
async fn save(store: &impl TokenStore, record: Record) -> Record {
    let lease = lease(store, TERMS).await;
    let former = store.load().await.expect("a saved record can be loaded");
    let record = record.with_version(former.map_or(3, |former| former.version() + 1));
    let saved = store.save(&record).await;
    saved.expect("under a lease a record can be saved");
    drop(lease);
    record
}

async fn load(store: &impl TokenStore) -> Record {
    let loaded = store.load().await.expect("a saved record can be loaded");
    loaded.expect("what was saved is there")
}

fn number(record: &Record) -> usize {
    let token = record.token().expect("saved before");
    token.access_token().expose().parse().expect("a number")
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
    let issued = Issued::new(name, lifetime, refresh);
    Token::new(
        issued,
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123),
        None,
    )
}

#[cfg(test)]
mod tests;
