//! What wants attention: the cases that did not pass, in full and without a click.

use super::text::{class, escaped, mark, put, rich};
use crate::report::said::{count, place, seen_in};
use crate::report::{CaseEntry, CheckEntry, Run, Verdict};

/// The most cases of a verdict that stand there unfolded.
const MOST: usize = 6;

pub(super) fn write(page: &mut String, run: &Run) {
    for (verdict, id, title) in [
        (Verdict::Fail, "failed", "What failed"),
        (Verdict::Warn, "warnings", "Warnings"),
        (Verdict::Info, "information", "For information"),
    ] {
        let cases: Vec<&CaseEntry> = run.of_state(verdict).collect();
        if cases.is_empty() {
            continue;
        }
        put(
            page,
            &[
                "<section class=\"attention\" id=\"",
                id,
                "\">\n<h2>",
                title,
                " <span class=\"count\">",
                &count(cases.len(), "case"),
                "</span></h2>\n<ol class=\"cards\">\n",
            ],
        );
        for case in cases.iter().take(MOST) {
            card(page, run, case);
        }
        page.push_str("</ol>\n");
        if let Some(rest) = cases.get(MOST..).filter(|rest| !rest.is_empty()) {
            let number = rest.len().to_string();
            put(
                page,
                &[
                    "<details><summary>",
                    &number,
                    " more</summary>\n<ol class=\"cards\">\n",
                ],
            );
            for case in rest {
                card(page, run, case);
            }
            page.push_str("</ol>\n</details>\n");
        }
        page.push_str("</section>\n");
    }
}

fn card(page: &mut String, run: &Run, case: &CaseEntry) {
    put(
        page,
        &[
            "<li class=\"card ",
            class(case.state()),
            "\">\n<h3><b class=\"mark ",
            class(case.state()),
            "\" aria-hidden=\"true\">",
            mark(case.state()),
            "</b> ",
            &escaped(&case.title),
            "</h3>\n<p class=\"mono\"><a href=\"#",
            &escaped(&case.id),
            "\">",
            &escaped(&case.id),
            "</a></p>\n",
        ],
    );
    for note in &case.notes {
        put(page, &["<p class=\"known\">", &escaped(note), "</p>\n"]);
    }
    if let Some(place) = seen_in(&case.entries) {
        put(page, &["<p class=\"known\">", &place, "</p>\n"]);
    }
    page.push_str("<dl class=\"diff\">\n");
    let (follow, own): (Vec<&CheckEntry>, Vec<&CheckEntry>) =
        case.failures().partition(|check| case.follows(check));
    for check in own {
        put(
            page,
            &[
                "<div><dt class=\"mono\">",
                &escaped(case.short(check)),
                "</dt>\n<dd class=\"want\"><span>expected</span> ",
                &rich(&check.expected),
                "</dd>\n<dd class=\"got\"><span>saw</span> ",
                &rich(&check.seen),
                "</dd></div>\n",
            ],
        );
    }
    page.push_str("</dl>\n");
    if !follow.is_empty() {
        let more = count(follow.len(), "more check");
        let text = " failed because nothing was sent.";
        put(page, &["<p class=\"hint\">", &more, text, "</p>\n"]);
    }
    page.push_str("<ul class=\"why\">\n");
    for id in &case.cite {
        if let Some(entry) = run.citations.get(id) {
            put(
                page,
                &[
                    "<li>",
                    &escaped(&entry.says),
                    " <a class=\"src\" href=\"#cite-",
                    &escaped(id),
                    "\">",
                    &escaped(&place(run, id)),
                    "</a></li>\n",
                ],
            );
        }
    }
    page.push_str("</ul>\n</li>\n");
}
