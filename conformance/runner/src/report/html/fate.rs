//! The result of a statement in this run.

use crate::report::{CitationEntry, Standing, Verdict};

/// What became of a statement, in the order in which it wants attention.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    Broken,
    Unchecked,
    NotJudged,
    Warned,
    NotRun,
    Held,
    Excluded,
}

impl Fate {
    pub(super) fn of(entry: &CitationEntry) -> Self {
        match (entry.standing, entry.verdict) {
            (Standing::Excluded, _) => Self::Excluded,
            (Standing::Unchecked, _) => Self::Unchecked,
            (Standing::Checked, None | Some(Verdict::NotApplicable)) => Self::NotRun,
            (Standing::Checked, Some(Verdict::NotJudged)) => Self::NotJudged,
            (Standing::Checked, Some(Verdict::Warn | Verdict::Info)) => Self::Warned,
            (Standing::Checked, Some(Verdict::Fail)) => Self::Broken,
            (Standing::Checked, Some(Verdict::Pass)) => Self::Held,
        }
    }

    /// The class that gives the colour.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Broken => "fail",
            Self::Unchecked => "open",
            Self::NotJudged => "unjudged",
            Self::Warned => "warn",
            Self::NotRun => "idle",
            Self::Held => "pass",
            Self::Excluded => "out",
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Unchecked => "unchecked",
            Self::NotJudged => "not judged",
            Self::Warned => "warned",
            Self::NotRun => "not run",
            Self::Held => "held",
            Self::Excluded => "excluded",
        }
    }
}
