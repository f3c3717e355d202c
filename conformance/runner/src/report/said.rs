//! The texts about a case that all text formats share.

use super::Run;
use super::entry::{CaseEntry, CheckEntry};

/// `3 checks failed`, `1 check failed`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// The text with U+FFFD for each character that cannot be shown, so that none can hide what follows it.
pub(super) fn printable(text: &str) -> String {
    let hidden = |character: char| match character {
        '\n' | '\t' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        other => other.is_control(),
    };
    text.replace(hidden, "\u{fffd}")
}

/// The result in one sentence.
pub(super) fn headline(run: &Run) -> String {
    let sum = run.summary;
    let judged = sum.cases - sum.not_applicable;
    if sum.conforms {
        format!("conforms: none of {} failed", count(judged, "case"))
    } else if judged == 0 {
        "nothing was judged".to_owned()
    } else {
        format!(
            "does not conform: {} of {} failed",
            sum.fail,
            count(judged, "case")
        )
    }
}

/// Where in a recording a case was seen: the first few entries of it. None for any other run.
pub fn seen_in(entries: &[usize]) -> Option<String> {
    const MOST: usize = 8;
    let shown: Vec<String> = entries.iter().take(MOST).map(ToString::to_string).collect();
    let more = if entries.len() > MOST { ", …" } else { "" };
    (!shown.is_empty()).then(|| format!("log.entries {}{more}", shown.join(", ")))
}

/// A failed check in one line.
pub(super) fn failed(case: &CaseEntry, check: &CheckEntry) -> String {
    format!(
        "{}: expected {}, saw {}",
        case.short(check),
        check.expected,
        check.seen
    )
}

/// Where a citation stands, in a few words.
pub(super) fn place(run: &Run, id: &str) -> String {
    let Some(entry) = run.citations.get(id) else {
        return String::new();
    };
    match (&entry.lines, entry.source.starts_with("RFC")) {
        (Some(section), true) => format!("{} section {section}", entry.source),
        (Some(lines), false) if lines.contains([',', '-']) => {
            format!("{} lines {lines}", entry.source)
        }
        (Some(line), false) => format!("{} line {line}", entry.source),
        (None, _) => entry.source.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_cannot_be_shown_stand_out() {
        assert_eq!(printable("a\t\n<é>"), "a\t\n<é>");
        assert_eq!(
            printable("\u{1}\u{1b}[1m\u{9b}\r\u{ffff}"),
            "\u{fffd}\u{fffd}[1m\u{fffd}\u{fffd}\u{fffd}"
        );
    }
}
