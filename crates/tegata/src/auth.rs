//! Which credential a request gets.

use std::fmt;
use std::sync::Arc;

use crate::spec::Scheme;
use crate::{BoxFuture, Credential, Error, TokenCache};

/// Hands out a credential and finds another when the server refuses it.
///
/// [`TokenCache`](crate::TokenCache) is the one for tokens; a provider with several keys brings its own.
pub trait Authenticator: Send + Sync + 'static {
    /// The scheme of its credentials.
    fn scheme(&self) -> Scheme;

    /// A credential that is good now, without waiting.
    fn cached(&self) -> Option<Credential>;

    /// A credential that is good now, which may have to be fetched first.
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>>;

    /// Another credential than this one, which the server has just refused.
    fn replace<'a>(&'a self, refused: &'a Credential) -> BoxFuture<'a, Result<Credential, Error>>;

    /// The server accepted this credential after it had refused another; or it refused another, and this
    /// one is to be tried by the next call, because the request cannot be sent twice.
    fn accepted(&self, credential: &Credential) {
        let _ = credential;
    }

    /// The token cache behind it, if that is what it is.
    fn token_cache(&self) -> Option<&TokenCache> {
        None
    }

    /// What to say when the second credential is refused as well.
    fn exhausted(&self) -> &'static str {
        "the server refused the credential, and the renewed one as well"
    }
}

/// How requests are authenticated: not at all, by one fixed credential, or by an [`Authenticator`].
#[derive(Clone)]
pub struct Auth(Kind);

#[derive(Clone)]
enum Kind {
    None,
    Fixed(Credential),
    Renewable(Arc<dyn Authenticator>),
}

impl Auth {
    /// No credential: for token endpoints that take it in the body.
    pub const fn none() -> Self {
        Self(Kind::None)
    }

    /// One credential that cannot be renewed, such as an API key.
    pub const fn fixed(credential: Credential) -> Self {
        Self(Kind::Fixed(credential))
    }

    /// Credentials that are replaced when they expire or are refused.
    pub fn renewable(authenticator: impl Authenticator) -> Self {
        Self(Kind::Renewable(Arc::new(authenticator)))
    }

    pub(crate) fn scheme(&self) -> Option<Scheme> {
        match &self.0 {
            Kind::None => None,
            Kind::Fixed(credential) => Some(credential.scheme()),
            Kind::Renewable(authenticator) => Some(authenticator.scheme()),
        }
    }

    pub(crate) async fn credential(&self) -> Result<Option<Credential>, Error> {
        match &self.0 {
            Kind::None => Ok(None),
            Kind::Fixed(credential) => Ok(Some(credential.clone())),
            Kind::Renewable(authenticator) => match authenticator.cached() {
                Some(credential) => Ok(Some(credential)),
                None => authenticator.credential().await.map(Some),
            },
        }
    }

    /// The token cache behind it, unless it is a key.
    pub fn token_cache(&self) -> Option<&TokenCache> {
        self.authenticator()?.token_cache()
    }

    pub(crate) fn authenticator(&self) -> Option<&dyn Authenticator> {
        match &self.0 {
            Kind::Renewable(authenticator) => Some(authenticator.as_ref()),
            Kind::None | Kind::Fixed(_) => None,
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scheme() {
            Some(scheme) => write!(f, "Auth({})", scheme.name),
            None => f.write_str("Auth(none)"),
        }
    }
}
