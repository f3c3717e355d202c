//! The head of the page: who, the result, the coverage numbers.

use super::text::{class, escaped, mark, number, put};
use crate::report::said::count;
use crate::report::{Run, Verdict};

/// A gate: two posts, a lintel, and the beam of a barrier.
const GATE: &str = "<svg class=\"gate\" viewBox=\"0 0 32 32\" aria-hidden=\"true\"><path d=\"M3 6.5h26M6 12h20M9 6.5V29M23 6.5V29\"/></svg>";

pub(super) fn write(page: &mut String, run: &Run) {
    let sum = run.summary;
    let judged = sum.cases - sum.not_applicable;
    let (stamp, state) = match (sum.conforms, judged) {
        (true, _) => ("Conforms", "pass"),
        (false, 0) => ("Nothing judged", "na"),
        (false, _) => ("Does not conform", "fail"),
    };
    put(
        page,
        &[
            "<header class=\"head\">\n<div class=\"who\">\n<p class=\"brand\">",
            GATE,
            "tegata conformance</p>\n<h1>",
            &escaped(&run.subject.name),
            "</h1>\n<p class=\"sub\">",
            run.subject.kind.word(),
            " · ",
            &count(sum.cases, "case"),
            " · ",
            &number(sum.checks),
            " checks",
            &demanded(run),
            "</p>\n</div>\n<p class=\"stamp ",
            state,
            "\"><span>",
            stamp,
            "</span></p>\n",
        ],
    );
    bar(page, run);
    notes(page, run);
    page.push_str("<nav class=\"tiles\" aria-label=\"Coverage\">\n");
    tiles(page, run);
    page.push_str("</nav>\n</header>\n");
}

/// What a reader must know besides.
fn notes(page: &mut String, run: &Run) {
    if run.notes.is_empty() {
        return;
    }
    page.push_str("<ul class=\"notes\">\n");
    for note in &run.notes {
        put(page, &["<li>", &escaped(note), "</li>\n"]);
    }
    page.push_str("</ul>\n");
}

/// What counts, where not everything does, and what was known before.
fn demanded(run: &Run) -> String {
    let sum = run.summary;
    let mut text = String::new();
    if let Some(release) = &run.requirements {
        text.push_str(" · demands of ");
        text.push_str(&escaped(release));
    }
    for (number, word) in [
        (sum.known, "known failures"),
        (sum.stale, "stale"),
        (sum.not_demanded, "not demanded"),
    ] {
        if number > 0 {
            put(&mut text, &[" · ", &number.to_string(), " ", word]);
        }
    }
    text
}

fn bar(page: &mut String, run: &Run) {
    let sum = run.summary;
    let parts = [
        (Verdict::Fail, sum.fail, "fail"),
        (Verdict::Warn, sum.warn, "warn"),
        (Verdict::Info, sum.info, "for information"),
        (Verdict::Pass, sum.pass, "pass"),
        (Verdict::NotApplicable, sum.not_applicable, "not applicable"),
    ];
    page.push_str("<div class=\"bar\">\n<div class=\"beam\" aria-hidden=\"true\">");
    for (verdict, number, _) in parts.iter().filter(|part| part.1 > 0) {
        let grow = number.to_string();
        put(
            page,
            &[
                "<i class=\"",
                class(*verdict),
                "\" style=\"flex-grow:",
                &grow,
                "\"></i>",
            ],
        );
    }
    page.push_str("</div>\n<ul class=\"legend\">\n");
    for (verdict, number, word) in parts {
        put(
            page,
            &[
                "<li",
                if number == 0 { " class=\"zero\"" } else { "" },
                "><b class=\"mark ",
                class(verdict),
                "\" aria-hidden=\"true\">",
                mark(verdict),
                "</b> <strong>",
                &number.to_string(),
                "</strong> ",
                word,
                "</li>\n",
            ],
        );
    }
    page.push_str("</ul>\n</div>\n");
}

fn tiles(page: &mut String, run: &Run) {
    let all = &run.coverage;
    let citations = all.citations;
    tile(
        page,
        "#citations",
        "Citations checked, or excluded with a reason",
        citations.checked + citations.excluded,
        citations.all,
    );
    tile(
        page,
        "#operations",
        "Operations × statuses that came up",
        all.operations.exercised,
        all.operations.all,
    );
    tile(
        page,
        "#fields",
        "Fields seen right, missing and wrong",
        all.fields.exercised,
        all.fields.all,
    );
    tile(
        page,
        "#mutants",
        "Wire mutants (M1) killed by the check named for them",
        all.mutants.killed,
        all.mutants.mutants,
    );
    for family in &all.families {
        let label = format!("{} noticed: {}", family.id, family.title);
        tile(page, "#mutants", &label, family.killed, family.mutants);
    }
}

fn tile(page: &mut String, to: &str, label: &str, part: usize, whole: usize) {
    let rate = rate(part, whole);
    put(
        page,
        &[
            "<a class=\"tile\" href=\"",
            to,
            "\"><span class=\"rate\">",
            &rate,
            "<small>%</small></span><span class=\"meter\" aria-hidden=\"true\"><i style=\"width:",
            &rate,
            "%\"></i></span><span class=\"of\">",
            &number(part),
            " of ",
            &number(whole),
            "</span><span class=\"what\">",
            &escaped(label),
            "</span></a>\n",
        ],
    );
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
