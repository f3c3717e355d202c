//! `prove`: the suite shows that it can fail.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use tegata_conformance::case::Suite;
use tegata_conformance::cli::{Data, Failure, print};
use tegata_conformance::judge::prove_case;
use tegata_conformance::report::proof::Proof;
use tegata_proof::{Known, SpecRecord, prove_data};

use super::quick;

/// Tries what must not pass: vacuous clients (M0), wrong exchanges of every case (M1), wrong
/// fixtures and wrong specs (M3). Each must be noticed.
///
/// Wrong code (M2) takes a build and hours: `tools/mutants`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only the wrong exchanges of cases whose id contains this
    filter: Option<String>,
    /// With a filter, print every mutant and not only the survivors
    #[arg(long, requires = "filter")]
    all: bool,
    /// Only whether the suite can be trusted here, in seconds: what is right passes every case over HTTP, the
    /// emulator those that judge endpoints, and broken clients fail
    #[arg(long, conflicts_with_all = ["filter", "json"])]
    quick: bool,
    /// Write the numbers and the survivors to this file, as JSON
    #[arg(long, value_name = "FILE", conflicts_with = "filter")]
    json: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let suite = args.data.load()?;
    if args.quick {
        return quick::run(&suite);
    }
    if let Some(filter) = &args.filter {
        return exchanges(&suite, filter, args.all);
    }
    let known = Known::embedded()?;
    let mut proof = prove_data(&suite, &|part| eprintln!("{part}"))?;
    known.explain(&mut proof);
    let problems = known.problems(&proof, &["fixture ", "spec "]);
    let outdated = SpecRecord::embedded()?.problems(&suite)?;
    let mut text = summary(&proof)?;
    for problem in &outdated {
        writeln!(text, "{problem}")?;
    }
    for problem in &problems {
        writeln!(text, "{problem}")?;
    }
    if let Some(path) = &args.json {
        let json = serde_json::to_string_pretty(&proof)? + "\n";
        std::fs::write(path, json)
            .map_err(|error| format!("{}: cannot be written: {error}", path.display()))?;
    }
    print(&text)?;
    let fails = !problems.is_empty() || !outdated.is_empty();
    Ok(ExitCode::from(u8::from(fails)))
}

fn summary(proof: &Proof) -> Result<String, Failure> {
    let mut text = String::new();
    for (name, family) in [
        ("M0 vacuous clients", &proof.m0),
        ("M1 wrong exchanges", &proof.m1),
        ("M2 wrong code", &proof.m2),
        ("M3 wrong fixtures and specs", &proof.m3),
    ] {
        if family.mutants > 0 {
            writeln!(text, "{name}\t{}", family.summary())?;
        }
    }
    Ok(text)
}

fn exchanges(suite: &Suite, filter: &str, every: bool) -> Result<ExitCode, Failure> {
    let (mut text, mut total, mut alive) = (String::new(), 0_usize, 0_usize);
    for case in suite.cases.iter().filter(|case| case.id.contains(filter)) {
        for report in prove_case(suite, case)? {
            total += 1;
            alive += usize::from(!report.killed);
            if every || !report.killed {
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
