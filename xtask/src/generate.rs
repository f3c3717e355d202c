//! `cargo xtask gen`: specs in, client code out. One code path for writing and for checking.

mod compare;
mod diff;
mod document;
mod emit;
mod finding;
mod findings;
mod names;
mod node;
mod output_lint;
mod place;
mod progenitor;
mod progress;
mod sources;
mod spec;
mod strip;
mod write;

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(crate) use document::sha256;
pub(crate) use finding::{Finding, complain};

use crate::vendor;
use document::Document;
use findings::Findings;
use progress::Progress;
use sources::Sources;
use write::{Change, Failure, Output};

/// Options of `cargo xtask gen`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; print a diff and exit with 1 when the generated code is not up to date.
    #[arg(long)]
    check: bool,
    /// Write nothing; say what the specs change against those in this folder, and exit with 1 if that is a security scheme
    /// or requirement.
    #[arg(long, value_name = "OLD", conflicts_with = "check")]
    diff: Option<PathBuf>,
    /// Folder with the cited documents; their hashes and line ranges are verified
    /// [env: `TEGATA_SOURCES`].
    #[arg(long, value_name = "DIR")]
    sources: Option<PathBuf>,
    /// Say what was done to each file.
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    vendor: vendor::Documents,
    /// Providers to generate; all of them when none is named.
    providers: Vec<String>,
}

impl Args {
    /// `gen --check` over all providers.
    pub(crate) fn check() -> Self {
        Self {
            check: true,
            diff: None,
            sources: None,
            verbose: false,
            vendor: vendor::Documents::default(),
            providers: Vec::new(),
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything is written, or up to date.
    Fine,
    /// The check found generated code that is not up to date, or the comparison another security.
    Drift,
    /// The input or the use was wrong; nothing was written.
    BadInput,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Fine => 0,
            Outcome::Drift => 1,
            Outcome::BadInput => 2,
        })
    }
}

/// Runs the task.
pub(crate) fn run(root: &Path, args: &Args, out: &mut dyn Write, err: &mut dyn Write) -> Outcome {
    let ended =
        vendor::prepare(root, &args.vendor, &args.providers, args.check).and_then(|vendor| {
            let own = if vendor.is_all {
                Outcome::Fine
            } else {
                attempt(root, args, &vendor.others, out, err)?
            };
            vendor.finish(root, own, out)
        });
    match ended {
        Ok(outcome) => outcome,
        Err(findings) => {
            complain(err, &findings);
            Outcome::BadInput
        }
    }
}

fn attempt(
    root: &Path,
    args: &Args,
    asked: &[String],
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Outcome, Vec<Finding>> {
    if let Some(old) = &args.diff {
        let providers = document::providers(root, &args.providers)?;
        return compare::run(root, old, &providers, out);
    }
    let sources = sources(args)?;
    if args.verbose && sources.is_none() {
        say(
            err,
            "sources not verified: no `--sources DIR`, no TEGATA_SOURCES",
        );
    }
    let providers = document::providers(root, asked)?;
    // Nothing is written before every provider is generated, so an error leaves all as it was.
    let outputs = generate(root, &providers, sources.as_ref())?;
    let changes = outputs
        .iter()
        .map(|output| write::changes(root, output))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|finding| vec![finding])?;
    if args.check {
        return Ok(check(&outputs, &changes, args, out, err));
    }
    match write::apply(root, &changes) {
        Ok(()) => {}
        Err(Failure::Untouched(finding)) => return Err(vec![finding]),
        Err(Failure::Partly(finding)) => {
            say(err, &finding.to_string());
            say(err, "1 error; some files are new already");
            return Ok(Outcome::BadInput);
        }
    }
    for (output, changes) in outputs.iter().zip(&changes) {
        report(output, changes, args, out);
    }
    Ok(Outcome::Fine)
}

fn sources(args: &Args) -> Result<Option<Sources>, Vec<Finding>> {
    args.sources
        .clone()
        .or_else(|| {
            env::var_os("TEGATA_SOURCES")
                .filter(|dir| !dir.is_empty())
                .map(Into::into)
        })
        .map(Sources::open)
        .transpose()
        .map_err(|finding| vec![finding])
}

fn generate(
    root: &Path,
    providers: &[String],
    sources: Option<&Sources>,
) -> Result<Vec<Output>, Vec<Finding>> {
    let progress = Progress::start();
    let mut outputs = Vec::new();
    let mut all = Vec::new();
    for provider in providers {
        progress.at(provider);
        match one(root, provider, sources) {
            Ok(output) => outputs.push(output),
            Err(findings) => all.extend(findings),
        }
    }
    if all.is_empty() {
        Ok(outputs)
    } else {
        Err(all)
    }
}

fn one(root: &Path, provider: &str, sources: Option<&Sources>) -> Result<Output, Vec<Finding>> {
    let document = Document::load(root, provider)?;
    let mut findings = Findings::new(&document);
    let api = spec::read(&document, sources, &mut findings);
    findings.into_result()?;
    let client = progenitor::client(&document)?;
    output_lint::lint(&document, &client)?;
    let files = emit::files(&document, &api, client)?;
    Ok(Output {
        provider: provider.to_owned(),
        files,
    })
}

fn check(
    outputs: &[Output],
    changes: &[Vec<Change>],
    args: &Args,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Outcome {
    let mut drifted = Vec::new();
    for (output, changes) in outputs.iter().zip(changes) {
        if changes.is_empty() {
            report(output, changes, args, out);
        } else {
            for change in changes {
                // A reader who closed the pipe has seen enough.
                let _ = out.write_all(diff::unified(change).as_bytes());
            }
            drifted.push(output.provider.as_str());
        }
    }
    if drifted.is_empty() {
        return Outcome::Fine;
    }
    for provider in &drifted {
        say(
            err,
            &format!("{provider}: the generated code is not up to date with specs/{provider}.yaml"),
        );
    }
    say(
        err,
        &format!(
            "  fix: run `cargo xtask gen {}` and commit the result",
            drifted.join(" ")
        ),
    );
    Outcome::Drift
}

fn report(output: &Output, changes: &[Change], args: &Args, out: &mut dyn Write) {
    let removed = changes.iter().filter(|change| change.new.is_none()).count();
    let written = changes.len() - removed;
    let provider = &output.provider;
    let count = output.files.len();
    say(
        out,
        &if changes.is_empty() {
            format!("{provider}: up to date ({count} files)")
        } else {
            let unchanged = count - written;
            format!("{provider}: {written} written, {removed} removed, {unchanged} unchanged")
        },
    );
    if args.verbose {
        for change in changes {
            let verb = if change.new.is_some() {
                "wrote"
            } else {
                "removed"
            };
            say(out, &format!("  {verb} {}", change.path));
        }
    }
}

fn say(stream: &mut dyn Write, line: &str) {
    // A reader who closed the pipe has seen enough.
    let _ = writeln!(stream, "{line}");
}
