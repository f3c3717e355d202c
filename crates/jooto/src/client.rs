//! The client and its builder.

use std::fmt;
use std::sync::Arc;

use tegata::provider::ErrorExt as _;
use tegata::provider::{
    Auth, BaseUrl, Credential, Replaceable, Transport, builder_methods, check_credential,
    client_methods,
};
use tegata::{Error, RenewalPolicy, Secret, Settings, Token, TokenStore};

use crate::generated::{ApiOperations, security};
use crate::{App, AuthorizationCode};

/// Calls the Jooto API, each request with exactly one valid credential.
///
/// Cloning it is cheap; clones share connections and credential. It is `Send` and `Sync`.
#[derive(Clone, Debug)]
pub struct Client {
    transport: Transport,
    api: ApiOperations,
    key: Option<Replaceable<Credential>>,
}

/// Builds a [`Client`]: by [`Client::builder`] with an API key, by [`App::client`](crate::App::client) or
/// [`App::client_from`](crate::App::client_from) with OAuth 2.0.
#[must_use]
pub struct ClientBuilder {
    credentials: Credentials,
    base_url: Option<String>,
    account: Option<String>,
    store: Option<Arc<dyn TokenStore>>,
    settings: Settings,
}

/// Credentials of one of the two authentication methods.
pub(crate) enum Credentials {
    ApiKey(Secret),
    /// Tokens of an application, beginning with this one.
    OAuth2(Box<App>, Option<Token>),
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

    client_methods!(self => self.transport);
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
        self.client_builder(Some(token))
    }

    /// A client with the token in this store, in which renewed ones are saved.
    pub fn client_from(&self, store: impl TokenStore) -> ClientBuilder {
        self.client_builder(None).store(store)
    }

    fn client_builder(&self, token: Option<Token>) -> ClientBuilder {
        let credentials = Credentials::OAuth2(Box::new(self.clone()), token);
        let builder = ClientBuilder::new(credentials)
            .base_url(self.base.as_str())
            .settings(self.app.settings());
        match &self.account {
            Some(account) => builder.account(account.expose()),
            None => builder,
        }
    }
}

impl ClientBuilder {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            base_url: None,
            account: None,
            store: None,
            settings: Settings::new(),
        }
    }

    /// The URL below which the API lies; `https://app.jooto.com` by default, as documented. The vendor's own
    /// OpenAPI document has `https://api.jooto.com/v1`. The token endpoint of a client with OAuth 2.0 follows
    /// it, as with [`AppBuilder::base_url`](crate::AppBuilder::base_url).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Names the account in events, in logs and in the store, if several share an application, such as by the
    /// organization of the token; by default they count as one. Only a hash of it is kept. A record that was
    /// saved without it is taken over. It has no effect with an API key.
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.account = Some(name.into());
        self
    }

    /// Loads the token from this store and saves renewed ones in it, before they are used. With an API key it
    /// is not used.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    builder_methods!(self => self.settings);

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): which setting is missing or wrong.
    pub fn build(self) -> Result<Client, Error> {
        let base = BaseUrl::parse(self.base_url.as_deref().unwrap_or(security::SERVER_API))?;
        let http = self.settings.to_http_client()?;
        if let Some(account) = &self.account {
            check_credential("account", account)?;
        }
        let (auth, key) = self.auth(&base)?;
        let transport = Transport::new(http, base, auth, &security::PROVIDER);
        Ok(Client {
            api: ApiOperations::new(transport.clone()),
            transport,
            key,
        })
    }

    /// The authentication, and the API key if there is one.
    fn auth(&self, base: &BaseUrl) -> Result<(Auth, Option<Replaceable<Credential>>), Error> {
        let (app, token) = match &self.credentials {
            Credentials::ApiKey(key) => {
                let key = Replaceable::new(Credential::new(security::JOOTO_API_KEY, key)?);
                return Ok((Auth::replaceable(key.clone()), Some(key)));
            }
            Credentials::OAuth2(app, token) => (app, token),
        };
        let source = app.refreshed_tokens(base)?;
        let mut cache = self
            .settings
            .token_cache(security::OAUTH2, source, RenewalPolicy::new())
            .account(security::PROVIDER.name, app.app.client_id());
        if let Some(account) = &self.account {
            cache = cache.sub_account(account);
        }
        if let Some(token) = token {
            cache = cache.token(token.clone());
        }
        if let Some(store) = &self.store {
            cache = cache.store(Arc::clone(store));
        }
        Ok((Auth::cached(cache.build()?), None))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;
    use tegata::provider::{Issued, Refresh};

    use rstest::rstest;

    #[test]
    fn a_client_can_be_shared_by_threads_and_tasks() {
        fn shared<T: Clone + Send + Sync + Unpin + 'static>() {}
        shared::<Client>();
        shared::<crate::App>();
    }

    fn handed_over(access: &str, refresh: &str) -> Result<(), Error> {
        let app = App::builder("id", "CANARY", "https://c.example/").build()?;
        let refresh = Refresh::Replace {
            token: refresh.into(),
            lifetime: None,
        };
        let token = Token::new(Issued::new(access, None, refresh), SystemTime::now(), None);
        let without = app.client(token.clone()).build().map(drop);
        let store = Arc::new(crate::MemoryStore::default());
        let with = app.client(token).store(store).build().map(drop);
        assert_eq!(without.is_ok(), with.is_ok());
        with
    }

    fn for_account(name: &str) -> Result<(), Error> {
        let app = App::builder("id", "CANARY", "https://c.example/").build()?;
        let store = Arc::new(crate::MemoryStore::default());
        app.for_account(name).client_from(store).build().map(drop)
    }

    #[rstest]
    #[case(Client::builder("").build().map(drop), "is empty")]
    #[case(Client::builder("CANARY\r").build().map(drop), "control character")]
    #[case(for_account("CANARY\n"), "account holds a control character")]
    #[case(for_account(""), "account is empty")]
    #[case(Client::builder("CANARY").base_url("app.jooto.com").build().map(drop), "absolute")]
    #[case(App::builder("", "CANARY", "https://c.example/").build().map(drop), "is empty")]
    #[case(App::builder("id", "", "https://c.example/").build().map(drop), "is empty")]
    #[case(App::builder("CANARY\n", "CANARY", "https://c.example/").build().map(drop), "client id holds")]
    #[case(App::builder("id", "CANARY\n", "https://c.example/").build().map(drop), "client secret holds")]
    #[case(App::builder("id", "CANARY ", "https://c.example/").build().map(drop), "begins or ends")]
    #[case(App::builder("id", "CANARY", "https://c.example/\n").build().map(drop), "redirect URI holds")]
    #[case(
        handed_over("CANARY", "CANARY\n"),
        "refresh token holds a control character"
    )]
    #[case(handed_over("CANARY", ""), "refresh token is empty")]
    #[case(handed_over("CANARY\n", "CANARY"), "control character")]
    #[case(App::builder("id", "CANARY", "/back").build().map(drop), "absolute URL")]
    #[case(App::builder("id", "CANARY", "https://c.example/#x").build().map(drop), "fragment")]
    #[case(
        App::builder("id", "CANARY", "https://c.example/").oauth_url("http://h").build().map(drop),
        "https"
    )]
    fn invalid_settings_fail_at_build_with_the_reason(
        #[case] built: Result<(), Error>,
        #[case] why: &str,
    ) {
        let error = built.expect_err(why);
        assert!(
            error.is_configuration() && error.to_string().contains(why),
            "{error}"
        );
        assert!(
            !format!("{error} {error:?}").contains("CANARY"),
            "{error:?}"
        );
    }

    #[rstest]
    #[case("/../admin")]
    #[case("/a/%2e%2e/b")]
    #[case("/a//b")]
    fn a_path_that_leads_elsewhere_is_refused(#[case] path: &str) {
        let client = Client::builder("key").build().expect("valid settings");
        let error = client.get(path).build().expect_err("refused");
        assert_eq!(error.kind(), crate::ErrorKind::OutOfScope, "{error:?}");
    }
}
