//! The subject of a run: client, endpoint or recording.

use serde::Serialize;

use crate::case::Feature;

/// Who was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SubjectKind,
    /// What it declares that it can do; empty for endpoints.
    pub features: Vec<Feature>,
}

/// What was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// A client, driven by the suite.
    Client,
    /// An endpoint, asked by the suite.
    Endpoint,
    /// Exchanges that some tool recorded.
    Recording,
}

impl Subject {
    /// A client with the features that it declares.
    pub fn client(name: impl Into<String>, features: &[Feature]) -> Self {
        Self {
            name: name.into(),
            kind: SubjectKind::Client,
            features: features.to_vec(),
        }
    }

    /// An endpoint.
    pub fn endpoint(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: SubjectKind::Endpoint,
            features: Vec::new(),
        }
    }

    /// A recording.
    pub fn recording(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: SubjectKind::Recording,
            features: Vec::new(),
        }
    }
}

impl SubjectKind {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Endpoint => "endpoint",
            Self::Recording => "recording",
        }
    }
}
