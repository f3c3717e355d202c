//! Statements from outside the vendors' documents: RFC clauses, witnesses and assumptions.

use serde::{Deserialize, Serialize};

use super::{Binds, Keyword};
use crate::case::Provider;

/// The content of one of `citations/{rfc,witnesses,assumptions}.toml`, in which providers are names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside<P = Provider> {
    /// Clauses of RFCs.
    #[serde(default)]
    pub clause: Vec<Clause>,
    /// Other pages of a vendor, and reports of third parties.
    #[serde(default = "Vec::new")]
    pub witness: Vec<Witness<P>>,
    /// What no source says.
    #[serde(default = "Vec::new")]
    pub assumption: Vec<Assumption<P>>,
}

/// A clause of an RFC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its id: `RFC6749-5.1`, and after another dash a word if a section yields several.
    pub id: String,
    /// The RFC's number.
    pub rfc: u32,
    /// The section's number.
    pub section: String,
    /// How strongly it speaks.
    pub keyword: Keyword,
    /// Whom it binds.
    pub binds: Binds,
    /// What it says, in our own words.
    pub says: String,
    /// Why no case checks it.
    pub unchecked: Option<String>,
}

/// Whose word a witness is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Another page or file of the vendor.
    Vendor,
    /// Code, a recording or a thread of a third party.
    Reported,
}

/// A fact that a third party states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness<P = Provider> {
    /// Its id; starts with `W-`.
    pub id: String,
    /// Whose word it is.
    pub class: Standing,
    /// The provider it speaks of; none if it holds for all.
    pub provider: Option<P>,
    /// Where it can be read: a page, or a repository and path.
    pub source: String,
    /// What it says, in our own words.
    pub says: String,
    /// Why no case uses it.
    pub unchecked: Option<String>,
}

/// A fact that no source states and that a client must nevertheless settle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumption<P = Provider> {
    /// Its id; starts with `A-`.
    pub id: String,
    /// The provider it is about.
    pub provider: P,
    /// What is assumed.
    pub says: String,
    /// Why just that.
    pub note: String,
}
