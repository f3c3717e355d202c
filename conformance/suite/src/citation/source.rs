//! Comparing a citation file with the document itself.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Document, Lines, Registry};
use crate::finding::Finding;

/// The lines of a text, without their line feeds. A final line feed starts no further line.
pub fn split_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split('\n').collect();
    if lines.last() == Some(&"") {
        lines.pop();
    }
    lines
}

/// The sha256 (lower-case hexadecimal) of the given lines, joined with line feeds, in UTF-8 and
/// without a final line feed. `None` if the text has fewer lines.
pub fn hash_lines(text: &str, lines: &Lines) -> Option<String> {
    let all = split_lines(text);
    let wanted: Option<Vec<&str>> = lines
        .iter()
        .map(|line| all.get(line.checked_sub(1)?).copied())
        .collect();
    Some(sha256(wanted?.join("\n").as_bytes()))
}

/// Compares one document's rows with its text.
pub fn check_source(file: &str, document: &Document, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut report = |place: &str, problem: String, fix: &str| {
        findings.push(Finding::new(file, place, problem, fix));
    };
    let count = split_lines(text).len();
    if count != document.lines {
        report(
            "lines",
            format!(
                "{} has {count} lines, recorded are {}",
                document.file, document.lines
            ),
            "read the document again, then record its lines and hashes",
        );
    }
    if sha256(text.as_bytes()) != document.sha256 {
        report(
            "sha256",
            format!("{} is not the document that was cited", document.file),
            "read the document again, fix the rows that changed, then record its hash",
        );
    }
    let rows = document
        .citation
        .iter()
        .map(|row| (row.id.clone(), &row.lines, &row.sha256));
    let excluded = document
        .excluded
        .iter()
        .map(|row| (format!("excluded {}", row.lines), &row.lines, &row.sha256));
    for (place, lines, recorded) in rows.chain(excluded) {
        match hash_lines(text, lines) {
            None => report(
                &place,
                format!("lines {lines} are not all in {}", document.file),
                "name lines that exist",
            ),
            Some(hash) if hash != *recorded => report(
                &place,
                format!("lines {lines} hash to {hash}, recorded is {recorded}"),
                "read these lines, fix what the row says, then record the hash",
            ),
            Some(_) => {}
        }
    }
    for row in &document.citation {
        for words in [&row.says, &row.differs].into_iter().flatten() {
            if let Some(run) = super::words::copied(words, text) {
                report(
                    &row.id,
                    format!("`{run}` stands in {} as it is", document.file),
                    "say it in our own words",
                );
            }
        }
    }
    for (index, line) in split_lines(text).iter().enumerate() {
        let number = index + 1;
        if line.trim().is_empty() != document.blank.contains(number) {
            report(
                "blank",
                format!("line {number} is recorded wrongly as blank or not blank"),
                "list exactly the blank lines",
            );
        }
    }
    findings
}

/// Compares every document of the registry with its file in `folder`.
pub fn check_folder(registry: &Registry, folder: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, document) in &registry.documents {
        match std::fs::read_to_string(folder.join(&document.file)) {
            Ok(text) => findings.extend(check_source(file, document, &text)),
            Err(error) => findings.push(Finding::new(
                file,
                "file",
                format!("{} cannot be read: {error}", document.file),
                "give the folder that holds the four documents",
            )),
        }
    }
    findings
}

/// The sha256 of some bytes in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
