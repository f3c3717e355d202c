//! The matrix: a row a case, grouped by provider and operation; a column a part of an exchange.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::filters;
use super::text::{class, mark};
use crate::case::{Level, Provider};
use crate::report::said::count;
use crate::report::{CaseEntry, Part, Run, Verdict};

pub(super) fn markup(run: &Run) -> Markup {
    let parts = parts(run);
    html! {
        section id="matrix" {
            h2 { "Every case, part by part" }
            noscript {
                p.hint {
                    "Without scripts there are no filters and no details behind the cells; "
                    "the tables are complete."
                }
            }
            (filters::markup(run))
            table.matrix id="grid" style={ "--n:" (parts.len()) } {
                caption {
                    "Cases by provider and operation. Each cell is the outcome of the checks on one "
                    "part of the exchanges."
                }
                (columns(&parts))
                @for (provider, cases) in run.by_provider() {
                    (group(provider, cases, &parts))
                }
            }
            p.hint id="empty" hidden { "No case fits these filters." }
        }
    }
}

/// The parts that some check of the run is about, or would be if nothing were hidden.
pub(super) fn parts(run: &Run) -> Vec<Part> {
    let of = |case: &CaseEntry, part| {
        let made = case.checks.iter().any(|check| check.part == part);
        made || case.hidden.iter().any(|check| check.part == part)
    };
    let all = Part::ALL.into_iter();
    all.filter(|part| run.cases.iter().any(|case| of(case, *part)))
        .collect()
}

fn columns(parts: &[Part]) -> Markup {
    html! {
        thead {
            tr {
                th.corner scope="col" { "Case" }
                @for part in parts {
                    th scope="col" title=(part.asks()) { span { (capital(part.word())) } }
                }
            }
        }
    }
}

fn group(provider: Provider, cases: Vec<&CaseEntry>, parts: &[Part]) -> Markup {
    let columns = parts.len() + 1;
    html! {
        tbody.provider data-provider=(provider.name()) {
            tr {
                th scope="rowgroup" colspan=(columns) {
                    (provider.title()) " " small { (tally(&cases)) }
                }
            }
        }
        @for (operation, cases) in by_operation(cases) {
            tbody.operation data-provider=(provider.name()) {
                tr.group {
                    th scope="rowgroup" colspan=(columns) {
                        span.mono { (operation) } " " small { (tally(&cases)) }
                    }
                }
                @for case in cases { (row(parts, case)) }
            }
        }
    }
}

/// The cases of each operation; judged ones come first.
fn by_operation(cases: Vec<&CaseEntry>) -> BTreeMap<&str, Vec<&CaseEntry>> {
    let mut groups: BTreeMap<&str, Vec<&CaseEntry>> = BTreeMap::new();
    for case in cases {
        groups.entry(&case.operation).or_default().push(case);
    }
    for cases in groups.values_mut() {
        cases.sort_by_key(|case| case.state() == Verdict::NotApplicable);
    }
    groups
}

fn row(parts: &[Part], case: &CaseEntry) -> Markup {
    let state = class(case.state());
    let short = case
        .id
        .strip_prefix(case.provider.name())
        .and_then(|rest| rest.strip_prefix('.'))
        .unwrap_or(&case.id);
    html! {
        tr id=(case.id) class=(state) {
            th scope="row" {
                b.mark.(state) { (mark(case.state())) }
                a.id.mono href={ "#" (case.id) } { (short) }
                span.title { (case.title) }
                @if case.level != Level::Must {
                    span.level { (case.level.word()) }
                }
            }
            @for part in parts { (cell(case, *part)) }
        }
    }
}

fn cell(case: &CaseEntry, part: Part) -> Markup {
    let checks = || case.checks.iter().filter(move |check| check.part == part);
    let failed = checks().filter(|check| !check.passed).count();
    let hidden = case.hidden.iter().any(|check| check.part == part);
    let state = match (failed, hidden) {
        (0, true) => Verdict::NotJudged,
        (0, false) => Verdict::Pass,
        _ => case.state(),
    };
    html! {
        @if checks().next().is_none() && !hidden {
            td {}
        } @else {
            td.(class(state)) { (mark(state)) @if failed > 1 { sub { (failed) } } }
        }
    }
}

fn tally(cases: &[&CaseEntry]) -> String {
    let mut words = vec![count(cases.len(), "case")];
    let numbers = Verdict::tally(cases.iter().map(|case| case.state()));
    let numbers = numbers
        .iter()
        .filter(|(verdict, _)| *verdict != Verdict::Pass);
    words.extend(numbers.map(|(verdict, number)| format!("{number} {}", verdict.word())));
    words.join(" · ")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
