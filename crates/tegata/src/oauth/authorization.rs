//! The authorization code: to the user's browser, and back.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::oauth::request::Parameters;
use crate::oauth::server::Step;
use crate::oauth::{App, Issuer, code_of, random_text};
use crate::{Error, Secret};

/// An authorization that is under way: the URL to which the user is sent, and the secrets that tie the answer to it,
/// `state` and the `code_verifier` of PKCE.
///
/// A web server, which gets the answer in another request, keeps [`to_keep`](Self::to_keep) in the user's session and
/// resumes with [`App::resume`].
///
/// ```
/// use tegata::oauth::{App, Server};
///
/// # fn example(session: &mut Vec<tegata::Secret>) -> Result<(), tegata::Error> {
/// let server = Server::new("https://login.example.com/token")
///     .authorization_url("https://login.example.com/authorize");
/// let app = App::builder(server, "client id", "client secret")
///     .redirect_uri("https://app.example.com/back")
///     .build()?;
/// let login = app.authorize()?;
/// session.push(login.to_keep());
/// let redirect_to = login.url().as_str();
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Authorization {
    url: Url,
    state: Secret,
    verifier: Option<Secret>,
    issuer: Option<Issuer>,
}

/// An authorization code, with what proves that it is ours. It is good for one exchange.
#[derive(Clone, Debug)]
pub struct AuthorizationCode {
    code: Secret,
    verifier: Option<Secret>,
}

impl Authorization {
    pub(super) fn start(app: &App) -> Result<Self, Error> {
        let verifier = app.server().pkce.then(random_text).transpose()?;
        Self::new(app, random_text()?, verifier)
    }

    pub(super) fn resume(app: &App, kept: &Secret) -> Result<Self, Error> {
        let (state, verifier) = kept.expose().split_once('.').unwrap_or_default();
        let is_empty = verifier.is_empty();
        if state.is_empty() || is_empty == app.server().pkce {
            return Err(Error::configuration(
                "this is not what an authorization of this app gave to keep (`Authorization::to_keep`)",
            ));
        }
        Self::new(app, state.into(), (!is_empty).then(|| verifier.into()))
    }

    fn new(app: &App, state: Secret, verifier: Option<Secret>) -> Result<Self, Error> {
        let missing = |setting| {
            Error::configuration(format!(
                "`{setting}` is not set, which an authorization needs"
            ))
        };
        let url = app.urls().authorization.clone();
        let mut url = url.ok_or_else(|| missing("authorization_url"))?;
        let redirect_uri = app.redirect_uri().ok_or_else(|| missing("redirect_uri"))?;
        let scope = app.server().scope();
        let mut query = url.query_pairs_mut();
        // RFC 6749, section 4.1.1, and RFC 7636, section 4.3.
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", app.client_id())
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", state.expose());
        if let Some(scope) = &scope {
            query.append_pair("scope", scope.expose());
        }
        if let Some(verifier) = &verifier {
            let challenge = Sha256::digest(verifier.expose());
            query
                .append_pair("code_challenge", &BASE64_URL_SAFE_NO_PAD.encode(challenge))
                .append_pair("code_challenge_method", "S256");
        }
        for (name, value) in app.server().parameters_of(Step::Authorization) {
            query.append_pair(name, value.expose());
        }
        drop(query);
        Ok(Self {
            url,
            state,
            verifier,
            issuer: app.server().issuer.clone(),
        })
    }

    /// Where to send the user's browser.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// What to keep in the user's session, and nowhere else, until the user comes back: `state` and `code_verifier`,
    /// 256 random bits each.
    pub fn to_keep(&self) -> Secret {
        let verifier = self.verifier.as_ref().map_or("", Secret::expose);
        format!("{}.{verifier}", self.state.expose()).into()
    }

    /// Reads the URL to which the user was sent back: complete, or starting with its path or query.
    ///
    /// Parameters that it does not know are ignored, as RFC 6749 (section 4.1.2) wants.
    ///
    /// # Errors
    /// * [`ErrorKind::StateMismatch`](crate::ErrorKind::StateMismatch) if `state` is missing or not ours, or `iss` is
    ///   another [issuer](crate::oauth::Server::issuer), or missing although it is
    ///   [required](crate::oauth::Server::required_issuer) (RFC 9207): the answer to another request, or of another server,
    ///   which must not be used.
    /// * [`ErrorKind::Authorization`](crate::ErrorKind::Authorization) if the answer is an error, such as
    ///   `access_denied` ([`code`](Error::code)), or holds no code.
    pub fn callback(&self, url: &str) -> Result<AuthorizationCode, Error> {
        let code = code_of(url, &self.state, self.issuer.as_ref())?;
        let verifier = self.verifier.clone();
        Ok(AuthorizationCode { code, verifier })
    }
}

/// A code that was asked for without PKCE, by other means than an [`Authorization`].
impl From<Secret> for AuthorizationCode {
    fn from(code: Secret) -> Self {
        let verifier = None;
        Self { code, verifier }
    }
}

impl AuthorizationCode {
    pub(super) fn grant(&self, redirect_uri: Option<&str>) -> Parameters {
        let mut grant = vec![
            ("grant_type", "authorization_code".into()),
            ("code", self.code.clone()),
        ];
        grant.extend(redirect_uri.map(|uri| ("redirect_uri", uri.into())));
        grant.extend(self.verifier.clone().map(|text| ("code_verifier", text)));
        grant
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL holds the state.
        f.debug_struct("Authorization").finish_non_exhaustive()
    }
}
