//! The report as Markdown.

use tegata_clients::naive::Bug;
use tegata_conformance::report::markdown;

use super::support::{hostile, naive, ours};

#[tokio::test]
async fn failures_come_first_and_say_what_is_wrong() {
    let text = markdown(&naive(Bug::OldTokenAgain, "marketo.refused").await);
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    assert!(at("does not conform: ") < at("### Failed"));
    assert!(at("### Failed") < at("### Warnings"));
    assert!(at("### Warnings") < at("| covered |"));
    at(
        "  - `again.credential`: expected `` authorization: Bearer `[token-2]` ``, \
        saw `` authorization: Bearer `[token-1]` ``",
    );
    at("(marketo.ja line 75): On either code the client calls identity to renew the token");
}

#[tokio::test]
async fn a_run_that_passes_is_reported_in_few_lines() {
    let run = ours("marketo").await;
    let text = markdown(&run);
    let judged = run.summary.cases - run.summary.not_applicable;
    let headline = format!("## tegata conforms: none of {judged} cases failed\n");
    assert!(text.starts_with(&headline), "{text}");
    assert!(text.lines().count() < 20, "{text}");
}

#[tokio::test]
async fn hostile_text_is_no_markup() {
    let text = markdown(&hostile().await);
    let outside: String = text.lines().map(outside_of_code).collect();
    assert!(!outside.contains("<script"), "{outside}");
    assert!(text.starts_with("## &lt;/script&gt;"), "{text}");
}

/// A line without its code spans: each ends at the next run of as many backticks as it began with.
fn outside_of_code(line: &str) -> String {
    let mut outside = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let (before, tail) = rest.split_at(start);
        outside.push_str(before);
        let length = tail.len() - tail.trim_start_matches('`').len();
        let (fence, behind) = tail.split_at(length);
        let mut end = 0;
        rest = loop {
            let Some(at) = behind[end..].find(fence).map(|at| at + end) else {
                panic!("{fence} is not closed: {line}");
            };
            let run = behind[at..].len() - behind[at..].trim_start_matches('`').len();
            end = at + run;
            if run == length {
                break &behind[end..];
            }
        };
    }
    outside + rest
}
