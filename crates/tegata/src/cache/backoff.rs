//! What stands in the way of the next renewal.

use std::time::Duration;

use crate::sync::Instant;
use crate::{Error, ErrorKind, Secret};

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

/// The failures since the last success, and when that was.
#[derive(Default)]
pub(super) struct Backoff {
    /// Most accounts have none, and shall pay for no more than that.
    failures: Option<Box<Failures>>,
    /// Until then nothing is renewed that need not be. A token that comes back with what is left of its
    /// time, or is short from the start, is due again at once.
    rest: Option<Instant>,
}

struct Failures {
    count: u32,
    /// Until then the last of them stands.
    until: Instant,
    last: Error,
    /// A plain no, with the refresh token that it was about. It stands until there is another one, or
    /// somebody says that things have changed; a store that fails in between changes nothing.
    last_word: Option<(Error, Option<Secret>)>,
}

impl Backoff {
    /// `random` is from 0 to 1 (full jitter), `longest` the policy's pause.
    pub(super) fn failed(
        &mut self,
        error: &Error,
        refresh_token: Option<&Secret>,
        longest: Duration,
        random: f64,
    ) {
        let count = self.failures().saturating_add(1);
        let mut last_word = self.failures.take().and_then(|before| before.last_word);
        let is_final = error.kind() == ErrorKind::TokenDenied
            && error.code().is_none_or(|code| FINAL.contains(&code))
            && (error.code().is_some() || error.status().is_none());
        let pause = if is_final {
            last_word = Some((error.clone(), refresh_token.cloned()));
            // Meanwhile another refresh token may come into the store: that is looked for, but not at every
            // call.
            longest
        } else {
            let doubled = FIRST_PAUSE.saturating_mul(1 << (count - 1).min(16));
            let pause = doubled.min(longest).mul_f64(random.clamp(0.0, 1.0));
            let asked = error
                .retry_after()
                .unwrap_or_default()
                .min(LONGEST_RETRY_AFTER);
            // With no pause at all, as tests set it, the server's wish is not heeded either.
            let asked = if longest.is_zero() {
                Duration::ZERO
            } else {
                asked
            };
            pause.max(asked)
        };
        self.failures = Some(Box::new(Failures {
            count,
            until: Instant::now() + pause,
            last: error.clone(),
            last_word,
        }));
    }

    /// `longest` is the policy's pause.
    pub(super) fn succeeded(&mut self, longest: Duration) {
        *self = Self {
            failures: None,
            rest: Some(Instant::now() + longest),
        };
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Whether it is too early to renew what is still good.
    pub(super) fn is_resting(&self) -> bool {
        let is_early = self.rest.is_some_and(|until| Instant::now() < until);
        is_early || self.standing().is_some()
    }

    /// The error that stands, as long as it does.
    pub(super) fn standing(&self) -> Option<&Error> {
        self.pausing().or(self.last_word().map(|(error, _)| error))
    }

    /// The error after which it is too early to try again.
    pub(super) fn pausing(&self) -> Option<&Error> {
        let failures = self.failures.as_ref()?;
        (Instant::now() < failures.until).then_some(&failures.last)
    }

    /// The final error, with the refresh token that it was about.
    pub(super) fn last_word(&self) -> Option<(&Error, Option<&Secret>)> {
        let (error, refresh_token) = self.failures.as_ref()?.last_word.as_ref()?;
        Some((error, refresh_token.as_ref()))
    }

    pub(super) fn last_error(&self) -> Option<&Error> {
        self.failures.as_ref().map(|failures| &failures.last)
    }

    /// How many renewals have failed in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures.as_ref().map_or(0, |failures| failures.count)
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
            backoff.failed(&error, None, SECOND, 1.0);
            tokio::time::advance(Duration::from_millis(pause - 1)).await;
            assert!(backoff.standing().is_some(), "{pause}");
            tokio::time::advance(Duration::from_millis(1)).await;
            assert!(backoff.standing().is_none(), "{pause}");
        }
        backoff.succeeded(SECOND);
        backoff.failed(&error, None, SECOND, 1.0);
        tokio::time::advance(Duration::from_millis(100)).await;
        assert!(backoff.standing().is_none(), "a success begins anew");
    }

    #[tokio::test(start_paused = true)]
    async fn chance_shortens_a_pause_and_the_server_lengthens_it() {
        let mut backoff = Backoff::default();
        let error = Error::new(ErrorKind::Connection, "down");
        backoff.failed(&error, None, SECOND, 0.5);
        tokio::time::advance(Duration::from_millis(50)).await;
        assert!(backoff.standing().is_none());
        let error = error.with_retry_after(Some(SECOND * 7));
        backoff.failed(&error, None, SECOND, 0.0);
        tokio::time::advance(Duration::from_millis(6_999)).await;
        assert!(backoff.standing().is_some());
        let error = error.with_retry_after(Some(SECOND * 86_400));
        backoff.failed(&error, None, SECOND, 0.0);
        tokio::time::advance(LONGEST_RETRY_AFTER).await;
        assert!(backoff.standing().is_none());
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
    #[tokio::test(start_paused = true)]
    async fn only_a_plain_no_stands_until_something_changes(
        #[case] error: Error,
        #[case] stands: bool,
    ) {
        let mut backoff = Backoff::default();
        backoff.failed(&error, Some(&"R1".into()), SECOND, 1.0);
        tokio::time::advance(SECOND * 86_400).await;
        assert_eq!(backoff.standing().is_some(), stands, "{error:?}");
        assert_eq!(backoff.last_word().is_some(), stands, "{error:?}");
    }
}
