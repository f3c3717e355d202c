//! Why no crate could be made.

use std::fmt;

use crate::node::Place;
use crate::text::printable;

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
        let place = self.place.as_ref().map(|it| format!("{it}: "));
        let text = format!("{}{}; {}", place.unwrap_or_default(), self.what, self.fix);
        // Names of the document are in it: they are no lines of ours, and no orders to a terminal.
        f.write_str(&printable(&text).replace('\n', " "))
    }
}

impl std::error::Error for Error {}
