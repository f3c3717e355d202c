//! Runs to be reported.

use tegata_conformance::case::{Case, Suite};
use tegata_conformance::clients::OurClients;
use tegata_conformance::judge::judge_client;
use tegata_conformance::naive::{Bug, Naive};
use tegata_conformance::report::{CaseReport, CaseResult, Run, Subject};
use tegata_conformance::script::{Driver, Runner};

pub(crate) fn suite() -> Suite {
    Suite::embedded().unwrap_or_else(|error| panic!("{error}"))
}

/// The results of the cases whose id contains the text.
pub(crate) async fn results<D: Driver>(suite: &Suite, filter: &str, driver: &D) -> Vec<CaseResult> {
    let runner = Runner::new(suite);
    let mut results = Vec::new();
    for case in suite.cases.iter().filter(|case| case.id.contains(filter)) {
        results.push(result(suite, &runner, case, driver).await);
    }
    results
}

async fn result<D: Driver>(
    suite: &Suite,
    runner: &Runner<'_>,
    case: &Case,
    driver: &D,
) -> CaseResult {
    let able = case
        .needs
        .iter()
        .all(|need| driver.features().contains(need));
    if !case.role.judges_clients() || !able {
        return CaseReport::not_applicable(&case.id).into();
    }
    let transcript = runner.record(case, driver).await.unwrap();
    let checks = judge_client(suite, case, &transcript);
    (CaseReport::of(&case.id, case.level, checks), transcript).into()
}

/// Our clients, by the cases whose id contains the text.
pub(crate) async fn ours(filter: &str) -> Run {
    let suite = suite();
    let results = results(&suite, filter, &OurClients).await;
    let subject = Subject::client("tegata", OurClients.features());
    Run::of(&suite, subject, results).unwrap()
}

/// The naive client with a bug, by the cases whose id contains the text.
pub(crate) async fn naive(bug: Bug, filter: &str) -> Run {
    let suite = suite();
    let client = Naive::with(bug);
    let results = results(&suite, filter, &client).await;
    let subject = Subject::client(format!("{bug:?}"), client.features());
    Run::of(&suite, subject, results).unwrap()
}
