//! The pauses after failed and successful renewals.

use std::time::Duration;

use crate::sync::Instant;
use crate::{Error, ErrorKind};

/// The pause after the first failure; doubled with each further one, up to the policy's retry interval.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest `Retry-After` that is respected.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// The longest pause after an unknown failure, in retry intervals, and the largest part of it that jitter takes
/// off.
const LONGEST_UNKNOWN: (u32, f64) = (60, 0.5);

/// The failures since the last success, and the pauses that follow from them.
#[derive(Default)]
pub(super) struct Backoff {
    count: u32,
    /// How many of them were unknown, neither transient nor permanent.
    unknown: u32,
    last: Option<Error>,
    /// Until then the last failure is returned without another try.
    until: Option<Instant>,
    /// Until then the token endpoint is not asked. With a store the other pause ends earlier, since another
    /// process may have saved a token.
    held: Option<Instant>,
    /// Until then a token that is still valid is not renewed. One that is reissued with its remaining lifetime,
    /// or is short from the start, would be due again at once.
    rest: Option<Instant>,
}

impl Backoff {
    /// `random` is from 0 to 1, `longest` the policy's retry interval. A failure that `stands` is repeated
    /// without a request.
    pub(super) fn failed(&mut self, error: &Error, stands: bool, longest: Duration, random: f64) {
        self.count = self.count.saturating_add(1);
        let random = random.clamp(0.0, 1.0);
        let pause = if stands {
            // Another refresh token may be saved in the store meanwhile, so the store is read again, but not at
            // every call.
            longest
        } else if error.is_transient() || error.kind() == ErrorKind::Store {
            let doubled = FIRST_PAUSE.saturating_mul(1 << (self.count - 1).min(16));
            doubled.min(longest).mul_f64(random)
        } else {
            let (most, share) = LONGEST_UNKNOWN;
            let quadrupled = (longest / 4).saturating_mul(1 << (2 * self.unknown).min(16));
            self.unknown = self.unknown.saturating_add(1);
            let pause = quadrupled.min(longest.saturating_mul(most));
            pause.mul_f64(1.0 - share * (1.0 - random))
        };
        let asked = error.retry_after().unwrap_or_default();
        // A retry interval of zero, as in tests, switches off `Retry-After` as well.
        let asked = if longest.is_zero() { longest } else { asked };
        let pause = pause.max(asked.min(LONGEST_RETRY_AFTER));
        let until = Instant::now() + pause;
        self.until = Some(until);
        if !stands {
            self.held = Some(until);
        }
        self.last = Some(error.clone());
    }

    /// Lets the next renewal begin after this time at the latest, to read the store.
    pub(super) fn look_again_after(&mut self, longest: Duration) {
        let latest = Instant::now() + longest;
        let until = self.held.max(self.until);
        self.until = until.map(|until| until.min(latest));
    }

    /// Whether this is the error of the present pause, and not a new failure.
    pub(super) fn is_holding(&self, error: &Error) -> bool {
        self.holding().is_some_and(|holding| holding.is_same(error))
    }

    /// The error after which it is too early to ask the token endpoint.
    pub(super) fn holding(&self) -> Option<&Error> {
        let is_early = self.held.is_some_and(|until| Instant::now() < until);
        self.last.as_ref().filter(|_| is_early)
    }

    /// `longest` is the policy's retry interval.
    pub(super) fn succeeded(&mut self, longest: Duration) {
        *self = Self {
            rest: Some(Instant::now() + longest),
            ..Self::default()
        };
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Whether it is too early to renew a token that is still valid.
    pub(super) fn is_resting(&self) -> bool {
        let is_early = self.rest.is_some_and(|until| Instant::now() < until);
        is_early || self.pausing().is_some()
    }

    /// The error after which it is too early to try again.
    pub(super) fn pausing(&self) -> Option<&Error> {
        let is_early = self.until.is_some_and(|until| Instant::now() < until);
        self.last.as_ref().filter(|_| is_early)
    }

    pub(super) fn last_error(&self) -> Option<&Error> {
        self.last.as_ref()
    }

    /// How many renewals have failed in a row.
    pub(super) fn failures(&self) -> u32 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const SECOND: Duration = Duration::from_secs(1);

    fn denied(code: Option<&str>) -> Error {
        Error::new(ErrorKind::Status, "failed")
            .with_status(401)
            .with_code(code.map(Into::into))
            .at_token_endpoint()
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_up_to_the_longest() {
        let mut backoff = Backoff::default();
        let error = Error::new(ErrorKind::Connection, "down");
        for pause in [100, 200, 400, 800, 1000, 1000] {
            backoff.failed(&error, false, SECOND, 1.0);
            tokio::time::advance(Duration::from_millis(pause - 1)).await;
            assert!(backoff.pausing().is_some(), "{pause}");
            tokio::time::advance(Duration::from_millis(1)).await;
            assert!(backoff.pausing().is_none(), "{pause}");
        }
        backoff.succeeded(SECOND);
        backoff.failed(&error, false, SECOND, 1.0);
        tokio::time::advance(Duration::from_millis(100)).await;
        assert!(backoff.pausing().is_none(), "a success begins anew");
    }

    #[tokio::test(start_paused = true)]
    async fn chance_shortens_a_pause_and_the_server_lengthens_it() {
        let mut backoff = Backoff::default();
        let error = Error::new(ErrorKind::Connection, "down");
        backoff.failed(&error, false, SECOND, 0.5);
        tokio::time::advance(Duration::from_millis(50)).await;
        assert!(backoff.pausing().is_none());
        let error = error.with_retry_after(Some(SECOND * 7));
        backoff.failed(&error, false, SECOND, 0.0);
        tokio::time::advance(Duration::from_millis(6_999)).await;
        assert!(backoff.pausing().is_some());
        let error = error.with_retry_after(Some(SECOND * 86_400));
        backoff.failed(&error, false, SECOND, 0.0);
        tokio::time::advance(LONGEST_RETRY_AFTER).await;
        assert!(backoff.pausing().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_success_there_is_rest_for_exactly_one_pause() {
        let mut backoff = Backoff::default();
        assert!(!backoff.is_resting());
        backoff.succeeded(SECOND);
        tokio::time::advance(Duration::from_millis(999)).await;
        assert!(backoff.is_resting());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!backoff.is_resting());
    }

    #[rstest]
    #[case::a_refusal_without_a_code(denied(None))]
    #[case::a_refusal_of_the_request(denied(Some("invalid_request")))]
    #[case::an_answer_that_cannot_be_read(Error::new(ErrorKind::InvalidResponse, "html"))]
    #[case::a_dead_token(Error::new(ErrorKind::ExpiredToken, "dead"))]
    #[case::the_refused_token_again(Error::new(ErrorKind::CredentialRejected, "again"))]
    #[tokio::test(start_paused = true)]
    async fn an_unknown_failure_is_tried_ever_more_seldom(#[case] error: Error) {
        for (random, pauses) in [
            (1.0, [250, 1000, 4000, 16_000, 60_000, 60_000]),
            (0.0, [125, 500, 2000, 8000, 30_000, 30_000]),
        ] {
            let mut backoff = Backoff::default();
            for pause in pauses {
                backoff.failed(&error, false, SECOND, random);
                tokio::time::advance(Duration::from_millis(pause - 1)).await;
                assert!(backoff.pausing().is_some(), "{pause}");
                tokio::time::advance(Duration::from_millis(1)).await;
                assert!(backoff.pausing().is_none(), "{pause}");
            }
            backoff.forget();
            backoff.failed(&error, false, SECOND, random);
            tokio::time::advance(Duration::from_millis(250)).await;
            assert!(backoff.pausing().is_none(), "it begins anew");
        }
    }

    #[rstest]
    #[case(Error::new(ErrorKind::Connection, "down"), false)]
    #[case(Error::new(ErrorKind::Store, "full"), false)]
    #[case(denied(Some("temporarily_unavailable")), false)]
    #[case(denied(Some("invalid_client")), true)]
    #[case(Error::new(ErrorKind::InvalidResponse, "html"), true)]
    #[tokio::test(start_paused = true)]
    async fn transient_and_standing_failures_are_retried_once_a_pause(
        #[case] error: Error,
        #[case] stands: bool,
    ) {
        let mut backoff = Backoff::default();
        for _ in 0..20 {
            backoff.failed(&error, stands, SECOND, 1.0);
        }
        tokio::time::advance(Duration::from_millis(999)).await;
        assert!(backoff.pausing().is_some());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(backoff.pausing().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_lengthens_no_pause_after_an_unknown_failure() {
        let mut backoff = Backoff::default();
        for _ in 0..20 {
            backoff.failed(
                &Error::new(ErrorKind::Connection, "down"),
                false,
                SECOND,
                1.0,
            );
        }
        backoff.failed(&denied(None), false, SECOND, 1.0);
        tokio::time::advance(Duration::from_millis(250)).await;
        assert!(backoff.pausing().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_pause_nothing_is_waited_for() {
        let mut backoff = Backoff::default();
        for error in [
            denied(None),
            denied(Some("slow_down")).with_retry_after(Some(SECOND)),
            denied(Some("invalid_client")),
        ] {
            backoff.failed(&error, error.is_denied(), Duration::ZERO, 1.0);
            assert!(backoff.pausing().is_none(), "{error:?}");
        }
    }
}
