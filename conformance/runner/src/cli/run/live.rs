//! `run --live`: the cases that are marked `live`, against a vendor.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use crate::case::{Case, Provider, Suite};
use crate::live::{Credentials, Limits, LiveRun, Plan, Why, run_live, variable};
use crate::record::find_leak;
use crate::report::{Run, Subject, Verdict};

use super::super::case_line::case_line;
use super::super::outputs::Outputs;
use super::super::providers::{with_examples, with_servers};
use super::super::record::{trust, upstreams};
use super::super::suite::print;
use super::super::{Failure, write};

/// The values that are no secrets.
const PUBLIC: [&str; 2] = ["client-id", "redirect-uri"];

/// How a vendor is asked. Credentials come from the environment only, by the names in the plan.
#[derive(clap::Args)]
#[command(next_help_heading = "With --live")]
pub(super) struct Live {
    #[arg(long, value_name = "SERVER=URL", help = with_servers("Where a server is"))]
    base: Vec<String>,
    #[arg(long, value_name = "PATH",
        help = with_examples("A path that may be read, where the documents name none or only an example"))]
    read: Option<String>,
    /// Trust this authority, too: a file of certificates as PEM
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The most calls, repeated ones included
    #[arg(long, value_name = "N", default_value_t = 30)]
    budget: usize,
    /// The pause between two calls
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 1000)]
    pause: u64,
    /// How long the run may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    deadline: u64,
    /// Say which calls would be made, and make none
    #[arg(long)]
    dry_run: bool,
    /// Folder, new or empty, for a recording without secrets and the report of differences
    /// (differences.md, differences.json)
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

pub(super) fn run(
    args: &Live,
    provider: Provider,
    filter: &str,
    suite: &Suite,
    reports: &Outputs,
) -> Result<ExitCode, Failure> {
    let bases = upstreams(&suite.providers, &args.base)?;
    if args
        .read
        .as_ref()
        .is_some_and(|path| !path.starts_with('/'))
    {
        return Err(Failure::from(
            "--read takes a path, which begins with a slash",
        ));
    }
    let wanted = |case: &Case| case.id.contains(filter);
    let is_set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    let plan = Plan::of(suite, provider, args.read.as_deref(), wanted, is_set);
    if let ([], [first, ..]) = (&plan.cases[..], &plan.left_out[..])
        && !args.dry_run
    {
        return Err(Failure::from(format!("no case is left to run: {first}")));
    }
    if plan.cases.is_empty() && plan.left_out.is_empty() {
        return Err(Failure::from(format!(
            "no case of {} that is marked `live` is left; run it without a filter, or see `list`",
            provider.name()
        )));
    }
    if !reports.take_stdout() || args.dry_run {
        print(&plan.to_string())?;
    }
    if args.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    let missing = plan.without_base(&bases);
    if !missing.is_empty() {
        let list: Vec<String> = missing
            .iter()
            .map(|server| format!("--base {}=URL", server.name()))
            .collect();
        return Err(Failure::from(format!(
            "a base URL is missing; add {}",
            list.join(" ")
        )));
    }
    let credentials = Credentials::from(provider, &plan.needed, |name| std::env::var(name).ok())
        .map_err(|missing| format!("set these environment variables: {}", missing.join(", ")))?;
    let limits = Limits {
        budget: args.budget,
        pause: Duration::from_millis(args.pause),
        deadline: Duration::from_secs(args.deadline),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let run = runtime.block_on(run_live(
        suite,
        &plan,
        &credentials,
        &bases,
        &trust(args.ca.as_deref())?,
        limits,
        args.to.clone(),
    ))?;
    let subject = Subject::endpoint(provider.name());
    let report = Run::of(suite, subject, run.cases(suite))?.with_notes(notes(&run));
    let outputs = [
        describe(suite, &run)?,
        run.differences.to_markdown(),
        run.differences.to_json(),
        report.json()?,
    ];
    // Nothing in them can be a secret; if anything is, nothing is shown.
    let secrets: Vec<String> = plan
        .needed
        .iter()
        .filter(|name| !PUBLIC.contains(&name.as_str()))
        .filter_map(|name| std::env::var(variable(provider, name)).ok())
        .collect();
    for output in &outputs {
        if find_leak(output.as_bytes(), secrets.iter().map(String::as_str)).is_some() {
            return Err(Failure::from(
                "a secret would stand in the report; nothing is written: this is a fault of the suite",
            ));
        }
    }
    if let Some(folder) = &args.to {
        write(&folder.join("differences.md"), &outputs[1])?;
        write(&folder.join("differences.json"), &outputs[2])?;
    }
    reports.write(&report)?;
    if !reports.take_stdout() {
        print(&outputs[0])?;
    }
    let failed = run
        .results
        .iter()
        .any(|(report, _)| report.verdict == Verdict::Fail);
    // Cases that need a login are the only ones that a run may leave out, since no browser is driven here.
    let all_ran = run.not_run.iter().all(|one| one.why == Why::Login);
    Ok(ExitCode::from(match (failed, all_ran) {
        (true, _) => 1,
        (false, true) => 0,
        // A case that was not run does not conform either.
        (false, false) => 2,
    }))
}

/// The limits of a verdict.
fn notes(run: &LiveRun) -> Vec<String> {
    let left = run.not_run.len();
    let all = left + run.results.len();
    let note = format!("{left} of {all} cases were not run: the verdict is on the others only");
    (left > 0).then_some(note).into_iter().collect()
}

fn describe(suite: &Suite, run: &LiveRun) -> Result<String, Failure> {
    let mut text = format!("{} calls made\n", run.calls);
    for (report, _) in &run.results {
        case_line(&mut text, suite, report, None)?;
    }
    for one in &run.not_run {
        writeln!(text, "not run: {}: {}", one.case, one.why)?;
    }
    let (differences, probes) = (&run.differences.differences, &run.differences.probes);
    writeln!(
        text,
        "{} cases run, {} not run, {} differences from the documents, {} answers to probes",
        run.results.len(),
        run.not_run.len(),
        differences.len(),
        probes.len()
    )?;
    Ok(text)
}
