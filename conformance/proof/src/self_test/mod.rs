//! The suite shows that it can be trusted, before any client is judged by it: what is right passes,
//! what is wrong fails by the checks that are about it, and a client that does nothing passes nothing.

mod broken;
mod emulated;

pub use emulated::Emulated;

use tegata_clients::naive::{Row, Vacuous};
use tegata_conformance::case::{Level, Suite};
use tegata_conformance::report::{CaseReport, Verdict};
use tegata_conformance::script::{Driver, ErrorKind, Replay, RunError, Runner, run_endpoint_case};

/// One thing that was shown, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What.
    pub what: String,
    /// What speaks against it.
    pub problems: Vec<String>,
}

/// The recorded exchanges of each case, sent over HTTP, pass it.
///
/// # Errors
///
/// If the harness fails.
pub async fn reference_passes(suite: &Suite) -> Result<Shown, RunError> {
    let reports = reports(suite, &Replay::new(suite)).await?;
    let judged = suite.cases.iter().zip(&reports);
    let judged: Vec<_> = judged
        .filter(|(case, _)| case.role.judges_clients())
        .collect();
    let problems = judged
        .iter()
        .filter(|(_, report)| report.verdict != Verdict::Pass)
        .flat_map(|(_, report)| said(report))
        .collect();
    Ok(Shown {
        what: format!(
            "the recorded exchanges pass {} cases for clients",
            judged.len()
        ),
        problems,
    })
}

/// The emulator passes each case that judges endpoints.
///
/// # Errors
///
/// If the harness fails.
pub async fn emulator_passes(suite: &Suite) -> Result<Shown, RunError> {
    let cases = suite.cases.iter().filter(|case| case.role.judges_servers());
    let (mut count, mut problems) = (0_usize, Vec::new());
    for case in cases {
        let endpoint = Emulated::knowing(suite, case.provider)
            .map_err(|error| RunError::Data(error.to_string()))?;
        let report = run_endpoint_case(suite, case, &endpoint).await?;
        count += 1;
        if report.verdict != Verdict::Pass {
            problems.extend(said(&report));
        }
    }
    Ok(Shown {
        what: format!("the emulator passes {count} cases for endpoints"),
        problems,
    })
}

/// Each broken client fails the checks that are about its bug, and no others.
///
/// # Errors
///
/// If the harness fails.
pub async fn broken_clients_fail(
    suite: &Suite,
    rows: impl IntoIterator<Item = Row>,
) -> Result<Shown, RunError> {
    let (mut count, mut problems) = (0_usize, Vec::new());
    for found in broken::all(suite, rows).await? {
        count += 1;
        problems.extend(found);
    }
    Ok(Shown {
        what: format!(
            "{count} broken clients fail the checks that are about their bug, and no others"
        ),
        problems,
    })
}

/// Vacuous clients pass no case that demands anything.
///
/// # Errors
///
/// If the harness fails.
pub async fn vacuous_clients_pass_nothing(suite: &Suite) -> Result<Shown, RunError> {
    let mut demanding = suite.clone();
    demanding.cases.retain(|case| case.level == Level::Must);
    let kinds = ErrorKind::ALL.map(Vacuous::SaysError);
    let clients: Vec<Vacuous> = [Vacuous::SaysOk, Vacuous::FixedRequest]
        .into_iter()
        .chain(kinds)
        .collect();
    let mut problems = Vec::new();
    for client in &clients {
        let reports = reports(&demanding, client).await?;
        let passed = reports
            .iter()
            .filter(|report| report.verdict == Verdict::Pass);
        problems.extend(passed.map(|report| format!("{client:?} passes {}", report.case)));
    }
    Ok(Shown {
        what: format!(
            "{} clients that do nothing to the purpose pass no `must` case",
            clients.len()
        ),
        problems,
    })
}

async fn reports<D: Driver>(suite: &Suite, driver: &D) -> Result<Vec<CaseReport>, RunError> {
    let runner = Runner::new(suite);
    let mut reports = Vec::new();
    for case in &suite.cases {
        reports.push(runner.run(case, driver).await?);
    }
    Ok(reports)
}

fn said(report: &CaseReport) -> Vec<String> {
    report.failures().map(ToString::to_string).collect()
}
