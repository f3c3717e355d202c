//! `judge`: a verdict on a recording made by another tool.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::case::{Case, Provider, Suite};
use crate::har::{Judged, Places, judge_har, read_har};
use crate::report::{Run, Subject, Verdict};

use super::Failure;
use super::mistakes;
use super::outputs::Outputs;
use super::providers::{with_names, with_servers};
use super::record::upstreams;
use super::suite::{Data, print};

/// The most entries that are kept; a recording of that size is better judged in parts.
const MOST_ENTRIES: usize = 50_000;

/// Judges a recording in the HAR format, made by a browser, a proxy or any other tool.
///
/// Judges what a client sent, and the token answers of the endpoint, by the cases that a recording
/// can decide; lists the others, with the reason. No value of the recording is shown. Ends
/// with 0 if none of them fails, 1 if a `must` case does, 2 if none could be judged.
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
    /// Name each case that could not be judged, not only their number
    #[arg(long)]
    all: bool,
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
    let (mut entries, mut unread, mut dropped) = (Vec::new(), Vec::new(), 0_usize);
    let count = read_har(BufReader::new(file), |read| match read {
        // Only what concerns a provider is kept, so that a day of browsing fits into memory.
        Ok(entry) if !places.concerns(&entry) => {}
        Ok(_) if entries.len() >= MOST_ENTRIES => dropped += 1,
        Ok(entry) => entries.push(entry),
        Err(problem) => unread.push(problem),
    })
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
    let mut judged = judge_har(&suite, &places, &entries, args.complete, wanted)
        .map_err(|error| format!("{name}: {error}"))?;
    for problem in &unread {
        judged.notes.push(format!("not read: {problem}"));
    }
    if dropped > 0 {
        judged.notes.push(format!(
            "not read: the last {dropped} entries, which are too many"
        ));
    }
    // What goes into reports besides takes longer than judging.
    if args.outputs.any() {
        let report = Run::of(&suite, subject(&args.file), judged.cases(&suite))?;
        let notes = [judged.notes.clone(), mistakes::notes(&judged)].concat();
        args.outputs.write(&report.with_notes(notes))?;
    }
    if !args.outputs.take_stdout() {
        print(&describe(&suite, &judged, count, args.all)?)?;
    }
    if judged.results.is_empty() {
        return Err(Failure::from(
            "no case could be judged; --all says why, case by case",
        ));
    }
    Ok(ExitCode::from(u8::from(judged.failed())))
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
    let unjudged: BTreeMap<String, Vec<&str>> =
        judged
            .unjudged
            .iter()
            .fold(BTreeMap::new(), |mut map, one| {
                map.entry(one.why.to_string()).or_default().push(&one.case);
                map
            });
    writeln!(
        text,
        "{} cases judged, {passed} passed; {} not judged{}",
        judged.results.len(),
        judged.unjudged.len(),
        if all { ":" } else { " (--all names them):" }
    )?;
    for (why, cases) in unjudged {
        writeln!(text, "  {}: {why}", cases.len())?;
        if all {
            for case in cases {
                writeln!(text, "    {case}")?;
            }
        }
    }
    Ok(text)
}
