//! The user's consent: to the authorization page, and back with a code.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use tegata::provider::BaseUrl;
use tegata::provider::ErrorExt as _;
use tegata::{Error, ErrorCode, ErrorKind, Secret};
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

/// The authorization code. It is good for one exchange.
#[derive(Clone, Debug)]
pub struct AuthorizationCode(pub(crate) Secret);

impl Authorization {
    pub(crate) fn new(
        oauth: &BaseUrl,
        client_id: &str,
        redirect_uri: &str,
        organization: OrganizationId,
    ) -> Result<Self, Error> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|_| {
            Error::new(
                ErrorKind::Configuration,
                "the system has no random numbers for the state",
            )
        })?;
        let state = BASE64_URL_SAFE_NO_PAD.encode(random);
        let organization_id = organization.get();
        let query = LoginQuery {
            client_id,
            organization_id,
            redirect_uri,
            state: &state,
        };
        let mut url = oauth.join(security::LOGIN.path)?;
        url.query_pairs_mut().extend_pairs(query.pairs());
        Ok(Self {
            url,
            state: state.into(),
        })
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
    /// * [`ErrorKind::StateMismatch`] if `state` is missing or not ours: the answer to another request, which must
    ///   not be used.
    /// * [`ErrorKind::Authorization`] if the answer is an error, such as `access_denied`
    ///   ([`code`](Error::code)), or holds no code.
    pub fn callback(&self, url: &str) -> Result<AuthorizationCode, Error> {
        let url = url.trim();
        let query = url.split('#').next().unwrap_or_default();
        let query = query.split_once('?').map_or(query, |(_, query)| query);
        let parameters: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let find = |name: &str| single(&parameters, name);

        // The state is checked first, since nothing in a foreign answer may be used.
        let returned = find("state")?.map(|state| Secret::from(state.as_ref()));
        if returned.as_ref() != Some(&self.state) {
            return Err(Error::new(
                ErrorKind::StateMismatch,
                "the state that came back is not the one that was sent: start the authorization again",
            ));
        }
        if let Some(code) = find("error")? {
            let description = find("error_description")?.map(Cow::into_owned);
            return Err(Error::new(
                ErrorKind::Authorization,
                "the user was sent back with an error",
            )
            .with_code(Some(ErrorCode::from(code.as_ref())))
            .with_description(description));
        }
        match find("code")? {
            Some(code) if !code.is_empty() => Ok(AuthorizationCode(code.as_ref().into())),
            _ => Err(Error::new(
                ErrorKind::Authorization,
                "the user came back without a code",
            )),
        }
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL holds the state.
        f.debug_struct("Authorization").finish_non_exhaustive()
    }
}

/// RFC 6749, section 3.1: no parameter may come twice.
fn single<'a>(
    parameters: &[(Cow<'a, str>, Cow<'a, str>)],
    name: &str,
) -> Result<Option<Cow<'a, str>>, Error> {
    let mut values = parameters
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (value, None) => Ok(value.cloned()),
        (_, Some(_)) => Err(Error::new(
            ErrorKind::Authorization,
            format!("the user came back with {name:?} twice"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started() -> Authorization {
        let oauth = BaseUrl::parse("https://app.jooto.com").expect("a URL");
        let redirect = "https://client.example/back?x=1&y=é";
        Authorization::new(&oauth, "client &id", redirect, OrganizationId::from(7)).expect("starts")
    }

    fn answer(state: &Secret, rest: &str) -> String {
        format!("https://client.example/back?state={}{rest}", state.expose())
    }

    #[test]
    fn the_url_carries_all_documented_parameters() {
        let started = started();
        let url = started.url();
        assert_eq!(url.path(), "/oauth2/login");
        let pairs: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        let expected = [
            ("client_id", "client &id"),
            ("organization_id", "7"),
            ("redirect_uri", "https://client.example/back?x=1&y=é"),
            ("response_type", "code"),
            ("state", started.state().expose()),
        ];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(pairs, expected.into_iter().collect());
        assert_eq!(url.query_pairs().count(), 5);
    }

    #[test]
    fn every_state_is_new_and_long() {
        let (first, second) = (started(), started());
        assert_ne!(first.state(), second.state());
        assert_eq!(first.state().expose().len(), 43);
    }

    #[test]
    fn a_code_is_read_from_a_url_a_path_or_a_query() {
        let started = started();
        let state = started.state().expose();
        for url in [
            format!("https://client.example/back?code=CANARY%2F%2B&state={state}&iss=x"),
            format!("/back?state={state}&code=CANARY%2F%2B#fragment"),
            format!(" code=CANARY%2F%2B&state={state}\n"),
        ] {
            assert_eq!(started.callback(&url).expect(&url).0.expose(), "CANARY/+");
        }
    }

    #[test]
    fn a_wrong_or_missing_state_is_refused_even_with_an_error() {
        let started = started();
        for url in [
            "https://client.example/back?code=CANARY".to_owned(),
            answer(&"other".into(), "&code=CANARY"),
            answer(&"".into(), "&error=access_denied"),
            "https://client.example/back?error=access_denied".to_owned(),
            String::new(),
        ] {
            let error = started.callback(&url).expect_err(&url);
            assert_eq!(error.kind(), ErrorKind::StateMismatch, "{url}");
            assert!(
                !format!("{error} {error:?}").contains("CANARY"),
                "{error:?}"
            );
        }
    }

    #[test]
    fn an_error_redirect_is_an_error_with_its_code() {
        let started = started();
        let url = answer(
            started.state(),
            "&error=access_denied&error_description=CANARY+no&code=CANARY",
        );
        let error = started.callback(&url).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Authorization);
        assert_eq!(
            (error.code(), error.description()),
            (Some("access_denied"), Some("CANARY no"))
        );
        assert!(
            !format!("{error} {error:?}").contains("CANARY"),
            "{error:?}"
        );
    }

    #[test]
    fn no_code_an_empty_one_or_two_are_refused() {
        let started = started();
        for rest in ["", "&code=", "&code=CANARY&code=CANARY2"] {
            let error = started
                .callback(&answer(started.state(), rest))
                .expect_err(rest);
            assert_eq!(error.kind(), ErrorKind::Authorization, "{rest}");
        }
    }

    #[test]
    fn debug_shows_neither_state_nor_code() {
        let started = started();
        let code = AuthorizationCode("CANARY".into());
        let shown = format!("{started:?} {code:?}");
        assert!(
            !shown.contains("CANARY") && !shown.contains(started.state().expose()),
            "{shown}"
        );
    }
}
