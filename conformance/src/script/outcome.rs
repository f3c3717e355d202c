//! What a client came to. Small and closed, so that clients in any language can say it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The outcome of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The operation succeeded.
    Ok(Success),
    /// The operation failed.
    Error(Failure),
}

/// A success.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Success {
    /// `call`: the status of the answer that reached the caller.
    pub status: Option<u16>,
    /// `call`: the sha256 of the body that reached the caller, in lower-case hexadecimal; none
    /// if the client hands on no bytes.
    pub body_sha256: Option<String>,
    /// `authorize-url`: the URL.
    pub url: Option<String>,
    /// What the client showed or would show on the way: `Debug` and `Display` of what it hands
    /// out, log lines. It is searched for secrets.
    #[serde(default)]
    pub said: Vec<String>,
}

/// A failure.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// The status of the answer that led to it, if the caller can see it.
    pub status: Option<u16>,
    /// The vendor's or RFC's error code, if the caller can see it.
    pub code: Option<String>,
    /// As in [`Success`]; for an error its `Display` and `Debug` with all its sources.
    #[serde(default)]
    pub said: Vec<String>,
}

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

impl Failure {
    /// A failure of a kind, without anything else.
    pub fn of(kind: ErrorKind) -> Self {
        Self {
            kind,
            status: None,
            code: None,
            said: Vec::new(),
        }
    }
}

impl Outcome {
    /// What the client said.
    pub fn said(&self) -> &[String] {
        match self {
            Self::Ok(success) => &success.said,
            Self::Error(failure) => &failure.said,
        }
    }

    /// The same, to be added to.
    pub fn said_mut(&mut self) -> &mut Vec<String> {
        match self {
            Self::Ok(success) => &mut success.said,
            Self::Error(failure) => &mut failure.said,
        }
    }

    /// The status that reached the caller.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Ok(success) => success.status,
            Self::Error(failure) => failure.status,
        }
    }
}

impl fmt::Debug for Success {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Success")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("kind", &self.kind)
            .field("status", &self.status)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}
