//! The matrix: a row a case, grouped by provider and operation; a column a part of an exchange.

use std::collections::BTreeMap;

use super::text::{class, escaped, mark, put, vendor};
use crate::case::{Level, Provider};
use crate::report::said::count;
use crate::report::{CaseEntry, Part, Run, Verdict};

pub(super) fn write(page: &mut String, run: &Run) {
    page.push_str(
        "<section id=\"matrix\">\n<h2>Every case, part by part</h2>\n\
         <noscript><p class=\"hint\">Without scripts there are no filters and no details behind the \
         cells; the tables are complete.</p></noscript>\n",
    );
    filters(page, run);
    let parts = parts(run);
    put(
        page,
        &[
            "<table class=\"matrix\" id=\"grid\" style=\"--n:",
            &parts.len().to_string(),
            "\">\n<caption>Cases by provider and operation. Each cell is the outcome of the checks ",
            "on one part of the exchanges.</caption>\n<thead><tr><th scope=\"col\" ",
            "class=\"corner\">Case</th>",
        ],
    );
    for part in &parts {
        put(
            page,
            &[
                "<th scope=\"col\" title=\"",
                part.asks(),
                "\"><span>",
                &capital(part.word()),
                "</span></th>",
            ],
        );
    }
    page.push_str("</tr></thead>\n");
    for (provider, cases) in run.by_provider() {
        let columns = (parts.len() + 1).to_string();
        put(
            page,
            &[
                "<tbody class=\"provider\" data-provider=\"",
                provider.name(),
                "\"><tr><th scope=\"rowgroup\" colspan=\"",
                &columns,
                "\">",
                vendor(provider),
                " <small>",
                &tally(&cases),
                "</small></th></tr></tbody>\n",
            ],
        );
        let mut groups: BTreeMap<&str, Vec<&CaseEntry>> = BTreeMap::new();
        for case in cases {
            groups.entry(&case.operation).or_default().push(case);
        }
        for (operation, mut cases) in groups {
            // What was judged comes first.
            cases.sort_by_key(|case| case.state() == Verdict::NotApplicable);
            put(
                page,
                &[
                    "<tbody class=\"operation\" data-provider=\"",
                    provider.name(),
                    "\"><tr class=\"group\"><th scope=\"rowgroup\" colspan=\"",
                    &columns,
                    "\"><span class=\"mono\">",
                    &escaped(operation),
                    "</span> <small>",
                    &tally(&cases),
                    "</small></th></tr>\n",
                ],
            );
            for case in cases {
                row(page, &parts, case);
            }
            page.push_str("</tbody>\n");
        }
    }
    page.push_str("</table>\n<p class=\"hint\" id=\"empty\" hidden>No case fits these filters.</p>\n</section>\n");
}

/// The parts that some check of the run is about.
pub(super) fn parts(run: &Run) -> Vec<Part> {
    let checks = || run.cases.iter().flat_map(|case| &case.checks);
    Part::ALL
        .into_iter()
        .filter(|part| checks().any(|check| check.part == *part))
        .collect()
}

fn row(page: &mut String, parts: &[Part], case: &CaseEntry) {
    let short = case
        .id
        .strip_prefix(case.provider.name())
        .and_then(|rest| rest.strip_prefix('.'))
        .unwrap_or(&case.id);
    put(
        page,
        &[
            "<tr id=\"",
            &escaped(&case.id),
            "\" class=\"",
            class(case.state()),
            "\"><th scope=\"row\"><b class=\"mark ",
            class(case.state()),
            "\">",
            mark(case.state()),
            "</b><a class=\"id mono\" href=\"#",
            &escaped(&case.id),
            "\">",
            &escaped(short),
            "</a><span class=\"title\">",
            &escaped(&case.title),
            "</span>",
        ],
    );
    if case.level != Level::Must {
        let word = case.level.word();
        put(page, &["<span class=\"level\">", word, "</span>"]);
    }
    page.push_str("</th>");
    for part in parts {
        page.push_str(&cell(case, *part));
    }
    page.push_str("</tr>\n");
}

fn cell(case: &CaseEntry, part: Part) -> String {
    let checks = || case.checks.iter().filter(move |check| check.part == part);
    let failed = checks().filter(|check| !check.passed).count();
    if checks().next().is_none() {
        return "<td></td>".to_owned();
    }
    let state = if failed > 0 {
        case.state()
    } else {
        Verdict::Pass
    };
    let times = if failed > 1 {
        format!("<sub>{failed}</sub>")
    } else {
        String::new()
    };
    format!("<td class=\"{}\">{}{times}</td>", class(state), mark(state))
}

fn filters(page: &mut String, run: &Run) {
    page.push_str(
        "<form class=\"filters\" id=\"filters\" role=\"search\" aria-label=\"Filter the cases\" hidden>\n\
         <label class=\"find\"><span>Find</span><input type=\"search\" id=\"find\" \
         placeholder=\"case, title, operation, citation\" autocomplete=\"off\" spellcheck=\"false\"></label>\n\
         <fieldset><legend>Provider</legend>",
    );
    radio(page, "provider", "", "all", run.cases.len());
    for provider in Provider::all().iter().copied() {
        let cases = run.cases.iter();
        let number = cases.filter(|case| case.provider == provider).count();
        radio(page, "provider", provider.name(), vendor(provider), number);
    }
    page.push_str("</fieldset>\n<fieldset><legend>Verdict</legend>");
    radio(page, "verdict", "", "all", run.cases.len());
    for verdict in Verdict::ALL {
        let word = match verdict {
            Verdict::NotApplicable => "n/a",
            other => other.word(),
        };
        let number = run.of_state(verdict).count();
        radio(page, "verdict", class(verdict), word, number);
    }
    page.push_str("</fieldset>\n<output id=\"shown\" for=\"find\"></output>\n</form>\n");
}

fn radio(page: &mut String, group: &str, value: &str, label: &str, number: usize) {
    let state = match (value.is_empty(), number) {
        (true, _) => " checked",
        (false, 0) => " disabled",
        (false, _) => "",
    };
    put(
        page,
        &[
            "<label><input type=\"radio\" name=\"",
            group,
            "\" value=\"",
            value,
            "\"",
            state,
            "><span>",
            label,
            " <small>",
            &number.to_string(),
            "</small></span></label>",
        ],
    );
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
