//! The texts about a case that all text formats share.

use super::Run;
use super::entry::{CaseEntry, CheckEntry};

/// `3 checks failed`, `1 check failed`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `3 cases are`, `1 case is`.
fn are(cases: usize) -> String {
    let verb = if cases == 1 { "is" } else { "are" };
    format!("{} {verb}", count(cases, "case"))
}

/// The text in one line that a terminal shows as it is: a character that would do something there, such as to end the
/// line, to move in it, or to reverse what follows, stands there by its number.
pub fn one_line(text: &str) -> String {
    escaped(text, "")
}

/// The same for a text of several lines, which may have columns.
pub fn lines(text: &str) -> String {
    escaped(text, "\n\t")
}

fn escaped(text: &str, but: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if acts(character) && !but.contains(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Whether a terminal does something at this character: at control characters, and where the direction of text or the
/// line ends.
fn acts(character: char) -> bool {
    let turns = ['\u{61c}', '\u{200e}', '\u{200f}'].contains(&character)
        || ('\u{2028}'..='\u{202e}').contains(&character)
        || ('\u{2066}'..='\u{2069}').contains(&character);
    character.is_control() || turns
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
    let judged = sum.judged();
    let hidden = format!("the recording hides what {} about", are(sum.not_judged));
    match (sum.fail, sum.not_judged) {
        _ if judged == 0 && sum.not_judged == 0 => "nothing was judged".to_owned(),
        (0, 0) => format!("conforms: none of {} failed", count(judged, "case")),
        (0, _) if judged == 0 => format!("not judged: {hidden}"),
        (0, _) => format!("not judged: {hidden}; none of the other {judged} failed"),
        (failed, 0) => {
            let judged = count(judged, "case");
            format!("does not conform: {failed} of {judged} failed")
        }
        (failed, _) => {
            let judged = count(judged, "case");
            format!("does not conform: {failed} of {judged} failed, and {hidden}")
        }
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

    #[test]
    fn a_terminal_gets_nothing_that_it_acts_on() {
        let given = "\u{1b}[2Ja\r\nb\tc\u{9b}1m\u{7f}\u{202e}é";
        let shown = r"\u{1b}[2Ja\r\nb\tc\u{9b}1m\u{7f}\u{202e}é";
        assert_eq!(one_line(given), shown);
        assert_eq!(lines("a\rb\tc\nd\u{8}"), "a\\rb\tc\nd\\u{8}");
    }
}
