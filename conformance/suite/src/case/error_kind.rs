//! What kind of failure an operation ends in. Small and closed, so that clients in any language can name it.

use serde::{Deserialize, Serialize};

/// The kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The server does not accept the credential, and nothing that the client may do by itself
    /// fixes that: wrong key, wrong client secret, a renewed token refused as well.
    Rejected,
    /// The code or refresh token is no longer good; a person has to grant access anew.
    InvalidGrant,
    /// The same may succeed later: connection, timeout, 429, 5xx, "temporarily unavailable".
    Transient,
    /// The answer cannot be understood or used: no JSON, no access token, unknown token type.
    Decode,
    /// The server answered a call with an error that is no refusal: the status says which.
    Answer,
    /// The request goes to an origin that the credential is not for. Nothing was sent.
    Scope,
    /// The request would have to be sent again, but its body cannot be.
    NotReplayable,
    /// What the client was given cannot work. Nothing was sent.
    Config,
    /// The `state` of a callback is missing or is not the one that was made.
    StateMismatch,
    /// The person refused.
    AccessDenied,
    /// The callback holds another error; `code` says which.
    Authorization,
    /// The callback holds neither a code nor an error, or one of them twice.
    BadCallback,
    /// Anything else.
    Other,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Rejected,
        Self::InvalidGrant,
        Self::Transient,
        Self::Decode,
        Self::Answer,
        Self::Scope,
        Self::NotReplayable,
        Self::Config,
        Self::StateMismatch,
        Self::AccessDenied,
        Self::Authorization,
        Self::BadCallback,
        Self::Other,
    ];
}
