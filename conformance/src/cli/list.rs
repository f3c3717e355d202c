//! `list`: the cases, one a line.

use std::fmt::Write as _;
use std::process::ExitCode;

use super::Failure;
use super::suite::{Data, print};

/// Lists the cases: id, level, evidence and title.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only the cases whose id contains this
    filter: Option<String>,
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let suite = args.data.load()?;
    let filter = args.filter.as_deref().unwrap_or_default();
    let mut text = String::new();
    for case in suite.cases.iter().filter(|case| case.id.contains(filter)) {
        writeln!(
            text,
            "{}\t{}\t{}\t{}",
            case.id,
            case.level.word(),
            case.evidence.word(),
            case.title
        )?;
    }
    if text.is_empty() {
        return Err(Failure::from(format!(
            "no case has `{filter}` in its id; `list` shows them all"
        )));
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
