//! Token sources that hang or panic.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_hanging_source_is_cut_off_at_the_deadline_and_asked_again() {
    let f = fixture([Answer::Hang, Answer::Token("A", HOUR)]);
    let before = Instant::now();
    let error = f.token().await.unwrap_err();
    assert_eq!(before.elapsed(), Timing::default().deadline);
    assert!(error.is_timeout() && error.is_transient(), "{error:?}");
    // The renewal ends at the same moment as its caller's patience.
    tokio::task::yield_now().await;
    tokio::time::advance(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "A");
}

#[tokio::test(start_paused = true)]
async fn a_panicking_source_fails_its_waiters_but_not_the_next_call() {
    let f = fixture([Answer::Panic, Answer::Token("A", HOUR)]);
    let error = f.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error:?}");
    tokio::time::advance(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "A");
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_that_is_issued_again_ends_in_a_clear_error() {
    let f = fixture([Answer::Token("A", HOUR), Answer::Token("A", HOUR)]);
    let refused = f.cache.credential().await.unwrap();
    let error = f.cache.replace(&refused).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialRejected);
    assert!(error.to_string().contains("the same one again"), "{error}");
    assert!(
        f.cache.cached().is_none(),
        "the refused token is not handed out"
    );
    let within_the_pause = f.token().await.unwrap_err();
    assert_eq!(within_the_pause.kind(), ErrorKind::CredentialRejected);
    assert_eq!(f.asked(), 2, "no loop");
}

#[tokio::test(start_paused = true)]
async fn the_same_token_issued_early_is_no_new_generation() {
    let f = fixture([
        Answer::Token("A", 100),
        Answer::Token("A", 50),
        Answer::Token("B", 100),
    ]);
    let first = f.cache.credential().await.unwrap();
    f.pass(secs(80)).await;
    f.token().await.unwrap();
    tokio::task::yield_now().await;
    let second = f.cache.cached().unwrap();
    assert_eq!((f.asked(), second.generation()), (2, first.generation()));
    f.cache.replace(&first).await.unwrap();
    assert_eq!(
        f.token().await.unwrap(),
        "B",
        "a refusal of the token counts under either reading"
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_issued_dead_is_one_error_and_one_request() {
    let f = fixture([
        Answer::TokenAndRefresh("A", 0, "R1"),
        Answer::Token("B", HOUR),
    ]);
    let error = f.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ExpiredToken, "{error:?}");
    assert_eq!(f.asked(), 1);
    tokio::time::advance(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "B");
    let seen = f.source.0.seen.lock().unwrap()[1].clone();
    assert_eq!(
        seen,
        (Some("R1".to_owned()), false),
        "its refresh token was not lost"
    );
}

#[tokio::test(start_paused = true)]
async fn lifetime_counts_from_before_the_request() {
    let f = fixture([Answer::Token("A", 100), Answer::Token("B", 100)]);
    f.close_gate();
    let caller = f.cache.credential();
    let slow_server = async {
        tokio::task::yield_now().await;
        f.clock.advance(secs(96));
        f.open_gate();
    };
    let (first, ()) = tokio::join!(caller, slow_server);
    assert_eq!(value(&first.unwrap()), "A");
    assert_eq!(
        f.token().await.unwrap(),
        "B",
        "96 of its 100 seconds went by on the way"
    );
}
