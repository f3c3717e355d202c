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
    /// Most clients have none, so it takes as little room as can be.
    beside: Option<Arc<Vec<Replaceable<Credential>>>>,
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
        let others: Vec<_> = others.into_iter().collect();
        let beside = (!others.is_empty()).then(|| Arc::new(others));
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

    /// Which credentials are sent with a request: those of the first alternative that is complete.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if none is complete, or two credentials of it are for
    /// one place.
    pub(crate) fn sent_for<'a>(&self, taken: Taken<'a>) -> Result<Sent<'a>, Error> {
        let accepted = match taken {
            Taken::All => return Ok(Sent::All),
            Taken::OneOf([]) => return Ok(Sent::Of(&[])),
            Taken::OneOf(accepted) => accepted,
        };
        let has = |wanted: &Scheme| self.schemes().any(|scheme| scheme == *wanted);
        let complete = accepted.iter().map(Scheme::parts);
        let complete = complete.filter(|parts| parts.iter().all(has));
        let mut problem = None;
        for parts in complete {
            match clash(parts) {
                None => return Ok(Sent::Of(parts)),
                Some(both) => problem = problem.or(Some(both)),
            }
        }
        Err(match problem {
            Some(both) => two_in_one_place(both),
            None => self.no_credential(accepted),
        })
    }

    fn no_credential(&self, accepted: &[Scheme]) -> Error {
        let wanted: Vec<_> = accepted.iter().map(|scheme| scheme.name).collect();
        let has: Vec<_> = self.schemes().map(|scheme| scheme.name).collect();
        let has = if has.is_empty() {
            "none".into()
        } else {
            has.join(" and ")
        };
        Error::configuration(format!(
            "the call takes a credential for {}, and this client has {has}",
            wanted.join(" or ")
        ))
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

/// Which credentials a request takes.
#[derive(Clone, Copy)]
pub(crate) enum Taken<'a> {
    /// Nothing is known of it, so it gets all that the client has.
    All,
    /// Those of one of these schemes; without any, none.
    OneOf(&'a [Scheme]),
}

/// Which of its credentials a client sends with a request.
#[derive(Clone, Copy)]
pub(crate) enum Sent<'a> {
    All,
    Of(&'a [Scheme]),
}

impl Sent<'_> {
    /// What a refusal of the request means.
    pub(crate) const fn refused(self) -> &'static str {
        match self {
            Self::Of([]) => {
                "the server wants a credential, and none was sent, since by the API's description the call takes none"
            }
            Self::All | Self::Of(_) => "the server refused the credential",
        }
    }

    pub(crate) fn includes(self, scheme: Scheme) -> bool {
        match self {
            Self::All => true,
            Self::Of(schemes) => schemes.contains(&scheme),
        }
    }
}

/// Two schemes that are sent in one request, and in one place.
fn clash(parts: &[Scheme]) -> Option<[&Scheme; 2]> {
    let mut rest = parts.iter();
    while let Some(one) = rest.next() {
        let is_there =
            |other: &&Scheme| *other != one && other.placement.place() == one.placement.place();
        if let Some(other) = rest.clone().find(is_there) {
            return Some([one, other]);
        }
    }
    None
}

fn two_in_one_place([one, other]: [&Scheme; 2]) -> Error {
    // One would replace the other, and nothing says which one the server wants.
    Error::configuration(format!(
        "the call takes {} and {} at once, and both are for the same place ({}), where only one can be: correct the \
         `security` of the operation in the API's description, so that it takes one of them",
        one.name,
        other.name,
        one.placement.place().1
    ))
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
