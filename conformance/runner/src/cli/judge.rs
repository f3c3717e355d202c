//! `judge`: a verdict on a recording made by another tool.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::case::{Case, Provider, Suite};
use crate::har::{Beside, Judged, Places, judge_har};
use crate::report::{Run, Subject, Verdict};

use super::Failure;
use super::intake::Intake;
use super::mistakes;
use super::outputs::Outputs;
use super::providers::{with_names, with_servers};
use super::record::upstreams;
use super::suite::{Data, print};

/// How many cases that were not judged are named for each reason, unless all are asked for.
const NAMED: usize = 8;

/// The exit status if nothing failed, but not everything could be judged.
const HIDDEN: u8 = 3;

/// Judges a recording in the HAR format, made by a browser, a proxy or any other tool.
///
/// Judges what a client sent, and the token answers of the endpoint, by the cases that a recording
/// can decide; lists the others, with the reason. No value of the recording is shown.
///
/// Ends with 0 if none of them fails, 1 if a `must` case does, 2 if none could be judged, and 3 if none fails but
/// the recording hides what some are about: whether the client conforms is then unknown.
#[derive(clap::Args)]
pub struct Args {
    /// The recording, HAR 1.2
    #[arg(value_name = "FILE.har")]
    file: PathBuf,
    /// Only the cases whose id contains this
    #[arg(long, value_name = "ID")]
    case: Option<String>,
    #[arg(long, value_name = "PROVIDER",
        help = with_names("Only the cases of this provider"))]
    provider: Option<String>,
    #[arg(long, value_name = "SERVER=URL",
        help = with_servers("Where a server was, instead of the vendor's host"))]
    base: Vec<String>,
    /// The recording has every header: if none holds a credential, none was sent
    #[arg(long)]
    complete: bool,
    /// Name each case that does not apply or is not judged, not only the number and a few
    #[arg(long)]
    all: bool,
    /// End with 0 instead of 3: what the recording hides is known, and does not matter here
    #[arg(long)]
    allow_hidden: bool,
    #[command(flatten)]
    outputs: Outputs,
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    args.outputs.check()?;
    let suite = args.data.load()?;
    let provider = args.provider.as_deref();
    let provider = provider
        .map(|name| Provider::named(name, &suite.providers))
        .transpose()?;
    let bases = upstreams(&suite.providers, &args.base)?;
    let places = Places::new(&suite.providers, &bases);
    let name = args.file.display();
    let file = File::open(&args.file).map_err(|error| format!("{name}: {error}"))?;
    let intake = Intake::of(file, &places, &Beside::of(&args.file))
        .map_err(|error| format!("{name}: {error}"))?;
    let wanted = |case: &Case| {
        provider.is_none_or(|provider| provider == case.provider)
            && args
                .case
                .as_ref()
                .is_none_or(|id| case.id.contains(id.as_str()))
    };
    if !suite.cases.iter().any(wanted) {
        return Err(Failure::from("no case is left: `list` shows their ids"));
    }
    let mut judged =
        judge_har(&suite, &places, &intake.entries, args.complete, wanted).map_err(|error| {
            let said = [vec![error.to_string()], intake.notes()].concat();
            format!("{name}: {}", said.join("; "))
        })?;
    judged.notes.extend(intake.notes());
    // What goes into reports besides takes longer than judging.
    if args.outputs.any() {
        let report = Run::of(&suite, subject(&args.file), judged.cases(&suite))?;
        let notes = [judged.notes.clone(), mistakes::notes(&judged)].concat();
        args.outputs.write(&report.with_notes(notes))?;
    }
    if !args.outputs.take_stdout() {
        print(&describe(&suite, &judged, intake.count, args.all)?)?;
    }
    let hides = (intake.is_partial() || !judged.not_judged().is_empty()) && !args.allow_hidden;
    match (judged.failed(), hides, judged.count()) {
        (true, ..) => Ok(ExitCode::from(1)),
        (false, true, _) => Ok(ExitCode::from(HIDDEN)),
        (false, false, 0) => Err(Failure::from(
            "no case could be judged; --all says why, case by case",
        )),
        (false, false, _) => Ok(ExitCode::SUCCESS),
    }
}

/// The recording by the name of its file, which alone is the same wherever it lies.
fn subject(file: &Path) -> Subject {
    let name = file.file_name().unwrap_or(file.as_os_str());
    Subject::recording(name.to_string_lossy())
}

fn describe(suite: &Suite, judged: &Judged, count: usize, all: bool) -> Result<String, Failure> {
    let mut text = String::new();
    let concerned: Vec<String> = judged
        .concerned
        .iter()
        .map(|(name, count)| format!("{count} with {name}"))
        .collect();
    writeln!(text, "{count} entries, {}", concerned.join(", "))?;
    for note in &judged.notes {
        writeln!(text, "note: {note}")?;
    }
    mistakes::lines(&mut text, suite, judged)?;
    let reports = judged.results.iter().map(|(report, _)| report);
    let passed = reports.filter(|report| report.verdict == Verdict::Pass);
    let passed = passed.count();
    writeln!(text, "{} cases judged, {passed} passed", judged.count())?;
    let lost = by_reason(judged.not_judged());
    if !lost.is_empty() {
        let count: usize = lost.values().map(Vec::len).sum();
        writeln!(
            text,
            "{count} NOT JUDGED: record with a tool or a setting that leaves less out, or accept it by --allow-hidden"
        )?;
        list(&mut text, &lost, if all { usize::MAX } else { NAMED })?;
    }
    let others = judged.unjudged.iter();
    let others = others.filter(|one| one.why.verdict() == Verdict::NotApplicable);
    let others = others.map(|one| (one.case.as_str(), one.why.to_string()));
    let others = by_reason(others.collect());
    let count: usize = others.values().map(Vec::len).sum();
    let names = if all { ":" } else { " (--all names them):" };
    writeln!(text, "{count} not applicable{names}")?;
    list(&mut text, &others, if all { usize::MAX } else { 0 })?;
    Ok(text)
}

/// Cases by the reason why they have no verdict.
type Reasons<'c> = BTreeMap<String, Vec<&'c str>>;

fn by_reason(cases: Vec<(&str, String)>) -> Reasons<'_> {
    let mut reasons = Reasons::new();
    for (case, why) in cases {
        reasons.entry(why).or_default().push(case);
    }
    reasons
}

/// Cases by reason, with the names of the first few.
fn list(text: &mut String, reasons: &Reasons<'_>, most: usize) -> Result<(), Failure> {
    for (why, cases) in reasons {
        writeln!(text, "  {}: {why}", cases.len())?;
        for case in cases.iter().take(most) {
            writeln!(text, "    {case}")?;
        }
        if most > 0 && cases.len() > most {
            writeln!(
                text,
                "    and {} more (--all names them)",
                cases.len() - most
            )?;
        }
    }
    Ok(())
}
