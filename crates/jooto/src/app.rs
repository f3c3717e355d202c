//! A registered application.

use tegata::oauth;
use tegata::provider::{BaseUrl, ErrorExt as _, builder_methods};
use tegata::{Error, Secret, Settings, Token};

use crate::generated::security;
use crate::tokens::server;
use crate::{Authorization, AuthorizationCode, OrganizationId};

/// An application that is registered with Jooto: it sends users to the authorization page, exchanges the codes
/// they bring back for tokens, and makes clients of these.
#[derive(Clone, Debug)]
pub struct App {
    pub(crate) app: oauth::App,
    pub(crate) base: BaseUrl,
    oauth: BaseUrl,
    /// Whether the URL was set explicitly, so that it does not follow the base URL.
    is_oauth_set: bool,
    /// Kept out of `Debug`.
    pub(crate) account: Option<Secret>,
}

/// Builds an [`App`].
#[derive(Clone, Debug)]
#[must_use]
pub struct AppBuilder {
    client_id: String,
    client_secret: Secret,
    redirect_uri: String,
    base_url: Option<String>,
    oauth_url: Option<String>,
    settings: Settings,
}

impl App {
    /// An application with the client id, client secret and redirect URI with which it was registered.
    pub fn builder(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        redirect_uri: impl Into<String>,
    ) -> AppBuilder {
        AppBuilder {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            redirect_uri: redirect_uri.into(),
            base_url: None,
            oauth_url: None,
            settings: Settings::new(),
        }
    }

    /// Starts an authorization for the resources of this organization.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the system has no random numbers.
    pub fn authorize(
        &self,
        organization: impl Into<OrganizationId>,
    ) -> Result<Authorization, Error> {
        Authorization::new(
            &self.oauth,
            self.app.client_id(),
            self.app.redirect_uri().unwrap_or_default(),
            organization.into(),
        )
    }

    /// Resumes an authorization that was started in another request or process, by its
    /// [`state`](Authorization::state).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the state is empty.
    pub fn resume(&self, state: impl Into<Secret>) -> Result<Authorization, Error> {
        let state = state.into();
        if state.is_empty() {
            return Err(Error::configuration("the state to go on with is empty"));
        }
        Authorization::resumed(&self.oauth, state)
    }

    /// Exchanges a code for a token. A code is good for one exchange.
    ///
    /// If the server answers with a refresh token, but with no usable access token, the login is not lost: the
    /// token's [`access_token`](Token::access_token) is then empty and has expired ([`Token::is_expired`]), and
    /// the first call of a client made of it refreshes.
    ///
    /// # Errors
    /// * [`ErrorKind::TokenDenied`](crate::ErrorKind::TokenDenied) if the server refuses the code or the
    ///   client ([`code`](Error::code) says which).
    /// * [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if it answers with neither an
    ///   access token that can be used nor a refresh token.
    /// * Connection errors and timeouts.
    ///
    /// # Cancellation
    /// If the future is dropped while the request is under way, the code may have been used up.
    pub async fn exchange(&self, code: &AuthorizationCode) -> Result<Token, Error> {
        self.app.exchange(&code.0.clone().into()).await
    }

    /// The application for one of the accounts that share it, such as an organization: its
    /// [`log_in`](Self::log_in), [`client`](Self::client) and [`client_from`](Self::client_from) are for that
    /// account, as by [`ClientBuilder::account`](crate::ClientBuilder::account).
    #[must_use]
    pub fn for_account(&self, name: impl Into<String>) -> Self {
        Self {
            account: Some(Secret::from(name.into())),
            ..self.clone()
        }
    }

    /// Replaces the client secret while the application is in use, for it, its clones and all clients that were
    /// made by it. The next token is asked for with it; tokens that are still good stay in use. A refusal of the
    /// former secret does not stand any more.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it cannot be one, such as with a line
    /// break at its end. The former one then stays in use.
    pub fn replace_client_secret(&self, client_secret: impl Into<Secret>) -> Result<(), Error> {
        self.app.replace_client_secret(client_secret)
    }

    /// What a client of the API at this URL renews its tokens with.
    pub(crate) fn refreshed_tokens(&self, base: &BaseUrl) -> Result<oauth::Tokens, Error> {
        let setting = if self.is_oauth_set {
            "oauth_url"
        } else {
            "base_url"
        };
        let server = server(&self.oauth_for(base)?).setting(setting);
        Ok(self.app.at(server)?.refresh_tokens())
    }

    fn oauth_for(&self, base: &BaseUrl) -> Result<BaseUrl, Error> {
        if self.is_oauth_set {
            return Ok(self.oauth.clone());
        }
        beside(base)
    }
}

/// The default URL of the token endpoint: the API's, so that a program with another server's URL sends no
/// secret to the vendor. For the vendor's own hosts it is the documented one.
fn beside(base: &BaseUrl) -> Result<BaseUrl, Error> {
    for vendors in [security::SERVER_API, security::SERVER_API_V1] {
        if BaseUrl::parse(vendors)?.origin() == base.origin() {
            return BaseUrl::parse(security::SERVER_OAUTH);
        }
    }
    Ok(base.clone())
}

impl AppBuilder {
    /// The URL below which the API lies; `https://app.jooto.com` by default, as documented. The vendor's
    /// own OpenAPI document has `https://api.jooto.com/v1`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The URL below which `/oauth2/login` and `/oauth2/token` lie: the base URL by default, and
    /// `https://app.jooto.com` if that is one of the vendor's.
    pub fn oauth_url(mut self, url: impl Into<String>) -> Self {
        self.oauth_url = Some(url.into());
        self
    }

    builder_methods!(self => self.settings);

    /// Builds the application. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): which setting is wrong and why.
    pub fn build(self) -> Result<App, Error> {
        let base = BaseUrl::parse(self.base_url.as_deref().unwrap_or(security::SERVER_API))?;
        let (oauth, setting) = match &self.oauth_url {
            Some(url) => (BaseUrl::parse(url)?, "oauth_url"),
            None => (beside(&base)?, "base_url"),
        };
        let server = server(&oauth).setting(setting);
        let app = oauth::App::builder(server, self.client_id, self.client_secret)
            .redirect_uri(self.redirect_uri)
            .settings(self.settings)
            .build()?;
        Ok(App {
            app,
            base,
            oauth,
            is_oauth_set: self.oauth_url.is_some(),
            account: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn app(base_url: &str) -> AppBuilder {
        App::builder("id", "CANARY", "https://c.example/back").base_url(base_url)
    }

    #[rstest]
    #[case("https://app.jooto.com", "https://app.jooto.com")]
    #[case("https://api.jooto.com/v1", "https://app.jooto.com")]
    #[case("HTTPS://API.JOOTO.COM:443/v2/", "https://app.jooto.com")]
    #[case("http://127.0.0.1:9/jooto", "http://127.0.0.1:9/jooto")]
    #[case("https://api.jooto.com:8443/v1", "https://api.jooto.com:8443/v1")]
    #[case("https://api.jooto.com.example", "https://api.jooto.com.example")]
    fn the_token_endpoint_follows_the_base_url(#[case] base_url: &str, #[case] oauth: &str) {
        let app = app(base_url).build().expect("valid settings");
        assert_eq!(app.oauth.as_str(), oauth);
        let login = app.authorize(7).expect("random numbers");
        assert!(
            login
                .url()
                .as_str()
                .starts_with(&format!("{oauth}/oauth2/login?"))
        );
        let other = App::builder("id", "CANARY", "https://c.example/back").build();
        let base = BaseUrl::parse(base_url).expect("valid");
        let url = other.expect("valid settings").oauth_for(&base);
        assert_eq!(url.expect("valid").as_str(), oauth);
    }

    #[tokio::test]
    async fn a_token_endpoint_error_names_the_setting_that_was_made() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", closed.local_addr().expect("bound"));
        drop(closed);
        let follows = app(&url).build();
        let is_set = app("https://h").oauth_url(&url).build();
        for (app, setting) in [(follows, "`base_url`"), (is_set, "`oauth_url`")] {
            let refresh = tegata::provider::Refresh::Replace {
                token: "CANARY".into(),
                lifetime: None,
            };
            let issued = tegata::provider::Issued::new("", None, refresh);
            let token = Token::new(issued, std::time::SystemTime::UNIX_EPOCH, None);
            let client = app.expect("valid settings").client(token).build();
            let error = client.expect("valid settings").warm_up().await;
            let said = error.expect_err("a closed port").to_string();
            assert!(said.contains(setting), "{said}");
        }
    }

    #[test]
    fn the_name_of_an_account_is_not_shown() {
        let app = app("https://h").build().expect("valid settings");
        let shown = format!("{:?}", app.for_account("CANARY-account"));
        assert!(!shown.contains("CANARY"), "{shown}");
    }

    #[test]
    fn an_oauth_url_that_is_set_stays() {
        let app = app("https://h")
            .oauth_url("https://login.example/x")
            .build();
        let app = app.expect("valid settings");
        let base = BaseUrl::parse("https://other").expect("valid");
        let urls = [&app.oauth, &app.oauth_for(&base).expect("valid")];
        assert_eq!(urls.map(BaseUrl::as_str), ["https://login.example/x"; 2]);
    }
}
