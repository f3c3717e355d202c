//! The output of a run on the terminal.

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::process::Ran;
use crate::report::{Check, Run, Subject};
use crate::score::{Score, Scored, Standing};

use super::{Failure, Plan};
use crate::cli::outputs::Outputs;
use crate::cli::suite::print as write;

/// Writes the reports, and prints what did not pass.
pub(super) fn print(
    outputs: &Outputs,
    plan: &Plan<'_>,
    subject: Subject,
    ran: Vec<Ran>,
) -> Result<ExitCode, Failure> {
    let reports: Vec<_> = ran.iter().map(|ran| ran.report.clone()).collect();
    let requirements = plan.requirements.as_ref();
    let score = Score::of(&reports, &plan.known, requirements);
    if outputs.any() {
        let results = ran.into_iter().map(|ran| (ran.report, ran.transcript));
        let run = Run::of(plan.suite, subject, results)?;
        outputs.write(&run.scored(&plan.known, requirements))?;
    }
    if !outputs.take_stdout() {
        write(&summary(plan, &score)?)?;
    }
    Ok(ExitCode::from(u8::from(!score.conforms())))
}

/// The cases that did not pass, the worst first, and what they rest on.
fn summary(plan: &Plan<'_>, score: &Score<'_>) -> Result<String, Failure> {
    let mut text = String::new();
    for standing in Standing::ALL {
        if matches!(standing, Standing::Pass | Standing::NotApplicable) {
            continue;
        }
        for case in score.cases.iter().filter(|case| case.standing == standing) {
            describe(plan, case, &mut text)?;
        }
    }
    let counts: Vec<String> = Standing::ALL
        .iter()
        .map(|standing| (standing.word(), score.count(*standing)))
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    let verdict = if score.conforms() {
        "conforms"
    } else {
        "does not conform"
    };
    writeln!(
        text,
        "{} cases: {}; the client {verdict}",
        score.cases.len(),
        counts.join(", ")
    )?;
    Ok(text)
}

fn describe(plan: &Plan<'_>, scored: &Scored<'_>, text: &mut String) -> Result<(), Failure> {
    let id = &scored.report.case;
    writeln!(text, "{} {id}", scored.standing.word())?;
    let Some(case) = plan.suite.case(id) else {
        return Ok(());
    };
    writeln!(text, "  {} ({})", case.title, case.level.word())?;
    for cite in &case.cite {
        if let Some(row) = plan.suite.registry.get(cite) {
            writeln!(text, "  {cite} ({}): {}", row.place, row.says)?;
        }
    }
    // Faults of the process explain the rest.
    let (first, then): (Vec<&Check>, Vec<&Check>) = scored
        .report
        .failures()
        .partition(|check| check.id.contains("#process."));
    for check in first.into_iter().chain(then) {
        match plan.known.of(&check.id) {
            None => writeln!(text, "    {check}")?,
            Some(entry) => writeln!(text, "    known {}: {}", check.id, entry.reason)?,
        }
    }
    for check in &scored.stale {
        writeln!(
            text,
            "    STALE {check}: known to fail, but it does not; take the entry out"
        )?;
    }
    writeln!(text)?;
    Ok(())
}
