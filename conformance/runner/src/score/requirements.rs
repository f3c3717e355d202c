//! The cases that a release requires, frozen: later ones are reported, but do not count.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::case::{Level, Suite};
use crate::citation::sha256;
use crate::did_you_mean::did_you_mean;
use tegata_suite::REQUIREMENTS;

/// The requirements of one release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirements {
    /// The release.
    pub release: String,
    /// How many cases there are.
    pub count: usize,
    /// The sha256 of their ids, each with a line feed, in order.
    pub sha256: String,
    /// The cases, sorted.
    pub cases: Vec<String>,
}

/// Why requirements cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequirementsError(String);

impl fmt::Display for RequirementsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RequirementsError {}

impl Requirements {
    /// Every release that has requirements, the newest last.
    pub fn releases() -> Vec<&'static str> {
        REQUIREMENTS.iter().map(|(release, _)| *release).collect()
    }

    /// The requirements of a release.
    ///
    /// # Errors
    ///
    /// If there is no such release, or its list was changed or does not fit the suite.
    pub fn of(release: &str, suite: &Suite) -> Result<Self, RequirementsError> {
        let known = || REQUIREMENTS.iter().map(|(known, _)| *known);
        let Some((_, text)) = REQUIREMENTS.iter().find(|(known, _)| *known == release) else {
            let near = did_you_mean(release, known());
            let all = near.map_or_else(|| known().collect::<Vec<_>>().join(", "), str::to_owned);
            return Err(RequirementsError(format!(
                "there are no requirements `{release}`; there are those of {all}"
            )));
        };
        let file = format!("requirements/{release}.toml");
        let requirements = Self::parse(text, suite);
        requirements.map_err(|error| RequirementsError(format!("{file}: {error}")))
    }

    /// The requirements of a text, checked against the suite.
    ///
    /// # Errors
    ///
    /// As [`Requirements::of`].
    pub fn parse(text: &str, suite: &Suite) -> Result<Self, RequirementsError> {
        let read: Self =
            toml::from_str(text).map_err(|error| RequirementsError(error.to_string()))?;
        for id in &read.cases {
            let case = suite.case(id).ok_or_else(|| {
                let near = did_you_mean(id, suite.cases.iter().map(|case| case.id.as_str()));
                let near = near.map_or(String::new(), |near| format!(" (`{near}`?)"));
                RequirementsError(format!("`{id}` is no case{near}; a required case stays"))
            })?;
            if case.level != Level::Must || !case.role.judges_clients() {
                return Err(RequirementsError(format!(
                    "`{id}` is no `must` case for clients; a required case keeps its level"
                )));
            }
        }
        let frozen = Self::freeze(&read.release, read.cases.clone());
        if (frozen.count, &frozen.sha256) != (read.count, &read.sha256) {
            return Err(RequirementsError(format!(
                "the list is not the one that was frozen: {} cases of {}, sha256 {} of {}; put it \
                 back, and leave changes to the next release",
                frozen.count, read.count, frozen.sha256, read.sha256
            )));
        }
        Ok(read)
    }

    /// The requirements that a release made now would have: every `must` case for clients.
    pub fn now(release: &str, suite: &Suite) -> Self {
        let demanded =
            |case: &&crate::case::Case| case.level == Level::Must && case.role.judges_clients();
        let cases = suite.cases.iter().filter(demanded);
        Self::freeze(release, cases.map(|case| case.id.clone()).collect())
    }

    fn freeze(release: &str, cases: Vec<String>) -> Self {
        let cases: Vec<String> = cases
            .into_iter()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let text = cases.join("\n") + "\n";
        Self {
            release: release.to_owned(),
            count: cases.len(),
            sha256: sha256(text.as_bytes()),
            cases,
        }
    }

    /// Whether a case counts.
    pub fn demand(&self, case: &str) -> bool {
        self.cases.iter().any(|id| id == case)
    }
}
