//! The user's consent: to the authorization page, and back with a code.

use std::fmt;

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
        callback_code(url, &self.state, None).map(AuthorizationCode)
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL holds the state.
        f.debug_struct("Authorization").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

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
