//! The documents' statements and their results: each document as a strip of its lines, and its
//! statements as a table.

use maud::{Markup, html};

use super::statements;
use super::strip;
use crate::citation::Evidence;
use crate::report::said::count;
use crate::report::{CitationEntry, Run, SourceEntry};

pub(super) fn markup(run: &Run) -> Markup {
    html! {
        section id="citations" {
            h2 { "What the sources say" }
            p.hint { "Each strip is a document, line by line from left to right." }
            (strip::key(run))
            @for source in &run.sources { (one(run, source)) }
        }
    }
}

fn one(run: &Run, source: &SourceEntry) -> Markup {
    let rows = rows(run, source);
    html! {
        article.source {
            h3 { span { (source.source) } (title(source)) }
            p.facts { (facts(source)) }
            (strip::markup(run, source, &rows))
            details {
                summary { (count(rows.len(), "statement")) }
                (statements::table(&rows))
                (statements::excluded(source))
            }
        }
    }
}

fn title(source: &SourceEntry) -> Markup {
    let language = match source.language.as_deref() {
        Some("ja") => ", Japanese",
        Some("en") => ", English",
        _ => "",
    };
    html! {
        @if let Some(provider) = source.provider {
            " " small { (provider.title()) (language) }
        }
    }
}

fn facts(source: &SourceEntry) -> String {
    let mut facts = Vec::new();
    if source.lines > 0 {
        facts.push(count(source.lines, "line"));
    }
    facts.push(count(source.statements, "statement"));
    facts.push(format!("{} checked", source.checked));
    for (number, word) in [
        (source.excluded, "excluded"),
        (source.unchecked, "unchecked"),
    ] {
        if number > 0 {
            facts.push(format!("{number} {word}"));
        }
    }
    facts.join(" · ")
}

fn rows<'r>(run: &'r Run, source: &SourceEntry) -> Vec<(&'r String, &'r CitationEntry)> {
    let fits = |entry: &CitationEntry| match (source.provider, entry.evidence) {
        (Some(_), Evidence::Documented) => entry.source == source.source,
        (None, Evidence::Rfc) => source.source == "RFC clauses",
        (None, Evidence::Vendor) => source.source.contains("vendors"),
        (None, Evidence::Reported) => source.source.contains("third"),
        (None, Evidence::Assumed) => source.source == "assumptions",
        _ => false,
    };
    let mut rows: Vec<_> = run
        .citations
        .iter()
        .filter(|(_, entry)| fits(entry))
        .collect();
    // As they stand in the document.
    rows.sort_by_key(|(id, entry)| {
        let first = entry.lines.as_deref().unwrap_or_default();
        let numbers: Vec<usize> = first
            .split(|one: char| !one.is_ascii_digit())
            .filter_map(|number| number.parse().ok())
            .collect();
        (entry.evidence == Evidence::Rfc)
            .then(|| entry.source.clone())
            .map_or((String::new(), numbers.clone(), id.as_str()), |rfc| {
                (rfc, numbers, id.as_str())
            })
    });
    rows
}
