//! The access tokens that a provider has issued.

use std::collections::HashMap;
use std::time::Duration;

/// Beyond this many, dead tokens are dropped when a new one comes.
const KEEP: usize = 100_000;

/// Issued access tokens with what belongs to each.
pub(super) struct AccessTokens<T> {
    tokens: HashMap<String, Access<T>>,
}

struct Access<T> {
    expires_at: Duration,
    used_dead: bool,
    belongs_to: T,
}

/// The state of a token at some instant.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing<'a, T> {
    Good(&'a T),
    /// Issued here, but its time is over.
    Expired {
        /// Whether this is the first use since then.
        first_use: bool,
    },
    /// Never issued, or forgotten.
    Unknown,
}

impl<T> AccessTokens<T> {
    pub(super) fn new() -> Self {
        Self {
            tokens: HashMap::new(),
        }
    }

    pub(super) fn insert(
        &mut self,
        token: String,
        belongs_to: T,
        now: Duration,
        expires_at: Duration,
    ) {
        if self.tokens.len() >= KEEP {
            self.tokens.retain(|_, access| now < access.expires_at);
        }
        let access = Access {
            expires_at,
            used_dead: false,
            belongs_to,
        };
        self.tokens.insert(token, access);
    }

    /// Judges a token; changes nothing.
    pub(super) fn judge(&self, token: &str, now: Duration) -> Standing<'_, T> {
        match self.tokens.get(token) {
            None => Standing::Unknown,
            Some(access) if now >= access.expires_at => Standing::Expired {
                first_use: !access.used_dead,
            },
            Some(access) => Standing::Good(&access.belongs_to),
        }
    }

    /// Keeps in mind that an expired token was used in a call.
    pub(super) fn used_dead(&mut self, token: &str) {
        if let Some(access) = self.tokens.get_mut(token) {
            access.used_dead = true;
        }
    }

    /// The remaining lifetime of a live token.
    pub(super) fn remaining(&self, token: &str, now: Duration) -> Option<Duration> {
        let access = self.tokens.get(token)?;
        let left = access.expires_at.checked_sub(now)?;
        (!left.is_zero()).then_some(left)
    }

    /// Ends every live token's time now; says how many there were.
    pub(super) fn expire(&mut self, now: Duration) -> usize {
        let live = self
            .tokens
            .values_mut()
            .filter(|access| now < access.expires_at);
        live.map(|access| access.expires_at = now).count()
    }

    /// Forgets the tokens that do not belong to what is kept.
    pub(super) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.tokens.retain(|_, access| keep(&access.belongs_to));
    }

    /// Forgets every token, as a server does that lost its memory; says how many were live.
    pub(super) fn forget(&mut self, now: Duration) -> usize {
        let live = self
            .tokens
            .values()
            .filter(|access| now < access.expires_at)
            .count();
        self.tokens.clear();
        live
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn one() -> AccessTokens<&'static str> {
        let mut tokens = AccessTokens::new();
        tokens.insert("t".to_owned(), "me", Duration::ZERO, HOUR);
        tokens
    }

    #[test]
    fn a_token_is_good_until_the_instant_of_its_expiry() {
        let mut tokens = one();
        let before = HOUR.saturating_sub(Duration::from_millis(1));
        assert_eq!(tokens.judge("t", before), Standing::Good(&"me"));
        assert_eq!(
            tokens.remaining("t", before),
            Some(Duration::from_millis(1))
        );
        assert_eq!(tokens.remaining("t", HOUR), None);
        assert_eq!(
            tokens.judge("t", HOUR),
            Standing::Expired { first_use: true }
        );
        tokens.used_dead("t");
        assert_eq!(
            tokens.judge("t", HOUR),
            Standing::Expired { first_use: false }
        );
    }

    #[test]
    fn expiring_counts_only_live_tokens() {
        let mut tokens = one();
        assert_eq!(tokens.expire(Duration::from_secs(1)), 1);
        assert_eq!(tokens.expire(Duration::from_secs(2)), 0);
    }

    #[test]
    fn a_forgotten_token_is_unknown() {
        let mut tokens = one();
        assert_eq!(tokens.forget(Duration::ZERO), 1);
        assert_eq!(tokens.judge("t", Duration::ZERO), Standing::Unknown);
    }
}
