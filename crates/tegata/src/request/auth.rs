//! Which credential a request gets.

use std::fmt;
use std::sync::Arc;

use crate::provider::spec::Scheme;
use crate::provider::{Authenticator, Credential, Replaceable};
use crate::{Error, TokenCache};

/// How requests are authenticated: not at all, by one fixed credential, by tokens, or by a custom
/// [`Authenticator`].
#[derive(Clone)]
pub struct Auth(Kind);

#[derive(Clone)]
enum Kind {
    None,
    Fixed(Replaceable<Credential>),
    Cached(TokenCache),
    Custom(Arc<dyn Authenticator>),
}

impl Auth {
    /// No credential: for token endpoints that take it in the body.
    pub const fn none() -> Self {
        Self(Kind::None)
    }

    /// One credential that cannot be renewed, such as an API key.
    pub fn fixed(credential: Credential) -> Self {
        Self::replaceable(Replaceable::new(credential))
    }

    /// One credential that cannot be renewed, but replaced by the owner of this handle. All that it ever holds
    /// must be of one scheme.
    pub const fn replaceable(credential: Replaceable<Credential>) -> Self {
        Self(Kind::Fixed(credential))
    }

    /// Tokens that are renewed when they expire or are refused.
    pub const fn cached(tokens: TokenCache) -> Self {
        Self(Kind::Cached(tokens))
    }

    /// Credentials that this authenticator replaces when they are refused.
    pub fn custom(authenticator: impl Authenticator) -> Self {
        Self(Kind::Custom(Arc::new(authenticator)))
    }

    pub(crate) fn scheme(&self) -> Option<Scheme> {
        match &self.0 {
            Kind::None => None,
            Kind::Fixed(credential) => Some(credential.get().scheme()),
            Kind::Cached(cache) => Some(cache.scheme()),
            Kind::Custom(authenticator) => Some(authenticator.scheme()),
        }
    }

    pub(crate) async fn credential(&self) -> Result<Option<Credential>, Error> {
        if let Kind::Fixed(credential) = &self.0 {
            return Ok(Some((*credential.get()).clone()));
        }
        let Some(authenticator) = self.authenticator() else {
            return Ok(None);
        };
        match authenticator.cached() {
            Some(credential) => Ok(Some(credential)),
            None => authenticator.credential().await.map(Some),
        }
    }

    /// The token cache, if there is one.
    pub fn token_cache(&self) -> Option<&TokenCache> {
        match &self.0 {
            Kind::Cached(cache) => Some(cache),
            Kind::None | Kind::Fixed(_) | Kind::Custom(_) => None,
        }
    }

    pub(crate) fn authenticator(&self) -> Option<&dyn Authenticator> {
        match &self.0 {
            Kind::Cached(cache) => Some(cache),
            Kind::Custom(authenticator) => Some(&**authenticator),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::BoxFuture;

    struct OfTests;

    impl Authenticator for OfTests {
        fn scheme(&self) -> Scheme {
            Scheme {
                name: "of-tests",
                placement: crate::provider::spec::Placement::Bearer,
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
    fn by_default_an_authenticator_reports_the_servers_refusal() {
        assert!(OfTests.exhausted().contains("the server refused"));
    }

    #[test]
    fn debug_names_the_scheme() {
        assert_eq!(format!("{:?}", Auth::custom(OfTests)), "Auth(of-tests)");
        assert_eq!(format!("{:?}", Auth::none()), "Auth(none)");
    }
}
