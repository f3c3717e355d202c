//! `prove`: the suite shows that it can fail.

use std::fmt::Write as _;
use std::process::ExitCode;

use tegata_conformance::judge::prove_case;

use super::Failure;
use super::suite::{Data, print};

/// Changes the reference exchange of every case in every way that its expectations exclude, and
/// shows that the check named for the change fails.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only the cases whose id contains this
    filter: Option<String>,
    /// Print every mutant, not only the survivors
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let suite = args.data.load()?;
    let filter = args.filter.as_deref().unwrap_or_default();
    let (mut text, mut total, mut alive) = (String::new(), 0_usize, 0_usize);
    for case in suite.cases.iter().filter(|case| case.id.contains(filter)) {
        for report in prove_case(&suite, case)? {
            total += 1;
            alive += usize::from(!report.killed);
            if args.all || !report.killed {
                let word = if report.killed { "killed" } else { "SURVIVED" };
                let change = serde_json::to_string(&report.mutant.mutation)?;
                let (on, by) = (&report.mutant.on, &report.mutant.killed_by);
                writeln!(text, "{word}\t{}#{by}\t{on}\t{change}", report.case)?;
            }
        }
    }
    writeln!(
        text,
        "{total} mutants, {} killed by the check named for them",
        total - alive
    )?;
    print(&text)?;
    Ok(ExitCode::from(u8::from(alive > 0)))
}
