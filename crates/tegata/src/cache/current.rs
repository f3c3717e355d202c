//! A token as it is handed out.

use std::time::SystemTime;

use crate::policy::{Freshness, Window};
use crate::spec::Scheme;
use crate::token::Remainder;
use crate::{Credential, Error, ErrorKind, RenewalPolicy, Token};

/// A token as it is handed out. Immutable but for the mark that its credential was refused, which all that
/// is known of one generation shares.
pub(super) struct Current {
    /// Without its text, which is in the credential, and need not be kept twice.
    token: Remainder,
    pub(super) credential: Credential,
    pub(super) window: Window,
}

impl Current {
    /// # Errors
    /// [`ErrorKind::InvalidResponse`] if no header can carry the token.
    pub(super) fn new(
        scheme: Scheme,
        token: Token,
        policy: &RenewalPolicy,
        generation: u64,
        random: f64,
    ) -> Result<Self, Error> {
        let credential = Credential::new(scheme, token.access_token())
            .map_err(|error| {
                Error::new(
                    ErrorKind::InvalidResponse,
                    "the token cannot be sent in a request",
                )
                .with_source(error)
            })?
            .with_generation(generation);
        let window = Window::of(&token, policy, random);
        Ok(Self {
            token: token.without(credential.secret_str()),
            credential,
            window,
        })
    }

    /// The same generation as another one, whose credential, and with it the refusal, it shares.
    pub(super) fn sharing(self, other: &Self) -> Self {
        Self {
            credential: other.credential.clone(),
            ..self
        }
    }

    /// The token as it was issued, in a copy.
    pub(super) fn token(&self) -> Token {
        self.token.with(self.credential.secret_str())
    }

    pub(super) fn expires_at(&self) -> Option<SystemTime> {
        self.token.expires_at()
    }

    pub(super) fn is_expired(&self, now: SystemTime) -> bool {
        self.token.is_expired(now)
    }

    pub(super) fn has_refresh_token(&self) -> bool {
        self.token.has_refresh_token()
    }

    pub(super) fn generation(&self) -> u64 {
        self.credential.generation()
    }

    pub(super) fn refuse(&self) {
        self.credential.refuse();
    }

    pub(super) fn is_refused(&self) -> bool {
        self.credential.is_refused()
    }

    pub(super) fn freshness(&self, now: SystemTime) -> Freshness {
        if self.is_refused() {
            return Freshness::Expired;
        }
        self.window.freshness(now)
    }
}
