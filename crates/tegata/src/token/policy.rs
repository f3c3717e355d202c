//! When a token is renewed.

use std::time::{Duration, SystemTime};

use crate::Token;

/// When a token is renewed, and how long that may take.
///
/// | state | from | a caller |
/// |---|---|---|
/// | fresh | issue | gets the token |
/// | stale | [`stale_window`](Self::stale_window) before expiry, at most a quarter of the lifetime | gets the token; it is renewed in the background |
/// | expired | [`margin`](Self::margin) before expiry, at most a twentieth of the lifetime | waits for the renewal |
///
/// Bounding the windows by the lifetime keeps a short token from being renewed at every call. Chance
/// shortens the stale window of each token by up to a fifth, so that many processes do not renew at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenewalPolicy {
    /// How long before its expiry a token is renewed in the background. Zero for a provider whose early
    /// renewal only returns the same token.
    pub stale_window: Duration,
    /// How long before its expiry a token is no longer handed out, so that it does not die on its way.
    pub margin: Duration,
    /// How long one renewal may take, whoever waits for it.
    pub deadline: Duration,
    /// The longest time for which a failed renewal stands before the next is tried, if it may pass: the first
    /// failure stands for at most 100 ms, each further one twice as long, up to this; chance shortens every
    /// pause, and a server's `Retry-After` lengthens it, up to five minutes.
    ///
    /// A failure of which is not known whether it passes, such as a refusal without a code or an answer that
    /// cannot be read, stands for a quarter of this at first, each further one four times as long, up to 60
    /// times this; chance shortens such a pause by up to a half. By default that is one try in 30 to 60 s at
    /// the end.
    ///
    /// After a refusal (see [`probe_interval`](Self::probe_interval)) a store, where other tokens may be
    /// found, is asked at most once in this time. Nor is a token that is still good renewed within this time
    /// after it was issued. Zero switches all these pauses off.
    pub pause: Duration,
    /// How long the token endpoint's no to the client credentials stands, such as `invalid_client`, before it
    /// is asked once more: the server may have been set right since. Chance shortens it by up to a fifth. A
    /// refresh token that was refused with `invalid_grant` is never sent again. [`Duration::MAX`] switches
    /// this off.
    pub probe_interval: Duration,
}

impl Default for RenewalPolicy {
    fn default() -> Self {
        Self {
            stale_window: Duration::from_secs(300),
            margin: Duration::from_secs(10),
            deadline: Duration::from_secs(30),
            pause: Duration::from_secs(1),
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

/// Longer than any process lives, and short enough to count with.
const NEVER: Duration = Duration::from_secs(u32::MAX as u64);

impl RenewalPolicy {
    /// The same with times to which a clock can count: [`Duration::MAX`] stands for no end.
    pub(crate) fn countable(self) -> Self {
        Self {
            pause: self.pause.min(NEVER),
            probe_interval: self.probe_interval.min(NEVER),
            ..self
        }
    }

    /// When this token becomes stale and when it is no longer handed out; `None` if it never expires.
    /// `random` is from 0 to 1, drawn once for each token.
    pub(crate) fn edges(&self, token: &Token, random: f64) -> Option<(SystemTime, SystemTime)> {
        let (expires_at, lifetime) = (token.expires_at()?, token.lifetime()?);
        let margin = self.margin.min(lifetime / 20);
        let expired_at = expires_at.checked_sub(margin).unwrap_or(expires_at);
        let stale_window = self
            .stale_window
            .min(lifetime / 4)
            .mul_f64(0.8 + 0.2 * random);
        let stale_at = expires_at.checked_sub(stale_window).unwrap_or(expires_at);
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

    fn freshness(
        lifetime: Option<u64>,
        policy: &RenewalPolicy,
        random: f64,
        age: i64,
    ) -> Freshness {
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
        let found = freshness(Some(lifetime), &RenewalPolicy::default(), 1.0, age);
        assert_eq!(found, expected);
    }

    #[test]
    fn chance_shortens_the_stale_window_by_a_fifth_at_most() {
        let policy = RenewalPolicy::default();
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
        let policy = RenewalPolicy {
            stale_window: Duration::ZERO,
            margin: Duration::ZERO,
            ..RenewalPolicy::default()
        };
        let at = |age| freshness(Some(10), &policy, 1.0, age);
        assert_eq!((at(9), at(10)), (Freshness::Fresh, Freshness::Expired));
    }

    #[test]
    fn a_token_without_expiry_stays_fresh() {
        let found = freshness(None, &RenewalPolicy::default(), 1.0, 1 << 40);
        assert_eq!(found, Freshness::Fresh);
    }

    #[test]
    fn a_clock_that_jumped_back_makes_a_token_fresh_again() {
        let found = freshness(Some(3600), &RenewalPolicy::default(), 1.0, -86_400);
        assert_eq!(found, Freshness::Fresh);
    }
}
