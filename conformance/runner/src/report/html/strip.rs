//! A document as a strip of its lines, coloured by the results of their statements.

use maud::{Markup, html};

use super::fate::Fate;
use crate::report::{CitationEntry, Passage, Run, SourceEntry, Verdict};

/// The legend of the strips' colours.
pub(super) fn key(run: &Run) -> Markup {
    let hides = run.verdicts().any(|verdict| verdict == Verdict::NotJudged);
    html! {
        ul.key {
            @for (class, meaning) in [
                ("pass", "checked, and held"),
                ("warn", "warned or informed"),
                ("fail", "checked, and broken"),
                ("unjudged", "not judged: the recording hides it"),
                ("idle", "checked by cases that were not run"),
                ("out", "statement excluded, with a reason"),
                ("none", "no statement: headings, screens"),
            ].into_iter().filter(|(class, _)| hides || *class != "unjudged") {
                li { i.(class) {} (meaning) }
            }
        }
    }
}

pub(super) fn markup(
    run: &Run,
    source: &SourceEntry,
    rows: &[(&String, &CitationEntry)],
) -> Markup {
    html! {
        div.strip aria-hidden="true" {
            @if source.passages.is_empty() {
                @for (id, entry) in rows {
                    (piece(1, Fate::of(entry).class(), Some(id.as_str())))
                }
            }
            @for one in &source.passages { (passage(run, one)) }
        }
    }
}

fn passage(run: &Run, passage: &Passage) -> Markup {
    let mut entries: Vec<(Fate, &str)> = passage
        .citations
        .iter()
        .filter_map(|id| Some((Fate::of(run.citations.get(id)?), id.as_str())))
        .collect();
    // Of several statements in a line, the one that wants attention most gives the colour.
    entries.sort_by_key(|(fate, _)| *fate);
    let state = match (entries.first(), &passage.excluded) {
        (Some((fate, _)), _) => fate.class(),
        (None, Some(_)) => "none",
        (None, None) => "blank",
    };
    let ids: Vec<&str> = entries.into_iter().map(|(_, id)| id).collect();
    let ids = (!ids.is_empty()).then(|| ids.join(" "));
    piece(passage.last - passage.first + 1, state, ids.as_deref())
}

fn piece(lines: usize, state: &str, ids: Option<&str>) -> Markup {
    html! {
        i.(state) style={ "flex-grow:" (lines) } data-cite=[ids] {}
    }
}
