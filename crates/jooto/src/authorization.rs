//! The user's consent: to the authorization page, and back with a code.

use std::fmt;

use tegata::oauth::AuthorizationCode;
use tegata::provider::{BaseUrl, callback_code, random_text};
use tegata::{Error, Secret};
use url::Url;

use crate::OrganizationId;
use crate::generated::security::{self, LoginQuery};

/// An authorization that is under way: the URL to which the user is sent, and the `state` that ties the answer
/// to it.
///
/// A web server, which gets the answer in another request, keeps [`state`](Self::state) in the user's
/// session and resumes with [`App::resume`](crate::App::resume).
#[derive(Clone)]
pub struct Authorization {
    url: Url,
    state: Secret,
}

impl Authorization {
    pub(crate) fn new(
        oauth: &BaseUrl,
        client_id: &str,
        redirect_uri: &str,
        organization: OrganizationId,
    ) -> Result<Self, Error> {
        let state = random_text()?;
        let organization_id = organization.get();
        let query = LoginQuery {
            client_id,
            organization_id,
            redirect_uri,
            state: state.expose(),
        };
        let mut url = oauth.join(security::LOGIN.path)?;
        url.query_pairs_mut().extend_pairs(query.pairs());
        Ok(Self { url, state })
    }

    pub(crate) fn resumed(oauth: &BaseUrl, state: Secret) -> Result<Self, Error> {
        Ok(Self {
            url: oauth.join(security::LOGIN.path)?,
            state,
        })
    }

    /// Where to send the user's browser.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The random string that comes back with the answer: 256 bits from the system's generator.
    pub fn state(&self) -> &Secret {
        &self.state
    }

    /// Reads the URL to which the user was sent back: complete, or starting with its path or query.
    ///
    /// Parameters that it does not know are ignored, as RFC 6749 (4.1.2) wants.
    ///
    /// # Errors
    /// * [`ErrorKind::StateMismatch`](crate::ErrorKind::StateMismatch) if `state` is missing or not ours: the
    ///   answer to another request, which must not be used.
    /// * [`ErrorKind::Authorization`](crate::ErrorKind::Authorization) if the answer is an error, such as
    ///   `access_denied` ([`code`](Error::code)), or holds no code.
    pub fn callback(&self, url: &str) -> Result<AuthorizationCode, Error> {
        callback_code(url, &self.state, None).map(AuthorizationCode::from)
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL holds the state.
        f.debug_struct("Authorization").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
