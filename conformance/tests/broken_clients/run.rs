//! Running every case against one client, and against each bug once for all tests.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::LazyLock;

use tegata_conformance::case::Suite;
use tegata_conformance::naive::{Bug, Naive};
use tegata_conformance::report::CaseReport;
use tegata_conformance::script::{Driver, Runner};

pub(crate) static SUITE: LazyLock<Suite> =
    LazyLock::new(|| Suite::embedded().unwrap_or_else(|error| panic!("{error}")));

/// The reports of every case for a client that has the bug, by bug.
pub(crate) static RUNS: LazyLock<BTreeMap<Bug, Vec<CaseReport>>> =
    LazyLock::new(|| block_on(all_bugs()));

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime.unwrap_or_else(|error| panic!("{error}"));
    runtime.block_on(future)
}

/// The reports of every case, in the suite's order.
pub(crate) async fn reports<D: Driver>(suite: &Suite, driver: &D) -> Vec<CaseReport> {
    let runner = Runner::new(suite);
    let mut reports = Vec::new();
    for case in &suite.cases {
        let report = runner.run(case, driver).await;
        reports.push(report.unwrap_or_else(|error| panic!("{}: {error}", case.id)));
    }
    reports
}

/// The ids of the checks that failed.
pub(crate) fn failed(reports: &[CaseReport]) -> BTreeSet<String> {
    let failures = reports.iter().flat_map(CaseReport::failures);
    failures.map(|check| check.id.clone()).collect()
}

async fn all_bugs() -> BTreeMap<Bug, Vec<CaseReport>> {
    let tasks: Vec<_> = Bug::ALL
        .iter()
        .map(|bug| {
            tokio::spawn(async move {
                let naive = Naive::with(*bug);
                let mut suite = Suite::clone(&SUITE);
                // At the others it is the right client.
                if let Some(only) = bug.provider() {
                    suite.cases.retain(|case| case.provider == only);
                }
                (*bug, reports(&suite, &naive).await)
            })
        })
        .collect();
    let mut runs = BTreeMap::new();
    for task in tasks {
        runs.extend([task.await.unwrap_or_else(|error| panic!("{error}"))]);
    }
    runs
}
