//! Runs to be reported.

use std::sync::LazyLock;

use tegata_clients::naive::{Bug, Naive};
use tegata_clients::ours::OurClients;
use tegata_conformance::case::{Case, Level, Suite};
use tegata_conformance::judge::{Transcript, judge_client};
use tegata_conformance::report::{CaseReport, CaseResult, Check, Run, Subject};
use tegata_conformance::script::{Driver, Runner, Servers};
use tokio::sync::OnceCell;

/// The suite, which takes long to read.
pub(crate) fn suite() -> &'static Suite {
    static SUITE: LazyLock<Suite> =
        LazyLock::new(|| Suite::embedded().unwrap_or_else(|error| panic!("{error}")));
    &SUITE
}

/// The results of the cases whose id contains the text.
pub(crate) async fn results<D: Driver>(suite: &Suite, filter: &str, driver: &D) -> Vec<CaseResult> {
    let servers = Servers::default();
    let runner = Runner::new(suite).servers(&servers);
    let mut results = Vec::new();
    for case in suite.cases.iter().filter(|case| case.id.contains(filter)) {
        results.push(judged(suite, &runner, case, driver).await);
    }
    results
}

async fn judged<D: Driver>(
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
    let results = results(suite, filter, &OurClients).await;
    let subject = Subject::client("tegata", OurClients.features());
    Run::of(suite, subject, results).unwrap()
}

/// Our clients, by every case: run once for all tests that only look at it.
pub(crate) async fn whole() -> &'static Run {
    static WHOLE: OnceCell<Run> = OnceCell::const_new();
    WHOLE.get_or_init(|| ours("")).await
}

/// The naive client with a bug, by the cases whose id contains the text.
pub(crate) async fn naive(bug: Bug, filter: &str) -> Run {
    let suite = suite();
    let client = Naive::with(bug);
    let results = results(suite, filter, &client).await;
    let subject = Subject::client(format!("{bug:?}"), client.features());
    Run::of(suite, subject, results).unwrap()
}

/// The reference run of a case.
pub(crate) async fn transcript(suite: &Suite, id: &str) -> Transcript {
    let case = suite.case(id).unwrap();
    let replay = tegata_conformance::script::Replay::new(suite);
    Runner::new(suite).record(case, &replay).await.unwrap()
}

/// The result of a case by what was recorded.
pub(crate) fn result(suite: &Suite, id: &str, transcript: Transcript) -> CaseResult {
    let case = suite.case(id).unwrap();
    let checks = judge_client(suite, case, &transcript);
    (CaseReport::of(&case.id, case.level, checks), transcript).into()
}

/// Text that is markup, or the end of something, in some format.
pub(crate) const HOSTILE: &str =
    "</script><script>alert(1)</script><!-- ]]> \" ' & `|` \u{1}\u{2028} ${x} [t]";

/// A client whose every text is [`HOSTILE`], in a case that fails.
pub(crate) async fn hostile() -> Run {
    let suite = suite();
    let id = "marketo.refused.602";
    let mut transcript = transcript(suite, id).await;
    for request in &mut transcript.steps[0].requests {
        HOSTILE.clone_into(&mut request.method);
        request.target = format!("/{HOSTILE}?{HOSTILE}={HOSTILE}");
        request
            .headers
            .push((HOSTILE.to_owned(), HOSTILE.to_owned()));
        request.body = HOSTILE.as_bytes().to_vec();
    }
    let result = result(suite, id, transcript);
    let probe = CaseReport::of(
        "marketo.token.url-without-identity",
        Level::Probe,
        vec![Check {
            id: "marketo.token.url-without-identity#issue.path".to_owned(),
            passed: false,
            expected: HOSTILE.to_owned(),
            seen: HOSTILE.to_owned(),
        }],
    );
    let results: [CaseResult; 3] = [
        result,
        probe.into(),
        CaseReport::not_applicable("jooto.key.header").into(),
    ];
    Run::of(suite, Subject::client(HOSTILE, &[]), results).unwrap()
}
