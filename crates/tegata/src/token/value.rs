//! Tokens and their times.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::Secret;

/// An access token with all data needed to use and renew it, stored and replaced as a whole.
///
/// It serializes **with its secrets**, for a [`TokenStore`](crate::TokenStore); times are milliseconds
/// since the Unix epoch.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    access_token: Secret,
    #[serde(with = "unix_millis")]
    issued_at: SystemTime,
    #[serde(
        with = "unix_millis::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    expires_at: Option<SystemTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Secret>,
    #[serde(
        with = "unix_millis::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    refresh_expires_at: Option<SystemTime>,
}

/// The answer of a token endpoint, before it is bound to the time of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The access token.
    pub access_token: Secret,
    /// Its lifetime from the moment of the request; `None` if it never expires by itself.
    pub lifetime: Option<Duration>,
    /// What to do with the refresh token.
    pub refresh: Refresh,
    /// Why the access token must not be used, if so. The rest of the answer, above all a new refresh token, is
    /// kept and saved all the same.
    pub unusable: Option<&'static str>,
}

impl Issued {
    /// A valid answer. A lifetime of `None` means that the token never expires by itself.
    pub fn new(
        access_token: impl Into<Secret>,
        lifetime: Option<Duration>,
        refresh: Refresh,
    ) -> Self {
        Self {
            access_token: access_token.into(),
            lifetime,
            refresh,
            unusable: None,
        }
    }

    /// An answer without a usable access token, for this reason, which callers get as the error.
    pub fn unusable(reason: &'static str, refresh: Refresh) -> Self {
        Self {
            access_token: Secret::from(""),
            lifetime: Some(Duration::ZERO),
            refresh,
            unusable: Some(reason),
        }
    }
}

/// What to do with the refresh token when a new access token has been issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// The former one, if any, stays valid: the answer held none (RFC 6749, section 6).
    Keep,
    /// This one replaces it.
    Replace {
        /// The new refresh token.
        token: Secret,
        /// Its lifetime from the moment of the request, if known.
        lifetime: Option<Duration>,
    },
    /// The former one can no longer be used.
    Forget,
}

impl Token {
    /// A token from the answer to a request that was sent at this time.
    ///
    /// Counted from before the request was sent, the token seems older than it is, never younger.
    pub fn new(issued: Issued, sent_at: SystemTime, previous: Option<&Self>) -> Self {
        let (refresh_token, refresh_expires_at) = match issued.refresh {
            Refresh::Keep => previous
                .map(|p| (p.refresh_token.clone(), p.refresh_expires_at))
                .unwrap_or_default(),
            Refresh::Replace { token, lifetime } => (
                Some(token),
                lifetime.and_then(|lifetime| sent_at.checked_add(lifetime)),
            ),
            Refresh::Forget => (None, None),
        };
        Self {
            access_token: issued.access_token,
            issued_at: sent_at,
            expires_at: issued
                .lifetime
                .and_then(|lifetime| sent_at.checked_add(lifetime)),
            refresh_token,
            refresh_expires_at,
        }
    }

    /// The access token.
    pub fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// When the request for it was sent.
    pub fn issued_at(&self) -> SystemTime {
        self.issued_at
    }

    /// When it expires; `None` if it does not.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// The refresh token that came with it or before it.
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// The refresh token, if it is not known to have expired at this time.
    pub fn live_refresh_token(&self, now: SystemTime) -> Option<&Secret> {
        let live = self.refresh_expires_at.is_none_or(|expiry| now < expiry);
        self.refresh_token.as_ref().filter(|_| live)
    }

    /// When the refresh token expires; `None` if there is none, or if its expiry is not known.
    pub fn refresh_expires_at(&self) -> Option<SystemTime> {
        self.refresh_expires_at
    }

    /// Whether they hold the same secrets. Times are not compared, since a store rounds them.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.access_token == other.access_token && self.refresh_token == other.refresh_token
    }

    /// Whether the access token has expired at this time.
    pub fn is_expired(&self, now: SystemTime) -> bool {
        self.expires_at.is_some_and(|expiry| now >= expiry)
    }

    /// From its issue to its expiry.
    pub(crate) fn lifetime(&self) -> Option<Duration> {
        Some(
            self.expires_at?
                .duration_since(self.issued_at)
                .unwrap_or_default(),
        )
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .field("refresh_token", &self.refresh_token)
            .finish_non_exhaustive()
    }
}

pub(crate) mod unix_millis {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(time: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
        // A clock before 1970 is wrong; the epoch means "long ago" as well.
        let millis = time
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        to.serialize_u64(u64::try_from(millis).unwrap_or(u64::MAX))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SystemTime, D::Error> {
        let millis = Duration::from_millis(u64::deserialize(from)?);
        UNIX_EPOCH
            .checked_add(millis)
            .ok_or_else(|| de::Error::custom("a time out of range"))
    }

    pub(crate) mod option {
        use super::{Deserialize, Deserializer, Serializer, SystemTime};

        #[derive(Deserialize)]
        struct Millis(#[serde(with = "super")] SystemTime);

        // serde's `with` hands over a reference to the field's own type.
        #[allow(clippy::ref_option)]
        pub(crate) fn serialize<S: Serializer>(
            time: &Option<SystemTime>,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => super::serialize(time, to),
                None => to.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Option<SystemTime>, D::Error> {
            Ok(Option::<Millis>::deserialize(from)?.map(|millis| millis.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn issued(refresh: Refresh) -> Issued {
        Issued::new("CANARY-access", Some(Duration::from_secs(3600)), refresh)
    }

    fn replace(token: &str) -> Refresh {
        Refresh::Replace {
            token: token.into(),
            lifetime: Some(Duration::from_secs(86_400)),
        }
    }

    #[test]
    fn a_missing_refresh_token_keeps_the_old_one_and_its_expiry() {
        let first = Token::new(issued(replace("R1")), NOW, None);
        let later = NOW + Duration::from_secs(3000);
        let second = Token::new(issued(Refresh::Keep), later, Some(&first));
        assert_eq!(second.refresh_token(), Some(&"R1".into()));
        assert_eq!(
            second.refresh_expires_at(),
            Some(NOW + Duration::from_secs(86_400))
        );
        assert_eq!(
            second.live_refresh_token(NOW + Duration::from_secs(86_399)),
            Some(&"R1".into())
        );
        assert_eq!(
            second.live_refresh_token(NOW + Duration::from_secs(86_400)),
            None
        );
    }

    #[test]
    fn a_new_refresh_token_replaces_the_old_one() {
        let first = Token::new(issued(replace("R1")), NOW, None);
        let second = Token::new(issued(replace("R2")), NOW, Some(&first));
        assert_eq!(second.refresh_token(), Some(&"R2".into()));
    }

    #[test]
    fn a_forgotten_refresh_token_is_gone() {
        let first = Token::new(issued(replace("R1")), NOW, None);
        assert_eq!(
            Token::new(issued(Refresh::Forget), NOW, Some(&first)).refresh_token(),
            None
        );
    }

    #[test]
    fn a_token_survives_its_stored_form() {
        let token = Token::new(issued(replace("CANARY-refresh")), NOW, None);
        let stored = serde_json::to_string(&token).expect("serializes");
        assert_eq!(
            serde_json::from_str::<Token>(&stored).expect("reads"),
            token,
            "{stored}"
        );
    }

    #[test]
    fn debug_shows_times_only() {
        let shown = format!(
            "{:?}",
            Token::new(issued(replace("CANARY-refresh")), NOW, None)
        );
        assert!(!shown.contains("CANARY"), "{shown}");
        assert!(shown.contains("refresh_token: Some("), "{shown}");
    }

    #[test]
    fn tokens_with_the_same_secrets_are_equal_despite_their_times() {
        let token = |refresh, at| Token::new(issued(refresh), at, None);
        let later = NOW + Duration::from_secs(1);
        assert!(token(replace("R1"), NOW).is_same(&token(replace("R1"), later)));
        assert!(!token(replace("R1"), NOW).is_same(&token(replace("R2"), NOW)));
        let mut other = issued(replace("R1"));
        other.access_token = "another".into();
        assert!(!token(replace("R1"), NOW).is_same(&Token::new(other, NOW, None)));
    }
}
