//! The builder of a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tegata::provider::ErrorExt as _;
use tegata::provider::spec::Scheme;
use tegata::provider::{Auth, Replaceable, Transport, builder_methods, check_credential};
use tegata::{Error, RenewalPolicy, Settings, TokenStore};

use crate::generated::{IdentityOperations, security};
use crate::instance::Instance;
use crate::tokens::{IdentityTokens, TokenRequest};
use crate::{Client, Secret};

/// Builds a [`Client`].
#[must_use]
pub struct ClientBuilder {
    client_id: String,
    client_secret: Secret,
    munchkin_id: Option<String>,
    base_url: Option<String>,
    identity_url: Option<String>,
    partner_id: Option<Secret>,
    request: TokenRequest,
    scheme: Scheme,
    store: Option<Arc<dyn TokenStore>>,
    account: Option<String>,
    settings: Settings,
}

impl Client {
    /// A client with the client id and client secret of a custom service. Set the instance by
    /// [`munchkin_id`](ClientBuilder::munchkin_id) or [`base_url`](ClientBuilder::base_url).
    pub fn builder(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> ClientBuilder {
        ClientBuilder::new(client_id.into(), client_secret.into())
    }
}

impl ClientBuilder {
    pub(crate) fn new(client_id: String, client_secret: Secret) -> Self {
        Self {
            client_id,
            client_secret,
            munchkin_id: None,
            base_url: None,
            identity_url: None,
            partner_id: None,
            request: TokenRequest::default(),
            scheme: security::OAUTH2,
            store: None,
            account: None,
            settings: Settings::new(),
        }
    }

    /// The instance by its Munchkin id, such as `284-RPR-133`.
    pub fn munchkin_id(mut self, id: impl Into<String>) -> Self {
        self.munchkin_id = Some(id.into());
        self
    }

    /// The instance by the URL of its REST API, with or without `/rest`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The identity URL, with or without `/identity`; by default it is on the host of the REST API.
    pub fn identity_url(mut self, url: impl Into<String>) -> Self {
        self.identity_url = Some(url.into());
        self
    }

    /// The key of a `LaunchPoint` partner, sent with every token request.
    pub fn partner_id(mut self, id: impl Into<Secret>) -> Self {
        self.partner_id = Some(id.into());
        self
    }

    /// How tokens are requested.
    pub fn token_request(mut self, request: TokenRequest) -> Self {
        self.request = request;
        self
    }

    /// Sends the token as query parameter instead of as header.
    #[deprecated = "Marketo is removing the access_token query parameter, and URLs end up in logs: send \
                    the token in the header, which is the default"]
    #[allow(deprecated)]
    pub fn token_in_query(mut self) -> Self {
        self.scheme = security::ACCESS_TOKEN_QUERY;
        self
    }

    /// Loads and saves the token, to share it between processes.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Names the account in events, in logs and in the store, if several share a client id; by default they
    /// count as one. Only a hash of it is kept. A record that was saved without it is taken over.
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.account = Some(name.into());
        self
    }

    builder_methods!(self => self.settings);

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): which setting is missing or wrong.
    pub fn build(self) -> Result<Client, Error> {
        check_credential("client id", &self.client_id)?;
        check_credential("client secret", self.client_secret.expose())?;
        if let Some(id) = &self.partner_id {
            check_credential("partner id", id.expose())?;
        }
        if let Some(account) = &self.account {
            check_credential("account", account)?;
        }
        let setting = match (&self.munchkin_id, &self.identity_url) {
            (Some(_), _) => "munchkin_id",
            (None, Some(_)) => "identity_url",
            (None, None) => "base_url",
        };
        let Instance { root, identity } = self.instance()?;
        let http = self.settings.to_http_client()?;
        let provider = &security::PROVIDER;
        let identity = Transport::new(http.clone(), identity, Auth::none(), provider);
        let identity = IdentityOperations::new(identity.with_setting(setting));
        let timing = self.settings.to_renewal(renewal_policy()).timing();
        let client_secret = Replaceable::new(self.client_secret);
        let source = IdentityTokens {
            api: identity.clone(),
            client_id: self.client_id.clone(),
            client_secret: client_secret.clone(),
            partner_id: self.partner_id,
            request: self.request,
            retry_interval: timing.retry_interval,
        };
        let mut cache = self
            .settings
            .token_cache(self.scheme, source, renewal_policy())
            .account(provider.name, &self.client_id);
        if let Some(account) = &self.account {
            cache = cache.sub_account(account);
        }
        if let Some(store) = self.store {
            cache = cache.store(store);
        }
        let auth = Auth::cached(cache.build()?);
        let transport = Transport::new(http, root, auth, provider);
        Ok(Client::new(transport, identity, client_secret))
    }

    fn instance(&self) -> Result<Instance, Error> {
        match &self.munchkin_id {
            None => Instance::of_urls(self.base_url.as_deref(), self.identity_url.as_deref()),
            Some(_) if self.base_url.is_some() || self.identity_url.is_some() => Err(
                Error::configuration("the instance is named twice: give a Munchkin id or URLs"),
            ),
            Some(id) => Instance::of_munchkin_id(id),
        }
    }
}

/// Until a token expires, the endpoint returns the same one, so an early renewal is useless.
fn renewal_policy() -> RenewalPolicy {
    RenewalPolicy::new()
        .refresh_window(Duration::ZERO)
        .expiry_leeway(Duration::ZERO)
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("munchkin_id", &self.munchkin_id)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
