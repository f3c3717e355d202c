//! The description of an authorization server.

use std::fmt;
use std::time::Duration;

use url::Url;

use crate::oauth::Issuer;
use crate::provider::BaseUrl;
use crate::provider::spec::{Operation, Placement, Refusal, Scheme, TokenAnswer};
use crate::request::base_url::may_carry_credentials;
use crate::{BasicEncoding, Error, Secret};

/// An authorization server, as its documentation describes it: where it is, and how it wants to be asked.
///
/// Only the URL of the token endpoint is needed. The defaults are those of RFC 6749. URLs are `https`, or `http` to
/// this machine; with a [`base_url`](Self::base_url) they may be relative to it. They are checked when an
/// [`App`](crate::oauth::App) is built.
///
/// ```
/// use tegata::oauth::{ClientAuth, Server, Step};
///
/// let server = Server::new("https://login.example.com/oauth2/token")
///     .authorization_url("https://login.example.com/oauth2/authorize")
///     .client_auth(ClientAuth::Post)
///     .scopes(["read", "offline_access"])
///     .parameter(Step::Authorization, "prompt", "consent");
/// ```
#[derive(Clone)]
#[must_use]
pub struct Server {
    base_url: Option<String>,
    pub(super) token_url: String,
    pub(super) refresh_url: Option<String>,
    pub(super) authorization_url: Option<String>,
    pub(super) device_url: Option<String>,
    pub(super) issuer: Option<Issuer>,
    /// `None` until it is set.
    pub(super) client_auth: Option<ClientAuth>,
    pub(super) format: RequestFormat,
    pub(super) pkce: bool,
    scopes: Vec<String>,
    scope_separator: &'static str,
    parameters: Vec<(Step, String, Secret)>,
    pub(super) answer: TokenAnswer<'static>,
    pub(super) lifetime: Option<Duration>,
    pub(crate) scheme: Scheme,
    pub(super) refusal: Refusal,
    pub(super) setting: Option<&'static str>,
    pub(super) offered_scopes: Vec<String>,
}

/// How a client authenticates to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// Id and secret by HTTP Basic (`client_secret_basic`). RFC 6749, section 2.3.1, wants them form-encoded, which is
    /// the default. Many servers do not decode them; it matters for ids and secrets with characters other than
    /// letters, digits and `*-._`.
    Basic(BasicEncoding),
    /// `client_id` and `client_secret` among the parameters (`client_secret_post`).
    Post,
    /// Only `client_id`: a public client, which has no secret (`none`).
    Public,
}

/// How the parameters of a request to the server are sent. All but the first deviate from RFC 6749.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestFormat {
    /// `POST` with a form (RFC 6749, section 3.2).
    #[default]
    Form,
    /// `POST` with a JSON object.
    Json,
    /// `POST` with a query, in which secrets get into the server's logs.
    PostQuery,
    /// `GET` with a query, in which secrets get into the server's logs.
    GetQuery,
}

/// The requests to an authorization server, for parameters of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The user's browser at the authorization endpoint.
    Authorization,
    /// The start of a device authorization.
    Device,
    /// A token for client credentials, or for an authorization or device code.
    Token,
    /// A token for a refresh token.
    Refresh,
}

/// What this crate sends by itself, and where a parameter of these names would say something else.
const OWN_PARAMETERS: [&str; 12] = [
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "device_code",
    "grant_type",
    "redirect_uri",
    "refresh_token",
    "response_type",
    "state",
];

impl Server {
    /// A server with this token endpoint.
    pub fn new(token_url: impl Into<String>) -> Self {
        Self {
            base_url: None,
            token_url: token_url.into(),
            refresh_url: None,
            authorization_url: None,
            device_url: None,
            issuer: None,
            client_auth: None,
            format: RequestFormat::Form,
            pkce: true,
            scopes: Vec::new(),
            scope_separator: " ",
            parameters: Vec::new(),
            answer: TokenAnswer::RFC6749,
            lifetime: None,
            scheme: Scheme {
                name: "OAuth2",
                placement: Placement::Bearer,
            },
            refusal: Refusal::default(),
            setting: None,
            offered_scopes: Vec::new(),
        }
    }

    /// A server whose token endpoint is this operation of a generated table, below this URL.
    pub fn of_operation(base: &BaseUrl, operation: &Operation) -> Self {
        let server = Self::new(format!("{base}{}", operation.path));
        match operation.token {
            Some(members) => server.answer(members),
            None => server,
        }
    }

    /// The URL that relative URLs are resolved against (RFC 3986, section 5): that of the API in OpenAPI documents.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Another token endpoint than the one that the server was made with, such as that of a test server.
    pub fn token_url(mut self, url: impl Into<String>) -> Self {
        self.token_url = url.into();
        self
    }

    /// Where refresh tokens are sent, if not to the token endpoint.
    pub fn refresh_url(mut self, url: impl Into<String>) -> Self {
        self.refresh_url = Some(url.into());
        self
    }

    /// Where users are sent for their consent (RFC 6749, section 3.1).
    pub fn authorization_url(mut self, url: impl Into<String>) -> Self {
        self.authorization_url = Some(url.into());
        self
    }

    /// Where a device authorization starts (RFC 8628, section 3.1).
    pub fn device_url(mut self, url: impl Into<String>) -> Self {
        self.device_url = Some(url.into());
        self
    }

    /// The server's issuer identifier: an `iss` that comes back with a user has to be this one (RFC 9207). A user who comes
    /// back without it is taken for this server's, unless it is [required](Self::required_issuer).
    pub fn issuer(self, issuer: impl Into<String>) -> Self {
        self.with_issuer(issuer.into(), false)
    }

    /// The same for a server that always sends `iss`, as one with `authorization_response_iss_parameter_supported` in its
    /// metadata does: a user who comes back without it was sent by another server, and is refused.
    pub fn required_issuer(self, issuer: impl Into<String>) -> Self {
        self.with_issuer(issuer.into(), true)
    }

    fn with_issuer(mut self, identifier: String, is_always_sent: bool) -> Self {
        self.issuer = Some(Issuer {
            identifier,
            is_always_sent,
        });
        self
    }

    /// How clients authenticate: by HTTP Basic, form-encoded, unless this is set.
    pub fn client_auth(mut self, method: ClientAuth) -> Self {
        self.client_auth = Some(method);
        self
    }

    pub(super) fn auth_method(&self) -> ClientAuth {
        let default = ClientAuth::Basic(BasicEncoding::Form);
        self.client_auth.unwrap_or(default)
    }

    /// How parameters are sent: as a form, unless this is set.
    pub fn request_format(mut self, format: RequestFormat) -> Self {
        self.format = format;
        self
    }

    /// Sends no `code_challenge`, for a server that refuses parameters it does not know. Every other one ignores it, or
    /// binds the code to it (RFC 7636).
    pub fn without_pkce(mut self) -> Self {
        self.pkce = false;
        self
    }

    /// The scopes that are asked for, in place of those that were set before. A refresh asks for none, and so for the
    /// same (RFC 6749, section 6).
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The scopes that the server's metadata lists, if it was [discovered](Self::discover). There may be others.
    pub fn offered_scopes(&self) -> &[String] {
        &self.offered_scopes
    }

    /// What stands between two scopes: a blank (RFC 6749, section 3.3), unless this is set.
    pub fn scope_separator(mut self, separator: &'static str) -> Self {
        self.scope_separator = separator;
        self
    }

    /// A further parameter of this request, such as `audience` or `access_type`. One name may be given several times.
    pub fn parameter(
        mut self,
        step: Step,
        name: impl Into<String>,
        value: impl Into<Secret>,
    ) -> Self {
        self.parameters.push((step, name.into(), value.into()));
        self
    }

    /// The members of the server's answers, if they deviate from [`TokenAnswer::RFC6749`].
    pub fn answer(mut self, members: TokenAnswer<'static>) -> Self {
        self.answer = members;
        self
    }

    /// The lifetime of an access token whose answer names none. Without it such a token is used until it is refused.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Where the API wants the access token: as [`Placement::Bearer`], unless this is set. For a client with generated
    /// tables it is one of their schemes.
    pub fn token_in(mut self, scheme: impl Into<Scheme>) -> Self {
        self.scheme = scheme.into();
        self
    }

    /// Codes of its own in the server's refusals: [`denied_codes`](Refusal::denied_codes) and
    /// [`transient_codes`](Refusal::transient_codes).
    pub fn refusal(mut self, refusal: Refusal) -> Self {
        self.refusal = refusal;
        self
    }

    pub(super) fn scope(&self) -> Option<Secret> {
        let scopes = || self.scopes.join(self.scope_separator);
        (!self.scopes.is_empty()).then(|| scopes().into())
    }

    pub(super) fn parameters_of(&self, step: Step) -> impl Iterator<Item = (&str, &Secret)> {
        let of_step = self.parameters.iter().filter(move |(of, ..)| *of == step);
        of_step.map(|(_, name, value)| (&**name, value))
    }

    /// The setting that errors of the token endpoint name, for a crate that has another one than `token_url`.
    pub fn setting(mut self, name: &'static str) -> Self {
        self.setting = Some(name);
        self
    }

    /// Checks the parameters, which no type can.
    pub(super) fn check_parameters(&self) -> Result<(), Error> {
        for (step, name, value) in &self.parameters {
            if let Some(why) = unsupported(value.expose())
                && ["grant_type", "response_type"].contains(&&**name)
            {
                return Err(Error::configuration(why));
            }
            let is_scope = name == "scope" && *step != Step::Refresh;
            if is_scope || OWN_PARAMETERS.contains(&&**name) {
                return Err(Error::configuration(format!(
                    "the parameter {name:?} is sent by this crate: use the setting or the grant for it"
                )));
            }
            let same = |other: &&(Step, String, Secret)| (&other.0, &other.1) == (step, name);
            if self.format == RequestFormat::Json
                && *step != Step::Authorization
                && self.parameters.iter().filter(same).count() > 1
            {
                return Err(Error::configuration(format!(
                    "the parameter {name:?} is given several times, which a JSON object cannot carry"
                )));
            }
        }
        Ok(())
    }

    /// Reads one of its URLs; `setting` is its name in errors.
    pub(super) fn url(&self, setting: &'static str, url: &str) -> Result<Url, Error> {
        let base = self.base_url.as_deref().map(Url::parse).transpose();
        let read = base.and_then(|base| Url::options().base_url(base.as_ref()).parse(url.trim()));
        // The text is not repeated, since it may hold a password.
        let bad = |why| Err(Error::configuration(format!("bad `{setting}`: {why}")));
        match read {
            Err(_) => bad("it must be an absolute URL, or relative to `base_url`"),
            Ok(url) => why_no_endpoint(&url).map_or(Ok(url), bad),
        }
    }
}

/// Why a URL cannot be one of an authorization server.
pub(super) fn why_no_endpoint(url: &Url) -> Option<&'static str> {
    if !may_carry_credentials(url) {
        return Some(
            "it must be https, or http to localhost, 127.0.0.1 or [::1], since credentials travel to it",
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("it must not hold a user name or password");
    }
    let has_fragment = url.fragment().is_some();
    has_fragment.then_some("it must not hold a fragment (RFC 6749, section 3)")
}

/// Why this crate refuses a grant, given a `grant_type`, a `response_type` or the name of a flow in OpenAPI; `None` for
/// all others.
pub fn unsupported(grant: &str) -> Option<&'static str> {
    match grant {
        "password" => Some(
            "the password grant is not supported: it shows the user's password to the program, and RFC 9700 (section \
             2.4) forbids it: use the authorization code or client credentials",
        ),
        "implicit" | "token" | "id_token token" => Some(
            "the implicit grant is not supported: it puts tokens into URLs, and RFC 9700 (section 2.1.2) advises \
             against it: use the authorization code with PKCE",
        ),
        _ => None,
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the URLs, whose queries may hold keys.
        f.debug_struct("Server")
            .field("client_auth", &self.auth_method())
            .field("request_format", &self.format)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://h/token?tenant=a", "https://h/token?tenant=a")]
    #[case("http://127.0.0.1:9/token", "http://127.0.0.1:9/token")]
    #[case("/oauth/token", "https://api.example/oauth/token")]
    #[case("token", "https://api.example/v1/token")]
    #[case("//login.example/token", "https://login.example/token")]
    fn a_url_is_absolute_or_relative_to_the_base(#[case] text: &str, #[case] expected: &str) {
        let server = Server::new("").base_url("https://api.example/v1/");
        assert_eq!(
            server.url("token_url", text).expect("valid").as_str(),
            expected
        );
    }

    #[rstest]
    #[case("/token", "absolute")]
    #[case("", "absolute")]
    #[case("http://CANARY.example/", "https")]
    #[case("https://CANARY:CANARY@h/", "user name")]
    #[case("https://h/#CANARY", "fragment")]
    fn a_bad_url_is_refused_by_its_setting(#[case] text: &str, #[case] why: &str) {
        let error = Server::new("").url("device_url", text).expect_err(why);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("`device_url`") && shown.contains(why),
            "{shown}"
        );
        assert!(
            error.is_configuration() && !shown.contains("CANARY"),
            "{shown}"
        );
    }

    #[rstest]
    #[case("grant_type", "password", "password grant")]
    #[case("response_type", "token", "implicit grant")]
    #[case("grant_type", "CANARY", "sent by this crate")]
    #[case("client_secret", "CANARY", "sent by this crate")]
    #[case("scope", "CANARY", "sent by this crate")]
    fn a_parameter_cannot_choose_another_grant(
        #[case] name: &str,
        #[case] value: &str,
        #[case] why: &str,
        #[values(Step::Authorization, Step::Device, Step::Token)] step: Step,
    ) {
        let server = Server::new("https://h/").parameter(step, name, value);
        let error = server.check_parameters().expect_err(why);
        let shown = format!("{error} {error:?} {server:?}");
        assert!(
            error.to_string().contains(why) && !shown.contains("CANARY"),
            "{shown}"
        );
    }

    #[test]
    fn a_refresh_may_ask_for_a_scope() {
        let server = Server::new("https://h/").parameter(Step::Refresh, "scope", "read");
        server.check_parameters().expect("valid");
    }

    #[test]
    fn a_json_object_cannot_carry_a_parameter_twice() {
        let server = Server::new("https://h/")
            .parameter(Step::Token, "resource", "a")
            .parameter(Step::Token, "resource", "b");
        server.check_parameters().expect("a form can");
        let json = server.request_format(RequestFormat::Json);
        assert!(
            json.check_parameters()
                .expect_err("twice")
                .to_string()
                .contains("several times")
        );
    }

    #[test]
    fn scopes_are_joined_by_the_separator() {
        let scope = |server: Server| server.scope().map(|scope| scope.expose().to_owned());
        let server = Server::new("https://h/");
        assert_eq!(scope(server.clone()), None);
        let server = server.scopes(["a", "b c"]);
        assert_eq!(scope(server.clone()).as_deref(), Some("a b c"));
        assert_eq!(scope(server.scope_separator(",")).as_deref(), Some("a,b c"));
    }
}
