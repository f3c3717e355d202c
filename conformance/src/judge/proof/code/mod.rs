//! M2 and the part of M3 that is about the specs: code and specs with one thing wrong, built in a
//! copy of the workspace and held to the cases.

mod edit;
mod literals;
mod mutants;
mod scratch;
mod specs;

use std::fmt;
use std::path::Path;

use super::Family;
use crate::case::Suite;

pub use edit::Edit;
pub use literals::literal_edits;
pub use mutants::{MUTANTS_VERSION, code_mutants};
pub use scratch::Scratch;
pub use specs::specs;

/// One in so many, so that a part fits into the time that there is: part `part` of `of`, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which one.
    pub part: usize,
    /// Of how many.
    pub of: usize,
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('/')
            .and_then(|(part, of)| Some((part.parse::<usize>().ok()?, of.parse::<usize>().ok()?)));
        match numbers {
            Some((part, of)) if (1..=of).contains(&part) => Ok(Self { part, of }),
            _ => Err(format!("`{text}` is no part of a whole, such as `1/8`")),
        }
    }
}

impl Shard {
    fn holds(self, index: usize) -> bool {
        index % self.of == self.part - 1
    }

    fn partial(self, what: &str) -> Option<String> {
        (self.of > 1).then(|| format!("{what}: part {self}"))
    }
}

/// Why wrong code could not be tried.
#[derive(Debug)]
pub struct CodeError(pub(super) String);

impl CodeError {
    /// An error that says this.
    pub fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CodeError {}

/// What became of one edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Noticed,
    Survived,
    /// It does not build, which is no merit of the suite's.
    Unviable,
}

/// Tries the wrong names in the code of the workspace at `root` (a part of M2).
///
/// # Errors
///
/// If the copy cannot be made, or does not pass as it is.
pub fn literals(
    suite: &Suite,
    root: &Path,
    target: Option<&Path>,
    shard: Shard,
    told: &dyn Fn(&str),
) -> Result<Family, CodeError> {
    let edits = literal_edits(suite, root)?;
    let scratch = Scratch::copy(root, target)?;
    let mut family = tried(&scratch, &edits, shard, told)?;
    family.partial = shard.partial("names in code");
    Ok(family)
}

fn tried(
    scratch: &Scratch,
    edits: &[Edit],
    shard: Shard,
    told: &dyn Fn(&str),
) -> Result<Family, CodeError> {
    told("the copy as it is");
    let generated = edits.iter().any(|edit| edit.file.starts_with("specs"));
    scratch.baseline(generated)?;
    let mut all = Vec::new();
    let chosen = edits.iter().enumerate();
    for (_, edit) in chosen.filter(|(index, _)| shard.holds(*index)) {
        let fate = scratch.attempt(edit)?;
        told(&format!("{fate:?}: {}", edit.name));
        match fate {
            Fate::Noticed => all.push((edit.name.clone(), true)),
            Fate::Survived => all.push((edit.name.clone(), false)),
            Fate::Unviable => {}
        }
    }
    Ok(Family::of(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_out_everything_once() {
        let shards: Vec<Shard> = ["1/3", "2/3", "3/3"].map(|s| s.parse().unwrap()).into();
        for index in 0..10 {
            let holding = shards.iter().filter(|shard| shard.holds(index)).count();
            assert_eq!(holding, 1, "{index}");
        }
        assert_eq!(shards[0].partial("x").unwrap(), "x: part 1/3");
    }

    #[test]
    fn what_is_no_part_of_a_whole_is_refused() {
        for text in ["0/3", "4/3", "1", "1/0", "a/b", ""] {
            let error = text.parse::<Shard>().unwrap_err();
            assert!(error.contains("such as `1/8`"), "{error}");
        }
    }
}
