//! Results of checks.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::said::one_line;
use super::{About, Verdict};
use crate::case::Level;

/// The result of one check. The id is the same whether it passes or fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// `<case>#<check>`.
    pub id: String,
    /// Whether what was seen is what was expected.
    pub passed: bool,
    /// What was expected, with secrets as their names.
    pub expected: String,
    /// What was seen, with secrets as their names.
    pub seen: String,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.passed { "ok" } else { "FAILED" };
        let (expected, seen) = (one_line(&self.expected), one_line(&self.seen));
        write!(f, "{word} {}: expected {expected}, saw {seen}", self.id)
    }
}

/// The result of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseReport {
    /// The case's id.
    pub case: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Its checks, in a fixed order.
    pub checks: Vec<Check>,
    /// The ids of those that could not be made, because a recording hides what they are on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
}

impl CaseReport {
    /// The report of checks that were judged at a level.
    pub fn of(case: &str, level: Level, checks: Vec<Check>) -> Self {
        let verdict = if checks.iter().all(|check| check.passed) {
            Verdict::Pass
        } else {
            Verdict::failed_at(level)
        };
        Self {
            case: case.to_owned(),
            verdict,
            checks,
            hidden: Vec::new(),
        }
    }

    /// The same, by a recording that hides these checks. If no other failed, and the case is about one of these, it
    /// is not judged.
    #[must_use]
    pub fn hiding(mut self, about: &About<'_>, hidden: Vec<String>) -> Self {
        let short = |id: &String| {
            let (_, short) = id.split_once('#').unwrap_or(("", id));
            short.to_owned()
        };
        let lost: Vec<String> = hidden.iter().map(short).collect();
        let seen: Vec<String> = self.checks.iter().map(|check| short(&check.id)).collect();
        if self.verdict == Verdict::Pass && about.is_lost(&lost, &seen) {
            self.verdict = Verdict::NotJudged;
        }
        self.hidden = hidden;
        self
    }

    /// The report of a case whose `needs` the client does not declare.
    pub fn not_applicable(case: &str) -> Self {
        Self {
            case: case.to_owned(),
            verdict: Verdict::NotApplicable,
            checks: Vec::new(),
            hidden: Vec::new(),
        }
    }

    /// The report of a case of which a recording hides whether it took place.
    pub fn not_judged(case: &str) -> Self {
        Self {
            verdict: Verdict::NotJudged,
            ..Self::not_applicable(case)
        }
    }

    /// The checks that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.passed)
    }
}
