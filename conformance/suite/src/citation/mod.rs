//! Citations: what the vendors' documents, RFCs and witnesses say, in our own words.
//!
//! A statement of a document is a source, its lines, the sha256 of exactly those lines, and a
//! paraphrase. The sentence itself is never stored, so the lint that compares the hashes needs
//! the documents beside it ([`check_source`]); everything else is checked without them
//! ([`check_structure`]).

mod document;
mod lines;
mod lint;
mod outside;
mod registry;
mod source;
mod words;

pub use document::{Document, Excluded, Statement};
pub use lines::{LineError, Lines};
pub use lint::check_structure;
pub use outside::{Assumption, Clause, Outside, Witness};
pub use registry::{Registry, Row};
pub use source::{check_folder, check_source, hash_lines, sha256, split_lines};

use serde::{Deserialize, Serialize};

/// How strongly a row speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keyword {
    /// An obligation or a prohibition.
    Must,
    /// A recommendation.
    Should,
    /// A permission.
    May,
    /// A statement of how something is.
    Fact,
}

/// Whom a row binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Binds {
    /// The client.
    Client,
    /// The server.
    Server,
    /// Both of them.
    Both,
    /// Neither: it informs a person.
    Nobody,
}

impl Binds {
    /// Whether a case has to check the row.
    pub fn anyone(self) -> bool {
        self != Self::Nobody
    }
}

/// The kind of evidence for a fact, which limits the levels that a case may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// One of the four documents.
    Documented,
    /// Another page or file of the vendor.
    Vendor,
    /// An RFC.
    Rfc,
    /// Code or a thread of a third party.
    Reported,
    /// No source says it.
    Assumed,
}

impl Evidence {
    /// The word used in the data files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Vendor => "vendor",
            Self::Rfc => "rfc",
            Self::Reported => "reported",
            Self::Assumed => "assumed",
        }
    }
}

impl Keyword {
    /// The word used in the data files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
            Self::Fact => "fact",
        }
    }
}

impl Binds {
    /// The word used in the data files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Both => "both",
            Self::Nobody => "nobody",
        }
    }
}
