//! One vendor document and its statements: `citations/<source>.toml`.

use serde::{Deserialize, Serialize};

use super::{Binds, Keyword, Lines};
use crate::case::Provider;

/// A source document: what it is, and a row for every line that is not blank. In its file, its provider is a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document<P = Provider> {
    /// The source's id, such as `marketo.ja`.
    pub source: String,
    /// Its file name in the sources folder.
    pub file: String,
    /// The provider it speaks of.
    pub provider: P,
    /// Its language, as in BCP 47.
    pub language: String,
    /// The sha256 of the whole file.
    pub sha256: String,
    /// How many lines the file has.
    pub lines: usize,
    /// Its blank lines. With them, "every other line is in a row" can be checked without the
    /// document.
    #[serde(default)]
    pub blank: Lines,
    /// What it states.
    #[serde(default)]
    pub citation: Vec<Statement>,
    /// The lines that state nothing about a client or a server.
    #[serde(default)]
    pub excluded: Vec<Excluded>,
}

/// One statement of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Its stable id, such as `FJ-v2-basic`.
    pub id: String,
    /// Where it stands.
    pub lines: Lines,
    /// The sha256 of those lines (see [`super::hash_lines`]).
    pub sha256: String,
    /// How strongly it speaks.
    pub keyword: Keyword,
    /// Whom it binds.
    pub binds: Binds,
    /// What it says, in our own words. Absent only where `same_as` says it.
    pub says: Option<String>,
    /// The id of the statement that says the same in another language.
    pub same_as: Option<String>,
    /// In what the two languages differ.
    pub differs: Option<String>,
    /// Why no case checks it, although it binds a party.
    pub unchecked: Option<String>,
}

/// Lines that state nothing about a client or a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    /// Which lines.
    pub lines: Lines,
    /// Their sha256.
    pub sha256: String,
    /// The reason for the exclusion.
    pub reason: String,
}
