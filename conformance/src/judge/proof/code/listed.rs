//! What cargo-mutants would change, as it lists it.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::CodeError;

/// The version that the record and the list of survivors were made with.
pub const MUTANTS_VERSION: &str = "27.1.0";

/// One change that cargo-mutants knows.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Listed {
    /// `file:line:column: what`.
    name: String,
    /// Below the root.
    pub(super) file: PathBuf,
    pub(super) package: String,
    pub(super) genre: Genre,
    /// What stands there instead.
    pub(super) replacement: String,
    span: Span,
}

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Genre {
    /// The body of a function becomes a value.
    FnValue,
    BinaryOperator,
    UnaryOperator,
    /// An arm of a match is left out.
    MatchArm,
    MatchArmGuard,
    /// A field of a struct is left to the base expression.
    StructField,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Span {
    start: Place,
    end: Place,
}

/// Both from 1; columns are characters.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

impl Listed {
    /// The bytes that are replaced.
    pub(super) fn at(&self, content: &str) -> Option<Range<usize>> {
        Some(self.span.start.offset(content)?..self.span.end.offset(content)?)
    }

    /// What it is called: without line and column, which other edits move.
    pub(super) fn title(&self) -> String {
        let what = self.name.split_once(": ").map_or("", |(_, what)| what);
        format!("code {}: {what}", self.file.display())
    }
}

impl Place {
    fn offset(self, content: &str) -> Option<usize> {
        let mut start = 0;
        let mut lines = content.split_inclusive('\n');
        for line in lines.by_ref().take(self.line.checked_sub(1)?) {
            start += line.len();
        }
        let line = lines.next().unwrap_or_default();
        let mut columns = line.char_indices().map(|(at, _)| at);
        let within = columns.nth(self.column.checked_sub(1)?);
        Some(start + within.unwrap_or(line.len()))
    }
}

/// Everything that cargo-mutants would change in the packages of the workspace at `root`.
///
/// # Errors
///
/// If cargo-mutants is missing or of another version, or fails itself.
pub(super) fn list(root: &Path, packages: &[&str]) -> Result<Vec<Listed>, CodeError> {
    installed()?;
    let output = Command::new("cargo")
        .args(["mutants", "--list", "--json", "--colors=never"])
        .args(packages.iter().map(|name| format!("--package={name}")))
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| CodeError(format!("cargo mutants cannot be started: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(CodeError(format!("cargo mutants --list fails: {said}")));
    }
    read(&output.stdout)
}

fn read(json: &[u8]) -> Result<Vec<Listed>, CodeError> {
    serde_json::from_slice(json)
        .map_err(|error| CodeError(format!("the list of cargo mutants: {error}")))
}

fn installed() -> Result<(), CodeError> {
    let mend =
        format!("install it: cargo install cargo-mutants --locked --version {MUTANTS_VERSION}");
    let output = Command::new("cargo")
        .args(["mutants", "--version"])
        .output()
        .map_err(|error| CodeError(format!("cargo cannot be started: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(CodeError(format!("cargo-mutants is missing; {mend}")));
    }
    if text.split_whitespace().next_back() != Some(MUTANTS_VERSION) {
        return Err(CodeError(format!(
            "{} is not the version wanted; {mend}",
            text.trim()
        )));
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A change as cargo-mutants lists it.
    pub(in super::super) fn listed(
        genre: &str,
        from: (usize, usize),
        to: (usize, usize),
        by: &str,
    ) -> Listed {
        let place = |(line, column)| serde_json::json!({"line": line, "column": column});
        let json = serde_json::json!({
            "name": format!("src/a.rs:{}:{}: {genre} by {by}", from.0, from.1),
            "file": "src/a.rs", "package": "a", "genre": genre, "replacement": by,
            "span": {"start": place(from), "end": place(to)},
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_place_is_counted_in_characters() {
        let content = "é ab\nö c!\n";
        let bang = listed("UnaryOperator", (2, 4), (2, 5), "");
        assert_eq!(&content[bang.at(content).unwrap()], "!");
        assert_eq!(bang.title(), "code src/a.rs: UnaryOperator by ");
    }
}
