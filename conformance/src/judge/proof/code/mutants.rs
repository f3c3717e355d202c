//! M2: the mutants of cargo-mutants, all in one build.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use serde_json::Value;

use super::listed::{Listed, list};
use super::switch::{Woven, switch, weave};
use super::trial::Program;
use super::{Choice, CodeError, Edit, Fate, Scratch, Tried};
use crate::script::cores;

/// The crates whose code is wrong.
pub(super) const PACKAGES: [&str; 4] = [
    "tegata",
    "tegata-fujitsu-aispf",
    "tegata-jooto",
    "tegata-marketo",
];

/// The crate at the bottom, and the file in which the switch goes.
const BOTTOM: (&str, &str) = ("tegata", "crates/tegata/src/lib.rs");

/// Tries what cargo-mutants would change in the workspace at `root` (a part of M2).
///
/// # Errors
///
/// If cargo-mutants is missing or of another version, or the copy does not pass as it is.
pub fn mutants(
    root: &Path,
    target: Option<&Path>,
    choice: &Choice,
    told: &dyn Fn(&str),
) -> Result<Vec<Tried>, CodeError> {
    let scratch = Scratch::copy(root, target)?;
    let listed = list(scratch.root(), &PACKAGES)?;
    let names = titles(&listed);
    let chosen = listed.iter().enumerate();
    let chosen: BTreeMap<usize, &Listed> = chosen
        .filter(|(number, one)| choice.wants(*number, &one.file, &names[*number]))
        .collect();
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let settled = settle(&scratch, &chosen, listed.len(), told)?;
    let programs = Program::build(&scratch, told)?;
    let awake: Vec<usize> = chosen
        .keys()
        .copied()
        .filter(|number| !settled.unviable.contains(number) && !settled.rigid.contains(number))
        .collect();
    let fates = attempts(&programs, &awake, &|number, fate, by| {
        told(&format!("{fate:?}{by}: {}", names[number]));
    })?;
    let mut all = Vec::new();
    for (number, one) in &chosen {
        let fate = match fates.get(number) {
            Some(fate) => *fate,
            None if settled.unviable.contains(number) => Fate::Unviable,
            None => continue,
        };
        all.push(Tried {
            file: one.file.to_string_lossy().into_owned(),
            name: names[*number].clone(),
            fate,
        });
    }
    for (path, content) in &settled.files {
        scratch.write(path, content)?;
    }
    for number in &settled.rigid {
        let one = chosen[number];
        let name = names[*number].clone();
        let fate = by_itself(&scratch, one, &name, told)?;
        let file = one.file.to_string_lossy().into_owned();
        all.push(Tried { file, name, fate });
    }
    Ok(all)
}

/// Tries all of them, on as many threads as there are cores.
fn attempts(
    programs: &[Program],
    numbers: &[usize],
    told: &dyn Fn(usize, Fate, &str),
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
            told(number, fate, &by);
            fates.insert(number, fate);
        }
        Ok(fates)
    })
}

/// What becomes of it, and where that shows.
fn attempt(programs: &[Program], number: usize) -> Result<(Fate, String), CodeError> {
    for program in programs {
        let fate = program.attempt(number)?;
        if fate != Fate::Survived {
            return Ok((fate, format!(" by {}", program.name)));
        }
    }
    Ok((Fate::Survived, String::new()))
}

/// Tries one that needs a build of its own.
fn by_itself(
    scratch: &Scratch,
    one: &Listed,
    name: &str,
    told: &dyn Fn(&str),
) -> Result<Fate, CodeError> {
    let content = scratch.read(&one.file)?;
    let at = one.at(&content).unwrap_or_default();
    let edit = Edit {
        name: name.to_owned(),
        file: one.file.clone(),
        at,
        by: one.replacement.clone(),
    };
    let fate = scratch.attempt(&edit)?;
    told(&format!("{fate:?}: {name}"));
    Ok(fate)
}

/// Names without places, told apart by numbers where they are the same.
fn titles(listed: &[Listed]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut names = Vec::new();
    for one in listed {
        let name = one.title();
        let nth = seen.entry(name.clone()).or_default();
        *nth += 1;
        names.push(if *nth == 1 {
            name
        } else {
            format!("{name} ({nth})")
        });
    }
    names
}

/// The copy with all mutants in it.
struct Settled {
    /// Those that cannot be switched on when a program runs.
    rigid: BTreeSet<usize>,
    /// Those that do not build.
    unviable: BTreeSet<usize>,
    /// The files as they were.
    files: BTreeMap<PathBuf, String>,
}

/// Puts all mutants into the copy, and takes out again what does not build.
fn settle(
    scratch: &Scratch,
    all: &BTreeMap<usize, &Listed>,
    count: usize,
    told: &dyn Fn(&str),
) -> Result<Settled, CodeError> {
    let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
    for path in all
        .values()
        .map(|one| &one.file)
        .chain([&PathBuf::from(BOTTOM.1)])
    {
        if !files.contains_key(path) {
            files.insert(path.clone(), scratch.read(path)?);
        }
    }
    let (mut rigid, mut dead) = (BTreeSet::new(), BTreeSet::new());
    loop {
        let mut woven: BTreeMap<PathBuf, Woven> = BTreeMap::new();
        for (path, content) in &files {
            let here: Vec<(usize, &Listed)> = all
                .iter()
                .filter(|(number, one)| one.file == *path && !dead.contains(*number))
                .map(|(number, one)| (*number, *one))
                .collect();
            let bottom = here.first().is_some_and(|(_, one)| one.package == BOTTOM.0);
            let called = if bottom {
                "crate::__switch"
            } else {
                "::tegata::__switch"
            };
            let (mut made, cannot) = weave(content, called, &here)
                .map_err(|error| CodeError(format!("{}: {error}", path.display())))?;
            rigid.extend(cannot);
            if path == Path::new(BOTTOM.1) {
                made.content.push_str(&switch(count));
            }
            scratch.write(path, &made.content)?;
            woven.insert(path.clone(), made);
        }
        let errors = check(scratch)?;
        if errors.is_empty() {
            return Ok(Settled {
                rigid,
                unviable: dead,
                files,
            });
        }
        let before = dead.len();
        for error in &errors {
            dead.extend(culprit(error, &woven));
        }
        told(&format!("{} mutants do not build", dead.len()));
        if dead.len() == before {
            let texts: Vec<&str> = errors
                .iter()
                .filter_map(|error| error["rendered"].as_str())
                .collect();
            return Err(CodeError(format!(
                "the copy does not build for no mutant's sake: {}",
                texts.join("\n")
            )));
        }
    }
}

/// What the compiler has against the copy.
fn check(scratch: &Scratch) -> Result<Vec<Value>, CodeError> {
    let packages: Vec<String> = PACKAGES
        .iter()
        .map(|name| format!("--package={name}"))
        .collect();
    let fixed = [
        "build",
        "--lib",
        "--keep-going",
        "--message-format=json",
        "--features=tegata/test-util",
    ];
    let arguments: Vec<&str> = fixed
        .into_iter()
        .chain(packages.iter().map(String::as_str))
        .collect();
    let output = scratch.cargo(&arguments)?;
    if output.status.success() {
        return Ok(Vec::new());
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let messages = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors: Vec<Value> = messages
        .filter(|message| message["message"]["level"] == "error")
        .map(|mut message| message["message"].take())
        .filter(|error| {
            error["spans"]
                .as_array()
                .is_some_and(|spans| !spans.is_empty())
        })
        .collect();
    if errors.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(CodeError(format!("the copy cannot be checked: {said}")));
    }
    Ok(errors)
}

/// The mutant for which there is this error.
fn culprit(error: &Value, woven: &BTreeMap<PathBuf, Woven>) -> Option<usize> {
    let spans = error["spans"].as_array()?;
    let (primary, other): (Vec<&Value>, Vec<&Value>) =
        spans.iter().partition(|span| span["is_primary"] == true);
    primary.into_iter().chain(other).find_map(|span| {
        // What a macro makes is where it is called.
        let mut span = span;
        while span["expansion"].is_object() {
            span = &span["expansion"]["span"];
        }
        let woven = woven.get(Path::new(span["file_name"].as_str()?))?;
        woven.at(usize::try_from(span["byte_start"].as_u64()?).ok()?)
    })
}
