//! The outcome that a client reports. Small and closed, so that clients in any language can say it.

use std::fmt;

use serde::{Deserialize, Serialize};

pub use tegata_suite::case::ErrorKind;

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
    /// if the client passes on no bytes.
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
    /// The client's texts.
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
