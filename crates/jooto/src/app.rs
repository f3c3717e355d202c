//! A registered application.

use std::sync::Arc;

use tegata::provider::{Auth, BaseUrl, Transport};
use tegata::{Error, HttpClient, Secret, Settings, Token, TokenStore};
use url::Url;

use crate::client::OAuth2;
use crate::generated::{OauthOperations, security, types};
use crate::tokens::{self, RefreshedTokens};
use crate::{Authorization, AuthorizationCode, Client, ClientBuilder, OrganizationId};

/// An application that is registered with Jooto: it sends users to the authorization page, exchanges the
/// codes with which they come back, and makes clients of the tokens.
#[derive(Clone, Debug)]
pub struct App {
    client_id: String,
    client_secret: Secret,
    redirect_uri: String,
    base: BaseUrl,
    oauth: BaseUrl,
    api: OauthOperations,
    http: HttpClient,
    settings: Settings,
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

    /// Goes on with an authorization that was started in another request or process, by its
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
    /// If the server answers with a refresh token, but with no access token that could be used, the login is
    /// not lost: the token's [`access_token`](Token::access_token) is then empty and has expired
    /// ([`Token::is_expired`]), and the first call of a client made of it refreshes.
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
            client_secret: self.client_secret.clone(),
            code: code.0.clone(),
            redirect_uri: self.redirect_uri.clone(),
        };
        let sent_at = self.settings.to_clock().now();
        Ok(Token::new(
            tokens::exchange(&self.api, &request).await?,
            sent_at,
            None,
        ))
    }

    /// Logs in: exchanges the code, saves the token in this store, and makes a client of it. The token takes the
    /// place of whatever the store holds.
    ///
    /// That nothing can be saved there is found out before the code is sent. If saving fails afterwards, a warning
    /// says so, and the client has the token all the same and goes on trying to save it.
    ///
    /// # Errors
    /// As [`exchange`](Self::exchange), and [`ErrorKind::Store`](crate::ErrorKind::Store) if the store cannot be
    /// used: the code is still good then.
    ///
    /// # Cancellation
    /// If the future is dropped, the login goes on in a task of its own, and the token is in the store when it is
    /// done: [`client_from`](Self::client_from) makes a client of it.
    pub async fn log_in(
        &self,
        code: &AuthorizationCode,
        store: Arc<dyn TokenStore>,
    ) -> Result<Client, Error> {
        let client = self.client_from(store).build()?;
        let (app, code) = (self.clone(), code.clone());
        if let Some(tokens) = client.token_cache() {
            let exchange = async move { app.exchange(&code).await };
            tokens.log_in(exchange).await?;
        }
        Ok(client)
    }

    /// A client with this token, which it renews as long as the refresh token is good.
    ///
    /// Without a [`store`](ClientBuilder::store) a refresh token that rotates lives only as long as the
    /// process.
    pub fn client(&self, token: Token) -> ClientBuilder<OAuth2> {
        self.client_builder().token(token)
    }

    /// A client with the token in this store, in which renewed ones are saved.
    pub fn client_from(&self, store: Arc<dyn TokenStore>) -> ClientBuilder<OAuth2> {
        self.client_builder().store(store)
    }

    fn client_builder(&self) -> ClientBuilder<OAuth2> {
        let source = RefreshedTokens {
            api: self.api.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
        };
        let settings = self.settings.clone().http_client(self.http.clone());
        ClientBuilder::new(OAuth2::new(source))
            .base_url(self.base.as_str())
            .settings(settings)
    }
}

impl AppBuilder {
    /// The URL below which the API lies; `https://app.jooto.com` by default, as documented. The vendor's
    /// own OpenAPI document has `https://api.jooto.com/v1`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The URL below which `/oauth2/login` and `/oauth2/token` lie; the base URL's default.
    pub fn oauth_url(mut self, url: impl Into<String>) -> Self {
        self.oauth_url = Some(url.into());
        self
    }

    /// HTTP client, clock and renewal policy.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Builds the application. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): which setting is wrong and why.
    pub fn build(self) -> Result<App, Error> {
        if self.client_id.is_empty() || self.client_secret.is_empty() {
            return Err(Error::configuration(
                "the client id or the client secret is empty",
            ));
        }
        // RFC 6749, section 3.1.2.
        match Url::parse(&self.redirect_uri) {
            Ok(url) if url.fragment().is_none() => {}
            Ok(_) => {
                return Err(Error::configuration(
                    "the redirect URI must not hold a fragment",
                ));
            }
            Err(_) => {
                return Err(Error::configuration(
                    "the redirect URI must be an absolute URL",
                ));
            }
        }
        let base = BaseUrl::parse(self.base_url.as_deref().unwrap_or(security::SERVER_API))?;
        let oauth = BaseUrl::parse(self.oauth_url.as_deref().unwrap_or(security::SERVER_OAUTH))?;
        let http = self.settings.to_http_client()?;
        let transport = Transport::new(
            http.clone(),
            oauth.clone(),
            Auth::none(),
            &security::PROVIDER,
        )
        .with_setting("oauth_url");
        Ok(App {
            client_id: self.client_id,
            client_secret: self.client_secret,
            redirect_uri: self.redirect_uri,
            base,
            oauth,
            api: OauthOperations::new(transport),
            http,
            settings: self.settings,
        })
    }
}
