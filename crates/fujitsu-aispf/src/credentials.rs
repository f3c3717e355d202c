//! The three ways to authenticate.

use tegata::oauth::App;
use tegata::provider::ErrorExt as _;
use tegata::provider::{
    AccountSettings, Auth, Credential, KeyPair, Replaceable, TokenCacheBuilder, TokenSource,
    Transport,
};
use tegata::{BasicEncoding, Error, RenewalPolicy, Settings};

use crate::Secret;
use crate::generated::security;
use crate::legacy::{LegacyFields, LegacyTokens};

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
#[derive(Clone, Debug)]
#[must_use]
pub struct ApiKey {
    key: Secret,
    secondary: Option<Secret>,
}

/// OAuth 2.0: tokens from `POST /v2/tokens`, sent as `X-Access-Token`, issued again when they expire or are
/// refused.
#[derive(Clone, Debug)]
#[must_use]
pub struct OAuth2 {
    /// Kept out of `Debug`, as in the other method.
    client_id: Secret,
    client_secret: Secret,
    encoding: BasicEncoding,
}

/// The conventional method: tokens from `POST /v1/tokens`, renewed by `PATCH /v1/tokens` before they expire. To
/// move to OAuth 2.0, write [`OAuth2`] instead.
#[derive(Clone, Debug)]
#[must_use]
pub struct LegacyOAuth {
    client_id: Secret,
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

    fn credentials(&self) -> Result<(Credential, Option<Credential>), Error> {
        let primary = Credential::new(security::API_KEY, &self.key)?;
        if self.secondary.as_ref() == Some(&self.key) {
            let why = "the second API key is the same as the first";
            return Err(Error::configuration(why));
        }
        let secondary = self.secondary.as_ref();
        let secondary = secondary.map(|key| Credential::new(security::API_KEY, key));
        Ok((primary, secondary.transpose()?))
    }
}

impl OAuth2 {
    /// The client id and client secret of an application.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self {
            client_id: client_id.into().into(),
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
            client_id: client_id.into().into(),
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

/// The credentials that a client uses, which can be replaced.
#[derive(Clone, Debug)]
pub(crate) enum InUse {
    Key(Replaceable<Credential>),
    Keys(KeyPair),
    /// With the encoding, which stays.
    OAuth2(App, BasicEncoding),
    LegacyOAuth(LegacyTokens),
}

impl Credentials {
    /// The authenticator, and a handle to replace its credentials.
    pub(crate) fn auth(
        self,
        endpoint: &Transport,
        account: AccountSettings,
        settings: &Settings,
    ) -> Result<(Auth, InUse), Error> {
        let reporter = settings.reporter(security::PROVIDER.name, account.name());
        Ok(match self {
            Self::ApiKey(key) => match key.credentials()? {
                (key, None) => {
                    let key = Replaceable::new(key);
                    (Auth::replaceable(key.clone()), InUse::Key(key))
                }
                (primary, Some(secondary)) => {
                    let keys = KeyPair::new(&primary, &secondary, reporter);
                    (Auth::custom(keys.clone()), InUse::Keys(keys))
                }
            },
            Self::OAuth2(client) => {
                let server = security::issue_token_server(endpoint.base_url(), client.encoding)
                    .setting(endpoint.setting().unwrap_or_default());
                let app = App::builder(server, client.client_id.expose(), client.client_secret);
                let app = app.settings(settings.clone()).build()?;
                let cache = cache(settings, app.client_credentials(), app.client_id());
                let auth = account.cached(cache)?;
                (auth, InUse::OAuth2(app, client.encoding))
            }
            Self::LegacyOAuth(client) => {
                let (id, secret) = (client.client_id, client.client_secret);
                let tokens = LegacyTokens::new(endpoint.clone(), id, secret, client.fields)?;
                let cache = cache(settings, tokens.clone(), tokens.client_id());
                let auth = account.cached(cache)?;
                (auth, InUse::LegacyOAuth(tokens))
            }
        })
    }
}

fn cache(settings: &Settings, source: impl TokenSource, client_id: &str) -> TokenCacheBuilder {
    settings
        .token_cache(security::ACCESS_TOKEN, source, RenewalPolicy::new())
        .account(security::PROVIDER.name, client_id)
}

impl InUse {
    pub(crate) fn replace(&self, by: Credentials) -> Result<(), Error> {
        let refused = |why| Err(Error::configuration(why));
        match (self, by) {
            (Self::Key(key), Credentials::ApiKey(by)) => match by.credentials()? {
                (by, None) => key.replace(by),
                (_, Some(_)) => return refused("the client has one API key: give one"),
            },
            (Self::Keys(keys), Credentials::ApiKey(by)) => match by.credentials()? {
                (primary, Some(secondary)) => keys.replace_by(&primary, &secondary),
                (_, None) => return refused("the client has two API keys: give two"),
            },
            (Self::OAuth2(app, encoding), Credentials::OAuth2(by))
                if by.client_id.expose() == app.client_id() =>
            {
                if by.encoding != *encoding && by.encoding != BasicEncoding::default() {
                    return refused("the encoding cannot be replaced: build another client");
                }
                app.replace_client_secret(by.client_secret)?;
            }
            (Self::LegacyOAuth(tokens), Credentials::LegacyOAuth(by))
                if by.client_id.expose() == tokens.client_id() =>
            {
                tokens.replace(by.client_secret, &by.fields)?;
            }
            _ => {
                return refused(
                    "these credentials are of another method or client id: build another client",
                );
            }
        }
        Ok(())
    }
}
