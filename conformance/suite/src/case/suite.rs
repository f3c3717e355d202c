//! The whole suite: citations, fixtures, cases.

use super::{Case, Provider};
use crate::citation::Registry;
use crate::fixture::Fixtures;

/// The whole suite.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// The providers, by name.
    pub providers: Vec<Provider>,
    /// The citations.
    pub registry: Registry,
    /// The fixtures.
    pub fixtures: Fixtures,
    /// The cases, one a variant, sorted by file.
    pub cases: Vec<Case>,
    /// The case files: path and the id they give.
    pub files: Vec<(String, String)>,
    /// The sha256 of all data files, by path: of each its path, length and content.
    pub sha256: String,
}

impl Suite {
    /// The case of an id.
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id)
    }
}
