//! `run`: cases against a third-party client, or against a vendor.

mod client;
mod live;
mod print;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::case::{Case, Provider, Suite};
use crate::score::{Known, Requirements};

use super::Failure;
use super::outputs::Outputs;
use super::providers::with_names;
use super::suite::Data;

/// Runs the cases against a client and judges what it sends and what it comes to, or against a
/// vendor and judges what it answers.
///
/// Ends with 0 if the client or vendor conforms, 1 if it does not, 2 if the run could not be made.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Only the cases whose id contains this
    filter: Option<String>,
    #[command(flatten)]
    command: client::Options,
    #[command(flatten)]
    live: live::Live,
    /// TOML file of failures that are known: `[[known]]` with `checks`, `reason` and `link`
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// Count only the cases that this release demands
    #[arg(long, value_name = "RELEASE")]
    requirements: Option<String>,
    #[command(flatten)]
    outputs: Outputs,
    #[command(flatten)]
    data: Data,
}

/// Who is judged.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Subject {
    /// The command that drives the client, started once a case
    #[arg(long, value_name = "COMMAND")]
    client: Option<String>,
    #[arg(long, value_name = "PROVIDER",
        help = with_names("The vendor whose endpoint is asked, by the cases marked `live`"))]
    live: Option<String>,
}

/// The settings of a run of any kind.
struct Plan<'s> {
    suite: &'s Suite,
    cases: Vec<&'s Case>,
    known: Known,
    requirements: Option<Requirements>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    args.outputs.check()?;
    let suite = args.data.load()?;
    if let Some(name) = &args.subject.live {
        let provider = Provider::named(name, &suite.providers)?;
        if args.known.is_some() || args.requirements.is_some() {
            return Err(Failure::from(
                "--known and --requirements are about clients",
            ));
        }
        let filter = args.filter.as_deref().unwrap_or_default();
        return live::run(&args.live, provider, filter, &suite, &args.outputs);
    }
    let plan = plan(args, &suite)?;
    let Some(command) = &args.subject.client else {
        return Err(Failure::from("name a client by --client"));
    };
    let (subject, ran) = client::run(&args.command, command, &plan)?;
    print::print(&args.outputs, &plan, subject, ran)
}

fn plan<'s>(args: &Args, suite: &'s Suite) -> Result<Plan<'s>, Failure> {
    let filter = args.filter.as_deref().unwrap_or_default();
    let chosen = |case: &&Case| case.role.judges_clients() && case.id.contains(filter);
    let cases: Vec<&Case> = suite.cases.iter().filter(chosen).collect();
    if cases.is_empty() {
        return Err(Failure::from(format!(
            "no case for clients has `{filter}` in its id; `list` shows them all"
        )));
    }
    let known = match &args.known {
        Some(path) => Known::read(path, suite)?,
        None => Known::default(),
    };
    let requirements = args.requirements.as_deref();
    let requirements = requirements
        .map(|release| Requirements::of(release, suite))
        .transpose()?;
    Ok(Plan {
        suite,
        cases,
        known,
        requirements,
    })
}
