//! Findings about the data files.

use std::fmt;

use serde::Serialize;

/// A fault in a data file: where it is, what it is, how to fix it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file.
    pub file: String,
    /// The row, key or line.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// How to fix it.
    pub fix: String,
}

impl Finding {
    /// A finding.
    pub fn new(file: &str, place: &str, problem: impl Into<String>, fix: &str) -> Self {
        Self {
            file: file.to_owned(),
            place: place.to_owned(),
            problem: problem.into(),
            fix: fix.to_owned(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}: {}; {}",
            self.file, self.place, self.problem, self.fix
        )
    }
}

/// A data file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    file: String,
    problem: String,
}

impl LoadError {
    /// Why a file cannot be read.
    pub fn new(file: &str, problem: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.problem.trim_end())
    }
}

impl std::error::Error for LoadError {}
