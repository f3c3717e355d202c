//! When a token is renewed.

use std::cell::Cell;

use rstest::rstest;

use super::*;

std::thread_local! {
    static DRAWN: Cell<u32> = const { Cell::new(0) };
}

/// The lowest random number first, and the highest from then on.
fn lowest_first() -> f64 {
    DRAWN.set(DRAWN.get() + 1);
    if DRAWN.get() == 1 { 0.0 } else { 1.0 }
}

/// A source that issues one token after the other, and remembers when.
#[derive(Clone)]
struct Endless {
    lifetime: Duration,
    asked: Arc<Mutex<Vec<SystemTime>>>,
}

impl TokenSource for Endless {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(renewal.now);
        let issued = Issued::new(
            asked.len().to_string().as_str(),
            Some(self.lifetime),
            Refresh::Forget,
        );
        Box::pin(std::future::ready(Ok(issued)))
    }
}

/// A provider that returns the same token with its remaining lifetime, in whole seconds.
#[derive(Clone)]
struct Ageing(Arc<Mutex<(usize, SystemTime)>>);

impl TokenSource for Ageing {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        let mut state = self.0.lock().unwrap();
        state.0 += 1;
        let left = state.1.duration_since(renewal.now).unwrap_or_default();
        let issued = Issued::new("A", Some(secs(left.as_secs())), Refresh::Forget);
        Box::pin(std::future::ready(Ok(issued)))
    }
}

async fn call_every_tenth_of_a_second(cache: &TokenCache, clock: &ManualClock, time: Duration) {
    let step = Duration::from_millis(100);
    for _ in 0..time.as_millis() / step.as_millis() {
        if cache.cached().is_none() {
            let _ = cache.credential().await;
        }
        tokio::task::yield_now().await;
        clock.advance(step);
        tokio::time::advance(step).await;
    }
}

#[tokio::test(start_paused = true)]
async fn jitter_is_drawn_once_a_token_and_only_shortens_its_window() {
    DRAWN.set(0);
    let f = fixture_with([Answer::Token("A", HOUR)], |builder| TokenCacheBuilder {
        random: lowest_first,
        ..builder
    });
    f.token().await.unwrap();
    assert_eq!(DRAWN.get(), 1);
    // Four fifths of 300 seconds before it expires, however often it is asked for.
    for second in 0..3360 {
        let (state, token) = (f.cache.snapshot().state, f.cache.cached());
        assert_eq!(state, TokenState::Fresh, "after {second} s");
        assert!(token.is_some(), "after {second} s");
        f.pass(secs(1)).await;
    }
    assert_eq!(f.cache.snapshot().state, TokenState::Stale);
    assert_eq!((DRAWN.get(), f.asked()), (1, 1));
}

#[rstest]
#[case(5)]
#[case(45)]
#[case(200)]
#[tokio::test(start_paused = true)]
async fn a_short_token_is_renewed_once_a_quarter_lifetime_at_most(#[case] lifetime: u64) {
    let source = Endless {
        lifetime: secs(lifetime),
        asked: Arc::default(),
    };
    let clock = ManualClock::default();
    let cache = TokenCache::builder(BEARER, source.clone()).clock(clock.clone());
    let cache = cache.build().expect("valid settings");
    for _ in 0..200 {
        cache.credential().await.unwrap();
    }
    assert_eq!(source.asked.lock().unwrap().len(), 1, "200 calls in a row");
    call_every_tenth_of_a_second(&cache, &clock, secs(lifetime * 10)).await;
    let asked = source.asked.lock().unwrap().clone();
    assert!(asked.len() >= 10, "{asked:?}");
    let least = secs(1).max(secs(lifetime) / 4);
    for pair in asked.windows(2) {
        let between = pair[1].duration_since(pair[0]).unwrap();
        assert!(between >= least, "{between:?} between two requests");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_reissued_with_its_remaining_lifetime_makes_no_loop() {
    let clock = ManualClock::default();
    let dies_at = Clock::now(&clock) + secs(60);
    let source = Ageing(Arc::new(Mutex::new((0, dies_at))));
    let cache = TokenCache::builder(BEARER, source.clone()).clock(clock.clone());
    let cache = cache.build().expect("valid settings");
    call_every_tenth_of_a_second(&cache, &clock, secs(59)).await;
    let asked = source.0.lock().unwrap().0;
    assert!((2..=8).contains(&asked), "{asked} requests for one token");
}

#[tokio::test(start_paused = true)]
async fn a_token_without_expiry_is_never_renewed() {
    let cache = holding("A");
    assert_eq!(
        (cache.snapshot().state, cache.expires_at()),
        (TokenState::Fresh, None)
    );
    let f = fixture_with([], |builder| builder.token(cache.token().expect("a token")));
    for _ in 0..100 {
        f.pass(secs(365 * 86_400)).await;
        assert_eq!(f.token().await.unwrap(), "A");
    }
    assert_eq!(f.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn without_a_refresh_window_nothing_is_renewed_early() {
    let none = Duration::ZERO;
    let policy = RenewalPolicy::new()
        .refresh_window(none)
        .expiry_leeway(none);
    let answers = [Answer::Token("A", HOUR), Answer::Token("B", HOUR)];
    let f = fixture_with(answers, |builder| builder.renewal(policy));
    f.token().await.unwrap();
    f.pass(secs(3599)).await;
    assert_eq!(f.token().await.unwrap(), "A");
    tokio::task::yield_now().await;
    assert_eq!(f.asked(), 1);
    f.pass(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "B");
}

#[tokio::test(start_paused = true)]
async fn nothing_runs_without_a_request() {
    let f = fixture([Answer::Token("A", HOUR)]);
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    assert_eq!((tasks(), f.asked()), (0, 0), "after it was built");
    f.token().await.unwrap();
    for _ in 0..10 {
        tokio::task::yield_now().await;
        assert_eq!(tasks(), 0);
        f.pass(secs(HOUR)).await;
    }
    assert_eq!(f.asked(), 1);
}
