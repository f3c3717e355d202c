//! A client that is registered at an authorization server.

use std::fmt;
use std::sync::Arc;

use url::Url;

use crate::oauth::server::{ClientAuth, Server};
use crate::oauth::{Authorization, AuthorizationCode, Tokens, check_redirect_uri};
use crate::provider::{Replaceable, builder_methods, check_credential};
use crate::request::credential::Credential;
use crate::{Error, HttpClient, Secret, Settings, Token};

/// A client in the sense of RFC 6749: a program that is registered at an authorization [`Server`].
///
/// It makes what a [`Client`](crate::Client) of the API renews its tokens with, and logs users in. Cloning it is cheap;
/// clones share the client secret.
///
/// ```
/// use tegata::Client;
/// use tegata::oauth::{App, Server};
///
/// # fn example() -> Result<Client, tegata::Error> {
/// let server = Server::new("https://login.example.com/token").scopes(["reports"]);
/// let app = App::builder(server, "client id", "client secret").build()?;
/// Client::builder("example", "https://api.example.com/v1")
///     .oauth(app.client_credentials())
///     .build()
/// # }
/// ```
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    server: Server,
    urls: Urls,
    client_id: String,
    client_secret: Option<Replaceable<Secret>>,
    redirect_uri: Option<String>,
    http: HttpClient,
    settings: Settings,
}

/// The server's URLs, read and checked.
pub(super) struct Urls {
    pub(super) token: Url,
    pub(super) refresh: Option<Url>,
    pub(super) authorization: Option<Url>,
    pub(super) device: Option<Url>,
}

/// Builds an [`App`].
#[must_use]
pub struct AppBuilder {
    server: Server,
    client_id: String,
    client_secret: Option<Secret>,
    redirect_uri: Option<String>,
    settings: Settings,
}

impl App {
    /// A client with the client id and client secret with which it was registered.
    pub fn builder(
        server: Server,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> AppBuilder {
        AppBuilder {
            server,
            client_id: client_id.into(),
            client_secret: Some(client_secret.into()),
            redirect_uri: None,
            settings: Settings::new(),
        }
    }

    /// A client without a secret, such as a program on the user's machine (RFC 6749, section 2.1).
    pub fn public(server: Server, client_id: impl Into<String>) -> AppBuilder {
        AppBuilder {
            client_secret: None,
            ..Self::builder(server.client_auth(ClientAuth::Public), client_id, "")
        }
    }

    /// Tokens by the client's own credentials (RFC 6749, section 4.4): no user takes part, and a new token is asked for
    /// whenever one is due.
    pub fn client_credentials(&self) -> Tokens {
        Tokens::by_client_credentials(self.clone())
    }

    /// Tokens by refresh token (RFC 6749, section 6). The first one comes from a login, or from a store. If an answer
    /// holds a new refresh token, it replaces the old one, which is kept otherwise.
    pub fn refresh_tokens(&self) -> Tokens {
        Tokens::by_refresh_token(self.clone())
    }

    /// Starts an authorization: where to send the user, and what to keep until the user comes back.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if [`Server::authorization_url`] or
    /// [`AppBuilder::redirect_uri`] is not set, or the system has no random numbers.
    pub fn authorize(&self) -> Result<Authorization, Error> {
        Authorization::start(self)
    }

    /// Goes on with an authorization that was started in another request or process, by what it gave
    /// [to keep](Authorization::to_keep).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if this is not such a text.
    pub fn resume(&self, kept: &Secret) -> Result<Authorization, Error> {
        Authorization::resume(self, kept)
    }

    /// Exchanges a code for a token (RFC 6749, section 4.1.3). A code is good for one exchange.
    ///
    /// If the server answers with a refresh token, but with no usable access token, the login is not lost: the token's
    /// [`access_token`](Token::access_token) is then empty and has expired, and the first call of a client made of it
    /// refreshes.
    ///
    /// # Errors
    /// * [`ErrorKind::TokenDenied`](crate::ErrorKind::TokenDenied) if the server refuses the code or the client
    ///   ([`code`](Error::code) says which).
    /// * [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if it answers with neither an access token
    ///   that can be used nor a refresh token.
    /// * Connection errors and timeouts.
    ///
    /// # Cancellation
    /// If the future is dropped while the request is under way, the code may have been used up.
    /// [`Client::log_in`](crate::Client::log_in) goes on all the same, and saves the token.
    pub fn exchange(
        &self,
        code: &AuthorizationCode,
    ) -> impl Future<Output = Result<Token, Error>> + Send + use<> {
        let (app, grant) = (self.clone(), code.grant(self.0.redirect_uri.as_deref()));
        async move { app.first_token(grant).await }
    }

    /// Replaces the client secret while it is in use, for this app, its clones, and all clients that were made by it.
    /// The next token is asked for with it; tokens that are still good stay in use. A refusal of the former secret does
    /// not stand any more.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it cannot be one, such as with a line break at
    /// its end, or if the client is public. The former one then stays in use.
    pub fn replace_client_secret(&self, client_secret: impl Into<Secret>) -> Result<(), Error> {
        let (client_secret, inner) = (client_secret.into(), &*self.0);
        let Some(former) = &inner.client_secret else {
            return Err(Error::configuration("a public client has no secret"));
        };
        inner
            .server
            .check_client(&inner.client_id, Some(&client_secret))?;
        former.replace(client_secret);
        Ok(())
    }

    /// The same client at another server, such as one for tests: with the same id, secret and settings. A secret that is
    /// replaced at one of them is replaced at both.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): which setting of the server is wrong and why.
    pub fn at(&self, server: Server) -> Result<Self, Error> {
        let inner = &*self.0;
        Ok(Self(Arc::new(Inner {
            urls: server.check(&inner.client_id, self.client_secret().as_deref())?,
            server,
            client_id: inner.client_id.clone(),
            client_secret: inner.client_secret.clone(),
            redirect_uri: inner.redirect_uri.clone(),
            http: inner.http.clone(),
            settings: inner.settings.clone(),
        })))
    }

    /// Which secret it is, counted from the first one.
    pub(super) fn secrets(&self) -> u64 {
        let secret = self.0.client_secret.as_ref();
        secret.map_or(0, Replaceable::replacements)
    }

    pub(super) fn client_secret(&self) -> Option<Arc<Secret>> {
        self.0.client_secret.as_ref().map(Replaceable::get)
    }

    /// The client id.
    pub fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// Where users are sent back to.
    pub fn redirect_uri(&self) -> Option<&str> {
        self.0.redirect_uri.as_deref()
    }

    pub(crate) fn server(&self) -> &Server {
        &self.0.server
    }

    pub(super) fn urls(&self) -> &Urls {
        &self.0.urls
    }

    pub(super) fn http(&self) -> &HttpClient {
        &self.0.http
    }

    /// Its settings, with the HTTP client that was made of them.
    pub fn settings(&self) -> Settings {
        self.0.settings.clone().http_client(self.0.http.clone())
    }
}

impl Server {
    /// Checks all that is known about it, and reads its URLs.
    fn check(&self, id: &str, secret: Option<&Secret>) -> Result<Urls, Error> {
        self.check_parameters()?;
        self.check_client(id, secret)?;
        let read = |setting, url: &Option<String>| {
            url.as_deref().map(|url| self.url(setting, url)).transpose()
        };
        Ok(Urls {
            token: self.url("token_url", &self.token_url)?,
            refresh: read("refresh_url", &self.refresh_url)?,
            authorization: read("authorization_url", &self.authorization_url)?,
            device: read("device_url", &self.device_url)?,
        })
    }

    /// Checks client id and secret as they will be sent.
    pub(super) fn check_client(&self, id: &str, secret: Option<&Secret>) -> Result<(), Error> {
        match (self.auth_method(), secret) {
            (ClientAuth::Basic(encoding), Some(secret)) => {
                Credential::basic(super::request::BASIC, id, secret, encoding).map(drop)
            }
            (ClientAuth::Post, Some(secret)) => {
                check_credential("client id", id)?;
                check_credential("client secret", secret.expose())
            }
            (ClientAuth::Public, None) => check_credential("client id", id),
            (ClientAuth::Public, Some(_)) => Err(Error::configuration(
                "a public client has no secret: leave it out (`App::public`), or set another `client_auth`",
            )),
            (_, None) => Err(Error::configuration("the client secret is missing")),
        }
    }
}

impl AppBuilder {
    /// Where the server sends users back to, exactly as it was registered. Needed for [`App::authorize`].
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(uri.into());
        self
    }

    builder_methods!(self => self.settings);

    /// Builds it. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): which setting is wrong and why.
    pub fn build(self) -> Result<App, Error> {
        if let Some(uri) = &self.redirect_uri {
            check_redirect_uri(uri)?;
        }
        let (server, secret) = (self.server, self.client_secret);
        Ok(App(Arc::new(Inner {
            urls: server.check(&self.client_id, secret.as_ref())?,
            http: self.settings.to_http_client()?,
            server,
            client_id: self.client_id,
            client_secret: secret.map(Replaceable::new),
            redirect_uri: self.redirect_uri,
            settings: self.settings,
        })))
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("App").field(&self.0.server).finish()
    }
}

impl fmt::Debug for AppBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AppBuilder").field(&self.server).finish()
    }
}
