//! The mutants that cargo-mutants lists.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::mutant::{Genre, Mutant};
use super::{CodeError, Edit};

/// The version that is wanted: the names in `survivors.toml` are those that it gives, and others list other mutants.
pub(crate) const MUTANTS_VERSION: &str = "27.1.0";

/// One mutant of cargo-mutants.
#[derive(Clone, Debug, Deserialize)]
struct Listed {
    /// `file:line:column: what`.
    name: String,
    /// Below the root.
    file: PathBuf,
    genre: Genre,
    /// The replacement.
    replacement: String,
    span: Span,
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
    fn at(&self, content: &str) -> Option<Range<usize>> {
        Some(self.span.start.offset(content)?..self.span.end.offset(content)?)
    }

    /// Its name, without line and column, which other edits move.
    fn title(&self) -> String {
        let what = self.name.split_once(": ").map_or("", |(_, what)| what);
        format!("code {}: {what}", self.file.display())
    }

    fn mutant(&self, content: &str) -> Result<Mutant, CodeError> {
        let name = self.title();
        let Some(at) = self.at(content) else {
            return Err(CodeError(format!(
                "{name}: its place is not in the file, which must have changed meanwhile: try again"
            )));
        };
        let (file, by) = (self.file.clone(), self.replacement.clone());
        let genre = self.genre;
        let edit = Edit { name, file, at, by };
        Ok(Mutant { edit, genre })
    }
}

impl Place {
    fn offset(self, content: &str) -> Option<usize> {
        let mut start = 0;
        let mut lines = content.split_inclusive('\n');
        for line in lines.by_ref().take(self.line.checked_sub(1)?) {
            start += line.len();
        }
        let line = lines.next()?;
        let mut columns = line.char_indices().map(|(at, _)| at);
        let within = columns.nth(self.column.checked_sub(1)?);
        Some(start + within.unwrap_or(line.len()))
    }
}

/// All mutants that cargo-mutants lists for the packages of the workspace at `root`. Mutants of the same name
/// are distinguished by numbers.
///
/// # Errors
///
/// If cargo-mutants is missing or of another version, or fails itself.
pub(super) fn list(root: &Path, packages: &[&str]) -> Result<Vec<Mutant>, CodeError> {
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
    let listed: Vec<Listed> = serde_json::from_slice(&output.stdout)
        .map_err(|error| CodeError(format!("the list of cargo mutants: {error}")))?;
    mutants(&listed, |file| {
        let path = root.join(file);
        std::fs::read_to_string(&path)
            .map_err(|error| CodeError(format!("{}: {error}", path.display())))
    })
}

fn mutants(
    listed: &[Listed],
    read: impl Fn(&Path) -> Result<String, CodeError>,
) -> Result<Vec<Mutant>, CodeError> {
    let mut files: BTreeMap<&Path, String> = BTreeMap::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = Vec::new();
    for one in listed {
        let content = match files.entry(&one.file) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(read(&one.file)?),
        };
        let mut mutant = one.mutant(content)?;
        let nth = seen.entry(mutant.edit.name.clone()).or_default();
        *nth += 1;
        if *nth > 1 {
            write!(mutant.edit.name, " ({nth})").map_err(|error| CodeError(error.to_string()))?;
        }
        all.push(mutant);
    }
    Ok(all)
}

fn installed() -> Result<(), CodeError> {
    let fix =
        format!("install it: cargo install cargo-mutants --locked --version {MUTANTS_VERSION}");
    let output = Command::new("cargo")
        .args(["mutants", "--version"])
        .output()
        .map_err(|error| CodeError(format!("cargo cannot be started: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(CodeError(format!("cargo-mutants is missing; {fix}")));
    }
    if text.split_whitespace().next_back() != Some(MUTANTS_VERSION) {
        return Err(CodeError(format!(
            "{} is not the version wanted; {fix}",
            text.trim()
        )));
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn listed(genre: &str, from: (usize, usize), to: (usize, usize), by: &str) -> Listed {
        let place = |(line, column)| serde_json::json!({"line": line, "column": column});
        let json = serde_json::json!({
            "name": format!("src/a.rs:{}:{}: {genre} by {by}", from.0, from.1),
            "file": "src/a.rs", "package": "a", "genre": genre, "replacement": by,
            "span": {"start": place(from), "end": place(to)},
        });
        serde_json::from_value(json).unwrap()
    }

    /// A change as cargo-mutants lists it, in a file with this content.
    pub(in super::super) fn mutant(
        content: &str,
        genre: &str,
        from: (usize, usize),
        to: (usize, usize),
        by: &str,
    ) -> Mutant {
        listed(genre, from, to, by).mutant(content).unwrap()
    }

    #[test]
    fn a_place_is_counted_in_characters() {
        let content = "é ab\nö c!\n";
        let bang = mutant(content, "UnaryOperator", (2, 4), (2, 5), "");
        assert_eq!(&content[bang.edit.at], "!");
        assert_eq!(bang.edit.name, "code src/a.rs: UnaryOperator by ");
    }

    #[test]
    fn mutants_of_the_same_name_are_numbered() {
        let one = |column| listed("UnaryOperator", (1, column), (1, column + 1), "");
        let all = mutants(&[one(1), one(2)], |_| Ok("!!a\n".to_owned())).unwrap();
        let names: Vec<&str> = all.iter().map(|one| one.edit.name.as_str()).collect();
        let name = "code src/a.rs: UnaryOperator by ";
        assert_eq!(names, [name, &format!("{name} (2)")]);
    }

    #[test]
    fn a_place_that_is_not_in_the_file_is_an_error() {
        let lost = listed("UnaryOperator", (7, 1), (7, 2), "");
        let error = mutants(&[lost], |_| Ok("!a\n".to_owned())).unwrap_err();
        assert!(error.to_string().contains("not in the file"), "{error}");
    }

    #[test]
    fn the_version_that_is_installed_is_the_one_that_is_wanted() {
        let script = include_str!("../../../../.ci/nightly");
        assert!(script.contains(&format!("cargo-mutants@{MUTANTS_VERSION}")));
        let guide = include_str!("../../README.md");
        let wanted = format!("version {MUTANTS_VERSION}");
        assert!(guide.contains(&wanted), "{wanted}");
    }
}
