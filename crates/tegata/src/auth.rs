//! Which credential a request gets.

use std::any::Any;
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
    Fixed(IsUsual, Credential),
    /// As it is, since there may be very many: an account would pay for one more allocation.
    Cache(IsUsual, TokenCache),
    /// Two pointers, so that the usual kinds, and every transport with them, take one.
    Other(IsUsual, Arc<Box<dyn Authenticator>>),
}

/// Whether the scheme is one that the transport's provider takes unless an operation says otherwise. It lies
/// here because here it takes no room of its own.
type IsUsual = bool;

impl Auth {
    /// No credential: for token endpoints that take it in the body.
    pub const fn none() -> Self {
        Self(Kind::None)
    }

    /// One credential that cannot be renewed, such as an API key.
    pub const fn fixed(credential: Credential) -> Self {
        Self(Kind::Fixed(false, credential))
    }

    /// Credentials that are replaced when they expire or are refused.
    pub fn renewable(authenticator: impl Authenticator) -> Self {
        match (&authenticator as &dyn Any).downcast_ref::<TokenCache>() {
            Some(cache) => Self(Kind::Cache(false, cache.clone())),
            None => Self(Kind::Other(false, Arc::new(Box::new(authenticator)))),
        }
    }

    pub(crate) fn scheme(&self) -> Option<Scheme> {
        match &self.0 {
            Kind::None => None,
            Kind::Fixed(_, credential) => Some(credential.scheme()),
            Kind::Cache(_, cache) => Some(cache.scheme()),
            Kind::Other(_, authenticator) => Some(authenticator.scheme()),
        }
    }

    /// Finds out whether its scheme is among these.
    pub(crate) fn among(mut self, usual: &[Scheme]) -> Self {
        let is_one = self.scheme().is_some_and(|scheme| usual.contains(&scheme));
        match &mut self.0 {
            Kind::None => {}
            Kind::Fixed(is_usual, _) | Kind::Cache(is_usual, _) | Kind::Other(is_usual, _) => {
                *is_usual = is_one;
            }
        }
        self
    }

    pub(crate) fn is_usual(&self) -> bool {
        match self.0 {
            Kind::None => false,
            Kind::Fixed(is_usual, _) | Kind::Cache(is_usual, _) | Kind::Other(is_usual, _) => {
                is_usual
            }
        }
    }

    pub(crate) async fn credential(&self) -> Result<Option<Credential>, Error> {
        let (cached, authenticator): (_, &dyn Authenticator) = match &self.0 {
            Kind::None => return Ok(None),
            Kind::Fixed(_, credential) => return Ok(Some(credential.clone())),
            Kind::Cache(_, cache) => (cache.cached(), cache),
            Kind::Other(_, authenticator) => (authenticator.cached(), &***authenticator),
        };
        match cached {
            Some(credential) => Ok(Some(credential)),
            None => authenticator.credential().await.map(Some),
        }
    }

    /// The token cache behind it, unless it is a key.
    pub fn token_cache(&self) -> Option<&TokenCache> {
        self.authenticator()?.token_cache()
    }

    pub(crate) fn authenticator(&self) -> Option<&dyn Authenticator> {
        match &self.0 {
            Kind::Cache(_, cache) => Some(cache),
            Kind::Other(_, authenticator) => Some(&***authenticator),
            Kind::None | Kind::Fixed(..) => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    struct OfTests;

    impl Authenticator for OfTests {
        fn scheme(&self) -> Scheme {
            Scheme {
                name: "of-tests",
                placement: crate::spec::Placement::Bearer,
            }
        }

        fn cached(&self) -> Option<Credential> {
            None
        }

        fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
            Box::pin(async { Err(Error::configuration("none")) })
        }

        fn replace<'a>(&'a self, _: &'a Credential) -> BoxFuture<'a, Result<Credential, Error>> {
            self.credential()
        }
    }

    #[test]
    fn an_authenticator_that_says_nothing_of_its_own_says_that_the_server_refused() {
        assert!(OfTests.exhausted().contains("the server refused"));
        assert!(OfTests.token_cache().is_none());
    }

    #[test]
    fn debug_names_the_scheme() {
        assert_eq!(format!("{:?}", Auth::renewable(OfTests)), "Auth(of-tests)");
        assert_eq!(format!("{:?}", Auth::none()), "Auth(none)");
    }
}
