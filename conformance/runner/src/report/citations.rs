//! The citations in a report: statement, place, and result.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Verdict;
use super::entry::CaseEntry;
use crate::case::{Provider, Suite, citing};
use crate::citation::{Binds, Document, Evidence, Keyword};

/// One citation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CitationEntry {
    /// What kind of evidence it is.
    pub evidence: Evidence,
    /// How strongly it speaks.
    pub keyword: Keyword,
    /// Whom it binds.
    pub binds: Binds,
    /// What it says, in our own words.
    pub says: String,
    /// The document, RFC or page.
    pub source: String,
    /// Its lines, or the section.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<String>,
    /// The statement that says the same in another language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// In what the two differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub differs: Option<String>,
    /// Whether cases check it.
    pub standing: Standing,
    /// Why none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The cases of the suite that rest on it.
    pub cases: Vec<String>,
    /// The worst that those of this run come to; none if none was run.
    pub verdict: Option<Verdict>,
}

/// The suite's treatment of a citation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Cases check it.
    Checked,
    /// None does, and the reason is given.
    Excluded,
    /// None does, and no reason is given.
    Unchecked,
}

/// One source of citations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceEntry {
    /// Its name.
    pub source: String,
    /// The provider; none for RFCs.
    pub provider: Option<Provider>,
    /// Its language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// How many lines it has; 0 for those that are cited by section.
    pub lines: usize,
    /// Its statements.
    pub statements: usize,
    /// Those that cases check.
    pub checked: usize,
    /// Those that none checks, with a reason.
    pub excluded: usize,
    /// Those that none checks, without one.
    pub unchecked: usize,
    /// The document from its first line to its last; empty for those that are cited by section.
    pub passages: Vec<Passage>,
}

/// Neighbouring lines of a document with one fate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// The first line.
    pub first: usize,
    /// The last line.
    pub last: usize,
    /// The statements there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<String>,
    /// Why nothing there is a statement; a blank line has neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excluded: Option<String>,
}

/// The sources and the citations of a suite, as far as the cases of a run cite them.
pub(super) fn citations(
    suite: &Suite,
    cases: &[CaseEntry],
) -> (Vec<SourceEntry>, BTreeMap<String, CitationEntry>) {
    let verdicts: BTreeMap<&str, Verdict> = cases
        .iter()
        .map(|case| (case.id.as_str(), case.verdict))
        .collect();
    let by = citing(suite);
    let mut entries = BTreeMap::new();
    for row in suite.registry.rows() {
        let meant = row.same_as.unwrap_or(row.id);
        let target = suite.registry.get(meant);
        let cases = by
            .get(meant)
            .into_iter()
            .chain(by.get(row.id).filter(|_| meant != row.id));
        let mut ids: Vec<String> = cases.flatten().map(|case| case.id.clone()).collect();
        ids.dedup();
        let vouches =
            || vouching(suite, meant).map(|fixture| format!("fixture {fixture} rests on it"));
        let reason = match (row.unchecked, row.binds.anyone()) {
            (Some(reason), _) => Some(reason.to_owned()),
            (None, false) if ids.is_empty() => {
                vouches().or_else(|| Some("it binds neither client nor server".to_owned()))
            }
            _ => None,
        };
        let standing = match (&reason, ids.is_empty()) {
            (_, false) => Standing::Checked,
            (Some(_), true) => Standing::Excluded,
            (None, true) => Standing::Unchecked,
        };
        let (source, lines) = place(row.evidence, &row.place);
        let entry = CitationEntry {
            evidence: row.evidence,
            keyword: row.keyword,
            binds: row.binds,
            says: target.map_or(row.says, |row| row.says).to_owned(),
            source,
            lines,
            same_as: row.same_as.map(str::to_owned),
            differs: None,
            standing,
            reason,
            verdict: ids
                .iter()
                .filter_map(|id| verdicts.get(id.as_str()).copied())
                .max_by_key(|verdict| rank(*verdict)),
            cases: ids,
        };
        entries.insert(row.id.to_owned(), entry);
    }
    for (_, document) in &suite.registry.documents {
        for row in &document.citation {
            if let Some(entry) = entries.get_mut(&row.id) {
                entry.differs.clone_from(&row.differs);
            }
        }
    }
    (sources(suite, &entries), entries)
}

/// A fixture that rests on a citation.
fn vouching<'s>(suite: &'s Suite, id: &str) -> Option<&'s str> {
    suite
        .fixtures
        .files
        .iter()
        .find(|(_, file)| {
            let answers = file.answer.values().flat_map(|answer| &answer.cite);
            file.cite.iter().chain(answers).any(|cited| cited == id)
        })
        .map(|(name, _)| name.as_str())
}

/// The worse a verdict, the higher.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::NotApplicable => 0,
        Verdict::Pass => 1,
        Verdict::Info => 2,
        Verdict::Warn => 3,
        Verdict::NotJudged => 4,
        Verdict::Fail => 5,
    }
}

fn place(evidence: Evidence, place: &str) -> (String, Option<String>) {
    let split = match evidence {
        Evidence::Documented => place.rsplit_once(':'),
        Evidence::Rfc => place.split_once(" section "),
        _ => None,
    };
    match split {
        Some((source, lines)) => (source.to_owned(), Some(lines.to_owned())),
        None => (place.to_owned(), None),
    }
}

fn sources(suite: &Suite, entries: &BTreeMap<String, CitationEntry>) -> Vec<SourceEntry> {
    let count = |ids: &mut dyn Iterator<Item = &CitationEntry>| {
        ids.fold([0_usize; 3], |mut counts, entry| {
            counts[match entry.standing {
                Standing::Checked => 0,
                Standing::Excluded => 1,
                Standing::Unchecked => 2,
            }] += 1;
            counts
        })
    };
    let mut sources = Vec::new();
    for (_, document) in &suite.registry.documents {
        let mut own = document
            .citation
            .iter()
            .filter_map(|row| entries.get(&row.id));
        let [checked, excluded, unchecked] = count(&mut own);
        sources.push(SourceEntry {
            source: document.source.clone(),
            provider: Some(document.provider),
            language: Some(document.language.clone()),
            lines: document.lines,
            statements: document.citation.len(),
            checked,
            excluded,
            unchecked,
            passages: passages(document),
        });
    }
    for (evidence, name) in [
        (Evidence::Rfc, "RFC clauses"),
        (Evidence::Vendor, "other pages of the vendors"),
        (Evidence::Reported, "reports of third parties"),
        (Evidence::Assumed, "assumptions"),
    ] {
        let mut own = entries.values().filter(|entry| entry.evidence == evidence);
        let [checked, excluded, unchecked] = count(&mut own);
        sources.push(SourceEntry {
            source: name.to_owned(),
            provider: None,
            language: None,
            lines: 0,
            statements: checked + excluded + unchecked,
            checked,
            excluded,
            unchecked,
            passages: Vec::new(),
        });
    }
    sources
}

fn passages(document: &Document) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    for line in 1..=document.lines {
        let stated = document.citation.iter();
        let citations: Vec<String> = stated
            .filter(|row| row.lines.contains(line))
            .map(|row| row.id.clone())
            .collect();
        let mut excluded = document.excluded.iter();
        let excluded = excluded
            .find(|row| row.lines.contains(line))
            .filter(|_| citations.is_empty())
            .map(|row| row.reason.clone());
        match passages.last_mut() {
            Some(last) if (&last.citations, &last.excluded) == (&citations, &excluded) => {
                last.last = line;
            }
            _ => passages.push(Passage {
                first: line,
                last: line,
                citations,
                excluded,
            }),
        }
    }
    passages
}
