//! When a token is renewed.

use std::time::{Duration, SystemTime};

use crate::Token;

/// When a token is renewed, and how long that may take. A value that is not set is the provider's default, or
/// else the default named at each setting.
///
/// | state | from | a caller |
/// |---|---|---|
/// | fresh | issue | gets the token |
/// | stale | [`refresh_window`](Self::refresh_window) before expiry, at most a quarter of the lifetime | gets the token; it is renewed in the background |
/// | expired | [`expiry_leeway`](Self::expiry_leeway) before expiry, at most a twentieth of the lifetime | waits for the renewal |
///
/// Bounding the windows by the lifetime keeps a short token from being renewed at every call. Jitter shortens
/// the refresh window of each token by up to a fifth, so that many processes do not renew at once.
///
/// ```
/// # use std::time::Duration;
/// use tegata::RenewalPolicy;
///
/// let patient = RenewalPolicy::new().deadline(Duration::from_secs(60));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct RenewalPolicy {
    refresh_window: Option<Duration>,
    expiry_leeway: Option<Duration>,
    deadline: Option<Duration>,
    retry_interval: Option<Duration>,
    probe_interval: Option<Duration>,
}

impl RenewalPolicy {
    /// A policy without any setting.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long before its expiry a token is renewed in the background: 300 s. Zero for a provider whose early
    /// renewal only returns the same token, such as Marketo.
    pub fn refresh_window(mut self, window: Duration) -> Self {
        self.refresh_window = Some(window);
        self
    }

    /// How long before its expiry a token is no longer handed out, so that it does not die on its way: 10 s.
    pub fn expiry_leeway(mut self, leeway: Duration) -> Self {
        self.expiry_leeway = Some(leeway);
        self
    }

    /// How long one renewal may take, whichever caller waits for it: 30 s.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The longest pause after a transient failure of a renewal: 1 s. The first pause is at most 100 ms, each
    /// further one twice as long, up to this; jitter shortens every pause, and a server's `Retry-After`
    /// lengthens it, up to five minutes.
    ///
    /// After an unknown failure, such as a refusal without a code or an unreadable answer, the first pause is a
    /// quarter of this, each further one four times as long, up to 60 times this; jitter shortens such a pause
    /// by up to a half. By default that ends at one try in 30 to 60 s.
    ///
    /// After a denial (see [`probe_interval`](Self::probe_interval)) a store, which may hold other tokens, is
    /// read at most once in this time. A token that is still valid is not renewed within this time after its
    /// issue. Zero switches all these pauses off.
    pub fn retry_interval(mut self, interval: Duration) -> Self {
        self.retry_interval = Some(interval);
        self
    }

    /// How long to wait after the token endpoint has denied the client credentials, such as by
    /// `invalid_client`, before it is asked once more: 300 s. The server may have been fixed since. Jitter
    /// shortens it by up to a fifth. A refresh token that was denied with `invalid_grant` is never sent again.
    /// [`Duration::MAX`] switches this off.
    pub fn probe_interval(mut self, interval: Duration) -> Self {
        self.probe_interval = Some(interval);
        self
    }

    /// This policy, completed by the other one.
    pub fn or(self, other: Self) -> Self {
        Self {
            refresh_window: self.refresh_window.or(other.refresh_window),
            expiry_leeway: self.expiry_leeway.or(other.expiry_leeway),
            deadline: self.deadline.or(other.deadline),
            retry_interval: self.retry_interval.or(other.retry_interval),
            probe_interval: self.probe_interval.or(other.probe_interval),
        }
    }

    /// The resulting times, with defaults for values that are not set.
    pub fn timing(self) -> Timing {
        let default = Timing::default();
        Timing {
            refresh_window: self.refresh_window.unwrap_or(default.refresh_window),
            expiry_leeway: self.expiry_leeway.unwrap_or(default.expiry_leeway),
            deadline: self.deadline.unwrap_or(default.deadline),
            retry_interval: self.retry_interval.unwrap_or(default.retry_interval),
            probe_interval: self.probe_interval.unwrap_or(default.probe_interval),
        }
    }
}

/// The times of a [`RenewalPolicy`]; see its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is described at its setting")]
pub struct Timing {
    pub refresh_window: Duration,
    pub expiry_leeway: Duration,
    pub deadline: Duration,
    pub retry_interval: Duration,
    pub probe_interval: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            refresh_window: Duration::from_secs(300),
            expiry_leeway: Duration::from_secs(10),
            deadline: Duration::from_secs(30),
            retry_interval: Duration::from_secs(1),
            probe_interval: Duration::from_secs(300),
        }
    }
}

/// The state of a token at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    Fresh,
    Stale,
    Expired,
}

/// Longer than any process lives, and short enough not to overflow a clock.
const NEVER: Duration = Duration::from_secs(u32::MAX as u64);

impl Timing {
    /// The same, limited to times that a clock can represent: [`Duration::MAX`] stands for no end.
    pub(crate) fn countable(self) -> Self {
        Self {
            retry_interval: self.retry_interval.min(NEVER),
            probe_interval: self.probe_interval.min(NEVER),
            ..self
        }
    }

    /// When this token becomes stale and when it is no longer handed out; `None` if it never expires.
    /// `random` is from 0 to 1, drawn once for each token.
    pub(crate) fn edges(&self, token: &Token, random: f64) -> Option<(SystemTime, SystemTime)> {
        let (expires_at, lifetime) = (token.expires_at()?, token.lifetime()?);
        let leeway = self.expiry_leeway.min(lifetime / 20);
        let expired_at = expires_at.checked_sub(leeway).unwrap_or(expires_at);
        let window = self
            .refresh_window
            .min(lifetime / 4)
            .mul_f64(0.8 + 0.2 * random);
        let stale_at = expires_at.checked_sub(window).unwrap_or(expires_at);
        Some((stale_at.min(expired_at), expired_at))
    }
}

impl Freshness {
    pub(crate) fn at(now: SystemTime, edges: Option<(SystemTime, SystemTime)>) -> Self {
        match edges {
            Some((_, expired_at)) if now >= expired_at => Self::Expired,
            Some((stale_at, _)) if now >= stale_at => Self::Stale,
            _ => Self::Fresh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Issued, Refresh};
    use rstest::rstest;

    const ISSUED: SystemTime = SystemTime::UNIX_EPOCH;

    fn freshness(lifetime: Option<u64>, policy: &Timing, random: f64, age: i64) -> Freshness {
        let issued = Issued::new("t", lifetime.map(Duration::from_secs), Refresh::Forget);
        let edges = policy.edges(&Token::new(issued, ISSUED, None), random);
        let passed = Duration::from_secs(age.unsigned_abs());
        let now = if age < 0 {
            ISSUED - passed
        } else {
            ISSUED + passed
        };
        Freshness::at(now, edges)
    }

    #[rstest]
    #[case(3600, 3299, Freshness::Fresh)]
    #[case(3600, 3300, Freshness::Stale)]
    #[case(3600, 3589, Freshness::Stale)]
    #[case(3600, 3590, Freshness::Expired)]
    #[case(100, 74, Freshness::Fresh)]
    #[case(100, 75, Freshness::Stale)]
    #[case(100, 94, Freshness::Stale)]
    #[case(100, 95, Freshness::Expired)]
    #[case(0, 0, Freshness::Expired)]
    fn the_windows_are_bounded_by_the_lifetime(
        #[case] lifetime: u64,
        #[case] age: i64,
        #[case] expected: Freshness,
    ) {
        let found = freshness(Some(lifetime), &Timing::default(), 1.0, age);
        assert_eq!(found, expected);
    }

    #[test]
    fn chance_shortens_the_refresh_window_by_a_fifth_at_most() {
        let policy = Timing::default();
        for (random, stale_at) in [(0.0, 3360), (0.5, 3330), (1.0, 3300)] {
            let at = |age| freshness(Some(3600), &policy, random, age);
            assert_eq!(
                (at(stale_at - 1), at(stale_at)),
                (Freshness::Fresh, Freshness::Stale)
            );
        }
    }

    #[test]
    fn without_windows_a_token_is_fresh_until_it_expires() {
        let policy = Timing {
            refresh_window: Duration::ZERO,
            expiry_leeway: Duration::ZERO,
            ..Timing::default()
        };
        let at = |age| freshness(Some(10), &policy, 1.0, age);
        assert_eq!((at(9), at(10)), (Freshness::Fresh, Freshness::Expired));
    }

    #[test]
    fn a_token_without_expiry_stays_fresh() {
        let found = freshness(None, &Timing::default(), 1.0, 1 << 40);
        assert_eq!(found, Freshness::Fresh);
    }

    #[test]
    fn a_clock_that_jumped_back_makes_a_token_fresh_again() {
        let found = freshness(Some(3600), &Timing::default(), 1.0, -86_400);
        assert_eq!(found, Freshness::Fresh);
    }

    #[test]
    fn unset_values_are_taken_from_the_other_policy() {
        let all = |seconds| {
            let time = |nth: u64| Duration::from_secs(seconds + nth);
            RenewalPolicy::new()
                .refresh_window(time(1))
                .expiry_leeway(time(2))
                .deadline(time(3))
                .retry_interval(time(4))
                .probe_interval(time(5))
        };
        assert_eq!(all(10).or(all(20)), all(10));
        assert_eq!(RenewalPolicy::new().or(all(10)), all(10));
        assert_eq!(RenewalPolicy::new().timing(), Timing::default());
        let times = all(0).timing();
        let Timing {
            refresh_window,
            expiry_leeway,
            deadline,
            retry_interval,
            probe_interval,
        } = times;
        let all = [
            refresh_window,
            expiry_leeway,
            deadline,
            retry_interval,
            probe_interval,
        ];
        assert_eq!(all, [1, 2, 3, 4, 5].map(Duration::from_secs));
    }
}
