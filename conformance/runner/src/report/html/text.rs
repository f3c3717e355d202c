//! Words, numbers and signs that the parts of the page share.

use maud::{Markup, html};

use crate::report::Verdict;

/// Text with code in backticks.
pub(super) fn rich(text: &str) -> Markup {
    let pieces: Vec<&str> = text.split('`').collect();
    let closed = !pieces.len().is_multiple_of(2);
    html! {
        @if closed {
            @for (index, piece) in pieces.iter().enumerate() {
                @if index % 2 == 1 { code { (piece) } } @else { (piece) }
            }
        } @else {
            (text)
        }
    }
}

/// A text as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first
        .into_iter()
        .flatten()
        .chain(letters)
        .chain(['.'])
        .collect()
}

/// A number with thin spaces between thousands.
pub(super) fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push('\u{202f}');
        }
        shown.push(digit);
    }
    shown
}

/// The class of a verdict.
pub(super) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotApplicable => "na",
        Verdict::NotJudged => "unjudged",
        other => other.word(),
    }
}

/// The mark of a verdict, which colour alone never shows.
pub(super) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail => "✕",
        Verdict::Warn => "!",
        Verdict::Info => "i",
        Verdict::NotApplicable => "–",
        Verdict::NotJudged => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        for (given, shown) in [
            ("<a b=\"x\">&", "&lt;a b=&quot;x&quot;&gt;&amp;"),
            ("a `<b>` c", "a <code>&lt;b&gt;</code> c"),
            ("a ` <c>", "a ` &lt;c&gt;"),
        ] {
            assert_eq!(rich(given).into_string(), shown);
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        for (given, shown) in [(7, "7"), (999, "999"), (5757, "5\u{202f}757")] {
            assert_eq!(number(given), shown);
        }
    }
}
