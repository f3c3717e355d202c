//! The client.

use tegata::KeyInUse;
use tegata::provider::{Transport, client_methods};

use crate::Credentials;
use crate::credentials::InUse;
use crate::generated::AuthOperations;

/// Calls services behind AISPF authentication, each request with exactly one valid credential.
///
/// Cloning it is cheap; clones share connections and credential. It is `Send` and `Sync`.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) services: Transport,
    pub(crate) tokens: AuthOperations,
    pub(crate) credentials: InUse,
}

impl Client {
    /// The token operations, without credentials, for calling them by hand.
    pub fn tokens(&self) -> &AuthOperations {
        &self.tokens
    }

    /// Which of the API keys is tried first: the primary one until the server refuses it. The other one is then
    /// tried first, from the next call on if the body of this one cannot be sent twice. `None` without a key.
    pub fn key_in_use(&self) -> Option<KeyInUse> {
        match &self.credentials {
            InUse::Key(_) => Some(KeyInUse::Primary),
            InUse::Keys(keys) => Some(keys.in_use()),
            InUse::OAuth2(..) | InUse::LegacyOAuth(..) => None,
        }
    }

    /// Replaces the credentials while the client is in use, for it and all its clones: other API keys, as many as
    /// it was built with, or another secret of the same client id; of [`OAuth2`](crate::OAuth2) the encoding stays, of
    /// [`LegacyOAuth`](crate::LegacyOAuth) the names of the fields. The next request goes out with the new key, the
    /// next token is asked for with the new secret; a token that is still good stays in use. A refusal of the
    /// former credentials does not stand any more.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if they are of another authentication
    /// method or client id, name another encoding or other fields, or cannot be sent. The former ones then stay in use.
    pub fn replace_credentials(
        &self,
        credentials: impl Into<Credentials>,
    ) -> Result<(), crate::Error> {
        self.credentials.replace(credentials.into())
    }

    client_methods!(self => self.services);
}

#[cfg(test)]
mod tests;
