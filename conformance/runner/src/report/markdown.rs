//! The report as Markdown: short, for the summary of a job.

use std::fmt::Write as _;

use super::coverage::Kills;
use super::entry::CaseEntry;
use super::said::{count, headline, place, seen_in};
use super::{Run, Verdict};

/// The most cases of a verdict that are shown in full.
const MOST: usize = 25;

/// The run as Markdown.
pub fn markdown(run: &Run) -> String {
    let mut text = format!("## {} {}\n\n", plain(&run.subject.name), headline(run));
    let sum = run.summary;
    let mut counts = vec![
        ("cases", sum.cases),
        ("pass", sum.pass),
        ("fail", sum.fail),
        ("warn", sum.warn),
        ("info", sum.info),
        ("not applicable", sum.not_applicable),
    ];
    if run.verdicts().any(|verdict| verdict == Verdict::NotJudged) {
        counts.insert(3, ("not judged", sum.not_judged));
    }
    let heads: Vec<&str> = counts.iter().map(|(head, _)| *head).collect();
    let numbers: Vec<String> = counts.iter().map(|(_, one)| one.to_string()).collect();
    let _ = writeln!(text, "| {} |", heads.join(" | "));
    let _ = writeln!(text, "|{}", "--:|".repeat(counts.len()));
    let _ = writeln!(text, "| {} |", numbers.join(" | "));
    if !run.notes.is_empty() {
        text.push('\n');
    }
    for note in &run.notes {
        let _ = writeln!(text, "- {}", plain(note));
    }
    section(&mut text, run, Verdict::Fail, "Failed");
    section(&mut text, run, Verdict::NotJudged, "Not judged");
    section(&mut text, run, Verdict::Warn, "Warnings");
    section(&mut text, run, Verdict::Info, "For information");
    coverage(&mut text, run);
    let _ = writeln!(
        text,
        "\n<sub>{}, data {}</sub>",
        plain(&run.suite.id),
        &run.suite.sha256.get(..12).unwrap_or_default()
    );
    text
}

fn section(text: &mut String, run: &Run, verdict: Verdict, title: &str) {
    let cases: Vec<&CaseEntry> = run.of_state(verdict).collect();
    if cases.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n### {title}\n");
    for case in cases.iter().take(MOST) {
        case_item(text, run, case);
    }
    if let Some(more) = cases.len().checked_sub(MOST).filter(|more| *more > 0) {
        let _ = writeln!(text, "- and {}", count(more, "more case"));
    }
}

fn case_item(text: &mut String, run: &Run, case: &CaseEntry) {
    let _ = writeln!(text, "- **{}** {}", code(&case.id), plain(&case.title));
    for note in case.reason.iter().chain(&case.notes) {
        let _ = writeln!(text, "  - {}", plain(note));
    }
    if let Some(place) = seen_in(&case.entries) {
        let _ = writeln!(text, "  - {place}");
    }
    for check in case.failures() {
        let _ = writeln!(
            text,
            "  - {}: expected {}, saw {}",
            code(case.short(check)),
            code(&check.expected),
            code(&check.seen)
        );
    }
    for id in &case.cite {
        if let Some(entry) = run.citations.get(id) {
            let _ = writeln!(
                text,
                "  - {} ({}): {}",
                code(id),
                plain(&place(run, id)),
                plain(&entry.says)
            );
        }
    }
}

fn coverage(text: &mut String, run: &Run) {
    let all = &run.coverage;
    let _ = writeln!(text, "\n| covered | |\n|---|--:|");
    let citations = all.citations;
    let accounted = citations.checked + citations.excluded;
    for (name, part, whole) in [
        ("citations checked or excluded", accounted, citations.all),
        (
            "operations × statuses exercised",
            all.operations.exercised,
            all.operations.all,
        ),
        (
            "fields seen right, missing and wrong",
            all.fields.exercised,
            all.fields.all,
        ),
    ] {
        let _ = writeln!(text, "| {name} | {part} of {whole} |");
    }
    let Kills { mutants, killed } = all.mutants;
    let _ = writeln!(text, "| wire mutants (M1) killed | {killed} of {mutants} |");
    for family in &all.families {
        let _ = writeln!(
            text,
            "| {} ({}) killed | {} of {} |",
            plain(&family.title),
            plain(&family.id),
            family.killed,
            family.mutants
        );
    }
}

/// A code span that holds any text.
fn code(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|one| if one.is_control() { ' ' } else { one })
        .collect();
    let longest = line
        .split(|one| one != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // The blanks beside a backtick are no part of the span.
    let pad = if line.starts_with('`') || line.ends_with('`') {
        " "
    } else {
        ""
    };
    if line.trim().is_empty() {
        return "(empty)".to_owned();
    }
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// Text in which nothing is markup.
fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                safe.push('\\');
                safe.push(character);
            }
            control if control.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_span_outdoes_every_backtick_in_it() {
        for (text, span) in [
            ("plain", "`plain`"),
            ("a `b` c", "``a `b` c``"),
            ("`b`", "`` `b` ``"),
            ("```", "```` ``` ````"),
            ("a\nb", "`a b`"),
            ("", "(empty)"),
        ] {
            assert_eq!(code(text), span);
        }
    }

    #[test]
    fn nothing_in_plain_text_is_markup() {
        let text = plain("<img> *a* [b](c) |d| `e` & \\");
        let expected = "&lt;img&gt; \\*a\\* \\[b\\](c) \\|d\\| \\`e\\` &amp; \\\\";
        assert_eq!(text, expected);
    }
}
