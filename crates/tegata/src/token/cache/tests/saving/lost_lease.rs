//! Leases that are lost before a save.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_lost_lease_is_retaken_and_another_process_s_token_adopted() {
    let store = Troubled::with(|state| state.failing = 1);
    let (f, _) = stored(rotating::<1>(), &store);
    f.token().await.unwrap();
    store.set(|state| state.lost = true);
    // Both processes renewed the stored token, and the other one's token was saved.
    store
        .put(token("theirs", "R9", HOUR, f.clock.now()), 1)
        .await;
    tokio::time::sleep(secs(1)).await;
    store.set(|state| state.lost = false);
    tokio::time::sleep(secs(6)).await;
    assert_eq!(f.token().await.unwrap(), "theirs");
    assert_eq!(store.inner.token(), f.cache.token());
    f.cache.shutdown().await.expect("nothing is unsaved");
}

#[tokio::test(start_paused = true)]
async fn a_foreign_record_without_a_version_gets_the_highest() {
    let store = Troubled::default();
    let f = fixture_with(rotating::<2>(), |builder| {
        builder
            .store(Arc::new(store.clone()))
            .account("jooto", "id")
    });
    f.token().await.unwrap();
    f.pass(secs(HOUR)).await;
    store.set(|state| state.failing = 2);
    f.token().await.unwrap();
    store.set(|state| state.lost = true);
    store
        .put(token("theirs", "R9", HOUR, f.clock.now() + secs(1)), 0)
        .await;
    tokio::time::sleep(secs(1)).await;
    store.set(|state| state.lost = false);
    tokio::time::sleep(secs(6)).await;
    assert_eq!(f.token().await.unwrap(), "theirs");
    assert_eq!(store.version().await, 3);
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_is_retaken_and_our_token_saved_if_newest() {
    let store = Troubled::with(|state| (state.failing, state.lost) = (1, true));
    let (f, _) = stored(rotating::<1>(), &store);
    f.token().await.unwrap();
    tokio::time::sleep(secs(1)).await;
    store.set(|state| state.lost = false);
    tokio::time::sleep(secs(6)).await;
    assert_eq!(store.inner.token(), f.cache.token());
    assert!(store.counts().1 >= 2, "{:?}", store.counts());
}

#[tokio::test(start_paused = true)]
async fn no_refresh_token_is_sent_after_a_sleep_that_lost_the_lease() {
    let store = Troubled::default();
    let (f, _) = stored(rotating::<2>(), &store);
    store
        .put(token("old", "R0", 1, f.clock.now() - secs(60)), 1)
        .await;
    store.set(|state| state.sleep = Some((2, f.clock.clone())));
    let error = f.token().await.unwrap_err();
    assert!(error.to_string().contains("lease was lost"), "{error}");
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(f.sent(), []);
    store
        .put(token("theirs", "R1", HOUR, f.clock.now()), 2)
        .await;
    tokio::time::advance(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "theirs");
    assert_eq!(f.sent(), []);
}
