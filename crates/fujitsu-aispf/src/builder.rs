//! From credentials to a client.

use std::fmt;
use std::sync::Arc;

use tegata::provider::{
    Auth, BaseUrl, Credential, TokenSource, Transport, builder_methods, check_credential,
};
use tegata::{BasicEncoding, Error, HttpClient, RenewalPolicy, Settings, TokenStore};

use crate::generated::{AuthOperations, security};
use crate::keys::KeyPair;
use crate::legacy::{LegacyFields, LegacyTokens};
use crate::oauth2::IssuedTokens;
use crate::{Client, Secret};

/// Builds a [`Client`]. Its type parameter is the authentication method, of which there is exactly one, so
/// that credentials that do not belong together do not compile:
///
/// ```compile_fail,E0599
/// # use tegata_fujitsu_aispf::Client;
/// // A second key belongs to a first one, not to a client secret.
/// Client::with_oauth2("client id", "client secret").secondary("key");
/// ```
///
/// ```compile_fail,E0061
/// # use tegata_fujitsu_aispf::Client;
/// Client::with_oauth2("client id");
/// ```
#[must_use]
pub struct ClientBuilder<M> {
    method: M,
    base_url: Option<String>,
    auth_url: Option<String>,
    account: Option<String>,
    settings: Settings,
}

/// Authentication by API key.
pub struct ApiKey {
    key: Secret,
    secondary: Option<Secret>,
}

/// Authentication by OAuth 2.0.
pub struct OAuth2 {
    client_id: String,
    client_secret: Secret,
    encoding: BasicEncoding,
    store: Option<Arc<dyn TokenStore>>,
}

/// Authentication by the conventional OAuth method.
pub struct LegacyOAuth {
    client_id: String,
    client_secret: Secret,
    fields: LegacyFields,
    store: Option<Arc<dyn TokenStore>>,
}

/// An authentication method. Sealed: the three there are stand in this crate.
pub trait Authentication: sealed::Sealed {}
impl Authentication for ApiKey {}
impl Authentication for OAuth2 {}
impl Authentication for LegacyOAuth {}

impl<M: Authentication> ClientBuilder<M> {
    pub(crate) fn new(method: M) -> Self {
        Self {
            method,
            base_url: None,
            auth_url: None,
            account: None,
            settings: Settings::new(),
        }
    }

    /// The URL below which the services lie. The guide names none; the default is the one that public
    /// clients use.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The URL below which `/v1/tokens` and `/v2/tokens` lie: by default `/auth` below the base URL.
    pub fn auth_url(mut self, url: impl Into<String>) -> Self {
        self.auth_url = Some(url.into());
        self
    }

    /// Which account this is, in events, in logs and in the store, where several share a client id or a key:
    /// by default all of these are one. Only a hash of it is kept. A record that was saved without it is
    /// taken over.
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.account = Some(name.into());
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
        let (auth_url, setting) = match self.auth_url {
            Some(url) => (BaseUrl::parse(&url)?, "auth_url"),
            None => (below(&base)?, "base_url"),
        };
        let http = self.settings.to_http_client()?;
        if let Some(account) = &self.account {
            check_credential("account", account)?;
        }
        let endpoint = sealed::Endpoint {
            http: http.clone(),
            url: auth_url,
            setting,
        };
        let account = self.account.as_deref();
        let (auth, keys) = self.method.auth(&endpoint, account, &self.settings)?;
        Ok(Client::new(
            Transport::new(http, base, auth, &security::PROVIDER),
            AuthOperations::new(endpoint.transport(Auth::none())),
            keys,
        ))
    }
}

impl ClientBuilder<ApiKey> {
    /// A second key, tried when the first is refused. Whichever works is used from then on, so that a key
    /// can be regenerated without an outage. The change is a warning in the log and an event for the
    /// [observer](Settings::observer): it is time then to bring in a new key.
    pub fn secondary(mut self, key: impl Into<Secret>) -> Self {
        self.method.secondary = Some(key.into());
        self
    }
}

impl ClientBuilder<OAuth2> {
    /// How id and secret are written into HTTP Basic; as they are by default. It differs only for ids and
    /// secrets with special characters.
    pub fn basic_encoding(mut self, encoding: BasicEncoding) -> Self {
        self.method.encoding = encoding;
        self
    }

    /// Loads and saves the token, to share it between processes.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.method.store = Some(Arc::new(store));
        self
    }
}

impl ClientBuilder<LegacyOAuth> {
    /// Other names for the fields of the token calls: the guide shows them in a picture only, so the
    /// defaults are assumed.
    pub fn fields(mut self, fields: LegacyFields) -> Self {
        self.method.fields = fields;
        self
    }

    /// Loads and saves the tokens, to share them between processes.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.method.store = Some(Arc::new(store));
        self
    }
}

impl ApiKey {
    pub(crate) fn new(key: Secret) -> Self {
        Self {
            key,
            secondary: None,
        }
    }
}

impl OAuth2 {
    pub(crate) fn new(client_id: String, client_secret: Secret) -> Self {
        Self {
            client_id,
            client_secret,
            encoding: BasicEncoding::default(),
            store: None,
        }
    }
}

impl LegacyOAuth {
    pub(crate) fn new(client_id: String, client_secret: Secret) -> Self {
        Self {
            client_id,
            client_secret,
            fields: LegacyFields::default(),
            store: None,
        }
    }
}

impl<M> fmt::Debug for ClientBuilder<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

mod sealed {
    use super::{
        ApiKey, Auth, AuthOperations, BaseUrl, Credential, Error, HttpClient, IssuedTokens,
        KeyPair, LegacyOAuth, LegacyTokens, OAuth2, Settings, Transport, cached, check_credential,
        security,
    };

    /// Where tokens are issued.
    pub struct Endpoint {
        pub(super) http: HttpClient,
        pub(super) url: BaseUrl,
        pub(super) setting: &'static str,
    }

    impl Endpoint {
        pub(super) fn transport(&self, auth: Auth) -> Transport {
            Transport::new(
                self.http.clone(),
                self.url.clone(),
                auth,
                &security::PROVIDER,
            )
            .with_setting(self.setting)
        }
    }

    pub trait Sealed {
        /// What authenticates, and the keys, if it is by key.
        fn auth(
            self,
            endpoint: &Endpoint,
            account: Option<&str>,
            settings: &Settings,
        ) -> Result<(Auth, Option<KeyPair>), Error>;
    }

    impl Sealed for ApiKey {
        fn auth(
            self,
            _: &Endpoint,
            account: Option<&str>,
            settings: &Settings,
        ) -> Result<(Auth, Option<KeyPair>), Error> {
            let primary = Credential::new(security::API_KEY, &self.key)?;
            let reporter = settings.reporter(security::PROVIDER.name, account);
            let pair = |secondary| KeyPair::new(primary.clone(), secondary, reporter);
            match self.secondary {
                None => {
                    let keys = pair(primary.clone());
                    Ok((Auth::fixed(primary), Some(keys)))
                }
                Some(secondary) if secondary == self.key => Err(Error::configuration(
                    "the second API key is the same as the first",
                )),
                Some(secondary) => {
                    let secondary = Credential::new(security::API_KEY, &secondary)?;
                    let keys = pair(secondary);
                    Ok((Auth::custom(keys.clone()), Some(keys)))
                }
            }
        }
    }

    impl Sealed for OAuth2 {
        fn auth(
            self,
            endpoint: &Endpoint,
            account: Option<&str>,
            settings: &Settings,
        ) -> Result<(Auth, Option<KeyPair>), Error> {
            let Self {
                client_id,
                client_secret,
                encoding,
                store,
            } = self;
            let client =
                Credential::basic(security::CLIENT_BASIC, &client_id, &client_secret, encoding)?;
            let api = AuthOperations::new(endpoint.transport(Auth::fixed(client)));
            let source = IssuedTokens::new(api);
            Ok((cached(source, &client_id, account, store, settings)?, None))
        }
    }

    impl Sealed for LegacyOAuth {
        fn auth(
            self,
            endpoint: &Endpoint,
            account: Option<&str>,
            settings: &Settings,
        ) -> Result<(Auth, Option<KeyPair>), Error> {
            let Self {
                client_id,
                client_secret,
                fields,
                store,
            } = self;
            check_credential("client id", &client_id)?;
            check_credential("client secret", client_secret.expose())?;
            let transport = endpoint.transport(Auth::none());
            let id = client_id.clone();
            let source = LegacyTokens::new(transport, client_id, client_secret, fields);
            Ok((cached(source, &id, account, store, settings)?, None))
        }
    }
}

fn cached(
    source: impl TokenSource,
    client_id: &str,
    account: Option<&str>,
    store: Option<Arc<dyn TokenStore>>,
    settings: &Settings,
) -> Result<Auth, Error> {
    let mut cache = settings
        .token_cache(security::ACCESS_TOKEN, source, RenewalPolicy::default())
        .account(security::PROVIDER.name, client_id);
    if let Some(account) = account {
        cache = cache.sub_account(account);
    }
    if let Some(store) = store {
        cache = cache.store(store);
    }
    Ok(Auth::cached(cache.build()?))
}

/// The token endpoint's default place, as the spec's two servers lie to each other.
fn below(base: &BaseUrl) -> Result<BaseUrl, Error> {
    let path = security::SERVER_AUTH
        .strip_prefix(security::SERVER_SERVICES)
        .unwrap_or_default();
    BaseUrl::parse(&format!("{base}{path}"))
}
