//! The proof that the suite can fail: every mutant of every case is killed by the check that is
//! named for it.

use serde::Serialize;

use super::{derived_mutants, judge_client, judge_server, mutate, reference};
use crate::case::{Case, Mutant, Suite};
use crate::fixture::ValueError;
use crate::report::Check;

/// What became of one mutant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MutantReport {
    /// The case.
    pub case: String,
    /// The mutant.
    pub mutant: Mutant,
    /// Whether the case's file names it; otherwise it follows from the expectations.
    pub named: bool,
    /// Whether the named check failed.
    pub killed: bool,
    /// The checks that failed, without the case's id.
    pub failed: Vec<String>,
}

/// The reports of every mutant of every case.
///
/// # Errors
///
/// If a case cannot be put together from its fixtures, a mutant does not fit, or a reference
/// run does not pass.
pub fn prove(suite: &Suite) -> Result<Vec<MutantReport>, ValueError> {
    let mut reports = Vec::new();
    for case in &suite.cases {
        reports.extend(prove_case(suite, case)?);
    }
    Ok(reports)
}

/// The reports of every mutant of one case.
///
/// # Errors
///
/// As for [`prove`].
pub fn prove_case(suite: &Suite, case: &Case) -> Result<Vec<MutantReport>, ValueError> {
    let in_case = |error: &dyn std::fmt::Display| ValueError::new(format!("{}: {error}", case.id));
    let baseline = reference(suite, case, None).map_err(|error| in_case(&error))?;
    if let Some(failed) = judge(suite, case, &baseline)
        .into_iter()
        .find(|check| !check.passed)
    {
        return Err(in_case(&format!(
            "the reference run does not pass: {failed}"
        )));
    }
    let named = case.mutants.iter().map(|mutant| (mutant.clone(), true));
    let derived = derived_mutants(suite, case)
        .into_iter()
        .map(|mutant| (mutant, false));
    named
        .chain(derived)
        .map(|(mutant, named)| {
            let mut run = baseline.clone();
            mutate(case, &mutant, &mut run).map_err(|error| in_case(&error))?;
            let prefix = format!("{}#", case.id);
            let failed: Vec<String> = judge(suite, case, &run)
                .into_iter()
                .filter(|check| !check.passed)
                .map(|check| {
                    check
                        .id
                        .strip_prefix(&prefix)
                        .unwrap_or(&check.id)
                        .to_owned()
                })
                .collect();
            let killed = failed.contains(&mutant.killed_by);
            Ok(MutantReport {
                case: case.id.clone(),
                mutant,
                named,
                killed,
                failed,
            })
        })
        .collect()
}

fn judge(suite: &Suite, case: &Case, run: &super::Transcript) -> Vec<Check> {
    let mut checks = Vec::new();
    if case.role.judges_clients() {
        checks.extend(judge_client(suite, case, run));
    }
    if case.role.judges_servers() {
        checks.extend(judge_server(suite, case, run));
    }
    checks
}
