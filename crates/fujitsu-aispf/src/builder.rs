//! The builder of a client.

use std::fmt;
use std::sync::Arc;

use tegata::provider::{Auth, BaseUrl, Transport, builder_methods, check_credential};
use tegata::{Error, Settings, TokenStore};

use crate::credentials::Context;
use crate::generated::{AuthOperations, security};
use crate::{Client, Credentials};

/// Builds a [`Client`].
#[must_use]
pub struct ClientBuilder {
    credentials: Credentials,
    base_url: Option<String>,
    auth_url: Option<String>,
    account: Option<String>,
    store: Option<Arc<dyn TokenStore>>,
    settings: Settings,
}

impl Client {
    /// A client with these credentials: an [`ApiKey`](crate::ApiKey), [`OAuth2`](crate::OAuth2) or
    /// [`LegacyOAuth`](crate::LegacyOAuth).
    pub fn builder(credentials: impl Into<Credentials>) -> ClientBuilder {
        ClientBuilder::new(credentials.into())
    }
}

impl ClientBuilder {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            base_url: None,
            auth_url: None,
            account: None,
            store: None,
            settings: Settings::new(),
        }
    }

    /// The URL below which the services lie. The guide names none; the default is the one of public clients.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The URL below which `/v1/tokens` and `/v2/tokens` lie: by default `/auth` below the base URL.
    pub fn auth_url(mut self, url: impl Into<String>) -> Self {
        self.auth_url = Some(url.into());
        self
    }

    /// Names the account in events, in logs and in the store, if several share a client id or a key; by default
    /// they count as one. Only a hash of it is kept. A record that was saved without it is taken over.
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.account = Some(name.into());
        self
    }

    /// Loads and saves the tokens, to share them between processes. With an API key the store is not used.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    builder_methods!(self => self.settings);

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): which setting is wrong and why.
    pub fn build(self) -> Result<Client, Error> {
        let base = self
            .base_url
            .as_deref()
            .unwrap_or(security::SERVER_SERVICES);
        let base = BaseUrl::parse(base)?;
        let (url, setting) = match self.auth_url {
            Some(url) => (BaseUrl::parse(&url)?, "auth_url"),
            None => (below(&base)?, "base_url"),
        };
        if let Some(account) = &self.account {
            check_credential("account", account)?;
        }
        let context = Context {
            http: self.settings.to_http_client()?,
            url,
            setting,
            account: self.account.as_deref(),
            store: self.store,
            settings: &self.settings,
        };
        let (auth, in_use) = self.credentials.auth(&context)?;
        let tokens = AuthOperations::new(context.transport(Auth::none()));
        let services = Transport::new(context.http, base, auth, &security::PROVIDER);
        Ok(Client::new(services, tokens, in_use))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.credentials)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The default URL of the token endpoint, relative to the base URL as in the spec's two servers.
fn below(base: &BaseUrl) -> Result<BaseUrl, Error> {
    let path = security::SERVER_AUTH
        .strip_prefix(security::SERVER_SERVICES)
        .unwrap_or_default();
    BaseUrl::parse(&format!("{base}{path}"))
}
