//! Why a case could not be run.

use std::fmt;

use crate::fixture::ValueError;

/// Why a case could not be run: the harness or the data, never the client.
#[derive(Debug)]
pub enum RunError {
    /// The scripted server could not be started.
    Server(std::io::Error),
    /// The case names something that does not exist.
    Data(String),
    /// The command that drives the client cannot be started.
    Command(String),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(error) => write!(f, "the scripted server cannot be started: {error}"),
            Self::Command(problem) => f.write_str(problem),
            Self::Data(problem) => write!(f, "the case cannot be run: {problem}"),
        }
    }
}

impl std::error::Error for RunError {}

impl RunError {
    /// The same, naming the case.
    pub(super) fn in_case(self, id: &str) -> Self {
        match self {
            Self::Data(problem) => Self::Data(format!("{id}: {problem}")),
            other => other,
        }
    }
}

impl From<ValueError> for RunError {
    fn from(error: ValueError) -> Self {
        Self::Data(error.to_string())
    }
}
