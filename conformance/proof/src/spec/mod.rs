//! The specs beside the cases: whatever a spec says of the wire must be what the cases and fixtures
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
    /// If it is no YAML.
    pub fn embedded(provider: Provider) -> Result<Self, LoadError> {
        Self::read(provider, text(provider))
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

fn text(provider: Provider) -> &'static str {
    match provider {
        Provider::FujitsuAispf => include_str!("../../../../specs/fujitsu-aispf.yaml"),
        Provider::Jooto => include_str!("../../../../specs/jooto.yaml"),
        Provider::Marketo => include_str!("../../../../specs/marketo.yaml"),
    }
}

/// Where the specs that were embedded and the suite say different things.
///
/// # Errors
///
/// If a spec is no YAML, or a fixture cannot be filled in.
pub fn check_specs(suite: &Suite) -> Result<Vec<Finding>, LoadError> {
    let mut findings = Vec::new();
    for provider in Provider::ALL {
        let spec = Spec::embedded(provider)?;
        findings.extend(Said::of(suite, provider).differences(&spec.tree));
    }
    Ok(findings)
}

/// A difference that is meant: the provider, the place, how the problem begins, and why.
type Meant = (Provider, &'static str, &'static str, &'static str);

const MEANT: [Meant; 5] = [
    (
        Provider::Marketo,
        "paths./oauth/token.post",
        "marketo/token-post-query: ",
        "The vendor's own definition, beside which specs/README.md says why the spec has a form",
    ),
    (
        Provider::Marketo,
        "paths./oauth/token.post.partner_id",
        "no fixture has it",
        "Assumed: the vendor names it for the query only, so no case may ask for it",
    ),
    (
        Provider::Marketo,
        "schemas.DescribeLeadResponse.requestId",
        "not required, and every",
        "The vendor's examples leave out other members, so nobody should need this one",
    ),
    (
        Provider::Marketo,
        "schemas.Token.expires_in",
        "not required, and every",
        "Nobody should lose a good token over it: only cases of level survive leave it out",
    ),
    (
        Provider::Marketo,
        "x-tegata-refusal.statuses",
        "no case renews after 401",
        "Declared for the user service only, of which there is no case",
    ),
];

/// Collects what is different.
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
    /// Where a spec says something else.
    pub fn differences(&self, spec: &Value) -> Vec<Finding> {
        let mut found = self.all_differences(spec);
        found.retain(|finding| !MEANT.iter().any(|row| self.is_meant(row, finding)));
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

    fn is_meant(&self, row: &Meant, finding: &Finding) -> bool {
        let (provider, place, problem, _) = row;
        *provider == self.provider
            && finding.place == *place
            && finding.problem.starts_with(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_that_is_meant_is_there() {
        let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
        for row in &MEANT {
            let spec = Spec::embedded(row.0).unwrap_or_else(|error| panic!("{error}"));
            let said = Said::of(&suite, row.0);
            let found = said.all_differences(&spec.tree);
            let there = found.iter().any(|finding| said.is_meant(row, finding));
            assert!(there, "{}: {}", row.1, row.2);
        }
    }

    #[test]
    fn a_spec_that_is_no_yaml_is_named() {
        let error = Spec::read(Provider::Jooto, "a: b: c")
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("specs/jooto.yaml: "), "{error}");
    }

    #[test]
    fn a_spec_that_says_nothing_differs_everywhere() {
        let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
        for provider in Provider::ALL {
            let found = Said::of(&suite, provider).differences(&Value::Null);
            let places: BTreeSet<&str> = found.iter().map(|one| one.place.as_str()).collect();
            for place in ["paths", "security", "servers", "x-tegata-lifetimes"] {
                assert!(places.contains(place), "{}: {places:?}", provider.name());
            }
        }
    }
}
