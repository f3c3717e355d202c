//! Calls while the token endpoint is down.

use std::sync::atomic::AtomicBool;

use rstest::rstest;

use super::*;

const LATENCY: Duration = Duration::from_millis(50);

/// A token endpoint that is down or up, and answers after a while.
#[derive(Clone, Default)]
struct Endpoint(Arc<State>);

#[derive(Default)]
struct State {
    up: AtomicBool,
    asked: AtomicUsize,
}

impl TokenSource for Endpoint {
    fn issue<'a>(&'a self, _: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async {
            self.0.asked.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(LATENCY).await;
            if !self.0.up.load(Ordering::SeqCst) {
                return Err(Error::new(ErrorKind::Connection, "down"));
            }
            Ok(Issued::new("A", Some(secs(HOUR)), Refresh::Forget))
        })
    }
}

impl Endpoint {
    fn cache(&self, random: fn() -> f64) -> TokenCache {
        let mut builder = TokenCache::builder(BEARER, self.clone());
        builder.random = random;
        builder.build().expect("valid settings")
    }

    fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }
}

#[rstest]
#[case(|| 0.5, 2)]
#[case(|| 1.0, 1)]
#[tokio::test(start_paused = true)]
async fn ten_thousand_callers_make_one_try_a_pause_until_a_recovery(
    #[case] random: fn() -> f64,
    #[case] a_second: usize,
) {
    const CALLERS: u64 = 10_000;
    const AGAIN: Duration = Duration::from_secs(1);
    const OUTAGE: u64 = 10;
    let endpoint = Endpoint::default();
    let cache = endpoint.cache(random);
    let began = Instant::now();
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        let cache = cache.clone();
        callers.spawn(async move {
            // At any time some caller asks.
            tokio::time::sleep(AGAIN * u32::try_from(number).unwrap() / 10_000).await;
            while cache.cached().is_none() && cache.credential().await.is_err() {
                tokio::time::sleep(AGAIN).await;
            }
            began.elapsed()
        });
    }
    tokio::time::sleep(secs(OUTAGE)).await;
    let asked = endpoint.asked();
    let first_pauses = 4;
    assert!(
        asked <= first_pauses + a_second * usize::try_from(OUTAGE).unwrap(),
        "{asked} requests in {OUTAGE} s"
    );
    assert!(asked > 10, "the endpoint is tried again and again: {asked}");
    endpoint.0.up.store(true, Ordering::SeqCst);
    let served = callers.join_all().await;
    let first = *served.iter().min().expect("callers");
    let last = *served.iter().max().expect("callers");
    let soon = secs(OUTAGE + 1) + LATENCY + Duration::from_millis(5);
    assert!(first <= soon, "the first was served after {first:?}");
    assert!(last <= soon + AGAIN, "the last was served after {last:?}");
    assert!(endpoint.asked() <= asked + 2, "{}", endpoint.asked());
}

#[tokio::test(start_paused = true)]
async fn a_servers_retry_after_is_respected() {
    let f = fixture([Answer::Busy(7), Answer::Token("A", HOUR)]);
    for _ in 0..70 {
        let error = f.token().await.unwrap_err();
        assert_eq!(error.retry_after(), Some(secs(7)), "{error:?}");
        assert_eq!(f.asked(), 1);
        tokio::time::advance(Duration::from_millis(100)).await;
    }
    assert_eq!(f.token().await.unwrap(), "A");
}

#[rstest]
#[case(|| Answer::Fail(ErrorKind::Connection))]
#[case(|| Answer::Busy(5))]
#[case(|| Answer::Deny("invalid_client"))]
#[case(|| Answer::Panic)]
#[case(|| Answer::Hang)]
#[tokio::test(start_paused = true)]
async fn while_a_token_is_good_no_outage_harms_a_caller(#[case] answer: fn() -> Answer) {
    let down = std::iter::repeat_with(answer).take(400);
    let f = fixture([Answer::Token("A", HOUR)].into_iter().chain(down));
    f.token().await.unwrap();
    f.pass(secs(3300)).await;
    let stale_for = 290;
    for second in 0..stale_for {
        let credential = f.cache.cached();
        assert!(credential.is_some(), "a caller waits after {second} s");
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        f.pass(secs(1)).await;
    }
    let tries = f.asked() - 1;
    assert!((1..=stale_for + 4).contains(&tries), "{tries} tries");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_is_down_is_asked_once_a_pause() {
    let down = std::iter::repeat_with(|| Answer::Fail(ErrorKind::Connection)).take(100);
    let f = fixture(down);
    for _ in 0..6_000 {
        let error = f.token().await.unwrap_err();
        assert!(error.is_at_token_endpoint(), "{error:?}");
        f.pass(Duration::from_millis(10)).await;
    }
    let asked = f.asked();
    assert!((30..=64).contains(&asked), "{asked} requests in a minute");
}

#[rstest]
#[case::dead_tokens(|| Answer::Token("A", 0))]
#[case::an_unreadable_answer(|| Answer::Fail(ErrorKind::InvalidResponse))]
#[case::no_reason(|| Answer::Bare(403))]
#[case::a_wrong_url(|| Answer::Bare(404))]
#[case::a_code_that_says_little(|| Answer::Deny("invalid_request"))]
#[tokio::test(start_paused = true)]
async fn an_unknown_failure_is_retried_ever_more_rarely(#[case] answer: fn() -> Answer) {
    let f = fixture(std::iter::repeat_with(answer).take(100));
    let mut asked = Vec::new();
    for _ in 0..10 {
        for _ in 0..600 {
            f.token().await.unwrap_err();
            f.pass(Duration::from_millis(100)).await;
        }
        asked.push(f.asked());
    }
    let a_minute: Vec<_> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(asked[0] <= 6, "{asked:?}");
    assert!(a_minute.iter().all(|asked| *asked == 1), "{asked:?}");
}
