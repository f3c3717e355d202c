//! Rules for every case, and for cases and citations together.

mod live;
mod one;
mod references;
mod whole;

use std::collections::BTreeSet;

use super::Suite;
use crate::citation::check_structure;
use crate::finding::Finding;
use crate::fixture::check_fixtures;
use one::OneCase;

pub use live::check_live;
pub use whole::citing;

impl Suite {
    /// Everything that is wrong with the data, as far as it shows without the documents.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = check_structure(&self.registry);
        let of_fixtures = check_fixtures(&self.fixtures, &self.registry, &self.providers);
        findings.extend(of_fixtures);
        findings.extend(check_cases(self));
        findings
    }
}

/// Every case is well formed and demands no more than its evidence carries; every citation that
/// binds a party is checked or says why not; nothing lies unused.
pub fn check_cases(suite: &Suite) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, id) in &suite.files {
        if !seen.insert(id) {
            findings.push(Finding::new(
                path,
                "id",
                format!("`{id}` is taken"),
                "choose another",
            ));
        }
        let expected = id
            .split_once('.')
            .map(|(folder, name)| format!("cases/{folder}/{name}.toml"));
        if expected.as_deref() != Some(path) {
            findings.push(Finding::new(
                path,
                "id",
                format!("`{id}` does not go with the file's name"),
                "call the file cases/<provider>/<rest of the id>.toml",
            ));
        }
    }
    for case in &suite.cases {
        findings.extend(OneCase::check(suite, case));
        findings.extend(check_live(suite, case));
    }
    findings.extend(whole::checked(suite));
    findings.extend(whole::used(suite));
    findings
}
