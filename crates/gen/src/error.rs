//! Why no crate could be made.

use std::fmt;

use crate::node::Place;

/// What is wrong, where, and how to fix it.
#[derive(Clone, Debug)]
pub struct Error {
    place: Option<String>,
    what: String,
    fix: String,
}

impl Error {
    /// An error of no particular place.
    pub fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            place: None,
            what: what.into(),
            fix: fix.into(),
        }
    }

    /// An error at a line of a file.
    pub fn at(file: &str, place: Place, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            place: Some(format!("{file}:{}", place.line)),
            ..Self::new(what, fix)
        }
    }

    /// The same error, at a place that is already text.
    pub(crate) fn placed(mut self, place: String) -> Self {
        self.place = Some(place);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}; {}", self.what, self.fix)
    }
}

impl std::error::Error for Error {}
