//! What a client under test can be asked to do. The vocabulary is closed and small; a driver
//! translates it for one client.

use serde::{Deserialize, Serialize};

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Make sure that there is a valid token, as before a call, but call nothing.
    Issue,
    /// Call the API with the credential attached.
    Call(Call),
    /// Make an authorization URL. The outcome carries it; nothing is sent.
    AuthorizeUrl,
    /// Take the URL to which the browser was sent back, and check it. Nothing is sent.
    Callback(CallbackQuery),
    /// Exchange the code of the last accepted callback for tokens.
    Exchange,
    /// For cases that judge an endpoint only: the suite itself sends the fixtures' requests.
    Send,
}

/// A call of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The method.
    pub method: String,
    /// The path and query below the API's base URL; or, to another origin, the whole URL.
    pub path: String,
    /// The body as JSON text, with `content-type: application/json`.
    pub json: Option<String>,
    /// The body comes from a stream that can be read once.
    #[serde(default)]
    pub streaming: bool,
}

/// The query of a callback URL, after the `?`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackQuery {
    /// The query, encoded; may hold `${code}` and `${state}`, which are encoded when filled in.
    pub query: String,
}

impl Operation {
    /// The word used in the data files.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Call(_) => "call",
            Self::AuthorizeUrl => "authorize-url",
            Self::Callback(_) => "callback",
            Self::Exchange => "exchange",
            Self::Send => "send",
        }
    }
}
