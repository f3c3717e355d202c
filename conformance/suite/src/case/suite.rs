//! The whole suite: citations, fixtures, cases.

use std::path::Path;

use super::{Case, Provider, check_cases, load};
use crate::citation::{Registry, check_structure};
use crate::finding::{Finding, LoadError};
use crate::fixture::{Fixtures, check_fixtures};

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
    /// The suite that was embedded when the crate was built.
    ///
    /// # Errors
    ///
    /// If a data file is wrong: the error names the file and the key.
    pub fn embedded() -> Result<Self, LoadError> {
        load::build(&load::embedded())
    }

    /// The suite of a folder that holds `citations`, `fixtures` and `cases`, and `providers` if it has any of its own.
    ///
    /// # Errors
    ///
    /// If a data file cannot be read or is wrong: the error names the file and the key.
    pub fn from_folder(root: &Path) -> Result<Self, LoadError> {
        load::build(&load::folder(root)?)
    }

    /// The suite of data files given as path and content. It knows the providers of `providers/<name>.toml`, and those
    /// that were embedded and of which there is no file.
    ///
    /// # Errors
    ///
    /// If a data file is wrong: the error names the file and the key.
    pub fn from_files(files: &[(String, String)]) -> Result<Self, LoadError> {
        load::build(files)
    }

    /// The case of an id.
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id)
    }

    /// Everything that is wrong with the data, as far as it shows without the documents.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = check_structure(&self.registry);
        findings.extend(check_fixtures(&self.fixtures, &self.registry));
        findings.extend(check_cases(self));
        findings
    }
}
