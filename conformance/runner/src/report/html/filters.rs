//! The filters above the matrix: hidden until the page's script makes them work.

use maud::{Markup, html};

use super::text::class;
use crate::report::{Run, Verdict};

pub(super) fn markup(run: &Run) -> Markup {
    html! {
        form.filters id="filters" role="search" aria-label="Filter the cases" hidden {
            label.find {
                span { "Find" }
                input type="search" id="find" placeholder="case, title, operation, citation"
                    autocomplete="off" spellcheck="false";
            }
            fieldset {
                legend { "Provider" }
                (radio("provider", "", "all", run.cases.len()))
                @for (provider, cases) in run.by_provider() {
                    (radio("provider", provider.name(), provider.title(), cases.len()))
                }
            }
            fieldset {
                legend { "Verdict" }
                (radio("verdict", "", "all", run.cases.len()))
                @for verdict in run.verdicts() {
                    (radio("verdict", class(verdict), word(verdict), run.of_state(verdict).count()))
                }
            }
            output id="shown" for="find" {}
        }
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotApplicable => "n/a",
        other => other.word(),
    }
}

/// One choice of a group. The empty value stands for all, and is chosen at first.
fn radio(group: &str, value: &str, label: &str, number: usize) -> Markup {
    let all = value.is_empty();
    html! {
        label {
            input type="radio" name=(group) value=(value) checked[all] disabled[!all && number == 0];
            span { (label) " " small { (number) } }
        }
    }
}
