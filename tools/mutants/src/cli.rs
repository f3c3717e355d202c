//! The command line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum as _};
use tegata_conformance::case::Suite;
use tegata_conformance::report::proof::{FORMAT, Family, Proof};
use tegata_proof::{Known, Problem, SpecFate, SpecRecord};

use crate::code::{self, Choice, CodeError, Kind, Shard};
use crate::faults::{self, Planted};

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
    check(args)?;
    let progress = |text: &str| eprintln!("{text}");
    let (root, target) = (args.root.as_path(), args.target.as_deref());
    let mut passes = true;
    if args.parts.contains(&Part::Faults) {
        let only = args.only.as_deref().unwrap_or_default();
        let planted = faults::plant_all(root, target, only, &progress)?;
        let Planted { unnoticed, untried } = planted;
        println!(
            "faults\t{unnoticed} not noticed by a test that should, {untried} could not be tried"
        );
        passes &= planted == Planted::default();
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
            println!("{name}\t{}", family.summary());
        }
    }
    let problems = known.problems(&proof, &whole(args)).into_iter();
    for problem in problems.filter(|problem| !is_beside_the_point(args, problem)) {
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

/// Refuses options that mean nothing for the chosen parts.
fn check(args: &Args) -> Result<(), CodeError> {
    use Part::{Faults, Literals, Mutants, Specs};
    let options: [(&str, bool, &[Part]); 5] = [
        ("--only", args.only.is_some(), &[Faults]),
        ("--shard", args.shard.is_some(), &[Mutants, Literals, Specs]),
        (
            "--survivors",
            args.survivors.is_some(),
            &[Mutants, Literals],
        ),
        ("--json", args.json.is_some(), &[Mutants, Literals, Specs]),
        ("--record", args.record, &[Specs]),
    ];
    for (option, is_given, parts) in options {
        if is_given && !parts.iter().any(|part| args.parts.contains(part)) {
            let names: Vec<String> = parts
                .iter()
                .filter_map(|part| Some(part.to_possible_value()?.get_name().to_owned()))
                .collect();
            let names = names.join(" or ");
            return Err(CodeError::new(format!(
                "{option} means nothing without {names}"
            )));
        }
    }
    Ok(())
}

/// How the names begin of what is tried as a whole, so that an entry of `survivors.toml` that stands for none of
/// its survivors is of no use.
fn whole(args: &Args) -> Vec<&'static str> {
    if args.shard.is_some() || args.survivors.is_some() {
        return Vec::new();
    }
    let parts = [(Part::Mutants, "code "), (Part::Literals, "name ")];
    let tried = parts
        .into_iter()
        .filter(|(part, _)| args.parts.contains(part));
    tried.map(|(_, name)| name).collect()
}

/// Whether it is about the rate among the survivors of an earlier run, which says nothing of the tests.
fn is_beside_the_point(args: &Args, problem: &Problem) -> bool {
    args.survivors.is_some() && matches!(problem, Problem::Rate("M2", ..))
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

    fn args(line: &str) -> Args {
        Args::parse_from(["tegata-mutants"].into_iter().chain(line.split(' ')))
    }

    #[test]
    fn an_option_that_means_nothing_for_the_chosen_parts_is_refused() {
        for (line, said) in [
            (
                "mutants literals specs --only x",
                "--only means nothing without faults",
            ),
            (
                "faults --shard 1/2",
                "--shard means nothing without mutants or literals or specs",
            ),
            (
                "faults specs --survivors x",
                "--survivors means nothing without mutants or literals",
            ),
            (
                "faults --json x",
                "--json means nothing without mutants or literals or specs",
            ),
            (
                "mutants faults --record",
                "--record means nothing without specs",
            ),
        ] {
            let error = check(&args(line)).unwrap_err().to_string();
            assert_eq!(error, said, "{line}");
        }
        for line in [
            "faults mutants --only x --json y",
            "literals --survivors x --json y",
            "specs --record --json y",
            "specs --shard 1/2",
        ] {
            assert!(check(&args(line)).is_ok(), "{line}");
        }
    }

    #[test]
    fn entries_are_looked_at_for_what_is_tried_as_a_whole() {
        for (line, expected) in [
            ("mutants literals", &["code ", "name "][..]),
            ("literals specs faults", &["name "]),
            ("specs", &[]),
            ("mutants --shard 1/2", &[]),
            ("mutants literals --survivors x", &[]),
        ] {
            assert_eq!(whole(&args(line)), expected, "{line}");
        }
    }

    #[test]
    fn the_rate_of_earlier_survivors_is_beside_the_point() {
        let rate = |family| Problem::Rate(family, 0, 950);
        let again = args("mutants specs --survivors x");
        assert!(is_beside_the_point(&again, &rate("M2")));
        assert!(!is_beside_the_point(&again, &rate("M3")));
        assert!(!is_beside_the_point(
            &again,
            &Problem::Unexplained(String::new())
        ));
        assert!(!is_beside_the_point(&args("mutants"), &rate("M2")));
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
