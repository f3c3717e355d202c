//! The client and its builder.

use tegata::provider::ErrorExt as _;
use tegata::provider::{
    AccountSettings, Auth, BaseUrl, Credential, Replaceable, Transport, account_methods,
    builder_methods, client_methods,
};
use tegata::{Error, RenewalPolicy, Secret, Settings, Token, TokenStore};

use crate::generated::{ApiOperations, security};
use crate::{App, AuthorizationCode};

/// Calls the Jooto API, each request with exactly one valid credential.
///
/// Cloning it is cheap; clones share connections and credential. It is `Send` and `Sync`.
#[derive(Clone, Debug)]
pub struct Client {
    api: ApiOperations,
    key: Option<Replaceable<Credential>>,
}

/// Builds a [`Client`]: by [`Client::builder`] with an API key, by [`App::client`](crate::App::client) or
/// [`App::client_from`](crate::App::client_from) with OAuth 2.0.
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    credentials: Credentials,
    /// Kept out of `Debug`: it may hold a password.
    base_url: Option<Secret>,
    account: AccountSettings,
    settings: Settings,
}

/// Credentials of one of the two authentication methods.
#[derive(Debug)]
enum Credentials {
    ApiKey(Secret),
    OAuth2(Box<App>),
}

impl Client {
    /// A client with an API key, sent as `X-Jooto-Api-Key`, which does not expire. A client with OAuth 2.0 comes
    /// from [`App::client`](crate::App::client).
    pub fn builder(api_key: impl Into<Secret>) -> ClientBuilder {
        ClientBuilder::new(Credentials::ApiKey(api_key.into()))
    }

    /// The operations of the spec, typed.
    pub fn api(&self) -> &ApiOperations {
        &self.api
    }

    /// Replaces the API key while the client is in use, for it and all its clones. The next request goes out with it.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it cannot be a key, or the client has OAuth
    /// 2.0 instead: see [`App::replace_client_secret`]. The former one then stays in use.
    pub fn replace_api_key(&self, api_key: impl Into<Secret>) -> Result<(), Error> {
        let Some(key) = &self.key else {
            return Err(Error::configuration(
                "the client has no API key: build another client for one",
            ));
        };
        key.replace(Credential::new(security::JOOTO_API_KEY, &api_key.into())?);
        Ok(())
    }

    client_methods!(self => self.api.transport());
}

impl App {
    /// Logs in: exchanges the code, saves the token in this store, and makes a client of it. The token replaces
    /// the one in the store.
    ///
    /// Whether the store can save is checked before the code is sent. If saving fails afterwards, a warning
    /// says so, and the client uses the token and goes on trying to save it.
    ///
    /// # Errors
    /// As [`exchange`](Self::exchange), and [`ErrorKind::Store`](crate::ErrorKind::Store) if the store cannot
    /// be used: the code is still valid then.
    ///
    /// # Cancellation
    /// If the future is dropped, the login goes on in a task of its own, and the token is in the store when
    /// it is done: [`client_from`](Self::client_from) makes a client of it.
    pub async fn log_in(
        &self,
        code: &AuthorizationCode,
        store: impl TokenStore,
    ) -> Result<Client, Error> {
        let client = self.client_from(store).build()?;
        let (app, code) = (self.clone(), code.clone());
        if let Some(tokens) = client.token_cache() {
            let exchange = async move { app.exchange(&code).await };
            tokens.log_in(exchange).await?;
        }
        Ok(client)
    }

    /// A client with this token, which it renews as long as the refresh token is valid.
    ///
    /// Without a [`store`](ClientBuilder::store) a refresh token that rotates lives only as long as the
    /// process.
    pub fn client(&self, token: Token) -> ClientBuilder {
        let mut builder = self.client_builder();
        builder.account = builder.account.token(token);
        builder
    }

    /// A client with the token in this store, in which renewed ones are saved.
    pub fn client_from(&self, store: impl TokenStore) -> ClientBuilder {
        self.client_builder().store(store)
    }

    fn client_builder(&self) -> ClientBuilder {
        let builder = ClientBuilder::new(Credentials::OAuth2(Box::new(self.clone())))
            .base_url(self.base.as_str())
            .settings(self.app.settings());
        match &self.account {
            Some(account) => builder.account(account.expose()),
            None => builder,
        }
    }
}

impl ClientBuilder {
    fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            base_url: None,
            account: AccountSettings::default(),
            settings: Settings::new(),
        }
    }

    /// The URL below which the API lies; `https://app.jooto.com` by default, as documented. The vendor's own
    /// OpenAPI document has `https://api.jooto.com/v1`. The token endpoint of a client with OAuth 2.0 follows
    /// it, as with [`AppBuilder::base_url`](crate::AppBuilder::base_url).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into().into());
        self
    }

    account_methods!(self => self.account);
    builder_methods!(self => self.settings);

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): which setting is missing or wrong.
    pub fn build(self) -> Result<Client, Error> {
        let base = self.base_url.as_ref().map(Secret::expose);
        let base = BaseUrl::parse(base.unwrap_or(security::SERVER_API))?;
        let http = self.settings.to_http_client()?;
        self.account.check()?;
        let provider = &security::PROVIDER;
        let (auth, key) = match self.credentials {
            Credentials::ApiKey(key) => {
                let key = Replaceable::new(Credential::new(security::JOOTO_API_KEY, &key)?);
                (Auth::replaceable(key.clone()), Some(key))
            }
            Credentials::OAuth2(app) => {
                let source = app.refreshed_tokens(&base)?;
                let policy = RenewalPolicy::new();
                let cache = self.settings.token_cache(security::OAUTH2, source, policy);
                let cache = cache.account(provider.name, app.app.client_id());
                (self.account.cached(cache)?, None)
            }
        };
        let api = ApiOperations::new(Transport::new(http, base, auth, provider));
        Ok(Client { api, key })
    }
}

#[cfg(test)]
mod tests;
