//! M2 and the part of M3 that is about the specs: code and specs with one thing wrong, built in a
//! copy of the workspace and held to the cases.

mod edit;
mod extent;
mod listed;
mod literals;
mod mutant;
mod scratch;
mod settle;
mod sources;
mod specs;
mod switch;
mod trial;
mod wrong;

use std::collections::BTreeSet;
use std::fmt;

use tegata_conformance::report::proof::Family;

pub(crate) use edit::Edit;
pub(crate) use scratch::Scratch;
pub(crate) use specs::specs;
pub(crate) use wrong::wrong_code;

/// A sample that fits into the available time: part `part` of `of`, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// Which one.
    pub(crate) part: usize,
    /// Of how many.
    pub(crate) of: usize,
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
    /// All of it.
    pub(crate) const WHOLE: Self = Self { part: 1, of: 1 };

    fn holds(self, index: usize) -> bool {
        index % self.of == self.part - 1
    }

    fn partial(self, what: &str) -> Option<String> {
        (self.of > 1).then(|| format!("{what}: part {self}"))
    }
}

/// Why wrong code could not be tried.
#[derive(Debug)]
pub(crate) struct CodeError(String);

impl CodeError {
    /// An error that says this.
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }

    /// Another error as one.
    pub(crate) fn of(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CodeError {}

/// The fate of one edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A test failed.
    Noticed,
    /// The tests did not end, which counts as noticed.
    Endless,
    /// No test noticed it.
    Survived,
    /// It does not build, which is no merit of the tests.
    Unviable,
}

/// One edit that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tried {
    /// What it is called.
    pub(crate) name: String,
    /// Its fate.
    pub(crate) fate: Fate,
}

/// Which kind of wrong code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The mutants of cargo-mutants.
    Mutants,
    /// Names that are sent over the wire.
    Literals,
}

impl Kind {
    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Mutants => "cargo-mutants",
            Self::Literals => "names in code",
        }
    }
}

/// Which edits are tried: a sample, or only some by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    /// One in so many.
    pub(crate) shard: Option<Shard>,
    /// Only these.
    pub(crate) names: Option<BTreeSet<String>>,
}

impl Choice {
    fn wants(&self, index: usize, edit: &Edit) -> bool {
        self.shard.is_none_or(|shard| shard.holds(index))
            && self
                .names
                .as_ref()
                .is_none_or(|names| names.contains(&edit.name))
    }

    /// The sample, if only a part was tried.
    fn partial(&self, what: &str) -> Option<String> {
        let part = self.shard.and_then(|shard| shard.partial(what));
        let some = self.names.is_some();
        part.or_else(|| some.then(|| format!("{what}: some")))
    }

    /// The report's family of these results.
    pub(crate) fn family(&self, what: &str, tried: &[Tried]) -> Family {
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
    fn an_invalid_shard_is_refused() {
        for text in ["0/3", "4/3", "1", "1/0", "a/b", ""] {
            let error = text.parse::<Shard>().unwrap_err();
            assert!(error.contains("such as `1/8`"), "{error}");
        }
    }
}
