//! Results of checks.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Verdict;
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
        write!(
            f,
            "{word} {}: expected {}, saw {}",
            self.id, self.expected, self.seen
        )
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
        }
    }

    /// The report of a case whose `needs` the client does not declare.
    pub fn not_applicable(case: &str) -> Self {
        Self {
            case: case.to_owned(),
            verdict: Verdict::NotApplicable,
            checks: Vec::new(),
        }
    }

    /// The checks that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.passed)
    }
}
