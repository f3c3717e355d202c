//! The command line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use tegata_conformance::case::Suite;
use tegata_conformance::report::proof::{FORMAT, Family, Proof};
use tegata_proof::{Known, Problem, SpecFate, SpecRecord};

use crate::code::{self, Choice, CodeError, Kind, Shard};
use crate::faults;

/// Where the fates of wrong specs are kept, below the root.
const SPEC_RECORD: &str = "conformance/proof/specs.json";

/// Tries wrong code (M2) and wrong specs (M3) in a copy of the workspace. Ends with 1 if too much of it passes
/// all tests.
#[derive(Parser)]
#[command(name = "tegata-mutants", version)]
struct Args {
    /// What is made wrong; all of a kind takes from some minutes (faults) to an hour (mutants)
    #[arg(required = true)]
    parts: Vec<Part>,
    /// Only the faults whose name contains this
    #[arg(long, value_name = "WORD")]
    only: Option<String>,
    /// Only one in so many mutants, literals or specs, such as 1/8. A sample passes if enough of it is noticed
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Only the mutants and literals that survived in an earlier run: a file that --json wrote
    #[arg(long, value_name = "FILE", conflicts_with = "shard")]
    survivors: Option<PathBuf>,
    /// Write the numbers and the survivors to this file, as JSON; reports take it by --proof
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Keep the fates of specs in conformance/proof/specs.json; those that are there are not tried again
    #[arg(long, conflicts_with = "shard")]
    record: bool,
    /// The workspace that is copied
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    root: PathBuf,
    /// Where the copies are built, so that what they need is built once; no other workspace's
    #[arg(long, value_name = "FOLDER")]
    target: Option<PathBuf>,
}

/// What can be wrong.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Promises of the token cache, each broken by hand: a test that is named for it must fail
    Faults,
    /// Names of headers and parameters in the code
    Literals,
    /// What cargo-mutants changes
    Mutants,
    /// What the specs say and no case does
    Specs,
}

/// Reads the arguments and runs the command.
pub(crate) fn run() -> ExitCode {
    match try_all(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("tegata-mutants: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether enough was noticed.
fn try_all(args: &Args) -> Result<bool, CodeError> {
    let progress = |text: &str| eprintln!("{text}");
    let (root, target) = (args.root.as_path(), args.target.as_deref());
    let mut passes = true;
    if args.parts.contains(&Part::Faults) {
        let only = args.only.as_deref().unwrap_or_default();
        let unnoticed = faults::plant_all(root, target, only, &progress)?;
        println!("faults\t{unnoticed} not noticed by a test that should");
        passes &= unnoticed == 0;
    }
    let suite = Suite::embedded().map_err(CodeError::of)?;
    let mut proof = Proof::default();
    if args.parts.contains(&Part::Specs) {
        proof.m3.add(specs(&suite, args, &progress)?);
    }
    let choices = choices(args)?;
    let tried = code::wrong_code(&suite, root, target, &choices, &progress)?;
    for (kind, choice) in &choices {
        let tried = tried.get(kind).map(Vec::as_slice).unwrap_or_default();
        proof.m2.add(choice.family(kind.name(), tried));
    }
    let known = Known::embedded().map_err(CodeError::of)?;
    known.explain(&mut proof);
    for (name, family) in [("M2 wrong code", &proof.m2), ("M3 wrong specs", &proof.m3)] {
        if family.mutants > 0 {
            println!("{name}\t{}", summary(family));
        }
    }
    for problem in known.problems(&proof, &[]) {
        println!("{problem}");
        // One survivor means little, since the sample differs after each change.
        passes &= args.shard.is_some() && matches!(problem, Problem::Unexplained(_));
    }
    if let Some(path) = &args.json {
        let json = serde_json::to_string_pretty(&proof).map_err(CodeError::of)? + "\n";
        write(path, &json)?;
    }
    Ok(passes)
}

fn summary(family: &Family) -> String {
    let same = family.survivors.iter().filter(|one| one.equivalent).count();
    let (whole, tenth) = (family.per_mille() / 10, family.per_mille() % 10);
    let partial = family.partial.as_deref().map(|part| format!(" ({part})"));
    format!(
        "{} mutants, {} killed, {same} of the others no mistakes: {whole}.{tenth} %{}",
        family.mutants,
        family.killed,
        partial.unwrap_or_default()
    )
}

fn choices(args: &Args) -> Result<BTreeMap<Kind, Choice>, CodeError> {
    let names = args.survivors.as_deref().map(survivors).transpose()?;
    let kinds = [
        (Part::Mutants, Kind::Mutants),
        (Part::Literals, Kind::Literals),
    ];
    let wanted = kinds
        .into_iter()
        .filter(|(part, _)| args.parts.contains(part));
    Ok(wanted
        .map(|(_, kind)| {
            let choice = Choice {
                shard: args.shard,
                names: names.clone(),
            };
            (kind, choice)
        })
        .collect())
}

/// The survivors of an earlier run.
fn survivors(path: &Path) -> Result<BTreeSet<String>, CodeError> {
    let name = path.display();
    let wrong = |problem: String| {
        CodeError::new(format!("{name}: {problem}; give a file that --json wrote"))
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let proof: Proof = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if proof.format != FORMAT {
        return Err(wrong(format!(
            "it has format {}, not {FORMAT}",
            proof.format
        )));
    }
    Ok(proof.m2.survivors.into_iter().map(|one| one.name).collect())
}

/// Tries the wrong specs that no case notices, and keeps their fates.
fn specs(suite: &Suite, args: &Args, progress: &dyn Fn(&str)) -> Result<Family, CodeError> {
    let path = args.root.join(SPEC_RECORD);
    let known = if args.record && path.exists() {
        let text = std::fs::read_to_string(&path).map_err(CodeError::of)?;
        SpecRecord::read(&text).map_err(CodeError::of)?
    } else {
        SpecRecord::default()
    };
    let shard = args.shard.unwrap_or(Shard::WHOLE);
    let keep = |record: &SpecRecord| {
        if !args.record {
            return Ok(());
        }
        write(&path, &record.json().map_err(CodeError::of)?)
    };
    let (root, target) = (args.root.as_path(), args.target.as_deref());
    let record = code::specs(suite, root, target, shard, &known, progress, &keep)?;
    keep(&record)?;
    let built = record
        .fates
        .iter()
        .filter(|(_, fate)| **fate != SpecFate::Unbuilt);
    let mut family = Family::of(built.map(|(name, fate)| {
        let noticed = matches!(fate, SpecFate::Refused | SpecFate::Noticed);
        (name.clone(), noticed)
    }));
    family.partial = Some("specs that no case notices".to_owned());
    Ok(family)
}

fn write(path: &Path, text: &str) -> Result<(), CodeError> {
    std::fs::write(path, text)
        .map_err(|error| CodeError::new(format!("{}: cannot be written: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn arguments_do_not_conflict() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_survivors_of_an_earlier_run_are_read_from_its_json() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m2.json");
        let proof = Proof {
            m2: Family::of([("a".to_owned(), true), ("b".to_owned(), false)]),
            ..Proof::default()
        };
        std::fs::write(&path, serde_json::to_string(&proof).unwrap()).unwrap();
        assert_eq!(survivors(&path).unwrap(), BTreeSet::from(["b".to_owned()]));
        std::fs::write(&path, "{}").unwrap();
        let error = survivors(&path).unwrap_err().to_string();
        assert!(error.contains("that --json wrote"), "{error}");
    }
}
