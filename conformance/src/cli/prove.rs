//! `prove`: the suite shows that it can fail.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use tegata_conformance::case::Suite;
use tegata_conformance::judge::proof::code::{self, CodeError, Shard};
use tegata_conformance::judge::proof::{Family, Known, Proof, SpecFate, SpecRecord, prove_data};
use tegata_conformance::judge::prove_case;

use super::Failure;
use super::suite::{Data, print};

/// Tries what must not pass: clients that do nothing (M0), wrong exchanges of every case (M1), wrong
/// fixtures and wrong specs (M3). Each must be noticed.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only the wrong exchanges of cases whose id contains this
    filter: Option<String>,
    /// With a filter, print every mutant and not only the survivors
    #[arg(long, requires = "filter")]
    all: bool,
    /// Write the numbers and the survivors to this file, as JSON
    #[arg(long, value_name = "FILE", conflicts_with = "filter")]
    json: Option<PathBuf>,
    /// Try wrong code or wrong specs instead, in a copy of the workspace; repeat for several parts
    #[arg(long, value_name = "PART", conflicts_with = "filter")]
    code: Vec<Part>,
    /// Only one in so many of them, such as 1/8
    #[arg(long, value_name = "K/N", default_value = "1/1", requires = "code")]
    shard: Shard,
    /// The workspace that is copied
    #[arg(long, value_name = "FOLDER", default_value = ".", requires = "code")]
    root: PathBuf,
    /// Where the copies are built, so that what they need is built once; no other workspace's
    #[arg(long, value_name = "FOLDER", requires = "code")]
    target: Option<PathBuf>,
    /// Keep what became of wrong specs in this file; what it knows is not tried again
    #[arg(long, value_name = "FILE", requires = "code")]
    record: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

/// What can be wrong with code.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// M2: names of headers and parameters in the code
    Literals,
    /// M2: what cargo-mutants changes
    Mutants,
    /// M3: what the specs say and no case does
    Specs,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let suite = args.data.load()?;
    if let Some(filter) = &args.filter {
        return exchanges(&suite, filter, args.all);
    }
    let known = Known::embedded()?;
    let told = |part: &str| eprintln!("{part}");
    let (mut proof, whole) = if args.code.is_empty() {
        (prove_data(&suite, &told)?, vec!["fixture ", "spec "])
    } else {
        (code(&suite, args, &told)?, Vec::new())
    };
    known.explain(&mut proof);
    let problems = known.problems(&proof, &whole);
    let outdated = if args.code.is_empty() {
        SpecRecord::embedded()?.problems(&suite)?
    } else {
        Vec::new()
    };
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

fn code(suite: &Suite, args: &Args, told: &dyn Fn(&str)) -> Result<Proof, Failure> {
    let mut proof = Proof::default();
    let (root, target, shard) = (&args.root, args.target.as_deref(), args.shard);
    for part in &args.code {
        match part {
            Part::Literals => proof
                .m2
                .add(code::literals(suite, root, target, shard, told)?),
            Part::Mutants => proof.m2.add(code::code_mutants(root, target, shard, told)?),
            Part::Specs => proof.m3.add(specs(suite, args, told)?),
        }
    }
    Ok(proof)
}

/// Tries the wrong specs that no case notices, and keeps what became of them.
fn specs(suite: &Suite, args: &Args, told: &dyn Fn(&str)) -> Result<Family, Failure> {
    let known = match &args.record {
        Some(path) if path.exists() => SpecRecord::read(&std::fs::read_to_string(path)?)?,
        _ => SpecRecord::default(),
    };
    let (root, target, shard) = (&args.root, args.target.as_deref(), args.shard);
    let keep = |record: &SpecRecord| {
        let Some(path) = &args.record else {
            return Ok(());
        };
        let json = record
            .json()
            .map_err(|error| CodeError::new(error.to_string()))?;
        std::fs::write(path, json).map_err(|error| {
            CodeError::new(format!("{}: cannot be written: {error}", path.display()))
        })
    };
    let record = code::specs(suite, root, target, shard, &known, told, &keep)?;
    keep(&record)?;
    let built = record
        .fates
        .iter()
        .filter(|(_, fate)| **fate != SpecFate::Unbuilt);
    let mut family = Family::of(built.map(|(name, fate)| {
        (
            name.clone(),
            matches!(fate, SpecFate::Refused | SpecFate::Noticed),
        )
    }));
    family.partial = Some("specs that no case notices".to_owned());
    Ok(family)
}

fn summary(proof: &Proof) -> Result<String, Failure> {
    let mut text = String::new();
    for (name, family) in [
        ("M0 vacuous clients", &proof.m0),
        ("M1 wrong exchanges", &proof.m1),
        ("M2 wrong code", &proof.m2),
        ("M3 wrong fixtures and specs", &proof.m3),
    ] {
        if family.mutants == 0 {
            continue;
        }
        let (whole, tenth) = (family.per_mille() / 10, family.per_mille() % 10);
        let same = family.survivors.iter().filter(|one| one.equivalent).count();
        let partial = family.partial.as_deref().map(|part| format!(" ({part})"));
        writeln!(
            text,
            "{name}\t{} mutants, {} killed, {same} of the others no mistakes: {whole}.{tenth} %{}",
            family.mutants,
            family.killed,
            partial.unwrap_or_default()
        )?;
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
