//! Snapshots, events and shutdown of a cache.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_snapshot_follows_the_token_through_its_life() {
    let f = fixture([
        Answer::Token("A", HOUR),
        Answer::Fail(ErrorKind::Connection),
        Answer::Token("B", HOUR),
    ]);
    assert_eq!(f.cache.snapshot().state, TokenState::Absent);
    f.cache.warm_up().await.unwrap();
    let first = f.cache.snapshot();
    assert_eq!((first.state, first.generation), (TokenState::Fresh, 1));
    assert_eq!(
        f.cache.expires_at(),
        Some(Clock::now(&f.clock) + secs(HOUR))
    );
    f.clock.advance(secs(3400));
    assert_eq!(f.cache.snapshot().state, TokenState::Stale);
    f.clock.advance(secs(200));
    assert_eq!(f.cache.snapshot().state, TokenState::Expired);
    f.cache.warm_up().await.unwrap_err();
    let failed = f.cache.snapshot();
    assert_eq!((failed.failures, failed.is_renewing), (1, false));
    assert_eq!(failed.last_error.unwrap().kind(), ErrorKind::Connection);
    tokio::time::advance(secs(1)).await;
    f.cache.warm_up().await.unwrap();
    let second = f.cache.snapshot();
    assert_eq!((second.state, second.generation), (TokenState::Fresh, 2));
    assert_eq!((second.failures, second.last_error.is_some()), (0, false));
}

#[tokio::test(start_paused = true)]
async fn renewals_can_be_waited_for() {
    let f = fixture([Answer::Token("A", HOUR), Answer::Token("B", HOUR)]);
    let (first, token) = tokio::join!(f.cache.renewed_since(0), f.token());
    assert_eq!((first, token.unwrap().as_str()), (1, "A"));
    assert_eq!(f.cache.renewed_since(0).await, 1, "it has been already");
    f.pass(secs(3400)).await;
    let (second, token) = tokio::join!(f.cache.renewed_since(first), f.token());
    assert_eq!((second, token.unwrap().as_str()), (2, "A"));
}

#[tokio::test(start_paused = true)]
async fn every_renewal_is_reported_with_its_outcome_and_attempt() {
    let reported = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&reported);
    let observer = move |event: &RenewalEvent| {
        let shown = format!("{event:?}");
        assert!(!shown.contains("CANARY-account"), "{shown}");
        log.lock()
            .unwrap()
            .push((event.provider, event.outcome.as_str(), event.attempt));
    };
    let answers = [
        Answer::Fail(ErrorKind::Connection),
        Answer::Fail(ErrorKind::Timeout),
        Answer::Token("A", HOUR),
        Answer::Token("B", HOUR),
    ];
    let f = fixture_with(answers, |builder| {
        builder
            .account("test", "CANARY-account")
            .observer(Arc::new(observer))
    });
    for _ in 0..3 {
        let _ = f.token().await;
        tokio::time::advance(secs(1)).await;
    }
    f.clock.advance(secs(HOUR));
    f.token().await.unwrap();
    tokio::task::yield_now().await;
    let expected = [
        ("test", "failed", 1),
        ("test", "failed", 2),
        ("test", "issued", 3),
        ("test", "issued", 1),
    ];
    assert_eq!(*reported.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn shutdown_waits_for_the_renewal_under_way_and_starts_no_other() {
    let f = fixture([Answer::Token("A", HOUR)]);
    f.close_gate();
    let (caller, shut, ()) = tokio::join!(f.token(), f.cache.shutdown(), async {
        tokio::task::yield_now().await;
        f.open_gate();
    });
    assert_eq!((caller.unwrap(), shut.is_ok()), ("A".to_owned(), true));
    assert_eq!(
        f.token().await.unwrap(),
        "A",
        "a token that is good stays good"
    );
    f.clock.advance(secs(HOUR));
    let closed = f.token().await.unwrap_err();
    assert_eq!(closed.kind(), ErrorKind::Closed);
    assert!(!closed.is_configuration() && !closed.is_transient());
    assert_eq!(f.asked(), 1);
}
