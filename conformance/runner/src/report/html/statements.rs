//! The statements of a document as a table, and the lines that hold none.

use maud::{Markup, html};

use super::fate::Fate;
use super::text::rich;
use crate::citation::Evidence;
use crate::report::{CitationEntry, SourceEntry};

pub(super) fn table(rows: &[(&String, &CitationEntry)]) -> Markup {
    html! {
        div.scroll {
            table.rows {
                thead {
                    tr {
                        th scope="col" { "Statement" }
                        th scope="col" { "Says" }
                        th scope="col" { "In this run" }
                        th scope="col" { "Cases" }
                    }
                }
                tbody {
                    @for (id, entry) in rows { (row(id, entry)) }
                }
            }
        }
    }
}

/// The lines of a document that hold no statement, with the reason.
pub(super) fn excluded(source: &SourceEntry) -> Markup {
    let passages = source.passages.iter();
    let passages: Vec<_> = passages
        .filter_map(|passage| Some((passage, passage.excluded.as_deref()?)))
        .collect();
    html! {
        @if !passages.is_empty() {
            p.hint { "Lines that hold no statement:" }
            ul.excluded {
                @for (passage, reason) in passages {
                    li {
                        b {
                            (passage.first)
                            @if passage.last != passage.first { "–" (passage.last) }
                        }
                        " " (reason)
                    }
                }
            }
        }
    }
}

fn row(id: &str, entry: &CitationEntry) -> Markup {
    let fate = Fate::of(entry);
    html! {
        tr id={ "cite-" (id) } {
            th scope="row" { span.mono { (id) } small { (place(entry)) } }
            td {
                span.kw { (entry.keyword.word()) } " " (rich(&entry.says))
                @if let Some(same) = &entry.same_as {
                    " " small { "as " a.mono href={ "#cite-" (same) } { (same) } }
                }
                @if let Some(differs) = &entry.differs { " " small { "but: " (differs) } }
            }
            td { span.fate.(fate.class()) { (fate.word()) } }
            td {
                @if let Some(reason) = &entry.reason { small { (reason) } }
                @for case in &entry.cases { a.mono href={ "#" (case) } { (case) } " " }
            }
        }
    }
}

/// Where the statement stands.
fn place(entry: &CitationEntry) -> String {
    match &entry.lines {
        Some(lines) if entry.evidence == Evidence::Rfc => format!("{} §{lines}", entry.source),
        Some(lines) if lines.contains([',', '-']) => format!("lines {lines}"),
        Some(line) => format!("line {line}"),
        None => entry.source.clone(),
    }
}
