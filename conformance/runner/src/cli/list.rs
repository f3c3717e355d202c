//! `list`: the cases, one a line.

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::case::{Case, Feature, Level, Provider, Role};
use crate::citation::Evidence;

use super::Failure;
use super::suite::{Data, print};

/// Lists the cases: id, level, evidence and title.
#[derive(clap::Args)]
pub struct Args {
    /// Only the cases whose id contains this
    filter: Option<String>,
    /// Print them as JSON, with what they need and cite
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let suite = args.data.load()?;
    let filter = args.filter.as_deref().unwrap_or_default();
    let cases = suite.cases.iter().filter(|case| case.id.contains(filter));
    let mut text = String::new();
    if args.json {
        let listed: Vec<Listed<'_>> = cases.clone().map(Listed::of).collect();
        if !listed.is_empty() {
            text = serde_json::to_string_pretty(&listed)? + "\n";
        }
    } else {
        lines(cases, &mut text)?;
    }
    if text.is_empty() {
        return Err(Failure::from(format!(
            "no case has `{filter}` in its id; `list` shows them all"
        )));
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn lines<'c>(cases: impl Iterator<Item = &'c Case>, text: &mut String) -> Result<(), Failure> {
    for case in cases {
        writeln!(
            text,
            "{}\t{}\t{}\t{}",
            case.id,
            case.level.word(),
            case.evidence.word(),
            case.title
        )?;
    }
    Ok(())
}

/// A case for machines.
#[derive(serde::Serialize)]
struct Listed<'c> {
    id: &'c str,
    title: &'c str,
    provider: Provider,
    operation: Option<&'c str>,
    role: Role,
    level: Level,
    evidence: Evidence,
    cite: &'c [String],
    needs: &'c [Feature],
    steps: usize,
}

impl<'c> Listed<'c> {
    fn of(case: &'c Case) -> Self {
        Self {
            id: &case.id,
            title: &case.title,
            provider: case.provider,
            operation: case.operation.as_deref(),
            role: case.role,
            level: case.level,
            evidence: case.evidence,
            cite: &case.cite,
            needs: &case.needs,
            steps: case.step.len(),
        }
    }
}
