//! `show`: one case in full.

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::case::{Case, Suite};
use crate::judge::{check_ids, derived_mutants};
use crate::report::About;

use super::Failure;
use super::suite::{Data, print};

/// Shows a case: what it rests on, what happens, its checks and its mutants.
#[derive(clap::Args)]
pub struct Args {
    /// The case's id, as `list` prints it
    case: String,
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let suite = args.data.load()?;
    let id = &args.case;
    let cases: Vec<&Case> = suite
        .cases
        .iter()
        .filter(|case| case.id == *id || case.base_id() == id)
        .collect();
    if cases.is_empty() {
        return Err(Failure::from(format!(
            "`{id}` is no case; `list` shows them all"
        )));
    }
    for case in cases {
        print(&describe(&suite, case)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(suite: &Suite, case: &Case) -> Result<String, Failure> {
    let mut text = String::new();
    writeln!(text, "{}\n{}", case.id, case.title)?;
    writeln!(
        text,
        "level {}, evidence {}",
        case.level.word(),
        case.evidence.word()
    )?;
    for id in &case.cite {
        if let Some(row) = suite.registry.get(id) {
            writeln!(text, "  {id} ({}): {}", row.place, row.says)?;
        }
    }
    for step in &case.step {
        writeln!(text, "step {}: {}", step.name, step.operation.word())?;
        if step.advance > 0 {
            writeln!(text, "  {} seconds later", step.advance)?;
        }
        for exchange in step.url.iter().map(AsRef::as_ref).chain(&step.exchange) {
            writeln!(text, "  {}: {}", exchange.name, exchange.respond)?;
        }
    }
    writeln!(text, "checks (* is what the title is about)")?;
    let about = About::of(case).checks(suite);
    for id in check_ids(suite, case) {
        let star = if about.contains(&id) { " *" } else { "" };
        writeln!(text, "  {}#{id}{star}", case.id)?;
    }
    let derived = derived_mutants(suite, case).len();
    writeln!(
        text,
        "mutants: {} named, {derived} derived",
        case.mutants.len()
    )?;
    for mutant in &case.mutants {
        let change = serde_json::to_string(&mutant.mutation)?;
        writeln!(
            text,
            "  {} {change} is killed by {}",
            mutant.on, mutant.killed_by
        )?;
    }
    writeln!(text)?;
    Ok(text)
}
