//! Rules for the checks of a case: each has an id of its own, and its mutants and `about` name some of them.

use std::collections::BTreeSet;

use tegata_suite::Finding;

use super::check_ids;
use crate::case::Suite;

/// Checks of one name, and names of no check in `mutants` and `about`.
pub fn check_mutants(suite: &Suite) -> Vec<Finding> {
    let mut findings = Vec::new();
    for case in &suite.cases {
        let path = format!("cases/{}/{}.toml", case.provider.name(), case.file_stem());
        let ids = check_ids(suite, case);
        let mut unique = BTreeSet::new();
        for id in ids.iter().filter(|id| !unique.insert(*id)) {
            findings.push(Finding::new(
                &path,
                "checks",
                format!("`{id}` is two checks"),
                "rename an exchange or step",
            ));
        }
        let killers = case
            .mutants
            .iter()
            .map(|mutant| ("mutants", &mutant.killed_by));
        let named = killers.chain(case.about.iter().map(|check| ("about", check)));
        for (key, check) in named.filter(|(_, check)| !ids.contains(check)) {
            findings.push(Finding::new(
                &path,
                key,
                format!("`{check}` is no check of this case"),
                "name one of the ids that `show` lists",
            ));
        }
    }
    findings
}
