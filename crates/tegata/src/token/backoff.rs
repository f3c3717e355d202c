//! What stands in the way of the next renewal.

use std::time::Duration;

use crate::sync::Instant;
use crate::{Error, ErrorKind};

/// After the first failure; doubled with each further one, up to the policy's pause.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A server that asks for more than this is asked again all the same.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// The codes by which a token endpoint says that these credentials, or this grant, will never do. Any
/// other refusal may be a gateway's, and is tried again.
const FINAL: [&str; 4] = [
    "invalid_client",
    "invalid_grant",
    "unauthorized",
    "unauthorized_client",
];

/// Whether the token endpoint said that these credentials, or this grant, will never do.
pub(super) fn is_final(error: &Error) -> bool {
    let says_so = match error.code() {
        Some(code) => FINAL.contains(&code),
        // Without an answer it is a refusal of our own, such as when there is no refresh token.
        None => error.status().is_none(),
    };
    error.kind() == ErrorKind::TokenDenied && says_so
}

/// The failures since the last success, and when that was.
#[derive(Default)]
pub(super) struct Backoff {
    count: u32,
    last: Option<Error>,
    /// Until then the last failure stands.
    until: Option<Instant>,
    /// Until then nothing is renewed that need not be. A token that comes back with what is left of its time, or is
    /// short from the start, is due again at once.
    rest: Option<Instant>,
}

impl Backoff {
    /// `random` is from 0 to 1 (full jitter), `longest` the policy's pause.
    pub(super) fn failed(&mut self, error: &Error, longest: Duration, random: f64) {
        self.count = self.count.saturating_add(1);
        let pause = if is_final(error) {
            // Meanwhile another refresh token may come into the store: that is looked for, but not at every call.
            longest
        } else {
            let doubled = FIRST_PAUSE.saturating_mul(1 << (self.count - 1).min(16));
            let pause = doubled.min(longest).mul_f64(random.clamp(0.0, 1.0));
            let asked = error.retry_after().unwrap_or_default();
            // With no pause at all, as tests set it, the server's wish is not heeded either.
            let asked = if longest.is_zero() { longest } else { asked };
            pause.max(asked.min(LONGEST_RETRY_AFTER))
        };
        self.until = Some(Instant::now() + pause);
        self.last = Some(error.clone());
    }

    /// `longest` is the policy's pause.
    pub(super) fn succeeded(&mut self, longest: Duration) {
        *self = Self {
            rest: Some(Instant::now() + longest),
            ..Self::default()
        };
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Whether it is too early to renew what is still good.
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
            backoff.failed(&error, SECOND, 1.0);
            tokio::time::advance(Duration::from_millis(pause - 1)).await;
            assert!(backoff.pausing().is_some(), "{pause}");
            tokio::time::advance(Duration::from_millis(1)).await;
            assert!(backoff.pausing().is_none(), "{pause}");
        }
        backoff.succeeded(SECOND);
        backoff.failed(&error, SECOND, 1.0);
        tokio::time::advance(Duration::from_millis(100)).await;
        assert!(backoff.pausing().is_none(), "a success begins anew");
    }

    #[tokio::test(start_paused = true)]
    async fn chance_shortens_a_pause_and_the_server_lengthens_it() {
        let mut backoff = Backoff::default();
        let error = Error::new(ErrorKind::Connection, "down");
        backoff.failed(&error, SECOND, 0.5);
        tokio::time::advance(Duration::from_millis(50)).await;
        assert!(backoff.pausing().is_none());
        let error = error.with_retry_after(Some(SECOND * 7));
        backoff.failed(&error, SECOND, 0.0);
        tokio::time::advance(Duration::from_millis(6_999)).await;
        assert!(backoff.pausing().is_some());
        let error = error.with_retry_after(Some(SECOND * 86_400));
        backoff.failed(&error, SECOND, 0.0);
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
    #[case(denied(Some("invalid_client")), true)]
    #[case(denied(Some("invalid_grant")), true)]
    #[case(Error::new(ErrorKind::TokenDenied, "no refresh token"), true)]
    #[case(denied(Some("invalid_request")), false)]
    #[case(denied(None), false)]
    #[case(Error::new(ErrorKind::Connection, "down"), false)]
    fn only_a_refusal_for_good_is_final(#[case] error: Error, #[case] expected: bool) {
        assert_eq!(is_final(&error), expected, "{error:?}");
    }
}
