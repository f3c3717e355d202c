//! The cases that did not pass, shown in full at the top of the page.

use maud::{Markup, html};

use super::text::{class, mark, rich, sentence};
use crate::report::said::{count, place, seen_in};
use crate::report::{CaseEntry, CheckEntry, Run, Verdict};

/// The most cases of a verdict that are shown unfolded.
const MOST: usize = 6;

pub(super) fn markup(run: &Run) -> Markup {
    html! {
        (section(run, Verdict::Fail, "failed", "What failed"))
        (section(run, Verdict::NotJudged, "unjudged", "Not judged"))
        (section(run, Verdict::Warn, "warnings", "Warnings"))
        (section(run, Verdict::Info, "information", "For information"))
    }
}

fn section(run: &Run, verdict: Verdict, id: &str, title: &str) -> Markup {
    let cases: Vec<&CaseEntry> = run.of_state(verdict).collect();
    let (shown, folded) = cases.split_at(cases.len().min(MOST));
    html! {
        @if !cases.is_empty() {
            section.attention id=(id) {
                h2 { (title) " " span.count { (count(cases.len(), "case")) } }
                (cards(run, shown))
                @if !folded.is_empty() {
                    details {
                        summary { (folded.len()) " more" }
                        (cards(run, folded))
                    }
                }
            }
        }
    }
}

fn cards(run: &Run, cases: &[&CaseEntry]) -> Markup {
    html! {
        ol.cards {
            @for case in cases { (card(run, case)) }
        }
    }
}

fn card(run: &Run, case: &CaseEntry) -> Markup {
    let state = case.state();
    let (follow, own): (Vec<&CheckEntry>, Vec<&CheckEntry>) =
        case.failures().partition(|check| case.follows(check));
    html! {
        li.card.(class(state)) {
            h3 { b.mark.(class(state)) aria-hidden="true" { (mark(state)) } " " (case.title) }
            p.mono { a href={ "#" (case.id) } { (case.id) } }
            @if let Some(reason) = &case.reason { p.known { (sentence(reason)) } }
            @for note in &case.notes { p.known { (note) } }
            @if let Some(place) = seen_in(&case.entries) { p.known { (place) } }
            @if !own.is_empty() {
                dl.diff {
                    @for check in own { (difference(case, check)) }
                }
            }
            @if !follow.is_empty() {
                p.hint { (count(follow.len(), "more check")) " failed because nothing was sent." }
            }
            ul.why {
                @for id in &case.cite { (reason(run, id)) }
            }
        }
    }
}

fn difference(case: &CaseEntry, check: &CheckEntry) -> Markup {
    html! {
        div {
            dt.mono { (case.short(check)) }
            dd.want { span { "expected" } " " (rich(&check.expected)) }
            dd.got { span { "saw" } " " (rich(&check.seen)) }
        }
    }
}

fn reason(run: &Run, id: &str) -> Markup {
    html! {
        @if let Some(entry) = run.citations.get(id) {
            li { (entry.says) " " a.src href={ "#cite-" (id) } { (place(run, id)) } }
        }
    }
}
