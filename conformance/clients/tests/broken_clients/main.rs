//! The suite against a second client, right and with one bug after the other: the right one
//! passes, each bug is noticed by the checks that are about it and by no others, and no case that
//! demands anything can be passed by doing nothing.

mod run;

use std::collections::BTreeSet;

use tegata_clients::naive::{Bug, Naive, Row, Vacuous, matches, rows};
use tegata_conformance::case::{Case, Level};
use tegata_conformance::judge::prove;
use tegata_conformance::report::Verdict;
use tegata_conformance::script::ErrorKind;

use run::{RUNS, SUITE, failed, reports};

/// The bugs that no case notices, and what is missing.
const UNNOTICED: &[(Bug, &str)] = &[];

/// The `must` cases that none of the bugs fails. Each is failed by wire mutants at least.
const ONLY_BY_MUTANTS: &[&str] = &[];

fn demands() -> impl Iterator<Item = &'static Case> {
    let cases = SUITE.cases.iter();
    cases.filter(|case| case.level == Level::Must)
}

#[test]
fn the_right_client_passes_every_case_for_clients() {
    let reports = reports(&Naive::right(), |_| true);
    let mut problems = Vec::new();
    for (case, report) in SUITE.cases.iter().zip(&reports) {
        let expected = if case.role.judges_clients() {
            Verdict::Pass
        } else {
            Verdict::NotApplicable
        };
        if report.verdict != expected {
            problems.push(format!("{}: {:?}", report.case, report.verdict));
            problems.extend(report.failures().map(|check| format!("  {check}")));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_bug_has_one_row_or_is_known_to_go_unnoticed() {
    let mut listed: Vec<Bug> = rows().map(|row| row.bug).collect();
    listed.extend(UNNOTICED.iter().map(|(bug, _)| *bug));
    listed.sort();
    assert_eq!(listed, Bug::ALL.to_vec());
}

#[test]
fn each_bug_fails_exactly_the_checks_named_for_it() {
    let mut problems = Vec::new();
    for Row { bug, fails, allows } in rows() {
        let failed = failed(&RUNS[&bug]);
        let passed = fails.iter().filter(|id| !failed.contains(**id));
        problems.extend(passed.map(|id| format!("{bug:?}: {id} passes")));
        let others = failed.iter().filter(|id| {
            !fails.contains(&id.as_str()) && !allows.iter().any(|pattern| matches(pattern, id))
        });
        problems.extend(others.map(|id| format!("{bug:?}: {id} fails, which is not about it")));
        let idle = allows
            .iter()
            .filter(|pattern| !failed.iter().any(|id| matches(pattern, id)));
        problems.extend(idle.map(|pattern| format!("{bug:?}: nothing that is `{pattern}` fails")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_bugs_that_go_unnoticed_are_those_that_are_known_to() {
    let known: Vec<Bug> = UNNOTICED.iter().map(|(bug, _)| *bug).collect();
    let unnoticed: Vec<Bug> = RUNS
        .iter()
        .filter(|(_, reports)| failed(reports).is_empty())
        .map(|(bug, _)| *bug)
        .collect();
    assert_eq!(unnoticed, known);
}

#[test]
fn the_cases_that_no_bug_fails_are_known() {
    let failing: BTreeSet<&str> = RUNS
        .values()
        .flatten()
        .filter(|report| report.verdict == Verdict::Fail)
        .map(|report| report.case.as_str())
        .collect();
    let spared: Vec<&str> = demands()
        .filter(|case| case.role.judges_clients())
        .map(|case| case.id.as_str())
        .filter(|id| !failing.contains(id))
        .collect();
    assert_eq!(spared, ONLY_BY_MUTANTS);
}

#[test]
fn no_case_that_demands_anything_passes_whatever_is_sent() {
    let mutants = prove(&SUITE).unwrap_or_else(|error| panic!("{error}"));
    let killing: BTreeSet<&str> = mutants
        .iter()
        .filter(|mutant| mutant.killed)
        .map(|mutant| mutant.case.as_str())
        .collect();
    let idle: Vec<&str> = demands()
        .map(|case| case.id.as_str())
        .filter(|id| !killing.contains(id))
        .collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn a_vacuous_client_passes_no_case_that_demands_anything() {
    let kinds = ErrorKind::ALL.map(Vacuous::SaysError);
    let clients = [Vacuous::SaysOk, Vacuous::FixedRequest];
    for client in clients.iter().chain(&kinds) {
        let reports = reports(client, |case| case.level == Level::Must);
        let passed: Vec<&str> = reports
            .iter()
            .filter(|report| report.verdict == Verdict::Pass)
            .map(|report| report.case.as_str())
            .collect();
        assert!(passed.is_empty(), "{client:?} passes {passed:?}");
    }
}
