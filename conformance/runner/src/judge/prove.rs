//! The proof that the suite can fail: every mutant of every case is killed by the check that is
//! named for it.

use std::rc::Rc;
use std::thread;

use serde::Serialize;

use super::{derived_mutants, failed_checks, judge_client, judge_server, mutate, reference};
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
    let redactor = Rc::new(baseline.values.redactor());
    if !failed_checks(suite, case, &baseline, &redactor).is_empty()
        && let Some(failed) = judge(suite, case, &baseline)
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
            let failed = failed_checks(suite, case, &run, &redactor);
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

/// The same for many cases, one by one, on all processors.
pub(crate) fn prove_cases(
    suite: &Suite,
    cases: &[&Case],
) -> Vec<Result<Vec<MutantReport>, ValueError>> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let part = cases.len().div_ceil(threads).max(1);
    let prove =
        |part: &[&Case]| -> Vec<_> { part.iter().map(|case| prove_case(suite, case)).collect() };
    thread::scope(|scope| {
        let parts: Vec<_> = cases
            .chunks(part)
            .map(|part| (part, scope.spawn(|| prove(part))))
            .collect();
        let mut all = Vec::new();
        for (part, thread) in parts {
            all.extend(thread.join().unwrap_or_else(|_| prove(part)));
        }
        all
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_checks_fail_with_words_and_without() {
        let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
        let mut count = 0;
        for case in &suite.cases {
            let baseline = reference(&suite, case, None).unwrap();
            let redactor = Rc::new(baseline.values.redactor());
            // A sample: what a check says is made by few functions.
            for mutant in derived_mutants(&suite, case).iter().step_by(7) {
                let mut run = baseline.clone();
                mutate(case, mutant, &mut run).unwrap();
                let silent = failed_checks(&suite, case, &run, &redactor);
                let all = judge(&suite, case, &run).into_iter();
                let failed = all.filter(|check| !check.passed);
                let prefix = format!("{}#", case.id);
                let failed = failed.map(|check| check.id.replacen(&prefix, "", 1));
                assert_eq!(silent, failed.collect::<Vec<_>>(), "{} {mutant:?}", case.id);
                count += 1;
            }
        }
        assert!(count > 200, "{count}");
    }
}
