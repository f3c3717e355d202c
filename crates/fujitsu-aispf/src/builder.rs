//! The builder of a client.

use tegata::provider::{
    AccountSettings, Auth, BaseUrl, Transport, account_methods, builder_methods,
};
use tegata::{Error, Settings};

use crate::generated::{AuthOperations, security};
use crate::{Client, Credentials, Secret};

/// Builds a [`Client`].
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    credentials: Credentials,
    /// Like the other one, kept out of `Debug`: it may hold a password.
    base_url: Option<Secret>,
    auth_url: Option<Secret>,
    account: AccountSettings,
    settings: Settings,
}

impl Client {
    /// A client with these credentials: an [`ApiKey`](crate::ApiKey), [`OAuth2`](crate::OAuth2) or
    /// [`LegacyOAuth`](crate::LegacyOAuth).
    pub fn builder(credentials: impl Into<Credentials>) -> ClientBuilder {
        ClientBuilder {
            credentials: credentials.into(),
            base_url: None,
            auth_url: None,
            account: AccountSettings::default(),
            settings: Settings::new(),
        }
    }
}

impl ClientBuilder {
    /// The URL below which the services lie. The guide names none; the default is the one of public clients.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into().into());
        self
    }

    /// The URL below which `/v1/tokens` and `/v2/tokens` lie: by default `/auth` below the base URL.
    pub fn auth_url(mut self, url: impl Into<String>) -> Self {
        self.auth_url = Some(url.into().into());
        self
    }

    account_methods!(self => self.account);
    builder_methods!(self => self.settings);

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): which setting is wrong and why.
    pub fn build(self) -> Result<Client, Error> {
        let base = self.base_url.as_ref().map(Secret::expose);
        let base = BaseUrl::parse(base.unwrap_or(security::SERVER_SERVICES))?;
        let (url, setting) = match &self.auth_url {
            Some(url) => (BaseUrl::parse(url.expose())?, "auth_url"),
            None => (below(&base)?, "base_url"),
        };
        self.account.check()?;
        let http = self.settings.to_http_client()?;
        let settings = self.settings.http_client(http.clone());
        let endpoint = Transport::new(http.clone(), url, Auth::none(), &security::PROVIDER);
        let endpoint = endpoint.with_setting(setting);
        let (auth, credentials) = self.credentials.auth(&endpoint, self.account, &settings)?;
        Ok(Client {
            services: Transport::new(http, base, auth, &security::PROVIDER),
            tokens: AuthOperations::new(endpoint),
            credentials,
        })
    }
}

/// The default URL of the token endpoint, relative to the base URL as in the spec's two servers.
fn below(base: &BaseUrl) -> Result<BaseUrl, Error> {
    let path = security::SERVER_AUTH
        .strip_prefix(security::SERVER_SERVICES)
        .unwrap_or_default();
    BaseUrl::parse(&format!("{base}{path}"))
}
