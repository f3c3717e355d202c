//! The ways in which our clients authenticate, seen alike.

use std::sync::Arc;

use tegata::reqwest::{self, Method, Request};
use tegata::{Error, IntoPath, MemoryStore, RequestBuilder, Response, Settings, TokenCache};
use tegata_emulator::Provider;
use tegata_marketo::TokenRequest;

use super::loopback::{
    AISPF_ID, AISPF_PRIMARY, AISPF_SECONDARY, AISPF_SECRET, HOUR, JOOTO_ID, JOOTO_KEY,
    JOOTO_SECRET, Loopback, MARKETO_ID, MARKETO_SECRET,
};
use super::soon;

/// A provider with one of its authentication methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    AispfKeys,
    AispfOAuth2,
    AispfLegacy,
    JootoKey,
    JootoOAuth2,
    MarketoGet,
    MarketoForm,
    MarketoQuery,
}

/// A client of any provider.
#[derive(Clone, Debug)]
pub enum Subject {
    Aispf(tegata_fujitsu_aispf::Client),
    Jooto(tegata_jooto::Client),
    Marketo(tegata_marketo::Client),
}

impl Flow {
    pub const ALL: [Self; 8] = [
        Self::AispfKeys,
        Self::AispfOAuth2,
        Self::AispfLegacy,
        Self::JootoKey,
        Self::JootoOAuth2,
        Self::MarketoGet,
        Self::MarketoForm,
        Self::MarketoQuery,
    ];

    /// Those that get tokens.
    pub const TOKENS: [Self; 5] = [
        Self::AispfOAuth2,
        Self::AispfLegacy,
        Self::JootoOAuth2,
        Self::MarketoGet,
        Self::MarketoForm,
    ];

    pub const fn provider(self) -> Provider {
        match self {
            Self::AispfKeys | Self::AispfOAuth2 | Self::AispfLegacy => Provider::FujitsuAispf,
            Self::JootoKey | Self::JootoOAuth2 => Provider::Jooto,
            Self::MarketoGet | Self::MarketoForm | Self::MarketoQuery => Provider::Marketo,
        }
    }

    /// A call that any credential may make, and that takes any method and body.
    pub const fn path(self) -> &'static str {
        match self.provider() {
            Provider::FujitsuAispf => "/da/v2/async/jobs",
            Provider::Jooto => "/v1/boards",
            Provider::Marketo => "/rest/v1/leads.json",
            Provider::Api(_) => "/",
        }
    }

    /// Where the provider issues the token of this flow, and the first such request's method.
    pub const fn token_call(self) -> (&'static str, &'static str) {
        match self {
            Self::AispfOAuth2 => ("POST", "/v2/tokens"),
            Self::AispfLegacy => ("POST", "/v1/tokens"),
            Self::JootoOAuth2 => ("POST", "/oauth2/token"),
            Self::MarketoGet | Self::MarketoQuery => ("GET", "/identity/oauth/token"),
            Self::MarketoForm => ("POST", "/identity/oauth/token"),
            Self::AispfKeys | Self::JootoKey => ("", ""),
        }
    }

    /// The place of a call's credential, as [`wire::credential`](super::wire::credential) writes it.
    pub fn on_the_wire(self, secret: &str) -> String {
        match self {
            Self::AispfKeys => format!("x-api-key: {secret}"),
            Self::AispfOAuth2 | Self::AispfLegacy => format!("x-access-token: {secret}"),
            Self::JootoKey => format!("x-jooto-api-key: {secret}"),
            Self::JootoOAuth2 | Self::MarketoGet | Self::MarketoForm => {
                format!("authorization: Bearer {secret}")
            }
            Self::MarketoQuery => format!("?access_token: {secret}"),
        }
    }

    /// A client that has no token yet. Jooto's has a stored one whose time is over, since only a person
    /// can give it a first one; the emulator's clock has moved then, and its log is empty.
    pub async fn cold(self, loopback: &Loopback) -> Subject {
        self.cold_with(loopback, loopback.settings()).await
    }

    pub async fn cold_with(self, loopback: &Loopback, settings: Settings) -> Subject {
        let built = match self {
            Self::AispfKeys => {
                let keys = loopback.aispf_keys(AISPF_PRIMARY, AISPF_SECONDARY);
                keys.settings(settings).build().map(Subject::Aispf)
            }
            Self::AispfOAuth2 => {
                let builder = loopback.aispf_oauth2(AISPF_ID, AISPF_SECRET);
                builder.settings(settings).build().map(Subject::Aispf)
            }
            Self::AispfLegacy => {
                let builder = loopback.aispf_legacy(AISPF_ID, AISPF_SECRET);
                builder.settings(settings).build().map(Subject::Aispf)
            }
            Self::JootoKey => {
                let builder = loopback.jooto_key(JOOTO_KEY);
                builder.settings(settings).build().map(Subject::Jooto)
            }
            Self::JootoOAuth2 => {
                let app = loopback.jooto_app(JOOTO_ID, JOOTO_SECRET);
                let app = app.settings(settings).build().expect("valid settings");
                let store = MemoryStore::holding(loopback.token(&app).await);
                loopback.advance(HOUR);
                loopback.emulator.clear_log();
                app.client_from(Arc::new(store)).build().map(Subject::Jooto)
            }
            Self::MarketoGet | Self::MarketoForm | Self::MarketoQuery => {
                let mut builder = loopback.marketo(MARKETO_ID, MARKETO_SECRET);
                if self == Self::MarketoForm {
                    builder = builder.token_request(TokenRequest::PostForm);
                }
                if self == Self::MarketoQuery {
                    #[allow(deprecated, reason = "what is deprecated has to work until it is gone")]
                    let in_query = builder.token_in_query();
                    builder = in_query;
                }
                builder.settings(settings).build().map(Subject::Marketo)
            }
        };
        built.expect("valid settings")
    }

    /// A client that has just got its token.
    pub async fn warm(self, loopback: &Loopback) -> Subject {
        let client = self.cold(loopback).await;
        client.warm_up().await.expect("a token");
        loopback.emulator.clear_log();
        client
    }
}

impl Subject {
    /// The client's tokens, if it has any.
    pub fn token_cache(&self) -> Option<&TokenCache> {
        match self {
            Self::Aispf(client) => client.token_cache(),
            Self::Jooto(client) => client.token_cache(),
            Self::Marketo(client) => client.token_cache(),
        }
    }

    /// Returns when no renewal is under way.
    pub async fn settled(&self) {
        let is_renewing = || {
            let cache = self.token_cache();
            cache.is_some_and(|cache| cache.snapshot().is_renewing)
        };
        let ended = async {
            while is_renewing() {
                tokio::task::yield_now().await;
            }
        };
        soon("the end of a renewal", ended).await;
    }

    pub async fn warm_up(&self) -> Result<(), Error> {
        match self {
            Self::Aispf(client) => client.warm_up().await,
            Self::Jooto(client) => client.warm_up().await,
            Self::Marketo(client) => client.warm_up().await,
        }
    }

    pub fn request(&self, method: Method, path: impl IntoPath) -> RequestBuilder {
        match self {
            Self::Aispf(client) => client.request(method, path),
            Self::Jooto(client) => client.request(method, path),
            Self::Marketo(client) => client.request(method, path),
        }
    }

    pub async fn send(&self, request: impl Sendable) -> Result<Response, Error> {
        request.send_by(self).await
    }

    async fn execute(&self, request: Request) -> Result<Response, Error> {
        match self {
            Self::Aispf(client) => client.execute(request).await,
            Self::Jooto(client) => client.execute(request).await,
            Self::Marketo(client) => client.execute(request).await,
        }
    }

    /// A `GET`, of which only the status matters.
    pub async fn get(&self, path: &str) -> Result<u16, Error> {
        let response = self.send(self.request(Method::GET, path)).await?;
        let status = response.status().as_u16();
        // Read to its end, so that the connection can be used again.
        drop(response.bytes().await);
        Ok(status)
    }

    /// A `POST` with this body.
    pub fn post(&self, path: &str, body: &str) -> Request {
        let request = self.request(Method::POST, path);
        let request = request.header("content-type", "application/json");
        request.body(body.to_owned()).build().expect("a request")
    }
}

/// A request of a client, or one that was made elsewhere.
pub trait Sendable: Send {
    fn send_by(self, client: &Subject) -> impl Future<Output = Result<Response, Error>> + Send;
}

impl Sendable for RequestBuilder {
    async fn send_by(self, _: &Subject) -> Result<Response, Error> {
        self.send().await
    }
}

impl Sendable for Request {
    async fn send_by(self, client: &Subject) -> Result<Response, Error> {
        client.execute(self).await
    }
}

impl Sendable for reqwest::RequestBuilder {
    async fn send_by(self, client: &Subject) -> Result<Response, Error> {
        let request = self.build().expect("a request");
        client.execute(request).await
    }
}
