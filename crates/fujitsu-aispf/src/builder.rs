//! From credentials to a client.

use std::fmt;
use std::sync::Arc;

use tegata::provider::{Auth, BaseUrl, Credential, TokenSource, Transport};
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
pub trait Method: sealed::Sealed {}
impl Method for ApiKey {}
impl Method for OAuth2 {}
impl Method for LegacyOAuth {}

impl<M: Method> ClientBuilder<M> {
    pub(crate) fn new(method: M) -> Self {
        Self {
            method,
            base_url: None,
            auth_url: None,
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

    /// HTTP client, clock and renewal policy.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

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
        let endpoint = sealed::Endpoint {
            http: http.clone(),
            url: auth_url,
            setting,
        };
        let auth = self.method.auth(&endpoint, &self.settings)?;
        Ok(Client::new(
            Transport::new(http, base, auth, &security::PROVIDER),
            AuthOperations::new(endpoint.transport(Auth::none())),
        ))
    }
}

impl ClientBuilder<ApiKey> {
    /// A second key, tried when the first is refused. Whichever works is used from then on, so that a key
    /// can be regenerated without an outage.
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
    pub fn store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.method.store = Some(store);
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
    pub fn store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.method.store = Some(store);
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
        KeyPair, LegacyOAuth, LegacyTokens, OAuth2, Settings, Transport, cached, security,
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
        fn auth(self, endpoint: &Endpoint, settings: &Settings) -> Result<Auth, Error>;
    }

    impl Sealed for ApiKey {
        fn auth(self, _: &Endpoint, _: &Settings) -> Result<Auth, Error> {
            let primary = Credential::new(security::API_KEY, &self.key)?;
            match self.secondary {
                None => Ok(Auth::fixed(primary)),
                Some(secondary) if secondary == self.key => Err(Error::configuration(
                    "the second API key is the same as the first",
                )),
                Some(secondary) => {
                    let secondary = Credential::new(security::API_KEY, &secondary)?;
                    Ok(Auth::custom(KeyPair::new(primary, secondary)))
                }
            }
        }
    }

    impl Sealed for OAuth2 {
        fn auth(self, endpoint: &Endpoint, settings: &Settings) -> Result<Auth, Error> {
            let Self {
                client_id,
                client_secret,
                encoding,
                store,
            } = self;
            let client =
                Credential::basic(security::CLIENT_BASIC, &client_id, &client_secret, encoding)?;
            let api = AuthOperations::new(endpoint.transport(Auth::fixed(client)));
            cached(IssuedTokens::new(api), &client_id, store, settings)
        }
    }

    impl Sealed for LegacyOAuth {
        fn auth(self, endpoint: &Endpoint, settings: &Settings) -> Result<Auth, Error> {
            let Self {
                client_id,
                client_secret,
                fields,
                store,
            } = self;
            if client_id.is_empty() || client_secret.is_empty() {
                return Err(Error::configuration(
                    "the client id or the client secret is empty",
                ));
            }
            let transport = endpoint.transport(Auth::none());
            let account = client_id.clone();
            let source = LegacyTokens::new(transport, client_id, client_secret, fields);
            cached(source, &account, store, settings)
        }
    }
}

fn cached(
    source: impl TokenSource,
    account: &str,
    store: Option<Arc<dyn TokenStore>>,
    settings: &Settings,
) -> Result<Auth, Error> {
    let mut cache = settings
        .token_cache(security::ACCESS_TOKEN, source, RenewalPolicy::default())
        .account(security::PROVIDER.name, account);
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
