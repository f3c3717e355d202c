//! Rules for the checks of a case: each has an id of its own, and its mutants name one of them.

use std::collections::BTreeSet;

use tegata_suite::Finding;

use super::check_ids;
use crate::case::Suite;

/// Checks of one name, and mutants that name no check.
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
        for mutant in &case.mutants {
            if !ids.contains(&mutant.killed_by) {
                findings.push(Finding::new(
                    &path,
                    "mutants",
                    format!("`{}` is no check of this case", mutant.killed_by),
                    "name one of the ids that `show` lists",
                ));
            }
        }
    }
    findings
}
