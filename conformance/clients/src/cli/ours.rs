//! `ours`: the clients of this workspace, in process.

use std::process::ExitCode;

use tegata_clients::naive::{Bug, Naive};
use tegata_clients::ours::OurClients;
use tegata_conformance::case::{Case, Suite};
use tegata_conformance::judge::judge_client;
use tegata_conformance::report::{CaseReport, CaseResult, Run, Subject};
use tegata_conformance::script::{Driver, Runner, Servers};

use tegata_conformance::cli::{Data, Failure, Outputs, print};

/// Runs the cases against the clients of this workspace, and reports.
///
/// Ends with 1 if a case fails.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only the cases whose id contains this
    filter: Option<String>,
    /// The second, independent client with this bug instead, to see what a failure looks like
    #[arg(long, value_name = "BUG")]
    bug: Option<String>,
    #[command(flatten)]
    outputs: Outputs,
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    args.outputs.check()?;
    let suite = args.data.load()?;
    let filter = args.filter.as_deref().unwrap_or_default();
    let cases: Vec<&Case> = suite
        .cases
        .iter()
        .filter(|case| case.id.contains(filter))
        .collect();
    if cases.is_empty() {
        return Err(Failure::from(format!(
            "no case has `{filter}` in its id; `list` shows them all"
        )));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let run = match &args.bug {
        None => {
            let results = runtime.block_on(results(&suite, &cases, &OurClients))?;
            let subject = Subject::client("tegata", OurClients.features());
            Run::of(&suite, subject, results)?
        }
        Some(name) => {
            let bug = bug(name)?;
            let client = Naive::with(bug);
            let results = runtime.block_on(results(&suite, &cases, &client))?;
            let name = format!("the naive client with the bug {bug:?}");
            Run::of(&suite, Subject::client(name, client.features()), results)?
        }
    };
    args.outputs.write(&run)?;
    if !args.outputs.take_stdout() {
        let sum = run.summary;
        print(&format!(
            "{} cases: {} pass, {} fail, {} warn, {} info, {} not applicable\n",
            sum.cases, sum.pass, sum.fail, sum.warn, sum.info, sum.not_applicable
        ))?;
    }
    Ok(ExitCode::from(u8::from(!run.conforms())))
}

async fn results<D: Driver>(
    suite: &Suite,
    cases: &[&Case],
    driver: &D,
) -> Result<Vec<CaseResult>, Failure> {
    let servers = Servers::default();
    let runner = Runner::new(suite).servers(&servers);
    let mut results = Vec::new();
    for case in cases {
        let begun = std::time::Instant::now();
        let able = case
            .needs
            .iter()
            .all(|need| driver.features().contains(need));
        if !case.role.judges_clients() || !able {
            results.push(CaseReport::not_applicable(&case.id).into());
            continue;
        }
        let transcript = runner.record(case, driver).await?;
        let checks = judge_client(suite, case, &transcript);
        let report = CaseReport::of(&case.id, case.level, checks);
        results.push(CaseResult::from((report, transcript)).took(begun.elapsed()));
    }
    Ok(results)
}

fn bug(name: &str) -> Result<Bug, Failure> {
    let known = Bug::ALL.iter().find(|bug| format!("{bug:?}") == name);
    known.copied().ok_or_else(|| {
        let names: Vec<String> = Bug::ALL.iter().map(|bug| format!("{bug:?}")).collect();
        Failure::from(format!(
            "`{name}` is no bug; there are {}",
            names.join(", ")
        ))
    })
}
