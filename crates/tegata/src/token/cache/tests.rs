//! The token cache with a scripted source.

mod clocks;
mod credentials;
mod events;
mod exchange;
mod interrupted;
mod logout;
mod order;
mod outages;
mod refusals;
mod saving;
mod sources;
mod storeless;
mod stores;
mod watching;
mod windows;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::*;
use crate::provider::spec::Placement;
use crate::provider::{Issued, Refresh, Renewal};
use crate::store::{LeaseTerms, Record};
use crate::token::policy::Timing;
use crate::{Clock, ErrorKind, ManualClock, MemoryStore, RenewalEvent, TokenState};

const BEARER: Scheme = Scheme {
    name: "OAuth2",
    placement: Placement::Bearer,
};
const HOUR: u64 = 3600;

/// The answers of the source.
enum Answer {
    Token(&'static str, u64),
    TokenAndRefresh(&'static str, u64, &'static str),
    Fail(ErrorKind),
    /// An answer without a usable access token, but with this refresh token.
    Unusable(&'static str),
    /// Too busy, with this `Retry-After` in seconds.
    Busy(u64),
    Deny(&'static str),
    /// Only this status.
    Bare(u16),
    Panic,
    Hang,
}

struct Script {
    answers: Mutex<VecDeque<Answer>>,
    asked: AtomicUsize,
    /// The refresh token at each call, and whether the token had been refused.
    seen: Mutex<Vec<(Option<String>, bool)>>,
    /// A call waits here until the test lets it through.
    gate: Semaphore,
    /// How often the credentials were replaced.
    credentials: AtomicU64,
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

    fn credentials(&self) -> u64 {
        self.0.credentials.load(Ordering::SeqCst)
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
        credentials: AtomicU64::new(0),
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

    fn replace_credentials(&self) {
        self.source.0.credentials.fetch_add(1, Ordering::SeqCst);
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
        "the source gets the reason"
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
            "no caller waits for the closed gate"
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
async fn a_failed_early_renewal_harms_no_caller_and_is_retried() {
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
async fn a_token_in_its_last_seconds_is_used_if_renewing_fails() {
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
async fn a_failure_is_shared_by_all_waiters_and_lasts_for_a_pause() {
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
async fn a_dropped_caller_neither_stops_the_renewal_nor_loses_it() {
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
fn a_renewal_lost_with_its_runtime_is_begun_anew_by_a_call() {
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
async fn a_denial_is_not_retried_until_things_have_changed() {
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
fn a_token_refused_in_one_thread_is_used_in_no_other() {
    let cache = holding("A");
    let (refused, copied) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert!(
                cache.cached().is_some() && cache.cached().is_some(),
                "a copy is kept"
            );
            copied.wait();
            refused.wait();
            assert!(cache.cached().is_none(), "the copy is out of date");
        });
        copied.wait();
        cache.invalidate();
        refused.wait();
    });
}
