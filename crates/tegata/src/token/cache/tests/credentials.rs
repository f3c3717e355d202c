//! Credentials of the source that are replaced while the cache is in use.

use rstest::rstest;

use super::*;

/// A token that has expired, with the refresh token `R1`.
fn expired() -> Token {
    let refresh = Refresh::Replace {
        token: "R1".into(),
        lifetime: None,
    };
    let at = ManualClock::default().now() - secs(HOUR);
    Token::new(Issued::new("A", Some(secs(HOUR)), refresh), at, None)
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_still_good_stays_in_use() {
    let f = fixture([Answer::Token("A", HOUR)]);
    assert_eq!(f.token().await.unwrap(), "A");
    f.replace_credentials();
    assert_eq!(f.token().await.unwrap(), "A");
    assert_eq!(f.asked(), 1);
}

#[rstest]
#[case::denied_with_a_code(Answer::Deny("invalid_client"))]
#[case::denied_by_status(Answer::Bare(401))]
#[case::of_no_known_meaning(Answer::Bare(418))]
#[tokio::test(start_paused = true)]
async fn a_failure_with_the_former_does_not_count_for_the_new(#[case] failure: Answer) {
    let f = fixture_with([failure, Answer::Token("B", HOUR)], |builder| {
        builder.token(expired())
    });
    for _ in 0..2 {
        f.token().await.unwrap_err();
    }
    assert_eq!(f.asked(), 1);
    f.replace_credentials();
    assert_eq!(f.token().await.unwrap(), "B");
    assert_eq!(f.sent()[1].as_deref(), Some("R1"));
}

#[tokio::test(start_paused = true)]
async fn an_ended_grant_is_not_sent_with_new_credentials() {
    let f = fixture_with([Answer::Deny("invalid_grant")], |builder| {
        builder.token(expired())
    });
    f.token().await.unwrap_err();
    f.replace_credentials();
    f.pass(secs(HOUR)).await;
    assert!(f.token().await.unwrap_err().needs_authorization());
    assert_eq!(f.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_busy_endpoint_is_not_asked_earlier() {
    let f = fixture([Answer::Busy(60), Answer::Token("A", HOUR)]);
    f.token().await.unwrap_err();
    f.replace_credentials();
    f.pass(secs(59)).await;
    f.token().await.unwrap_err();
    assert_eq!(f.asked(), 1);
    f.pass(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "A");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_is_denied_after_the_replacement_asks_again() {
    let f = fixture([Answer::Deny("invalid_client"), Answer::Token("A", HOUR)]);
    f.close_gate();
    let mut callers = JoinSet::new();
    for _ in 0..3 {
        let cache = f.cache.clone();
        callers.spawn(async move { value(&cache.credential().await.unwrap()) });
    }
    while f.asked() == 0 {
        tokio::task::yield_now().await;
    }
    f.replace_credentials();
    f.open_gate();
    assert_eq!(callers.join_all().await, ["A"; 3]);
    assert_eq!((f.asked(), f.cache.snapshot().failures), (2, 0));
}
