//! `prove`: the suite shows that it can fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tegata_conformance::case::Suite;
use tegata_conformance::judge::proof::code::{
    self, Choice, CodeError, Kind, RECORD, Record, Shard, Tried,
};
use tegata_conformance::judge::proof::{Family, Known, Proof, SpecFate, SpecRecord, prove_data};
use tegata_conformance::judge::prove_case;

use super::Failure;
use super::suite::{Data, print};

/// Where is kept what became of wrong specs, below the root.
const SPEC_RECORD: &str = "conformance/proof/specs.json";

/// Tries what must not pass: clients that do nothing (M0), wrong exchanges of every case (M1), wrong
/// fixtures and wrong specs (M3). Each must be noticed.
#[derive(clap::Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
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
    #[arg(long, value_name = "K/N", requires = "code")]
    shard: Option<Shard>,
    /// Of M2, only what lies in files that are not as they were when they were last measured
    #[arg(long, requires = "code")]
    changed: bool,
    /// Of M2, only what nothing noticed when it was last measured
    #[arg(long, requires = "code", conflicts_with = "changed")]
    survivors: bool,
    /// Note what comes of it in conformance/proof of the workspace: M2 in code.json, M3 in specs.json, whose
    /// wrong specs are not tried again
    #[arg(long, requires = "code", conflicts_with = "shard")]
    record: bool,
    /// The workspace that is copied, or compared with what was measured
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    root: PathBuf,
    /// Where the copies are built, so that what they need is built once; no other workspace's
    #[arg(long, value_name = "FOLDER", requires = "code")]
    target: Option<PathBuf>,
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
        let mut proof = prove_data(&suite, &told)?;
        proof.m2 = measured(&args.root)?;
        (proof, vec!["fixture ", "spec ", "code ", "name "])
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

/// M2 as it was last measured, and what has changed since.
fn measured(root: &Path) -> Result<Family, Failure> {
    let record = Record::embedded()?;
    let mut family = record.family();
    let mut older = Vec::new();
    let mut changed = BTreeSet::new();
    for (kind, of) in [(Kind::Mutants, "mutants"), (Kind::Names, "names")] {
        match record.changed(kind, root) {
            Ok(files) => {
                let share = record.share(kind, &files);
                older.push(format!("{}.{} % of the {of}", share / 10, share % 10));
                changed.extend(files);
            }
            Err(error) => {
                eprintln!(
                    "M2 is as it was last measured; whether the code has changed since cannot be \
                     told ({error}): name the workspace by --root"
                );
                return Ok(family);
            }
        }
    }
    if !changed.is_empty() {
        let names = Vec::from_iter(changed).join(", ");
        let older = older.join(" and ");
        family.partial = Some(format!(
            "{older} lie in files that have changed since they were tried: {names}"
        ));
    }
    Ok(family)
}

fn code(suite: &Suite, args: &Args, told: &dyn Fn(&str)) -> Result<Proof, Failure> {
    let mut proof = Proof::default();
    let (root, target) = (&args.root, args.target.as_deref());
    if args.code.contains(&Part::Specs) {
        proof.m3.add(specs(suite, args, told)?);
    }
    let mut choices = BTreeMap::new();
    for (part, kind) in [
        (Part::Mutants, Kind::Mutants),
        (Part::Literals, Kind::Names),
    ] {
        if args.code.contains(&part) {
            choices.insert(kind, choice(args, kind)?);
        }
    }
    let tried = code::wrong_code(suite, root, target, &choices, told)?;
    for (kind, choice) in &choices {
        let tried = tried.get(kind).map(Vec::as_slice).unwrap_or_default();
        note(args, *kind, choice, tried)?;
        let what = match kind {
            Kind::Mutants => "cargo-mutants",
            Kind::Names => "names in code",
        };
        proof.m2.add(choice.family(what, tried));
    }
    Ok(proof)
}

/// Tries the wrong specs that no case notices, and keeps what became of them.
fn specs(suite: &Suite, args: &Args, told: &dyn Fn(&str)) -> Result<Family, Failure> {
    let path = args.root.join(SPEC_RECORD);
    let known = if args.record && path.exists() {
        SpecRecord::read(&std::fs::read_to_string(&path)?)?
    } else {
        SpecRecord::default()
    };
    let whole = Shard { part: 1, of: 1 };
    let (root, target, shard) = (
        &args.root,
        args.target.as_deref(),
        args.shard.unwrap_or(whole),
    );
    let keep = |record: &SpecRecord| {
        if !args.record {
            return Ok(());
        }
        let json = record
            .json()
            .map_err(|error| CodeError::new(error.to_string()))?;
        std::fs::write(&path, json).map_err(|error| {
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

fn choice(args: &Args, kind: Kind) -> Result<Choice, Failure> {
    let mut choice = Choice {
        shard: args.shard,
        ..Choice::default()
    };
    if args.changed {
        choice.files = Some(read(args)?.changed(kind, &args.root)?);
    }
    if args.survivors {
        choice.names = Some(read(args)?.survivors(kind));
    }
    Ok(choice)
}

fn read(args: &Args) -> Result<Record, Failure> {
    let path = args.root.join(RECORD);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("{}: {error}; name the workspace by --root", path.display()))?;
    Ok(Record::read(&text)?)
}

fn note(args: &Args, kind: Kind, choice: &Choice, tried: &[Tried]) -> Result<(), Failure> {
    if !args.record {
        return Ok(());
    }
    let mut record = read(args)?;
    if choice.names.is_some() {
        record.note_again(kind, tried);
    } else {
        record.note(kind, choice.files.as_ref(), tried, &args.root)?;
    }
    let path = args.root.join(RECORD);
    let json = serde_json::to_string_pretty(&record)? + "\n";
    std::fs::write(&path, json)
        .map_err(|error| format!("{}: cannot be written: {error}", path.display()))?;
    Ok(())
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
