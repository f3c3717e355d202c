//! The three ways to authenticate.

use std::fmt;
use std::sync::Arc;

use tegata::oauth::App;
use tegata::provider::ErrorExt as _;
use tegata::provider::{
    Auth, BaseUrl, Credential, KeyPair, Replaceable, TokenSource, Transport, check_credential,
};
use tegata::{BasicEncoding, Error, HttpClient, RenewalPolicy, Settings, TokenStore};

use crate::Secret;
use crate::generated::security;
use crate::legacy::{LegacyFields, LegacyTokens};
use crate::oauth2;

/// Credentials of exactly one authentication method, for [`Client::builder`](crate::Client::builder). The
/// method can be chosen at run time, such as by a configuration:
///
/// ```
/// use tegata_fujitsu_aispf::{ApiKey, Client, Credentials, OAuth2};
///
/// # fn example(method: &str) -> Result<Client, tegata_fujitsu_aispf::Error> {
/// let credentials: Credentials = match method {
///     "key" => ApiKey::new("key").into(),
///     _ => OAuth2::new("client id", "client secret").into(),
/// };
/// Client::builder(credentials).build()
/// # }
/// ```
///
/// Settings of one method exist only on its type, so that credentials that do not belong together do not
/// compile:
///
/// ```compile_fail,E0599
/// # use tegata_fujitsu_aispf::OAuth2;
/// // A second key belongs to a first one, not to a client secret.
/// OAuth2::new("client id", "client secret").secondary("key");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Credentials {
    /// API keys.
    ApiKey(ApiKey),
    /// OAuth 2.0.
    OAuth2(OAuth2),
    /// The conventional OAuth method.
    LegacyOAuth(LegacyOAuth),
}

/// An API key, sent as `X-Api-Key`. It does not expire.
#[derive(Clone)]
#[must_use]
pub struct ApiKey {
    key: Secret,
    secondary: Option<Secret>,
}

/// OAuth 2.0: tokens from `POST /v2/tokens`, sent as `X-Access-Token`, issued again when they expire or are
/// refused.
#[derive(Clone)]
#[must_use]
pub struct OAuth2 {
    client_id: String,
    client_secret: Secret,
    encoding: BasicEncoding,
}

/// The conventional method: tokens from `POST /v1/tokens`, renewed by `PATCH /v1/tokens` before they expire. To
/// move to OAuth 2.0, write [`OAuth2`] instead.
#[derive(Clone)]
#[must_use]
pub struct LegacyOAuth {
    client_id: String,
    client_secret: Secret,
    fields: LegacyFields,
}

impl ApiKey {
    /// This key, and no other.
    pub fn new(key: impl Into<Secret>) -> Self {
        Self {
            key: key.into(),
            secondary: None,
        }
    }

    /// A second key, tried when the first is refused. The accepted one is used from then on, so that a key can
    /// be regenerated without an outage. The change is logged as a warning and reported to the
    /// [observer](Settings::observer): replace the refused key then.
    pub fn secondary(mut self, key: impl Into<Secret>) -> Self {
        self.secondary = Some(key.into());
        self
    }
}

impl OAuth2 {
    /// The client id and client secret of an application.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            encoding: BasicEncoding::default(),
        }
    }

    /// How id and secret are encoded for HTTP Basic; unencoded by default. The encodings differ only for
    /// special characters.
    pub fn basic_encoding(mut self, encoding: BasicEncoding) -> Self {
        self.encoding = encoding;
        self
    }
}

impl LegacyOAuth {
    /// The client id and client secret of an application.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            fields: LegacyFields::default(),
        }
    }

    /// Other names for the fields of the token calls: the guide shows them only in a picture, so the defaults
    /// are assumptions.
    pub fn fields(mut self, fields: LegacyFields) -> Self {
        self.fields = fields;
        self
    }
}

impl From<ApiKey> for Credentials {
    fn from(key: ApiKey) -> Self {
        Self::ApiKey(key)
    }
}

impl From<OAuth2> for Credentials {
    fn from(client: OAuth2) -> Self {
        Self::OAuth2(client)
    }
}

impl From<LegacyOAuth> for Credentials {
    fn from(client: LegacyOAuth) -> Self {
        Self::LegacyOAuth(client)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").finish_non_exhaustive()
    }
}

impl fmt::Debug for OAuth2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth2").finish_non_exhaustive()
    }
}

impl fmt::Debug for LegacyOAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegacyOAuth").finish_non_exhaustive()
    }
}

/// The settings on which authentication depends.
pub(crate) struct Context<'a> {
    pub(crate) http: HttpClient,
    /// The URL of the token endpoint, and the setting that it comes from.
    pub(crate) url: BaseUrl,
    pub(crate) setting: &'static str,
    pub(crate) account: Option<&'a str>,
    pub(crate) store: Option<Arc<dyn TokenStore>>,
    pub(crate) settings: &'a Settings,
}

impl Context<'_> {
    pub(crate) fn transport(&self, auth: Auth) -> Transport {
        let transport = Transport::new(
            self.http.clone(),
            self.url.clone(),
            auth,
            &security::PROVIDER,
        );
        transport.with_setting(self.setting)
    }

    fn cached(&self, source: impl TokenSource, client_id: &str) -> Result<Auth, Error> {
        let mut cache = self
            .settings
            .token_cache(security::ACCESS_TOKEN, source, RenewalPolicy::new())
            .account(security::PROVIDER.name, client_id);
        if let Some(account) = self.account {
            cache = cache.sub_account(account);
        }
        if let Some(store) = &self.store {
            cache = cache.store(Arc::clone(store));
        }
        Ok(Auth::cached(cache.build()?))
    }
}

impl Credentials {
    /// The authenticator, and a handle to replace its credentials.
    pub(crate) fn auth(self, context: &Context<'_>) -> Result<(Auth, InUse), Error> {
        match self {
            Self::ApiKey(key) => key.auth(context),
            Self::OAuth2(client) => client.auth(context),
            Self::LegacyOAuth(client) => client.auth(context),
        }
    }
}

impl ApiKey {
    fn credentials(&self) -> Result<(Credential, Option<Credential>), Error> {
        let primary = Credential::new(security::API_KEY, &self.key)?;
        match &self.secondary {
            None => Ok((primary, None)),
            Some(secondary) if *secondary == self.key => Err(Error::configuration(
                "the second API key is the same as the first",
            )),
            Some(secondary) => {
                let secondary = Credential::new(security::API_KEY, secondary)?;
                Ok((primary, Some(secondary)))
            }
        }
    }

    fn auth(self, context: &Context<'_>) -> Result<(Auth, InUse), Error> {
        let settings = context.settings;
        let reporter = settings.reporter(security::PROVIDER.name, context.account);
        Ok(match self.credentials()? {
            (key, None) => {
                let key = Replaceable::new(key);
                (Auth::replaceable(key.clone()), InUse::Key(key))
            }
            (primary, Some(secondary)) => {
                let keys = KeyPair::new(&primary, &secondary, reporter);
                (Auth::custom(keys.clone()), InUse::Keys(keys))
            }
        })
    }
}

impl OAuth2 {
    fn auth(self, context: &Context<'_>) -> Result<(Auth, InUse), Error> {
        let server = oauth2::server(&context.url, self.encoding).setting(context.setting);
        let app = App::builder(server, &*self.client_id, self.client_secret)
            .settings(context.settings.clone())
            .http_client(context.http.clone())
            .build()?;
        let auth = context.cached(app.client_credentials(), &self.client_id)?;
        Ok((auth, InUse::OAuth2(self.client_id, self.encoding, app)))
    }
}

impl LegacyOAuth {
    fn check(&self) -> Result<(), Error> {
        check_credential("client id", &self.client_id)?;
        check_credential("client secret", self.client_secret.expose())
    }

    fn auth(self, context: &Context<'_>) -> Result<(Auth, InUse), Error> {
        self.check()?;
        let (id, secret) = (self.client_id, Replaceable::new(self.client_secret));
        let (transport, fields) = (context.transport(Auth::none()), self.fields);
        let source = LegacyTokens::new(transport, id.clone(), secret.clone(), fields.clone());
        let auth = context.cached(source, &id)?;
        Ok((auth, InUse::LegacyOAuth(id, fields, secret)))
    }
}

/// The credentials that a client uses, which can be replaced.
#[derive(Clone)]
pub(crate) enum InUse {
    Key(Replaceable<Credential>),
    Keys(KeyPair),
    /// With the client id and the encoding, which stay.
    OAuth2(String, BasicEncoding, App),
    /// With the client id and the names of the fields, which stay.
    LegacyOAuth(String, LegacyFields, Replaceable<Secret>),
}

impl fmt::Debug for InUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(_) => f.write_str("Key(..)"),
            Self::Keys(keys) => keys.fmt(f),
            Self::OAuth2(..) => f.write_str("OAuth2(..)"),
            Self::LegacyOAuth(..) => f.write_str("LegacyOAuth(..)"),
        }
    }
}

impl InUse {
    pub(crate) fn replace(&self, by: Credentials) -> Result<(), Error> {
        match (self, by) {
            (Self::Key(key), Credentials::ApiKey(by)) => match by.credentials()? {
                (by, None) => key.replace(by),
                (_, Some(_)) => {
                    return Err(Error::configuration("the client has one API key: give one"));
                }
            },
            (Self::Keys(keys), Credentials::ApiKey(by)) => match by.credentials()? {
                (primary, Some(secondary)) => keys.replace_by(&primary, &secondary),
                (_, None) => {
                    return Err(Error::configuration(
                        "the client has two API keys: give two",
                    ));
                }
            },
            (Self::OAuth2(id, encoding, app), Credentials::OAuth2(by)) if *id == by.client_id => {
                if by.encoding != *encoding && by.encoding != BasicEncoding::default() {
                    return Err(Error::configuration(
                        "the encoding cannot be replaced: build another client",
                    ));
                }
                app.replace_client_secret(by.client_secret)?;
            }
            (Self::LegacyOAuth(id, fields, secret), Credentials::LegacyOAuth(by))
                if *id == by.client_id =>
            {
                by.check()?;
                if by.fields != *fields && by.fields != LegacyFields::default() {
                    return Err(Error::configuration(
                        "the names of the fields cannot be replaced: build another client",
                    ));
                }
                secret.replace(by.client_secret);
            }
            _ => {
                return Err(Error::configuration(
                    "these credentials are of another method or client id: build another client",
                ));
            }
        }
        Ok(())
    }
}
