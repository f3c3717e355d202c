//! Clocks that jump or stand still, and lifetimes as servers write them.

use rstest::rstest;

use super::*;
use crate::provider::Seconds;

#[tokio::test(start_paused = true)]
async fn after_a_sleep_of_the_machine_no_expired_token_is_handed_out() {
    let f = fixture([
        Answer::Token("A", HOUR),
        Answer::Token("B", HOUR),
        Answer::Token("C", HOUR),
    ]);
    f.token().await.unwrap();
    let before = Instant::now();
    for expected in ["B", "C"] {
        // Wall time goes on, monotonic time does not.
        f.clock.advance(secs(8 * HOUR));
        assert!(f.cache.cached().is_none());
        assert_eq!(f.token().await.unwrap(), expected);
    }
    assert_eq!(
        before.elapsed(),
        Duration::ZERO,
        "no caller waits for a pause"
    );
    assert_eq!(f.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_machine_sleep_during_a_renewal_loses_no_refresh_token() {
    let f = fixture([
        Answer::TokenAndRefresh("A", HOUR, "R1"),
        Answer::Token("B", HOUR),
    ]);
    f.close_gate();
    let (first, ()) = tokio::join!(f.token(), async {
        tokio::task::yield_now().await;
        f.clock.advance(secs(86_400));
        f.open_gate();
    });
    assert_eq!(first.unwrap_err().kind(), ErrorKind::ExpiredToken);
    tokio::time::advance(secs(1)).await;
    assert_eq!(f.token().await.unwrap(), "B");
    let seen = f.source.0.seen.lock().unwrap()[1].0.clone();
    assert_eq!(seen.as_deref(), Some("R1"));
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_during_a_renewal_costs_nothing() {
    let f = fixture([Answer::Token("A", HOUR)]);
    f.close_gate();
    let (first, ()) = tokio::join!(f.token(), async {
        tokio::task::yield_now().await;
        f.clock.rewind(secs(86_400));
        f.open_gate();
    });
    assert_eq!(first.unwrap(), "A");
    assert_eq!(f.token().await.unwrap(), "A");
    assert_eq!(f.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_over_in_its_time_whatever_the_wall_clock_does() {
    for jump in [-86_400_i64, 0, 86_400] {
        let f = fixture([
            Answer::Fail(ErrorKind::Connection),
            Answer::Token("A", HOUR),
        ]);
        f.token().await.unwrap_err();
        let by = secs(jump.unsigned_abs());
        if jump < 0 {
            f.clock.rewind(by);
        } else {
            f.clock.advance(by);
        }
        tokio::time::advance(Duration::from_millis(99)).await;
        f.token().await.unwrap_err();
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(f.token().await.unwrap(), "A", "after a jump by {jump} s");
    }
}

/// The lifetime that a token gets from `expires_in`.
enum Expected {
    Dead,
    /// Valid for this number of seconds.
    Good(u64),
    Endless,
}

struct Lifetime(Option<Duration>);

impl TokenSource for Lifetime {
    fn issue<'a>(&'a self, _: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async { Ok(Issued::new("A", self.0, Refresh::Forget)) })
    }
}

#[rstest]
#[case("0", Expected::Dead)]
#[case("-1", Expected::Dead)]
#[case("-9223372036854775808", Expected::Dead)]
#[case("\"0\"", Expected::Dead)]
#[case("0.9", Expected::Dead)]
#[case("1", Expected::Good(1))]
#[case("59.99", Expected::Good(59))]
#[case("\"3600\"", Expected::Good(3600))]
#[case("1000000000000", Expected::Good(315_360_000))]
#[case("1e300", Expected::Good(315_360_000))]
#[case("null", Expected::Endless)]
#[tokio::test(start_paused = true)]
async fn every_lifetime_that_a_server_sends_is_survived(
    #[case] expires_in: &str,
    #[case] expected: Expected,
) {
    let seconds: Option<Seconds> = serde_json::from_str(expires_in).expect(expires_in);
    check(
        Lifetime(seconds.map(Seconds::lifetime)),
        expected,
        expires_in,
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_lifetime_beyond_the_clocks_range_counts_as_endless() {
    check(Lifetime(Some(Duration::MAX)), Expected::Endless, "MAX").await;
}

async fn check(source: Lifetime, expected: Expected, case: &str) {
    let clock = ManualClock::default();
    let cache = TokenCache::builder(BEARER, source).clock(clock.clone());
    let cache = cache.build().expect("valid settings");
    let outcome = cache.credential().await;
    let expires_at = cache.expires_at();
    match expected {
        Expected::Dead => {
            let error = outcome.expect_err(case);
            assert_eq!(error.kind(), ErrorKind::ExpiredToken, "{case}: {error:?}");
            return;
        }
        Expected::Good(lifetime) => {
            assert_eq!(
                expires_at,
                Some(Clock::now(&clock) + secs(lifetime)),
                "{case}"
            );
        }
        Expected::Endless => assert_eq!(expires_at, None, "{case}"),
    }
    assert_eq!(value(&outcome.expect(case)), "A");
    assert_eq!(cache.snapshot().state, TokenState::Fresh, "{case}");
}
