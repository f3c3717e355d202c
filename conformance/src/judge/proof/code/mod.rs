//! M2 and the part of M3 that is about the specs: code and specs with one thing wrong, built in a
//! copy of the workspace and held to the cases.

mod edit;
mod extent;
mod listed;
mod literals;
mod mutant;
mod record;
mod scratch;
mod settle;
mod sources;
mod specs;
mod switch;
mod trial;
mod wrong;

use std::collections::BTreeSet;
use std::fmt;

use super::Family;

pub use edit::Edit;
pub use listed::MUTANTS_VERSION;
pub use literals::literal_edits;
pub use record::{Kind, RECORD, Record, Tally};
pub use scratch::Scratch;
pub use specs::specs;
pub use wrong::wrong_code;

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
pub enum Fate {
    /// A test failed.
    Noticed,
    /// The tests came to no end, which is noticed as well.
    Endless,
    /// Nothing noticed it.
    Survived,
    /// It does not build, which is no merit of the suite's.
    Unviable,
}

/// One edit that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The file, below the root.
    pub file: String,
    /// What it is called.
    pub name: String,
    /// What became of it.
    pub fate: Fate,
}

/// Which edits are tried: a part, only in some files, only some by name.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// One in so many.
    pub shard: Option<Shard>,
    /// Only in these.
    pub files: Option<BTreeSet<String>>,
    /// Only these.
    pub names: Option<BTreeSet<String>>,
}

impl Choice {
    fn wants(&self, index: usize, edit: &Edit) -> bool {
        let file = edit.file.to_string_lossy();
        self.shard.is_none_or(|shard| shard.holds(index))
            && self
                .files
                .as_ref()
                .is_none_or(|files| files.contains(&*file))
            && self
                .names
                .as_ref()
                .is_none_or(|names| names.contains(&edit.name))
    }

    /// What was left out, if anything was.
    fn partial(&self, what: &str) -> Option<String> {
        let part = self.shard.and_then(|shard| shard.partial(what));
        let some = self.files.is_some() || self.names.is_some();
        part.or_else(|| some.then(|| format!("{what}: some")))
    }

    /// The family that these come to.
    pub fn family(&self, what: &str, tried: &[Tried]) -> Family {
        let viable = tried.iter().filter(|one| one.fate != Fate::Unviable);
        let mut family =
            Family::of(viable.map(|one| (one.name.clone(), one.fate != Fate::Survived)));
        family.partial = self.partial(what);
        family
    }
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
