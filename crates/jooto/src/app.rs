//! A registered application.

use tegata::provider::ErrorExt as _;
use tegata::provider::{
    Auth, BaseUrl, Replaceable, Transport, builder_methods, check_credential, check_redirect_uri,
};
use tegata::{Error, HttpClient, Secret, Settings, Token};

use crate::generated::{OauthOperations, security, types};
use crate::tokens::{self, RefreshedTokens};
use crate::{Authorization, AuthorizationCode, OrganizationId};

/// An application that is registered with Jooto: it sends users to the authorization page, exchanges the codes
/// they bring back for tokens, and makes clients of these.
#[derive(Clone, Debug)]
pub struct App {
    client_id: String,
    client_secret: Replaceable<Secret>,
    redirect_uri: String,
    pub(crate) base: BaseUrl,
    oauth: BaseUrl,
    /// Whether the URL was set explicitly, so that it does not follow the base URL.
    is_oauth_set: bool,
    pub(crate) http: HttpClient,
    /// Kept out of `Debug`.
    pub(crate) account: Option<Secret>,
    pub(crate) settings: Settings,
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
            &self.client_id,
            &self.redirect_uri,
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
        let request = types::TokenRequest::AuthorizationCode {
            client_id: self.client_id.clone(),
            client_secret: (*self.client_secret.get()).clone(),
            code: code.0.clone(),
            redirect_uri: self.redirect_uri.clone(),
        };
        let sent_at = self.settings.to_clock().now();
        Ok(Token::new(
            tokens::exchange(&self.operations(&self.oauth), &request).await?,
            sent_at,
            None,
        ))
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
        let client_secret = client_secret.into();
        check_credential("client secret", client_secret.expose())?;
        self.client_secret.replace(client_secret);
        Ok(())
    }

    /// The token source for a client of the API at this URL.
    pub(crate) fn refreshed_tokens(&self, base: &BaseUrl) -> Result<RefreshedTokens, Error> {
        let oauth = if self.is_oauth_set {
            self.oauth.clone()
        } else {
            beside(base)?
        };
        Ok(RefreshedTokens {
            api: self.operations(&oauth),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
        })
    }

    fn operations(&self, oauth: &BaseUrl) -> OauthOperations {
        let transport = Transport::new(
            self.http.clone(),
            oauth.clone(),
            Auth::none(),
            &security::PROVIDER,
        );
        let setting = if self.is_oauth_set {
            "oauth_url"
        } else {
            "base_url"
        };
        OauthOperations::new(transport.with_setting(setting))
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
        check_credential("client id", &self.client_id)?;
        check_credential("client secret", self.client_secret.expose())?;
        check_redirect_uri(&self.redirect_uri)?;
        let base = BaseUrl::parse(self.base_url.as_deref().unwrap_or(security::SERVER_API))?;
        let oauth = match &self.oauth_url {
            Some(url) => BaseUrl::parse(url)?,
            None => beside(&base)?,
        };
        let http = self.settings.to_http_client()?;
        Ok(App {
            client_id: self.client_id,
            client_secret: Replaceable::new(self.client_secret),
            redirect_uri: self.redirect_uri,
            base,
            oauth,
            is_oauth_set: self.oauth_url.is_some(),
            http,
            account: None,
            settings: self.settings,
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
        let source = other.expect("valid settings").refreshed_tokens(&base);
        let source = source.expect("valid");
        assert_eq!(source.api.transport().base_url().as_str(), oauth);
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
        let source = app.refreshed_tokens(&base).expect("valid");
        let urls = [&app.oauth, source.api.transport().base_url()];
        assert_eq!(urls.map(BaseUrl::as_str), ["https://login.example/x"; 2]);
    }
}
