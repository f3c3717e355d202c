//! Rules for the citations that can be checked without the documents.

use std::collections::BTreeMap;

use super::{Binds, Document, Evidence, Registry};
use crate::finding::Finding;

/// Ids are unique and well formed, line ranges lie in the document, every line that is not blank
/// is in a row, and every reference between rows leads somewhere.
pub fn check_structure(registry: &Registry) -> Vec<Finding> {
    let mut findings = unique_ids(registry);
    for (file, document) in &registry.documents {
        findings.extend(hashes(file, document));
        findings.extend(coverage(file, document));
        findings.extend(wording(registry, file, document));
        findings.extend(of_its_provider(file, document));
    }
    for row in registry.rows() {
        let (begin, needed) = match row.evidence {
            Evidence::Rfc => ("RFC", "RFC<number>-<section>"),
            Evidence::Vendor | Evidence::Reported => ("W-", "W-<name>"),
            Evidence::Assumed => ("A-", "A-<name>"),
            // Its provider says how it begins.
            Evidence::Documented => continue,
        };
        if !row.id.starts_with(begin) {
            findings.push(Finding::new(
                row.file,
                row.id,
                "the id does not show what kind of row it is",
                &format!("call it {needed}"),
            ));
        }
    }
    findings
}

fn of_its_provider(file: &str, document: &Document) -> Vec<Finding> {
    let begin = document.provider.citations();
    let others = document.citation.iter();
    others
        .filter(|row| !row.id.starts_with(begin))
        .map(|row| {
            Finding::new(
                file,
                &row.id,
                "the id does not show whose document the row is of",
                &format!("call it {begin}<name>"),
            )
        })
        .collect()
}

fn unique_ids(registry: &Registry) -> Vec<Finding> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let mut findings = Vec::new();
    let rows = registry.rows();
    for row in &rows {
        if let Some(first) = seen.insert(row.id, row.file) {
            findings.push(Finding::new(
                row.file,
                row.id,
                format!("the id is already taken in {first}"),
                "give each row an id of its own",
            ));
        }
    }
    findings
}

fn hashes(file: &str, document: &Document) -> Vec<Finding> {
    let rows = document
        .citation
        .iter()
        .map(|row| (row.id.clone(), &row.sha256));
    let excluded = document
        .excluded
        .iter()
        .map(|row| (format!("excluded {}", row.lines), &row.sha256));
    std::iter::once(("sha256".to_owned(), &document.sha256))
        .chain(rows)
        .chain(excluded)
        .filter(|(_, hash)| {
            hash.len() != 64
                || !hash
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        })
        .map(|(place, hash)| {
            Finding::new(
                file,
                &place,
                format!("`{hash}` is no sha256 in lower-case hexadecimal"),
                "record the 64 digits",
            )
        })
        .collect()
}

fn coverage(file: &str, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    let rows = document
        .citation
        .iter()
        .map(|row| (row.id.clone(), &row.lines));
    let excluded = document
        .excluded
        .iter()
        .map(|row| (format!("excluded {}", row.lines), &row.lines));
    let all: Vec<_> = rows.chain(excluded).collect();
    for (place, lines) in &all {
        if lines.last() > document.lines {
            findings.push(Finding::new(
                file,
                place,
                format!(
                    "line {} lies behind the end ({} lines)",
                    lines.last(),
                    document.lines
                ),
                "name lines that exist",
            ));
        }
    }
    for line in 1..=document.lines {
        let covered = all.iter().any(|(_, lines)| lines.contains(line));
        if !covered && !document.blank.contains(line) {
            findings.push(Finding::new(
                file,
                &format!("line {line}"),
                "no row speaks of this line",
                "add a citation, or an excluded row with a reason",
            ));
        }
    }
    for excluded in &document.excluded {
        for row in &document.citation {
            if let Some(line) = excluded.lines.iter().find(|line| row.lines.contains(*line)) {
                findings.push(Finding::new(
                    file,
                    &row.id,
                    format!("line {line} is cited and excluded at once"),
                    "take it out of one of the two",
                ));
            }
        }
    }
    findings
}

fn wording(registry: &Registry, file: &str, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in &document.citation {
        let mut report = |problem: String, fix: &str| {
            findings.push(Finding::new(file, &row.id, problem, fix));
        };
        match (&row.says, &row.same_as) {
            (None, None) => report(
                "the row says nothing".to_owned(),
                "add `says` in our own words, or `same_as`",
            ),
            (_, Some(other)) => match registry.get(other) {
                None => report(
                    format!("`same_as` names `{other}`, which is no row"),
                    "fix the id",
                ),
                Some(same) if same.same_as.is_some() => report(
                    format!("`same_as` names `{other}`, which points on"),
                    "name the row that speaks for itself",
                ),
                Some(same) if (same.keyword, same.binds) != (row.keyword, row.binds) => report(
                    format!("`{other}` has another keyword or binds another party"),
                    "make the two agree, or drop `same_as`",
                ),
                Some(_) => {}
            },
            (Some(_), None) => {}
        }
        if row.differs.is_some() && row.same_as.is_none() {
            report(
                "`differs` without `same_as`".to_owned(),
                "say from which row it differs",
            );
        }
        if row.unchecked.is_some() && row.binds == Binds::Nobody {
            report(
                "`unchecked` on a row that binds nobody".to_owned(),
                "drop `unchecked`: such a row needs no case",
            );
        }
    }
    findings
}
