//! The builder of a client.

use std::time::Duration;

use tegata::oauth::App;
use tegata::provider::spec::Scheme;
use tegata::provider::{
    AccountSettings, Auth, ErrorExt as _, Transport, account_methods, builder_methods,
    check_credential,
};
use tegata::{Error, RenewalPolicy, Settings};

use crate::generated::{IdentityOperations, RestOperations, security};
use crate::instance::Instance;
use crate::tokens::{IdentityTokens, TokenRequest};
use crate::{Client, Secret};

/// Builds a [`Client`].
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    /// Kept out of `Debug`, as are the URLs, which may hold a password.
    client_id: Secret,
    client_secret: Secret,
    munchkin_id: Option<String>,
    base_url: Option<Secret>,
    identity_url: Option<Secret>,
    partner_id: Option<Secret>,
    request: TokenRequest,
    scheme: Scheme,
    account: AccountSettings,
    settings: Settings,
}

impl Client {
    /// A client with the client id and client secret of a custom service. Set the instance by
    /// [`munchkin_id`](ClientBuilder::munchkin_id) or [`base_url`](ClientBuilder::base_url).
    pub fn builder(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> ClientBuilder {
        ClientBuilder {
            client_id: client_id.into().into(),
            client_secret: client_secret.into(),
            munchkin_id: None,
            base_url: None,
            identity_url: None,
            partner_id: None,
            request: TokenRequest::default(),
            scheme: security::OAUTH2,
            account: AccountSettings::default(),
            settings: Settings::new(),
        }
    }
}

impl ClientBuilder {
    /// The instance by its Munchkin id, such as `284-RPR-133`.
    pub fn munchkin_id(mut self, id: impl Into<String>) -> Self {
        self.munchkin_id = Some(id.into());
        self
    }

    /// The instance by the URL of its REST API, with or without `/rest`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into().into());
        self
    }

    /// The identity URL, with or without `/identity`; by default it is on the host of the REST API.
    pub fn identity_url(mut self, url: impl Into<String>) -> Self {
        self.identity_url = Some(url.into().into());
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

    account_methods!(self => self.account);
    builder_methods!(self => self.settings);

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): which setting is missing or wrong.
    pub fn build(self) -> Result<Client, Error> {
        if let Some(id) = &self.partner_id {
            check_credential("partner id", id.expose())?;
        }
        self.account.check()?;
        let setting = match (&self.munchkin_id, &self.identity_url) {
            (Some(_), _) => "munchkin_id",
            (None, Some(_)) => "identity_url",
            (None, None) => "base_url",
        };
        let Instance { root, identity } = self.instance()?;
        let provider = &security::PROVIDER;
        let http = self.settings.to_http_client()?;
        let settings = self.settings.http_client(http.clone());
        let server = self.request.server(&identity, self.partner_id);
        let app = App::builder(
            server.setting(setting),
            self.client_id.expose(),
            self.client_secret,
        )
        .settings(settings.clone())
        .build()?;
        let source = IdentityTokens {
            tokens: app.client_credentials(),
            retry_interval: settings
                .to_renewal(renewal_policy())
                .timing()
                .retry_interval,
        };
        let cache = settings.token_cache(self.scheme, source, renewal_policy());
        let auth = self
            .account
            .cached(cache.account(provider.name, app.client_id()))?;
        let identity = Transport::new(http.clone(), identity, Auth::none(), provider);
        Ok(Client {
            rest: RestOperations::new(Transport::new(http, root, auth, provider)),
            identity: IdentityOperations::new(identity.with_setting(setting)),
            app,
        })
    }

    fn instance(&self) -> Result<Instance, Error> {
        let urls = [&self.base_url, &self.identity_url].map(Option::as_ref);
        let [base, identity] = urls.map(|url| url.map(Secret::expose));
        match &self.munchkin_id {
            None => Instance::of_urls(base, identity),
            Some(_) if base.is_some() || identity.is_some() => Err(Error::configuration(
                "the instance is named twice: give a Munchkin id or URLs",
            )),
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
