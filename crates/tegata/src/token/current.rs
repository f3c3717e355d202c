//! A token as callers get it.

use std::sync::Arc;
use std::time::SystemTime;

use crate::provider::Credential;
use crate::provider::spec::Scheme;
use crate::token::policy::{Freshness, Timing};
use crate::{Error, ErrorKind, Token};

/// A token and its credential, ready for requests. Immutable except for the mark that the credential was
/// refused.
pub(super) struct Current {
    pub(super) token: Arc<Token>,
    pub(super) credential: Credential,
    /// Whether it was adopted from the store, not issued to this process.
    pub(super) is_adopted: bool,
    edges: Option<(SystemTime, SystemTime)>,
}

impl Current {
    /// # Errors
    /// [`ErrorKind::InvalidResponse`] if no header can carry the token.
    pub(super) fn new(
        scheme: Scheme,
        token: Arc<Token>,
        timing: &Timing,
        generation: u64,
        random: f64,
    ) -> Result<Self, Error> {
        let credential = Credential::new(scheme, token.access_token()).map_err(|error| {
            Error::new(
                ErrorKind::InvalidResponse,
                "the token cannot be sent in a request",
            )
            .with_source(error)
        })?;
        Ok(Self {
            credential: credential.with_generation(generation),
            edges: timing.edges(&token, random),
            is_adopted: false,
            token,
        })
    }

    pub(super) fn generation(&self) -> u64 {
        self.credential.generation()
    }

    pub(super) fn freshness(&self, now: SystemTime) -> Freshness {
        if self.credential.is_refused() {
            return Freshness::Expired;
        }
        Freshness::at(now, self.edges)
    }

    /// The same token as a new generation, which has not been refused.
    pub(super) fn with_generation(&self, generation: u64) -> Self {
        Self {
            token: Arc::clone(&self.token),
            credential: self.credential.clone().with_generation(generation),
            is_adopted: self.is_adopted,
            edges: self.edges,
        }
    }

    /// Whether it has expired, refused or not.
    pub(super) fn has_expired(&self, now: SystemTime) -> bool {
        Freshness::at(now, self.edges) == Freshness::Expired
    }

    /// Whether a request may carry it, even in its last seconds.
    pub(super) fn is_usable(&self, now: SystemTime) -> bool {
        !self.credential.is_refused() && !self.token.is_expired(now)
    }
}
