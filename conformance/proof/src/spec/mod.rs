//! The comparison of specs and cases: what a spec says about messages must be what the cases and fixtures
//! say, and the other way round. Neither is derived from the other, so a mistake in one shows.
//!
//! The judge never looks here: what is right is what the case says.

mod answers;
mod edits;
mod requests;
mod said;
mod schema;
mod security;
mod servers;
mod tree;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use tegata_conformance::case::{Provider, Suite};
use tegata_suite::provider::Difference;
use tegata_suite::{Finding, LoadError};

pub use edits::{SpecEdit, edits, fingerprint};
pub use said::Said;

/// One of the files in `specs/`.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Whose it is.
    pub provider: Provider,
    /// What it says.
    pub tree: Value,
}

impl Spec {
    /// The spec of a provider as it was when the crate was built.
    ///
    /// # Errors
    ///
    /// If there is none, or it is no YAML.
    pub fn embedded(provider: Provider) -> Result<Self, LoadError> {
        let mut all = files::SPECS.iter();
        let found = all.find(|(name, _)| *name == provider.name());
        let (_, text) = found.ok_or_else(|| {
            LoadError::new(
                &Self::file(provider),
                "is not there; each provider has a spec",
            )
        })?;
        Self::read(provider, text)
    }

    /// The spec of a provider in the workspace at `root`.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no YAML.
    pub fn load(root: &Path, provider: Provider) -> Result<Self, LoadError> {
        let file = Self::file(provider);
        let text = std::fs::read_to_string(root.join(&file))
            .map_err(|error| LoadError::new(&file, format!("cannot be read: {error}")))?;
        Self::read(provider, &text)
    }

    /// Reads a spec.
    ///
    /// # Errors
    ///
    /// If it is no YAML.
    pub fn read(provider: Provider, text: &str) -> Result<Self, LoadError> {
        let tree = serde_norway::from_str(text)
            .map_err(|error| LoadError::new(&Self::file(provider), error.to_string()))?;
        Ok(Self { provider, tree })
    }

    /// Its file, from the root of the workspace.
    pub fn file(provider: Provider) -> String {
        format!("specs/{}.yaml", provider.name())
    }
}

/// The files in `specs/`, by provider, as they were when the crate was built.
mod files {
    include!(concat!(env!("OUT_DIR"), "/specs.rs"));
}

/// Where the specs that were embedded and the suite say different things.
///
/// # Errors
///
/// If a spec is no YAML, or a fixture cannot be filled in.
pub fn check_specs(suite: &Suite) -> Result<Vec<Finding>, LoadError> {
    let mut findings = Vec::new();
    for provider in &suite.providers {
        let spec = Spec::embedded(*provider)?;
        findings.extend(Said::of(suite, *provider).differences(&spec.tree));
    }
    Ok(findings)
}

/// Collects the differences.
pub(crate) struct Differences {
    file: String,
    secrets: BTreeSet<String>,
    found: Vec<Finding>,
}

impl Differences {
    fn is_secret(&self, text: &str) -> bool {
        self.secrets.contains(text)
    }

    fn add(&mut self, place: &str, problem: impl Into<String>) {
        let fix = "read the document again, then fix the spec, or the case and its fixture";
        self.found
            .push(Finding::new(&self.file, place, problem, fix));
    }

    fn add_if(&mut self, wrong: bool, place: &str, problem: impl Into<String>) {
        if wrong {
            self.add(place, problem);
        }
    }
}

impl Said {
    /// Where a spec says something else, and is not meant to.
    pub fn differences(&self, spec: &Value) -> Vec<Finding> {
        let mut found = self.all_differences(spec);
        let meant = self.provider.differences();
        found.retain(|finding| !meant.iter().any(|row| is_meant(row, finding)));
        found
    }

    fn all_differences(&self, spec: &Value) -> Vec<Finding> {
        let mut all = Differences {
            file: Spec::file(self.provider),
            secrets: self.secrets.clone(),
            found: Vec::new(),
        };
        let view = tree::View::of(spec);
        requests::check(self, &view, &mut all);
        answers::check(self, &view, &mut all);
        security::check(self, &view, &mut all);
        servers::check(self, &view, &mut all);
        all.found
    }
}

fn is_meant(row: &Difference, finding: &Finding) -> bool {
    finding.place == row.place && finding.problem.starts_with(&row.problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_that_is_meant_is_there() {
        let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
        let mut meant = 0;
        for provider in Provider::all() {
            let spec = Spec::embedded(*provider).unwrap_or_else(|error| panic!("{error}"));
            let found = Said::of(&suite, *provider).all_differences(&spec.tree);
            for row in provider.differences() {
                let there = found.iter().any(|finding| is_meant(row, finding));
                assert!(there, "{}: {}", row.place, row.problem);
                meant += 1;
            }
        }
        assert!(meant > 0, "no difference is meant");
    }

    #[test]
    fn every_provider_has_a_spec_and_every_spec_a_provider() {
        let names = files::SPECS.iter().map(|(name, _)| *name);
        assert!(names.eq(Provider::all().iter().map(|one| one.name())));
    }

    #[test]
    fn a_spec_that_is_no_yaml_is_named() {
        let error = Spec::read("jooto".parse().unwrap(), "a: b: c")
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("specs/jooto.yaml: "), "{error}");
    }

    #[test]
    fn a_spec_that_says_nothing_differs_everywhere() {
        let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
        for provider in Provider::all().iter().copied() {
            let found = Said::of(&suite, provider).differences(&Value::Null);
            let places: BTreeSet<&str> = found.iter().map(|one| one.place.as_str()).collect();
            for place in ["paths", "security", "servers", "x-tegata-lifetimes"] {
                assert!(places.contains(place), "{}: {places:?}", provider.name());
            }
        }
    }
}
