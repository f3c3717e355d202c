//! What a client is given before the first step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How the client authenticates its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// By API key.
    ApiKey,
    /// By OAuth 2.0.
    Oauth2,
    /// By the conventional method of AISPF.
    Legacy,
}

/// How Marketo is asked for a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenRequest {
    /// GET with a query.
    #[default]
    Get,
    /// POST with a form.
    Form,
    /// POST with a query.
    PostQuery,
}

/// Where Marketo's token is put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// In the `Authorization` header.
    #[default]
    Header,
    /// In the query parameter `access_token`.
    Query,
}

/// What a client is given. Credentials are named; their values are canaries from `values.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// How it authenticates.
    pub auth: Auth,
    /// The time at the start, in seconds since 1970.
    #[serde(default = "start")]
    pub clock: u64,
    /// Values that replace those of `values.toml`.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// The API keys, best first, by name.
    #[serde(default = "one_key")]
    pub keys: Vec<String>,
    /// The accounts that steps name; a case that says nothing has one.
    #[serde(default)]
    pub accounts: BTreeMap<String, Account>,
    /// Tokens that the client obtained before.
    pub tokens: Option<GivenTokens>,
    /// Base URLs by server, as templates, where they are not those of the provider's file; `${origin}` is the
    /// address of the scripted server. The client is not given one that is empty.
    #[serde(default)]
    pub urls: BTreeMap<String, String>,
    /// The organization, by id or as the URL of the browser's address bar.
    pub organization: Option<String>,
    /// How to ask for a token.
    #[serde(default)]
    pub token_request: TokenRequest,
    /// Where to put the token.
    #[serde(default)]
    pub placement: Placement,
    /// Whether to send the partner id.
    #[serde(default)]
    pub partner: bool,
}

/// The names of an account's credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The name of the client id.
    pub client_id: String,
    /// The name of the client secret.
    pub client_secret: String,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            client_id: "client-id".to_owned(),
            client_secret: "client-secret".to_owned(),
        }
    }
}

/// Tokens that the client obtained at the start of the clock, or `age` seconds before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenTokens {
    /// The name of the access token.
    pub access: String,
    /// Its lifetime, counted from when it was obtained; none if the server did not say.
    pub expires_in: Option<u64>,
    /// The name of the refresh token.
    pub refresh: Option<String>,
    /// How long ago they were obtained, in seconds.
    #[serde(default)]
    pub age: u64,
}

/// What changes when a step starts the client anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reopen {
    /// The method it authenticates by from now on.
    pub auth: Auth,
}

/// 2023-11-14T22:13:20Z: any instant will do, as long as it is always the same.
fn start() -> u64 {
    1_700_000_000
}

fn one_key() -> Vec<String> {
    vec!["api-key".to_owned()]
}
