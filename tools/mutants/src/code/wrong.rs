//! Mutants of the code, all in one build.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::listed::list;
use super::literals::literal_edits;
use super::mutant::{Genre, Mutant};
use super::settle::{PACKAGES, settle};
use super::trial::Program;
use super::{Choice, CodeError, Fate, Kind, Scratch, Tried};
use tegata_conformance::case::Suite;
use tegata_conformance::script::cores;

/// Tries wrong code of these kinds in a copy of the workspace at `root` (M2).
///
/// # Errors
///
/// If cargo-mutants is needed, and missing or of another version, or if the copy does not pass as it is.
pub(crate) fn wrong_code(
    suite: &Suite,
    root: &Path,
    target: Option<&Path>,
    wanted: &BTreeMap<Kind, Choice>,
    report: &dyn Fn(&str),
) -> Result<BTreeMap<Kind, Vec<Tried>>, CodeError> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let scratch = Scratch::copy(root, target)?;
    let mut chosen = Vec::new();
    for (kind, choice) in wanted {
        let all = match kind {
            Kind::Mutants => list(scratch.root(), &PACKAGES)?,
            Kind::Literals => names(suite, scratch.root())?,
        };
        let some = all
            .into_iter()
            .enumerate()
            .filter(|(index, one)| choice.wants(*index, &one.edit));
        chosen.extend(some.map(|(_, one)| (*kind, one)));
    }
    let mutants: Vec<&Mutant> = chosen.iter().map(|(_, one)| one).collect();
    let fates = fates(&scratch, &mutants, report)?;
    let mut tried: BTreeMap<Kind, Vec<Tried>> = BTreeMap::new();
    for ((kind, one), fate) in chosen.iter().zip(fates) {
        tried.entry(*kind).or_default().push(Tried {
            name: one.edit.name.clone(),
            fate,
        });
    }
    Ok(tried)
}

fn names(suite: &Suite, root: &Path) -> Result<Vec<Mutant>, CodeError> {
    let edits = literal_edits(suite, root)?.into_iter();
    let genre = Genre::Name;
    Ok(edits.map(|edit| Mutant { edit, genre }).collect())
}

/// The fate of each.
fn fates(
    scratch: &Scratch,
    all: &[&Mutant],
    report: &dyn Fn(&str),
) -> Result<Vec<Fate>, CodeError> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let settled = settle(scratch, all, report)?;
    let awake: Vec<usize> = (0..all.len())
        .filter(|number| !settled.unviable.contains(number) && !settled.rigid.contains(number))
        .collect();
    let mut fates = BTreeMap::new();
    if !awake.is_empty() {
        let programs = Program::build(scratch, report)?;
        fates = attempts(&programs, &awake, &|number, fate, by| {
            report(&format!("{fate:?}{by}: {}", all[number].edit.name));
        })?;
    }
    for (path, content) in &settled.files {
        scratch.write(path, content)?;
    }
    if !settled.rigid.is_empty() {
        report("the copy as it is");
        scratch.baseline()?;
    }
    for number in settled.rigid {
        let edit = &all[number].edit;
        let fate = scratch.attempt(edit)?;
        report(&format!("{fate:?}: {}", edit.name));
        fates.insert(number, fate);
    }
    let fate = |number| fates.get(&number).copied().unwrap_or(Fate::Unviable);
    Ok((0..all.len()).map(fate).collect())
}

/// Tries all of them, on as many threads as there are cores.
fn attempts(
    programs: &[Program],
    numbers: &[usize],
    report: &dyn Fn(usize, Fate, &str),
) -> Result<BTreeMap<usize, Fate>, CodeError> {
    let next = AtomicUsize::new(0);
    let (say, hear) = mpsc::channel();
    let mut fates = BTreeMap::new();
    std::thread::scope(|scope| {
        for _ in 0..cores().get() {
            let (say, next) = (say.clone(), &next);
            scope.spawn(move || {
                while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if say.send((*number, attempt(programs, *number))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(say);
        for (number, outcome) in hear {
            let (fate, by) = outcome?;
            report(number, fate, &by);
            fates.insert(number, fate);
        }
        Ok(fates)
    })
}

/// The fate of one mutant, and the test program that shows it.
fn attempt(programs: &[Program], number: usize) -> Result<(Fate, String), CodeError> {
    for program in programs {
        let fate = program.attempt(number)?;
        if fate != Fate::Survived {
            return Ok((fate, format!(" by {}", program.name)));
        }
    }
    Ok((Fate::Survived, String::new()))
}
