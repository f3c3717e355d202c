//! The head of the page: who, the result, the coverage numbers.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::text::{class, mark, number};
use crate::report::said::count;
use crate::report::{Run, Verdict};

pub(super) fn markup(run: &Run) -> Markup {
    let sum = run.summary;
    let (stamp, state) = match (sum.conforms, sum.fail, sum.not_judged) {
        (true, ..) => ("Conforms", "pass"),
        (false, 0, 0) => ("Nothing judged", "na"),
        (false, 0, _) => ("Not judged", "unjudged"),
        (false, ..) => ("Does not conform", "fail"),
    };
    html! {
        header.head {
            div.who {
                p.brand { (gate()) "tegata conformance" }
                h1 { (run.subject.name) }
                p.sub {
                    (run.subject.kind.word()) " · " (count(sum.cases, "case")) " · "
                    (number(sum.checks)) " checks" (demanded(run))
                }
            }
            p.stamp.(state) { span { (stamp) } }
            (bar(run))
            (notes(run))
            nav.tiles aria-label="Coverage" { (tiles(run)) }
        }
    }
}

/// A gate: two posts, a lintel, and the beam of a barrier.
fn gate() -> Markup {
    html! {
        svg.gate viewBox="0 0 32 32" aria-hidden="true" {
            path d="M3 6.5h26M6 12h20M9 6.5V29M23 6.5V29" {}
        }
    }
}

/// Notes for the reader.
fn notes(run: &Run) -> Markup {
    html! {
        @if !run.notes.is_empty() {
            ul.notes {
                @for note in &run.notes { li { (note) } }
            }
        }
    }
}

/// The requirements, if only some cases count, and the known failures.
fn demanded(run: &Run) -> String {
    let sum = run.summary;
    let mut text = String::new();
    if let Some(release) = &run.requirements {
        let _ = write!(text, " · demands of {release}");
    }
    for (number, word) in [
        (sum.known, "known failures"),
        (sum.stale, "stale"),
        (sum.not_demanded, "not demanded"),
    ] {
        if number > 0 {
            let _ = write!(text, " · {number} {word}");
        }
    }
    text
}

fn bar(run: &Run) -> Markup {
    let sum = run.summary;
    let of = |verdict| match verdict {
        Verdict::Fail => sum.fail,
        Verdict::NotJudged => sum.not_judged,
        Verdict::Warn => sum.warn,
        Verdict::Info => sum.info,
        Verdict::Pass => sum.pass,
        Verdict::NotApplicable => sum.not_applicable,
    };
    let word = |verdict: Verdict| match verdict {
        Verdict::Info => "for information",
        other => other.word(),
    };
    let parts: Vec<_> = run
        .verdicts()
        .map(|verdict| (verdict, of(verdict), word(verdict)))
        .collect();
    html! {
        div.bar {
            div.beam aria-hidden="true" {
                @for (verdict, number, _) in parts.iter().filter(|part| part.1 > 0) {
                    i.(class(*verdict)) style={ "flex-grow:" (number) } {}
                }
            }
            ul.legend {
                @for (verdict, number, word) in parts.iter().copied() {
                    li class=[(number == 0).then_some("zero")] {
                        b.mark.(class(verdict)) aria-hidden="true" { (mark(verdict)) }
                        " " strong { (number) } " " (word)
                    }
                }
            }
        }
    }
}

fn tiles(run: &Run) -> Markup {
    let all = &run.coverage;
    let citations = all.citations;
    html! {
        (tile(
            "#citations",
            "Citations checked, or excluded with a reason",
            citations.checked + citations.excluded,
            citations.all,
        ))
        (tile(
            "#operations",
            "Operations × statuses that came up",
            all.operations.exercised,
            all.operations.all,
        ))
        (tile(
            "#fields",
            "Fields seen right, missing and wrong",
            all.fields.exercised,
            all.fields.all,
        ))
        (tile(
            "#mutants",
            "Wire mutants (M1) killed by the check named for them",
            all.mutants.killed,
            all.mutants.mutants,
        ))
        @for family in &all.families {
            (tile(
                "#mutants",
                &format!("{} noticed: {}", family.id, family.title),
                family.killed,
                family.mutants,
            ))
        }
    }
}

fn tile(to: &str, label: &str, part: usize, whole: usize) -> Markup {
    let rate = rate(part, whole);
    html! {
        a.tile href=(to) {
            span.rate { (rate) small { "%" } }
            span.meter aria-hidden="true" { i style={ "width:" (rate) "%" } {} }
            span.of { (number(part)) " of " (number(whole)) }
            span.what { (label) }
        }
    }
}

/// A rate in percent, rounded down: 100 means all.
pub(super) fn rate(part: usize, whole: usize) -> String {
    let tenths = (part * 1000).checked_div(whole).unwrap_or(0);
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_100_only_if_nothing_is_missing() {
        assert_eq!(rate(9999, 10_000), "99.9");
        assert_eq!(rate(3, 3), "100");
        assert_eq!(rate(1, 3), "33.3");
        assert_eq!(rate(0, 0), "0");
    }
}
