//! What a driver is given: the client's configuration and the single tasks.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::case::{Auth, Call, Placement, Provider, TokenRequest};

/// Everything a client is given. All values are filled in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The case's id.
    pub case: String,
    /// The provider.
    pub provider: Provider,
    /// The account, where the case has several; otherwise `default`. Accounts of one case live
    /// in one process at the same time.
    pub account: String,
    /// How the client authenticates.
    pub auth: Auth,
    /// The time, in seconds since 1970.
    pub now: u64,
    /// The base URLs by server, such as `auth` and `services` (AISPF), `oauth` and `api` (Jooto),
    /// `identity` and `rest` (Marketo). To a client that finds the token endpoint by itself, `oauth` may not be given.
    pub urls: BTreeMap<String, String>,
    /// The credentials.
    pub credentials: Credentials,
    /// Tokens obtained before.
    pub tokens: Option<Tokens>,
    /// Marketo: how to ask for a token.
    pub token_request: TokenRequest,
    /// Marketo: where to put the token.
    pub placement: Placement,
}

/// The credentials and what goes with them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// API keys, best first.
    pub api_keys: Vec<String>,
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
    /// Jooto: the redirect URI.
    pub redirect_uri: Option<String>,
    /// Jooto: the organization, by id or as the URL of the browser's address bar.
    pub organization: Option<String>,
    /// Marketo: the partner id, if it is to be sent.
    pub partner_id: Option<String>,
}

/// Tokens obtained before.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: Option<String>,
    /// When they were obtained, in seconds since 1970.
    pub obtained_at: u64,
    /// The access token's lifetime at that time; none if the server did not say.
    pub expires_in: Option<u64>,
}

/// One task. Values are filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// [`crate::case::Operation::Issue`].
    Issue,
    /// [`crate::case::Operation::Call`]. A path that starts with `http` is a whole URL.
    Call(Call),
    /// [`crate::case::Operation::AuthorizeUrl`].
    AuthorizeUrl,
    /// [`crate::case::Operation::Callback`], with the whole URL.
    Callback(String),
    /// [`crate::case::Operation::Exchange`].
    Exchange,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("case", &self.case)
            .field("account", &self.account)
            .field("auth", &self.auth)
            .field("now", &self.now)
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("obtained_at", &self.obtained_at)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
