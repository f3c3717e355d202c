//! Denials: which are permanent, which are retried, and which need a person.

use rstest::rstest;

use super::*;

/// Needs nothing but its own credentials.
struct SelfSufficient(Source);

impl TokenSource for SelfSufficient {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        self.0.issue(renewal)
    }

    fn is_self_sufficient(&self) -> bool {
        true
    }
}

fn self_sufficient(answers: impl IntoIterator<Item = Answer>) -> Fixture {
    let mut f = fixture(answers);
    let source = SelfSufficient(f.source.clone());
    let mut builder = TokenCache::builder(BEARER, source).clock(f.clock.clone());
    builder.random = || 1.0;
    f.cache = builder.build().expect("valid settings");
    f
}

/// A token that has expired, with the refresh token `R1`.
fn expired() -> Token {
    let refresh = Refresh::Replace {
        token: "R1".into(),
        lifetime: None,
    };
    let at = ManualClock::default().now() - secs(HOUR);
    Token::new(Issued::new("A", Some(secs(HOUR)), refresh), at, None)
}

fn refreshing(answers: impl IntoIterator<Item = Answer>) -> Fixture {
    fixture_with(answers, |builder| builder.token(expired()))
}

#[rstest]
#[case::of_a_client(self_sufficient, "invalid_client")]
#[case::of_a_client_that_may_not(self_sufficient, "unauthorized_client")]
#[case::of_a_grant_without_a_person(self_sufficient, "invalid_grant")]
#[case::of_a_client_with_a_refresh_token(refreshing, "invalid_client")]
#[tokio::test(start_paused = true)]
async fn a_refused_client_is_probed_every_few_minutes(
    #[case] fixture: fn(Vec<Answer>) -> Fixture,
    #[case] code: &'static str,
) {
    let f = fixture(vec![
        Answer::Deny(code),
        Answer::Deny(code),
        Answer::Token("B", HOUR),
    ]);
    for probe in 1..=2 {
        for _ in 0..300 {
            let error = f.token().await.unwrap_err();
            assert_eq!(error.code(), Some(code));
            assert!(error.is_credential_rejected() && !error.needs_authorization());
            assert_eq!(f.asked(), probe);
            f.pass(secs(1)).await;
        }
    }
    assert_eq!(f.token().await.unwrap(), "B");
}

#[tokio::test(start_paused = true)]
async fn chance_shortens_the_wait_for_a_probe_by_a_fifth_at_most() {
    for (random, wait) in [(0.0_f64, 240), (0.5, 270), (1.0, 300)] {
        let answers = [Answer::Deny("invalid_client"), Answer::Token("A", HOUR)];
        let f = fixture_with(answers, |mut builder| {
            builder.random = match wait {
                240 => || 0.0,
                270 => || 0.5,
                _ => || 1.0,
            };
            builder
        });
        f.token().await.unwrap_err();
        f.pass(secs(wait - 1)).await;
        f.token().await.unwrap_err();
        f.pass(secs(1)).await;
        assert_eq!(f.token().await.unwrap(), "A", "{random}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_pause_after_a_denial_of_the_client_can_be_set() {
    let answers = [Answer::Deny("invalid_client"), Answer::Token("A", HOUR)];
    let f = fixture_with(answers, |builder| {
        // A second policy leaves open what it does not set.
        let builder = builder.renewal(RenewalPolicy::new().probe_interval(secs(20)));
        builder.renewal(RenewalPolicy::new().deadline(secs(9)))
    });
    f.token().await.unwrap_err();
    f.pass(secs(19)).await;
    f.token().await.unwrap_err();
    f.pass(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "A");
}

#[tokio::test(start_paused = true)]
async fn a_permanent_denial_is_requested_once() {
    let answers = [Answer::Deny("invalid_client")];
    let f = fixture_with(answers, |builder| {
        let policy = RenewalPolicy::new().probe_interval(Duration::MAX);
        builder.renewal(policy.retry_interval(Duration::MAX))
    });
    for _ in 0..100 {
        let error = f.token().await.unwrap_err();
        assert_eq!(error.code(), Some("invalid_client"));
        f.pass(secs(HOUR)).await;
    }
    assert_eq!(f.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_an_interval_a_denied_client_is_tried_at_each_renewal() {
    let answers = [Answer::Deny("invalid_client"), Answer::Token("A", HOUR)];
    let f = fixture_with(answers, |builder| {
        builder.renewal(RenewalPolicy::new().probe_interval(Duration::ZERO))
    });
    let error = f.token().await.unwrap_err();
    assert_eq!((error.code(), f.asked()), (Some("invalid_client"), 1));
    f.pass(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "A");
}

#[tokio::test(start_paused = true)]
async fn a_grant_without_a_person_is_probed_with_a_store_as_well() {
    let store = MemoryStore::holding(expired());
    let mut f = fixture([Answer::Deny("invalid_grant"), Answer::Token("B", HOUR)]);
    let source = SelfSufficient(f.source.clone());
    let builder = TokenCache::builder(BEARER, source).clock(f.clock.clone());
    f.cache = builder.store(Arc::new(store.clone())).build().unwrap();
    let error = f.token().await.unwrap_err();
    assert!(!error.needs_authorization(), "{error:?}");
    let record = store.load().await.unwrap().expect("a record");
    assert!(!record.is_ended());
    f.pass(secs(300)).await;
    assert_eq!(f.token().await.unwrap(), "B");
}

#[tokio::test(start_paused = true)]
async fn another_process_s_token_is_found_during_failures() {
    let store = MemoryStore::holding(expired());
    let failures = std::iter::repeat_with(|| Answer::Fail(ErrorKind::ExpiredToken)).take(9);
    let f = fixture_with(failures, |builder| builder.store(Arc::new(store.clone())));
    for _ in 0..100 {
        f.token().await.unwrap_err();
        f.pass(secs(1)).await;
    }
    let asked = f.asked();
    assert!(asked < 8, "asked {asked} times");
    let issued = Issued::new("B", Some(secs(HOUR)), Refresh::Keep);
    let theirs = Token::new(issued, f.clock.now(), Some(&expired()));
    store
        .save(&Record::new(theirs).with_version(7))
        .await
        .unwrap();
    f.pass(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "B");
    assert_eq!(f.asked(), asked);
}

#[tokio::test(start_paused = true)]
async fn a_refused_refresh_token_is_never_sent_again() {
    let store = MemoryStore::holding(expired());
    for f in [
        refreshing([Answer::Deny("invalid_grant")]),
        fixture_with([Answer::Deny("invalid_grant")], |builder| {
            builder.store(Arc::new(store))
        }),
    ] {
        for _ in 0..100 {
            let error = f.token().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TokenDenied);
            assert!(error.needs_authorization(), "{error:?}");
            f.pass(secs(3600)).await;
        }
        assert_eq!(f.asked(), 1);
    }
}

#[rstest]
#[case::its_client_is_refused("invalid_client")]
#[case::the_reason_is_another("invalid_request")]
#[case::it_passes("temporarily_unavailable")]
#[tokio::test(start_paused = true)]
async fn a_refresh_token_is_sent_again_unless_it_was_denied_itself(#[case] code: &'static str) {
    let f = refreshing([Answer::Deny(code), Answer::TokenAndRefresh("B", HOUR, "R2")]);
    let error = f.token().await.unwrap_err();
    assert!(!error.needs_authorization(), "{error:?}");
    f.pass(secs(300)).await;
    assert_eq!(f.token().await.unwrap(), "B");
    let r1 = Some("R1".to_owned());
    assert_eq!(f.sent(), [r1.clone(), r1]);
}

#[tokio::test(start_paused = true)]
async fn after_a_logout_a_person_has_to_log_in_again() {
    let f = fixture([Answer::Token("A", HOUR)]);
    f.token().await.unwrap();
    f.cache.forget().await.unwrap();
    let error = f.token().await.unwrap_err();
    assert!(error.needs_authorization() && !error.is_at_token_endpoint());
}

#[rstest]
#[case(Answer::Bare(403), false)]
#[case(Answer::Bare(429), true)]
#[case(Answer::Fail(ErrorKind::Connection), true)]
#[case(Answer::Fail(ErrorKind::Timeout), true)]
#[case(Answer::Deny("server_error"), true)]
#[tokio::test(start_paused = true)]
async fn trouble_of_the_token_endpoint_rejects_no_credential(
    #[case] answer: Answer,
    #[case] passes: bool,
) {
    let f = refreshing([answer]);
    let error = f.token().await.unwrap_err();
    assert!(error.is_at_token_endpoint(), "{error:?}");
    assert!(error.to_string().contains("the token endpoint"), "{error}");
    assert!(!error.is_credential_rejected() && !error.needs_authorization());
    assert_eq!(error.is_transient(), passes);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_issued_again_is_used_again_after_the_pause() {
    let f = fixture([Answer::Token("A", HOUR), Answer::Token("A", HOUR)]);
    let refused = f.cache.credential().await.unwrap();
    f.cache.replace(&refused).await.unwrap_err();
    tokio::time::advance(Duration::from_millis(249)).await;
    f.token().await.unwrap_err();
    tokio::time::advance(Duration::from_millis(1)).await;
    let again = f.cache.credential().await.unwrap();
    assert_eq!(value(&again), "A");
    assert!(again.generation() > refused.generation());
    assert_eq!(
        f.token().await.unwrap(),
        "A",
        "it is the token of all callers"
    );
    assert_eq!(f.asked(), 2, "nothing is asked for");
    assert_eq!(f.cache.snapshot().state, TokenState::Fresh);
    // A refusal of the former generation is out of date.
    f.cache.replace(&refused).await.unwrap();
    assert_eq!(f.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_stays_refused_is_used_ever_more_seldom() {
    let f = fixture(std::iter::repeat_with(|| Answer::Token("A", HOUR)).take(100));
    let mut calls = Vec::new();
    for _ in 0..10 {
        let mut sent = 0;
        for _ in 0..600 {
            if let Ok(credential) = f.cache.credential().await {
                sent += 1;
                f.cache.replace(&credential).await.unwrap_err();
            }
            f.pass(Duration::from_millis(100)).await;
        }
        calls.push(sent);
    }
    assert!(calls[0] <= 6, "{calls:?}");
    assert!(calls[1..].iter().all(|sent| *sent <= 1), "{calls:?}");
    assert!(calls[1..].contains(&1), "{calls:?}");
    assert_eq!(f.asked(), calls.iter().sum::<usize>() + 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_issued_again_and_expires_is_renewed() {
    let f = fixture([
        Answer::Token("A", 60),
        Answer::Token("A", 60),
        Answer::Token("B", HOUR),
    ]);
    let refused = f.cache.credential().await.unwrap();
    f.cache.replace(&refused).await.unwrap_err();
    f.pass(secs(60)).await;
    assert_eq!(f.token().await.unwrap(), "B");
}

#[tokio::test(start_paused = true)]
async fn an_invalidated_reissued_token_is_requested_anew() {
    let f = fixture([
        Answer::Token("A", HOUR),
        Answer::Token("A", HOUR),
        Answer::Token("B", HOUR),
    ]);
    let refused = f.cache.credential().await.unwrap();
    f.cache.replace(&refused).await.unwrap_err();
    f.cache.invalidate();
    assert_eq!(f.token().await.unwrap(), "B");
}
