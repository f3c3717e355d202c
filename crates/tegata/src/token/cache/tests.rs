//! The token cache against a source whose every answer the test decides.

mod clocks;
mod events;
mod exchange;
mod interrupted;
mod logout;
mod order;
mod outages;
mod refusals;
mod saving;
mod storeless;
mod windows;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::*;
use crate::provider::spec::Placement;
use crate::provider::{Issued, Refresh, Renewal};
use crate::store::{LeaseTerms, Record};
use crate::{Clock, ErrorKind, ManualClock, MemoryStore, RenewalEvent, TokenState};

const BEARER: Scheme = Scheme {
    name: "OAuth2",
    placement: Placement::Bearer,
};
const HOUR: u64 = 3600;

/// What the source does when it is asked.
enum Answer {
    Token(&'static str, u64),
    TokenAndRefresh(&'static str, u64, &'static str),
    Fail(ErrorKind),
    /// An answer without an access token that could be used, but with this refresh token.
    Unusable(&'static str),
    /// Too busy, for so many seconds.
    Busy(u64),
    Deny(&'static str),
    /// This status and nothing else.
    Bare(u16),
    Panic,
    Hang,
}

struct Script {
    answers: Mutex<VecDeque<Answer>>,
    asked: AtomicUsize,
    /// What the refresh token was at each call, and whether the token had been refused.
    seen: Mutex<Vec<(Option<String>, bool)>>,
    /// A call waits here until the test lets it through.
    gate: Semaphore,
}

#[derive(Clone)]
struct Source(Arc<Script>);

impl TokenSource for Source {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async move {
            self.0.asked.fetch_add(1, Ordering::SeqCst);
            let refresh = renewal.current.and_then(Token::refresh_token);
            let refresh = refresh.map(|secret| secret.expose().to_owned());
            self.0.seen.lock().unwrap().push((refresh, renewal.refused));
            self.0.gate.acquire().await.expect("never closed").forget();
            let answer = self.0.answers.lock().unwrap().pop_front();
            let issued = |token: &str, lifetime, refresh| {
                Issued::new(token, Some(Duration::from_secs(lifetime)), refresh)
            };
            match answer.expect("more calls than the test foresaw") {
                Answer::Token(token, lifetime) => Ok(issued(token, lifetime, Refresh::Keep)),
                Answer::TokenAndRefresh(token, lifetime, refresh) => {
                    let refresh = Refresh::Replace {
                        token: refresh.into(),
                        lifetime: None,
                    };
                    Ok(issued(token, lifetime, refresh))
                }
                Answer::Unusable(refresh) => {
                    let refresh = Refresh::Replace {
                        token: refresh.into(),
                        lifetime: None,
                    };
                    Ok(Issued::unusable("the token is not of type bearer", refresh))
                }
                Answer::Fail(kind) => Err(Error::new(kind, "scripted failure")),
                Answer::Busy(seconds) => Err(Error::new(ErrorKind::Status, "scripted failure")
                    .with_status(429)
                    .with_retry_after(Some(secs(seconds)))),
                Answer::Deny(code) => Err(Error::new(ErrorKind::Status, "scripted refusal")
                    .with_status(400)
                    .with_code(Some(code.into()))),
                Answer::Bare(status) => {
                    Err(Error::new(ErrorKind::Status, "scripted failure").with_status(status))
                }
                Answer::Panic => panic!("scripted panic"),
                Answer::Hang => std::future::pending().await,
            }
        })
    }
}

struct Fixture {
    cache: TokenCache,
    source: Source,
    clock: ManualClock,
}

fn fixture(answers: impl IntoIterator<Item = Answer>) -> Fixture {
    fixture_with(answers, |builder| builder)
}

fn fixture_with(
    answers: impl IntoIterator<Item = Answer>,
    set: impl FnOnce(TokenCacheBuilder) -> TokenCacheBuilder,
) -> Fixture {
    let source = Source(Arc::new(Script {
        answers: Mutex::new(answers.into_iter().collect()),
        asked: AtomicUsize::new(0),
        seen: Mutex::default(),
        gate: Semaphore::new(1000),
    }));
    let clock = ManualClock::default();
    let mut builder = TokenCache::builder(BEARER, source.clone()).clock(clock.clone());
    builder.random = || 1.0;
    let cache = set(builder).build().expect("valid settings");
    Fixture {
        cache,
        source,
        clock,
    }
}

impl Fixture {
    fn asked(&self) -> usize {
        self.source.0.asked.load(Ordering::SeqCst)
    }

    fn close_gate(&self) {
        self.source.0.gate.forget_permits(1000);
    }

    fn open_gate(&self) {
        self.source.0.gate.add_permits(1000);
    }

    /// Lets time pass on both clocks.
    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        tokio::time::advance(time).await;
    }

    /// The refresh tokens that were sent.
    fn sent(&self) -> Vec<Option<String>> {
        let seen = self.source.0.seen.lock().unwrap();
        seen.iter().map(|(refresh, _)| refresh.clone()).collect()
    }

    /// The access token that a caller gets.
    async fn token(&self) -> Result<String, Error> {
        let credential = match self.cache.cached() {
            Some(credential) => credential,
            None => self.cache.credential().await?,
        };
        Ok(value(&credential))
    }
}

fn value(credential: &Credential) -> String {
    let url = "https://example.com".parse().expect("a URL");
    let mut request = reqwest::Request::new(reqwest::Method::GET, url);
    credential.attach(&mut request);
    let sent = request.headers()["authorization"].to_str().expect("ASCII");
    sent.strip_prefix("Bearer ")
        .expect("a bearer token")
        .to_owned()
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn a_fresh_token_is_handed_out_without_asking_again() {
    let f = fixture([Answer::Token("A", HOUR)]);
    assert_eq!(f.asked(), 0, "nothing is sent before it is needed");
    for _ in 0..5 {
        assert_eq!(f.token().await.unwrap(), "A");
        f.clock.advance(secs(600));
    }
    assert_eq!(f.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_cold_callers_make_one_request() {
    let f = Arc::new(fixture([Answer::Token("A", HOUR)]));
    f.close_gate();
    let mut callers = JoinSet::new();
    for _ in 0..10_000 {
        let f = Arc::clone(&f);
        callers.spawn(async move { f.token().await.unwrap() });
    }
    tokio::task::yield_now().await;
    f.open_gate();
    assert!(callers.join_all().await.iter().all(|token| token == "A"));
    assert_eq!(f.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_refusals_of_one_token_make_one_renewal() {
    let f = Arc::new(fixture([
        Answer::Token("A", HOUR),
        Answer::Token("B", HOUR),
    ]));
    let refused = f.cache.credential().await.unwrap();
    let mut callers = JoinSet::new();
    for _ in 0..10_000 {
        let (f, refused) = (Arc::clone(&f), refused.clone());
        callers.spawn(async move { value(&f.cache.replace(&refused).await.unwrap()) });
    }
    assert!(callers.join_all().await.iter().all(|token| token == "B"));
    assert_eq!(f.asked(), 2);
    assert_eq!(
        f.source.0.seen.lock().unwrap()[1],
        (None, true),
        "the source is told why"
    );
}

#[tokio::test(start_paused = true)]
async fn a_late_refusal_of_an_old_token_changes_nothing() {
    let f = fixture([Answer::Token("A", HOUR), Answer::Token("B", HOUR)]);
    let old = f.cache.credential().await.unwrap();
    assert_eq!(value(&f.cache.replace(&old).await.unwrap()), "B");
    assert_eq!(value(&f.cache.replace(&old).await.unwrap()), "B");
    assert_eq!(f.token().await.unwrap(), "B");
    assert_eq!(f.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stale_token_is_renewed_behind_the_callers_back() {
    let f = fixture([Answer::Token("A", HOUR), Answer::Token("B", HOUR)]);
    f.token().await.unwrap();
    f.close_gate();
    f.pass(secs(3400)).await;
    for _ in 0..3 {
        assert_eq!(
            f.token().await.unwrap(),
            "A",
            "nobody waits for the closed gate"
        );
        tokio::task::yield_now().await;
    }
    assert_eq!(f.asked(), 2, "one renewal, however many ask");
    f.open_gate();
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    assert_eq!(f.token().await.unwrap(), "B");
}

#[tokio::test(start_paused = true)]
async fn a_failed_early_renewal_harms_nobody_and_is_tried_again_after_a_pause() {
    let f = fixture([
        Answer::Token("A", HOUR),
        Answer::Fail(ErrorKind::Connection),
        Answer::Token("B", HOUR),
    ]);
    f.token().await.unwrap();
    f.pass(secs(3400)).await;
    for _ in 0..3 {
        assert_eq!(f.token().await.unwrap(), "A");
        tokio::task::yield_now().await;
    }
    assert_eq!(f.asked(), 2, "no second try within the pause");
    tokio::time::advance(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "A");
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    assert_eq!(f.token().await.unwrap(), "B");
}

#[tokio::test(start_paused = true)]
async fn in_its_last_seconds_a_token_is_handed_out_if_there_is_no_other_to_be_had() {
    let f = fixture([
        Answer::Token("A", HOUR),
        Answer::Fail(ErrorKind::Connection),
        Answer::Fail(ErrorKind::Connection),
    ]);
    f.token().await.unwrap();
    f.clock.advance(secs(3595));
    assert_eq!(f.token().await.unwrap(), "A");
    assert_eq!(f.asked(), 2, "a renewal was tried first");
    assert_eq!(f.token().await.unwrap(), "A", "also within the pause");
    tokio::time::advance(secs(1)).await;
    f.clock.advance(secs(5));
    f.token().await.expect_err("expired");
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_never_handed_out() {
    let f = fixture([Answer::Token("A", HOUR), Answer::Token("B", HOUR)]);
    f.token().await.unwrap();
    f.clock.advance(secs(3590));
    assert!(f.cache.cached().is_none());
    assert_eq!(f.token().await.unwrap(), "B");
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_by_all_who_wait_and_stands_for_a_pause() {
    let f = Arc::new(fixture([
        Answer::Fail(ErrorKind::Connection),
        Answer::Token("A", HOUR),
    ]));
    let mut callers = JoinSet::new();
    for _ in 0..1000 {
        let f = Arc::clone(&f);
        callers.spawn(async move { f.token().await.unwrap_err().kind() });
    }
    assert!(
        callers
            .join_all()
            .await
            .iter()
            .all(|kind| *kind == ErrorKind::Connection)
    );
    f.token().await.unwrap_err();
    assert_eq!(f.asked(), 1);
    tokio::time::advance(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "A");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_neither_stops_the_renewal_nor_loses_its_result() {
    let f = fixture([Answer::Token("A", HOUR)]);
    f.close_gate();
    tokio::time::timeout(secs(5), f.cache.credential())
        .await
        .expect_err("gave up");
    f.open_gate();
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    assert_eq!(f.cache.cached().map(|c| value(&c)).as_deref(), Some("A"));
    assert_eq!(f.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_is_ended_by_the_deadline_and_asked_afresh() {
    let f = fixture([Answer::Hang, Answer::Token("A", HOUR)]);
    let before = Instant::now();
    let error = f.token().await.unwrap_err();
    assert_eq!(before.elapsed(), RenewalPolicy::default().deadline);
    assert!(error.is_timeout() && error.is_transient(), "{error:?}");
    // The renewal ends at the same moment as its caller's patience.
    tokio::task::yield_now().await;
    tokio::time::advance(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "A");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_panics_fails_the_waiters_and_the_next_call_starts_afresh() {
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

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_costs_at_most_a_renewal() {
    let f = fixture([Answer::Token("A", HOUR), Answer::Token("B", HOUR)]);
    f.token().await.unwrap();
    f.clock.rewind(secs(86_400 * 365));
    assert_eq!(f.token().await.unwrap(), "A");
    f.clock.advance(secs(86_400 * 730));
    assert_eq!(f.token().await.unwrap(), "B");
    assert_eq!(f.asked(), 2);
}

#[test]
fn a_cache_is_built_and_a_valid_token_read_without_a_runtime() {
    let issued = Issued::new("A", Some(secs(HOUR)), Refresh::Forget);
    let token = Token::new(issued, Clock::now(&ManualClock::default()), None);
    let f = fixture_with([], |builder| builder.token(token));
    assert_eq!(f.cache.cached().map(|c| value(&c)).as_deref(), Some("A"));
    f.clock.advance(secs(3400));
    assert_eq!(
        f.cache.cached().map(|c| value(&c)).as_deref(),
        Some("A"),
        "stale, but good"
    );
}

#[test]
fn a_flight_that_vanishes_with_its_runtime_is_started_again_by_the_next_caller() {
    let f = fixture([Answer::Token("A", HOUR)]);
    f.close_gate();
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let first = runtime();
    first.block_on(async {
        tokio::select! {
            biased;
            _ = f.cache.credential() => panic!("the gate is closed"),
            () = tokio::task::yield_now() => {}
        }
    });
    drop(first);
    f.open_gate();
    assert_eq!(runtime().block_on(f.token()).unwrap(), "A");
    assert_eq!(f.asked(), 2);
}

#[test]
fn a_due_token_without_a_runtime_is_an_error_not_a_panic() {
    let f = fixture([]);
    let mut future = std::pin::pin!(f.cache.credential());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(Err(error)) => assert!(error.is_configuration(), "{error:?}"),
        other => panic!("{:?}", other.map(|r| r.map(|_| ()))),
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_no_is_not_asked_for_again_until_things_have_changed() {
    let f = fixture([Answer::Deny("invalid_client"), Answer::Token("A", HOUR)]);
    for _ in 0..3 {
        assert_eq!(f.token().await.unwrap_err().code(), Some("invalid_client"));
        tokio::time::advance(secs(99)).await;
    }
    assert_eq!(f.asked(), 1);
    f.cache.invalidate();
    assert_eq!(f.token().await.unwrap(), "A");
}

#[tokio::test(start_paused = true)]
async fn an_invalidated_token_is_renewed_by_the_next_caller() {
    let f = fixture([Answer::Token("A", HOUR), Answer::Token("B", HOUR)]);
    f.token().await.unwrap();
    f.cache.invalidate();
    assert_eq!(f.token().await.unwrap(), "B");
}

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
async fn every_renewal_is_told_with_its_outcome_and_attempt() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
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
    assert_eq!(*told.lock().unwrap(), expected);
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

fn holding(token: &str) -> TokenCache {
    let issued = Issued::new(token, None, Refresh::Forget);
    let token = Token::new(issued, Clock::now(&ManualClock::default()), None);
    fixture_with([], |builder| builder.token(token)).cache
}

#[test]
fn many_caches_in_one_thread_never_mix_up_their_tokens() {
    let caches: Vec<_> = (0..100)
        .map(|n| (holding(&n.to_string()), n.to_string()))
        .collect();
    for _ in 0..40 {
        for (cache, token) in &caches {
            assert_eq!(cache.cached().map(|c| value(&c)).as_ref(), Some(token));
        }
    }
}

#[test]
fn what_one_thread_refuses_no_other_hands_out() {
    let cache = holding("A");
    let (refused, told) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert!(
                cache.cached().is_some() && cache.cached().is_some(),
                "a copy is kept"
            );
            told.wait();
            refused.wait();
            assert!(cache.cached().is_none(), "the copy is out of date");
        });
        told.wait();
        cache.invalidate();
        refused.wait();
    });
}

mod stores {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_a_no_to_one_refresh_token_another_that_turns_up_in_the_store_is_tried() {
        let store = Store::default();
        let answers = [
            Answer::TokenAndRefresh("A", HOUR, "R1"),
            Answer::Deny("invalid_grant"),
            Answer::Token("C", HOUR),
        ];
        let f = stored(&store, answers);
        f.token().await.unwrap();
        f.clock.advance(secs(HOUR));
        for _ in 0..3 {
            assert_eq!(f.token().await.unwrap_err().code(), Some("invalid_grant"));
        }
        assert_eq!(f.asked(), 2);
        // The user has consented again, in another process, and that token has expired since.
        let refresh = Refresh::Replace {
            token: "R9".into(),
            lifetime: None,
        };
        let issued = Issued::new("B", Some(secs(1)), refresh);
        let token = Token::new(issued, Clock::now(&f.clock) - secs(1), None);
        store
            .0
            .saved
            .lock()
            .unwrap()
            .push(Record::new(token).with_version(2));
        let error = f.token().await.unwrap_err();
        assert_eq!(
            error.code(),
            Some("invalid_grant"),
            "it is looked for once in a pause"
        );
        tokio::time::advance(secs(1)).await;
        assert_eq!(f.token().await.unwrap(), "C");
        assert_eq!(f.source.0.seen.lock().unwrap()[2].0.as_deref(), Some("R9"));
    }

    #[tokio::test(start_paused = true)]
    async fn shutdown_saves_what_could_not_be_saved_before_or_says_so() {
        for (failures, saved) in [(1, true), (2, false)] {
            let store = Store::default();
            store.0.failing.store(failures, Ordering::SeqCst);
            let f = stored(&store, [Answer::TokenAndRefresh("A", HOUR, "R1")]);
            f.token().await.unwrap();
            let before = Instant::now();
            assert_eq!(f.cache.shutdown().await.is_ok(), saved, "{failures}");
            assert_eq!(
                before.elapsed(),
                Duration::ZERO,
                "it does not wait for the next try"
            );
            assert_eq!(store.tokens().len(), usize::from(saved));
        }
    }

    #[derive(Clone, Default)]
    struct Store(Arc<StoreState>);

    #[derive(Default)]
    struct StoreState {
        saved: Mutex<Vec<Record>>,
        failing: AtomicUsize,
    }

    impl TokenStore for Store {
        fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
            Box::pin(async { Ok(self.0.saved.lock().unwrap().last().cloned()) })
        }

        fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
            Box::pin(async move {
                let one_less = |n: usize| n.checked_sub(1);
                if self
                    .0
                    .failing
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
                    .is_ok()
                {
                    return Err(Error::store("scripted", std::io::Error::other("disk full")));
                }
                self.0.saved.lock().unwrap().push(record.clone());
                Ok(())
            })
        }
    }

    impl Store {
        fn tokens(&self) -> Vec<String> {
            let saved = self.0.saved.lock().unwrap();
            saved
                .iter()
                .filter_map(Record::token)
                .map(|token| token.access_token().expose().to_owned())
                .collect()
        }
    }

    fn stored(store: &Store, answers: impl IntoIterator<Item = Answer>) -> Fixture {
        fixture_with(answers, |builder| builder.store(Arc::new(store.clone())))
    }

    #[tokio::test(start_paused = true)]
    async fn a_rotated_refresh_token_is_saved_and_used_next() {
        let store = Store::default();
        let f = stored(
            &store,
            [
                Answer::TokenAndRefresh("A", HOUR, "R1"),
                Answer::TokenAndRefresh("B", HOUR, "R2"),
                Answer::Token("C", HOUR),
                Answer::Token("D", HOUR),
            ],
        );
        for expected in ["A", "B", "C", "D"] {
            assert_eq!(f.token().await.unwrap(), expected);
            assert_eq!(
                store.tokens().last().map(String::as_str),
                Some(expected),
                "saved first"
            );
            f.clock.advance(secs(HOUR));
        }
        let used: Vec<_> = f
            .source
            .0
            .seen
            .lock()
            .unwrap()
            .iter()
            .map(|s| s.0.clone())
            .collect();
        let used: Vec<_> = used.iter().map(Option::as_deref).collect();
        assert_eq!(used, [None, Some("R1"), Some("R2"), Some("R2")]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_restarted_process_goes_on_with_the_stored_token() {
        let store = Store::default();
        let first = stored(&store, [Answer::TokenAndRefresh("A", HOUR, "R1")]);
        first.token().await.unwrap();
        let second = stored(&store, [Answer::Token("B", HOUR)]);
        assert_eq!(second.token().await.unwrap(), "A");
        assert_eq!(second.asked(), 0);
        second.clock.advance(secs(HOUR));
        assert_eq!(second.token().await.unwrap(), "B");
        assert_eq!(
            second.source.0.seen.lock().unwrap()[0].0.as_deref(),
            Some("R1")
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_another_process_stored_is_adopted_instead_of_renewed() {
        let store = Store::default();
        let ours = stored(&store, [Answer::Token("A", HOUR)]);
        let theirs = stored(&store, [Answer::Token("B", HOUR)]);
        ours.token().await.unwrap();
        ours.clock.advance(secs(HOUR));
        theirs.clock.advance(secs(HOUR));
        theirs.token().await.unwrap();
        assert_eq!(ours.token().await.unwrap(), "B");
        assert_eq!(ours.asked(), 1);
    }

    fn first_token() -> Token {
        let refresh = Refresh::Replace {
            token: "R0".into(),
            lifetime: None,
        };
        let issued = Issued::new("S", Some(secs(HOUR)), refresh);
        Token::new(issued, Clock::now(&ManualClock::default()), None)
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_token_is_saved_before_it_is_used() {
        let store = Store::default();
        let set = |b: TokenCacheBuilder| b.token(first_token()).store(Arc::new(store.clone()));
        let f = fixture_with([], set);
        assert_eq!(f.token().await.unwrap(), "S");
        assert_eq!((store.tokens(), f.asked()), (vec!["S".to_owned()], 0));
        let again = fixture_with([], set);
        assert_eq!(again.token().await.unwrap(), "S");
        assert_eq!(store.tokens().len(), 1, "what is there is not saved again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_newer_stored_token_wins_over_the_one_to_start_with() {
        let store = Store::default();
        let first = stored(&store, [Answer::TokenAndRefresh("A", HOUR, "R1")]);
        first.clock.advance(secs(60));
        first.token().await.unwrap();
        let set = |b: TokenCacheBuilder| b.token(first_token()).store(Arc::new(store.clone()));
        let f = fixture_with([], set);
        assert_eq!(f.token().await.unwrap(), "A");
        assert_eq!(store.tokens(), ["A"]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_expired_first_token_is_renewed_by_its_refresh_token() {
        let store = Store::default();
        let set = |b: TokenCacheBuilder| b.token(first_token()).store(Arc::new(store.clone()));
        let f = fixture_with([Answer::Token("B", HOUR)], set);
        f.clock.advance(secs(HOUR));
        assert_eq!(f.token().await.unwrap(), "B");
        assert_eq!(f.source.0.seen.lock().unwrap()[0].0.as_deref(), Some("R0"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_save_harms_no_caller_and_is_repeated_until_it_succeeds() {
        let store = Store::default();
        store.0.failing.store(3, Ordering::SeqCst);
        let f = stored(&store, [Answer::TokenAndRefresh("A", HOUR, "R1")]);
        assert_eq!(f.token().await.unwrap(), "A");
        assert!(store.tokens().is_empty());
        for pause in [50, 100, 200] {
            assert!(store.tokens().is_empty());
            tokio::time::sleep(Duration::from_millis(pause)).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(store.tokens(), ["A"]);
        assert_eq!(f.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn of_several_caches_on_one_store_one_renews_and_the_others_adopt() {
        let store = MemoryStore::default();
        let f = fixture([
            Answer::TokenAndRefresh("A", HOUR, "R1"),
            Answer::Token("B", HOUR),
        ]);
        let caches: Vec<_> = (0..8)
            .map(|_| {
                let cache = TokenCache::builder(BEARER, f.source.clone());
                let cache = cache.clock(f.clock.clone());
                cache.store(Arc::new(store.clone())).build().unwrap()
            })
            .collect();
        for (expected, asked) in [("A", 1), ("B", 2)] {
            let mut callers = JoinSet::new();
            for cache in &caches {
                for _ in 0..100 {
                    let cache = cache.clone();
                    callers.spawn(async move { value(&cache.credential().await.unwrap()) });
                }
            }
            assert!(
                callers
                    .join_all()
                    .await
                    .iter()
                    .all(|token| token == expected)
            );
            assert_eq!(f.asked(), asked);
            f.clock.advance(secs(HOUR));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_an_invalid_grant_the_store_is_read_once_more_before_giving_up() {
        let store = Store::default();
        let answers = [
            Answer::TokenAndRefresh("A", HOUR, "R1"),
            Answer::Deny("invalid_grant"),
            Answer::Token("C", HOUR),
        ];
        let f = stored(&store, answers);
        f.token().await.unwrap();
        f.clock.advance(secs(HOUR));
        f.close_gate();
        let (token, ()) = tokio::join!(f.token(), async {
            while f.asked() < 2 {
                tokio::task::yield_now().await;
            }
            // Another process, without a lease, was faster with R1; its token is used up already.
            let refresh = Refresh::Replace {
                token: "R2".into(),
                lifetime: None,
            };
            let issued = Issued::new("B", Some(secs(1)), refresh);
            let theirs = Token::new(issued, Clock::now(&f.clock) - secs(1), None);
            store
                .0
                .saved
                .lock()
                .unwrap()
                .push(Record::new(theirs).with_version(2));
            f.open_gate();
        });
        assert_eq!(token.unwrap(), "C");
        let used: Vec<_> = f
            .source
            .0
            .seen
            .lock()
            .unwrap()
            .iter()
            .map(|s| s.0.clone())
            .collect();
        assert_eq!(used, [None, Some("R1".to_owned()), Some("R2".to_owned())]);
    }

    #[tokio::test(start_paused = true)]
    async fn without_the_lease_nothing_is_exchanged() {
        let store = MemoryStore::default();
        let set = |builder: TokenCacheBuilder| builder.store(Arc::new(store.clone()));
        let f = fixture_with([Answer::Token("A", HOUR)], set);
        let lease = store.lease(LeaseTerms::for_a_save()).await.unwrap();
        let before = Instant::now();
        let error = f.token().await.unwrap_err();
        assert!(error.to_string().contains("has the lease"), "{error}");
        assert!(error.is_transient(), "{error:?}");
        assert!(before.elapsed() < RenewalPolicy::default().deadline);
        assert_eq!(f.asked(), 0);
        drop(lease);
        tokio::time::advance(secs(1)).await;
        assert_eq!(f.token().await.unwrap(), "A");
    }
}
