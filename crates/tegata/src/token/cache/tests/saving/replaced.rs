//! A record that changes while a token is saved.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_renewal_that_relies_on_the_lease_and_fails_gives_it_back() {
    let store = Troubled::with(|state| state.stalled = secs(20));
    let answers = [
        Answer::TokenAndRefresh("A", HOUR, "R1"),
        Answer::Fail(ErrorKind::Connection),
    ];
    let (ours, _) = stored(answers, &store);
    assert_eq!(ours.token().await.unwrap(), "A");
    ours.clock.advance(secs(HOUR));
    ours.close_gate();
    let cache = ours.cache.clone();
    let call = tokio::spawn(async move { cache.warm_up().await });
    tokio::time::sleep(secs(15)).await;
    ours.open_gate();
    call.await.unwrap().unwrap_err();
    let terms = LeaseTerms {
        lifetime: secs(1),
        patience: secs(1),
    };
    drop(store.lease(terms).await.expect("given back"));
    ours.cache.shutdown().await.expect("nothing is unsaved");
}

#[tokio::test(start_paused = true)]
async fn a_store_replaced_during_a_renewal_is_reloaded_before_a_save() {
    let store = Troubled::default();
    let (f, outcomes) = stored(rotating::<1>(), &store);
    f.close_gate();
    let cache = f.cache.clone();
    let call = tokio::spawn(async move { cache.warm_up().await });
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    store.set(|state| state.replaced = true);
    f.open_gate();
    call.await.unwrap().unwrap();
    tokio::time::sleep(secs(1)).await;
    assert_eq!(*outcomes.lock().unwrap(), ["unsaved"]);
    assert_eq!(store.inner.token(), f.cache.token());
}

#[tokio::test(start_paused = true)]
async fn no_renewal_relies_on_a_lease_that_ended_during_a_stop() {
    let store = Troubled::with(|state| state.stalled = secs(2 * HOUR));
    let (f, _) = stored(rotating::<1>(), &store);
    assert_eq!(f.token().await.unwrap(), "A");
    // The process is stopped during a save, which the store completes, and another process adopts that token.
    store.set(|state| state.lost = true);
    f.clock.advance(secs(HOUR));
    tokio::time::advance(secs(HOUR)).await;
    let error = f.token().await.unwrap_err();
    assert!(error.to_string().contains("lease"), "{error}");
    assert!(error.is_transient(), "{error:?}");
    store.set(|state| state.stalled = Duration::ZERO);
    store
        .put(token("theirs", "R2", HOUR, f.clock.now()), 2)
        .await;
    tokio::time::sleep(secs(70)).await;
    store.set(|state| state.lost = false);
    tokio::time::sleep(secs(6)).await;
    assert_eq!(f.token().await.unwrap(), "theirs");
    assert_eq!(f.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_ended_by_the_wall_clock_alone_is_not_relied_on() {
    let store = Troubled::with(|state| state.stalled = secs(2 * HOUR));
    let (f, _) = stored(rotating::<2>(), &store);
    assert_eq!(f.token().await.unwrap(), "A");
    // The monotonic clock stands still while a machine sleeps.
    f.clock.advance(secs(HOUR));
    let error = f.token().await.unwrap_err();
    assert!(error.to_string().contains("lease"), "{error}");
    assert_eq!(f.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_store_does_not_release_the_lease() {
    let store = Troubled::with(|state| (state.failing, state.unreachable) = (1, true));
    let (f, _) = stored(rotating::<1>(), &store);
    assert_eq!(f.token().await.unwrap(), "A");
    tokio::time::sleep(secs(5)).await;
    assert_eq!(store.inner.token(), None);
    store.set(|state| state.unreachable = false);
    tokio::time::sleep(secs(6)).await;
    assert_eq!(store.inner.token(), f.cache.token());
    assert_eq!(store.counts().1, 1, "one lease");
}

#[tokio::test(start_paused = true)]
async fn a_reissued_token_does_not_bring_back_another_one() {
    let store = Troubled::with(|state| state.failing = usize::MAX);
    let answers = [("A", "R1"), ("A", "R2"), ("C", "R3")];
    let answers = answers.map(|(access, refresh)| Answer::TokenAndRefresh(access, HOUR, refresh));
    let (f, _) = stored(answers, &store);
    let refused = f.cache.credential().await.unwrap();
    f.cache.replace(&refused).await.unwrap_err();
    // Neither was saved. Now the saving task finds the token that another process has saved meanwhile.
    let theirs = token("theirs", "R9", HOUR, f.clock.now());
    store.put(theirs, 9).await;
    store.set(|state| state.lost = true);
    tokio::time::sleep(secs(1)).await;
    store.set(|state| (state.lost, state.failing) = (false, 0));
    tokio::time::sleep(secs(6)).await;
    let adopted = f.cache.credential().await.unwrap();
    assert_eq!(value(&adopted), "theirs");
    assert_eq!(value(&f.cache.replace(&adopted).await.unwrap()), "C");
}

/// A renewal whose save failed and whose lease was lost; meanwhile another process has put this into the store.
async fn overtaken_by(theirs: impl FnOnce(&Fixture) -> Record) -> (Fixture, Troubled) {
    let store = Troubled::with(|state| (state.failing, state.lost) = (1, true));
    let f = fixture_with(rotating::<1>(), |builder| {
        builder
            .store(Arc::new(store.clone()))
            .account("jooto", "CANARY-id")
    });
    f.token().await.unwrap();
    store.inner.save(&theirs(&f)).await.unwrap();
    store.set(|state| state.lost = false);
    tokio::time::sleep(secs(6)).await;
    (f, store)
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_login_without_an_owner_is_adopted_and_marked() {
    let (f, store) =
        overtaken_by(|f| Record::new(token("login", "R9", HOUR, f.clock.now())).with_version(5))
            .await;
    assert_eq!(f.token().await.unwrap(), "login");
    let record = store.inner.load().await.unwrap().expect("a record");
    assert!(
        record.owner().is_some() && record.version() == 6,
        "{record:?}"
    );
    f.cache.shutdown().await.expect("nothing is unsaved");
}

#[tokio::test(start_paused = true)]
async fn a_logout_in_the_meantime_is_not_undone_by_a_save() {
    let (f, store) = overtaken_by(|f| Record::deleted(f.clock.now()).with_version(5)).await;
    assert_eq!(f.token().await.unwrap_err().kind(), ErrorKind::TokenDenied);
    let record = store.inner.load().await.unwrap().expect("a record");
    assert!(record.deleted_at().is_some(), "{record:?}");
    f.cache.shutdown().await.expect("nothing is unsaved");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_an_earlier_try_saved_replaces_no_later_mark() {
    let (f, store) = overtaken_by(|f| {
        let ours = f.cache.token().expect("a token");
        let owner = crate::store::Owner::new("jooto", AccountHash::of("CANARY-id"));
        let record = Record::new(ours).with_owner(Some(owner));
        record.with_version(5).ended()
    })
    .await;
    let record = store.inner.load().await.unwrap().expect("a record");
    assert!(record.is_ended() && record.version() == 5, "{record:?}");
    f.cache.shutdown().await.expect("nothing is unsaved");
}

#[tokio::test(start_paused = true)]
async fn another_accounts_record_is_kept_and_its_lease_is_released() {
    let (f, store) = overtaken_by(|f| {
        let owner = crate::store::Owner::new("jooto", AccountHash::of("CANARY-other"));
        let record = Record::new(token("other", "R9", HOUR, f.clock.now()));
        record.with_owner(Some(owner))
    })
    .await;
    let terms = LeaseTerms {
        lifetime: secs(1),
        patience: Duration::ZERO,
    };
    drop(store.lease(terms).await.expect("free"));
    let stored = store.inner.token().expect("a token");
    assert_eq!(stored.access_token().expose(), "other");
    assert_eq!(f.token().await.unwrap(), "A");
}
