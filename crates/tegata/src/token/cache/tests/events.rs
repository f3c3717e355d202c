//! Events for observers, and the owner of a cache's tokens.

use super::*;
use crate::store::Owner;
use crate::{AccountHash, RenewalReason};

const ABOVE: &str = "CANARY-id";

/// Counts the reasons of the events.
fn reasons() -> (
    Arc<Mutex<Vec<RenewalReason>>>,
    impl FnOnce(TokenCacheBuilder) -> TokenCacheBuilder,
) {
    let seen: Arc<Mutex<Vec<RenewalReason>>> = Arc::default();
    let log = Arc::clone(&seen);
    let observer = move |event: &RenewalEvent| log.lock().unwrap().push(event.reason);
    let set = |builder: TokenCacheBuilder| builder.observer(Arc::new(observer));
    (seen, set)
}

#[tokio::test(start_paused = true)]
async fn every_event_says_why_the_renewal_began() {
    let (seen, set) = reasons();
    let answers = ["A", "B", "C", "D", "E"].map(|token| Answer::Token(token, HOUR));
    let f = fixture_with(answers, set);
    assert_eq!(f.token().await.unwrap(), "A");
    f.pass(secs(HOUR - 60)).await;
    assert_eq!(f.token().await.unwrap(), "A");
    f.cache.renewed_since(1).await;
    f.pass(secs(2 * HOUR)).await;
    let expired = f.cache.credential().await.unwrap();
    assert_eq!(value(&f.cache.replace(&expired).await.unwrap()), "D");
    f.cache.invalidate();
    assert_eq!(f.token().await.unwrap(), "E");
    let expected = ["missing", "early", "expired", "refused", "refused"];
    let words: Vec<_> = seen.lock().unwrap().iter().map(|it| it.as_str()).collect();
    assert_eq!(words, expected);
}

#[tokio::test(start_paused = true)]
async fn the_event_of_a_login_says_so() {
    let (seen, set) = reasons();
    let store = MemoryStore::default();
    let f = fixture_with([], |builder| set(builder).store(Arc::new(store)));
    let issued = Issued::new("A", Some(secs(HOUR)), Refresh::Forget);
    let token = Token::new(issued, f.clock.now(), None);
    f.cache.log_in(async { Ok(token) }).await.expect("saved");
    assert_eq!(*seen.lock().unwrap(), [RenewalReason::Login]);
}

#[tokio::test(start_paused = true)]
async fn accounts_with_the_same_credentials_have_hashes_of_their_own() {
    let seen: Arc<Mutex<Vec<AccountHash>>> = Arc::default();
    for name in [None, Some("CANARY-7"), Some("CANARY-8")] {
        let log = Arc::clone(&seen);
        let observer = move |event: &RenewalEvent| {
            assert!(!format!("{event:?}").contains("CANARY"), "{event:?}");
            log.lock().unwrap().push(event.account);
        };
        let f = fixture_with([Answer::Token("A", HOUR)], |builder| {
            let builder = builder.account("jooto", ABOVE).observer(Arc::new(observer));
            match name {
                Some(name) => builder.sub_account(name),
                None => builder,
            }
        });
        assert_eq!(f.token().await.unwrap(), "A");
    }
    let above = AccountHash::of(ABOVE);
    let expected = [above, above.with("CANARY-7"), above.with("CANARY-8")];
    assert_eq!(*seen.lock().unwrap(), expected);
}

fn of(name: Option<&'static str>, store: &MemoryStore) -> Fixture {
    let store = Arc::new(store.clone());
    fixture_with([], |builder| {
        let builder = builder.store(store).account("jooto", ABOVE);
        match name {
            Some(name) => builder.sub_account(name),
            None => builder,
        }
    })
}

/// A store with a token that an earlier version has saved for all accounts below this one.
async fn saved_before() -> MemoryStore {
    let issued = Issued::new("A", Some(secs(HOUR)), Refresh::Forget);
    let token = Token::new(issued, ManualClock::default().now(), None);
    let owner = Owner::new("jooto", AccountHash::of(ABOVE));
    let store = MemoryStore::default();
    let record = Record::new(token).with_version(3).with_owner(Some(owner));
    store.save(&record).await.expect("saved");
    store
}

async fn owner(store: &MemoryStore) -> Option<Owner> {
    store.load().await.expect("loads")?.owner().cloned()
}

#[tokio::test(start_paused = true)]
async fn a_record_from_before_sub_accounts_stays_valid() {
    let store = saved_before().await;
    assert_eq!(of(None, &store).token().await.unwrap(), "A");
    let above = Owner::new("jooto", AccountHash::of(ABOVE));
    assert_eq!(owner(&store).await, Some(above));
}

#[tokio::test(start_paused = true)]
async fn an_account_may_be_named_before_or_after_the_one_above() {
    let store = MemoryStore::default();
    let f = fixture_with([Answer::Token("A", HOUR)], |builder| {
        let builder = builder.sub_account("7").account("jooto", ABOVE);
        builder.store(Arc::new(store.clone()))
    });
    f.token().await.unwrap();
    f.cache.shutdown().await.expect("saved");
    let ours = Owner::new("jooto", AccountHash::of(ABOVE).with("7"));
    assert_eq!(owner(&store).await, Some(ours));
}

#[tokio::test(start_paused = true)]
async fn a_record_of_the_account_above_is_taken_over_once() {
    let store = saved_before().await;
    let first = of(Some("7"), &store);
    assert_eq!(first.token().await.unwrap(), "A");
    first.cache.shutdown().await.expect("marked");
    let ours = Owner::new("jooto", AccountHash::of(ABOVE).with("7"));
    assert_eq!(owner(&store).await, Some(ours));
    for other in [Some("8"), None] {
        let error = of(other, &store).token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
        assert!(
            !format!("{error} {error:?}").contains("CANARY"),
            "{error:?}"
        );
    }
    assert_eq!(of(Some("7"), &store).token().await.unwrap(), "A");
}

#[tokio::test(start_paused = true)]
async fn a_login_or_logout_may_follow_a_record_of_the_account_above() {
    let store = saved_before().await;
    let f = of(Some("7"), &store);
    let issued = Issued::new("B", Some(secs(HOUR)), Refresh::Forget);
    let token = Token::new(issued, f.clock.now(), None);
    f.cache.log_in(async { Ok(token) }).await.expect("saved");
    assert_eq!(f.token().await.unwrap(), "B");
    let store = saved_before().await;
    of(Some("7"), &store).cache.forget().await.expect("saved");
    let ours = Owner::new("jooto", AccountHash::of(ABOVE).with("7"));
    assert_eq!(owner(&store).await, Some(ours));
}
