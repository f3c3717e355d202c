//! Which credential a request gets.

use std::fmt;
use std::sync::Arc;

use reqwest::Request;

use crate::provider::spec::Scheme;
use crate::provider::{Authenticator, Credential, Replaceable};
use crate::{Error, TokenCache};

/// How requests are authenticated: not at all, by one fixed credential, by tokens, or by a custom
/// [`Authenticator`]; and which fixed credentials are sent [beside](Self::beside) it.
#[derive(Clone)]
pub struct Auth {
    main: Kind,
    beside: Option<Arc<[Replaceable<Credential>]>>,
}

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
        Self::only(Kind::None)
    }

    /// One credential that cannot be renewed, such as an API key.
    pub fn fixed(credential: Credential) -> Self {
        Self::replaceable(Replaceable::new(credential))
    }

    /// One credential that cannot be renewed, but replaced by the owner of this handle. All that it ever holds
    /// must be of one scheme.
    pub const fn replaceable(credential: Replaceable<Credential>) -> Self {
        Self::only(Kind::Fixed(credential))
    }

    /// Tokens that are renewed when they expire or are refused.
    pub const fn cached(tokens: TokenCache) -> Self {
        Self::only(Kind::Cached(tokens))
    }

    /// Credentials that this authenticator replaces when they are refused.
    pub fn custom(authenticator: impl Authenticator) -> Self {
        Self::only(Kind::Custom(Arc::new(authenticator)))
    }

    const fn only(main: Kind) -> Self {
        Self { main, beside: None }
    }

    /// The same, with these fixed credentials in the same request, such as the keys of an application beside the
    /// token of its user. If the server refuses a request, only the main credential is renewed.
    #[must_use]
    pub fn beside(self, others: impl IntoIterator<Item = Replaceable<Credential>>) -> Self {
        let others: Arc<[_]> = others.into_iter().collect();
        let beside = (!others.is_empty()).then_some(others);
        Self { beside, ..self }
    }

    /// All fixed credentials.
    pub(crate) fn fixed_ones(&self) -> impl Iterator<Item = &Replaceable<Credential>> {
        let main = match &self.main {
            Kind::Fixed(credential) => Some(credential),
            Kind::None | Kind::Cached(_) | Kind::Custom(_) => None,
        };
        main.into_iter()
            .chain(self.beside.iter().flat_map(|all| all.iter()))
    }

    /// Which credentials are sent to an operation that takes these schemes: those of the first one that is complete.
    /// `None` if none is.
    pub(crate) fn sent_for<'a>(&self, accepted: &'a [Scheme]) -> Option<Sent<'a>> {
        if accepted.is_empty() {
            return self.schemes().next().map(|_| Sent::All);
        }
        let mut accepted = accepted.iter().map(Scheme::parts);
        let has = |wanted: &Scheme| self.schemes().any(|scheme| scheme == *wanted);
        accepted.find(|parts| parts.iter().all(has)).map(Sent::Of)
    }

    pub(crate) fn attach_beside(&self, sent: Sent<'_>, request: &mut Request) {
        for other in self.beside.iter().flat_map(|all| all.iter()) {
            let other = other.get();
            if sent.includes(other.scheme()) {
                other.attach(request);
            }
        }
    }

    pub(crate) fn schemes(&self) -> impl Iterator<Item = Scheme> {
        let beside = self.beside.iter().flat_map(|all| all.iter());
        self.scheme()
            .into_iter()
            .chain(beside.map(|other| other.get().scheme()))
    }

    pub(crate) fn scheme(&self) -> Option<Scheme> {
        match &self.main {
            Kind::None => None,
            Kind::Fixed(credential) => Some(credential.get().scheme()),
            Kind::Cached(cache) => Some(cache.scheme()),
            Kind::Custom(authenticator) => Some(authenticator.scheme()),
        }
    }

    pub(crate) async fn credential(&self) -> Result<Option<Credential>, Error> {
        if let Kind::Fixed(credential) = &self.main {
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
        match &self.main {
            Kind::Cached(cache) => Some(cache),
            Kind::None | Kind::Fixed(_) | Kind::Custom(_) => None,
        }
    }

    pub(crate) fn authenticator(&self) -> Option<&dyn Authenticator> {
        match &self.main {
            Kind::Cached(cache) => Some(cache),
            Kind::Custom(authenticator) => Some(&**authenticator),
            Kind::None | Kind::Fixed(_) => None,
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.schemes().map(|scheme| scheme.name).collect();
        match &names[..] {
            [] => f.write_str("Auth(none)"),
            names => write!(f, "Auth({})", names.join(" + ")),
        }
    }
}

/// Which of its credentials a client sends with a request.
#[derive(Clone, Copy)]
pub(crate) enum Sent<'a> {
    All,
    Of(&'a [Scheme]),
}

impl Sent<'_> {
    pub(crate) fn includes(self, scheme: Scheme) -> bool {
        match self {
            Self::All => true,
            Self::Of(schemes) => schemes.contains(&scheme),
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
