//! The client.

use tegata::reqwest::{Method, RequestBuilder, Response};
use tegata::{Error, IntoRequest, Transport};

use crate::Secret;
use crate::builder::{ApiKey, ClientBuilder, LegacyOAuth, OAuth2};
use crate::generated::AuthOperations;

/// Calls services behind AISPF authentication, each request with exactly one valid credential.
///
/// Cloning it is cheap; clones share connections and credential. It is `Send` and `Sync`.
#[derive(Clone, Debug)]
pub struct Client {
    services: Transport,
    tokens: AuthOperations,
}

impl Client {
    /// With an API key, sent as `X-Api-Key`. It does not expire.
    pub fn with_api_key(key: impl Into<Secret>) -> ClientBuilder<ApiKey> {
        ClientBuilder::new(ApiKey::new(key.into()))
    }

    /// With OAuth 2.0: tokens from `POST /v2/tokens`, sent as `X-Access-Token`, issued again when they
    /// expire or are refused.
    pub fn with_oauth2(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> ClientBuilder<OAuth2> {
        ClientBuilder::new(OAuth2::new(client_id.into(), client_secret.into()))
    }

    /// With the conventional method: tokens from `POST /v1/tokens`, renewed by `PATCH /v1/tokens` before
    /// they expire. To move to OAuth 2.0, write [`with_oauth2`](Self::with_oauth2) instead.
    pub fn with_legacy_oauth(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> ClientBuilder<LegacyOAuth> {
        ClientBuilder::new(LegacyOAuth::new(client_id.into(), client_secret.into()))
    }

    pub(crate) fn new(services: Transport, tokens: AuthOperations) -> Self {
        Self { services, tokens }
    }

    /// The token operations, without credentials, for calling them by hand.
    pub fn api(&self) -> &AuthOperations {
        &self.tokens
    }

    /// Starts a request for a path below the services' base URL, such as `/da/v2/async/jobs`. Hand it to
    /// [`send`](Self::send).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the path is no path.
    pub fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Error> {
        self.services.request(method, path)
    }

    /// Makes sure that there is a valid credential, but calls nothing; see [`Transport::warm_up`].
    ///
    /// # Errors
    /// What issuing the token failed with.
    pub async fn warm_up(&self) -> Result<(), Error> {
        self.services.warm_up().await
    }

    /// Sends a request with the credential; see [`Transport::send`].
    ///
    /// # Errors
    /// As [`Transport::send`].
    pub async fn send(&self, request: impl IntoRequest + Send) -> Result<Response, Error> {
        self.services.send(request).await
    }
}
