//! What is wrong, where, and how to fix it.

use std::fmt;
use std::io::Write;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(super) file: Option<String>,
    pub(super) line: Option<usize>,
    pub(super) place: String,
    pub(super) what: String,
    pub(super) fix: String,
}

impl Finding {
    /// A finding about how the task was called.
    pub(crate) fn of_use(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            file: None,
            line: None,
            place: String::new(),
            what: what.into(),
            fix: fix.into(),
        }
    }

    /// A finding about a file as a whole.
    pub(crate) fn of_file(
        file: impl Into<String>,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            file: Some(file.into()),
            ..Self::of_use(what, fix)
        }
    }

    /// The same, at a line.
    pub(crate) fn on_line(self, line: Option<usize>) -> Self {
        Self { line, ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error: ")?;
        if let Some(file) = &self.file {
            f.write_str(file)?;
            if let Some(line) = self.line {
                write!(f, ":{line}")?;
            }
            f.write_str(": ")?;
        }
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        write!(f, "{}\n  fix: {}", self.what, self.fix)
    }
}

/// Prints findings, and how many there are.
pub(crate) fn complain(err: &mut dyn Write, findings: &[Finding]) {
    // When standard error is gone, there is nowhere to report.
    for finding in findings {
        let _ = writeln!(err, "{finding}");
    }
    let count = findings.len();
    let noun = if count == 1 { "error" } else { "errors" };
    let _ = writeln!(err, "{count} {noun}; nothing was written");
}
