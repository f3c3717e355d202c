//! Running every case against one client, and against each bug once for all tests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use tegata_clients::naive::{Bug, Naive};
use tegata_conformance::case::{Case, Suite};
use tegata_conformance::report::CaseReport;
use tegata_conformance::script::{Driver, Runner, cores};

pub(crate) static SUITE: LazyLock<Suite> =
    LazyLock::new(|| Suite::embedded().unwrap_or_else(|error| panic!("{error}")));

/// The reports of every case for a client that has the bug, by bug.
pub(crate) static RUNS: LazyLock<BTreeMap<Bug, Vec<CaseReport>>> = LazyLock::new(all_bugs);

/// The reports of the cases that suit, in the suite's order.
pub(crate) fn reports<D: Driver>(driver: &D, suits: impl Fn(&Case) -> bool) -> Vec<CaseReport> {
    let cases: Vec<&Case> = SUITE.cases.iter().filter(|case| suits(case)).collect();
    let reports = Runner::new(&SUITE).run_all(&cases, driver, cores());
    reports.unwrap_or_else(|error| panic!("{error}"))
}

/// The ids of the checks that failed.
pub(crate) fn failed(reports: &[CaseReport]) -> BTreeSet<String> {
    let failures = reports.iter().flat_map(CaseReport::failures);
    failures.map(|check| check.id.clone()).collect()
}

fn all_bugs() -> BTreeMap<Bug, Vec<CaseReport>> {
    let runs = Bug::ALL.iter().map(|bug| {
        // At the others it is the right client.
        let own = |case: &Case| {
            bug.provider()
                .is_none_or(|only| only == case.provider.name())
        };
        (*bug, reports(&Naive::with(*bug), own))
    });
    runs.collect()
}
