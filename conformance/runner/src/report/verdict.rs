//! The verdict of a case, and the words for it.

use serde::{Deserialize, Serialize};

use crate::case::Level;

/// The verdict of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every check passed.
    Pass,
    /// A check of a `must` or `survive` case failed.
    Fail,
    /// A check of a `should` case failed.
    Warn,
    /// A check of a `probe` case failed: information.
    Info,
    /// Nothing failed, but a recording hides what the case is about.
    NotJudged,
    /// The client does not declare a feature that the case needs.
    NotApplicable,
}

impl Verdict {
    /// All of them, the worst first.
    pub const ALL: [Self; 6] = [
        Self::Fail,
        Self::NotJudged,
        Self::Warn,
        Self::Info,
        Self::Pass,
        Self::NotApplicable,
    ];

    /// The verdict of a failed check at a level.
    pub fn failed_at(level: Level) -> Self {
        match level {
            Level::Must | Level::Survive => Self::Fail,
            Level::Should => Self::Warn,
            Level::Probe => Self::Info,
        }
    }

    /// Whether it says anything about the subject.
    pub fn is_judged(self) -> bool {
        !matches!(self, Self::NotJudged | Self::NotApplicable)
    }

    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::NotJudged => "not judged",
            Self::NotApplicable => "not applicable",
        }
    }

    /// The word at the beginning of a line on a terminal, where a failure must catch the eye.
    pub fn loud_word(self) -> &'static str {
        match self {
            Self::Pass => "ok",
            Self::Fail => "FAILED",
            Self::Warn => "warning",
            Self::Info | Self::NotJudged | Self::NotApplicable => self.word(),
        }
    }

    /// How many of these come to each verdict, the worst first, without those that none comes to.
    pub(super) fn tally(all: impl Iterator<Item = Self>) -> Vec<(Self, usize)> {
        let mut numbers = Self::ALL.map(|verdict| (verdict, 0));
        for verdict in all {
            for (known, number) in &mut numbers {
                *number += usize::from(*known == verdict);
            }
        }
        numbers
            .into_iter()
            .filter(|(_, number)| *number > 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Fail, Info, Pass};
    use super::*;

    #[test]
    fn a_tally_begins_with_the_worst_verdict_and_omits_zeros() {
        let tally = Verdict::tally([Pass, Info, Fail, Pass].into_iter());
        assert_eq!(tally, [(Fail, 1), (Info, 1), (Pass, 2)]);
    }
}
