//! Text as HTML.

use crate::report::Verdict;

/// Appends the pieces.
pub(super) fn put(page: &mut String, pieces: &[&str]) {
    for piece in pieces {
        page.push_str(piece);
    }
}

/// Text for an element or a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(character),
            control if control.is_control() => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

/// Text in which backticks stand round what is code.
pub(super) fn rich(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return escaped(text);
    }
    let mut safe = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        if index % 2 == 1 {
            put(&mut safe, &["<code>", &escaped(piece), "</code>"]);
        } else {
            safe.push_str(&escaped(piece));
        }
    }
    safe
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
        other => other.word(),
    }
}

/// The mark of a verdict: it is never told by colour alone.
pub(super) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail => "✕",
        Verdict::Warn => "!",
        Verdict::Info => "i",
        Verdict::NotApplicable => "–",
    }
}

/// The name of a provider as its vendor writes it.
pub(super) fn vendor(provider: crate::case::Provider) -> &'static str {
    provider.title()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        assert_eq!(
            escaped("<a href=\"x\" b='y'>&\u{1}\n"),
            "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;\u{fffd}\n"
        );
        assert_eq!(rich("a `<b>` c"), "a <code>&lt;b&gt;</code> c");
        assert_eq!(rich("a ` c"), "a ` c");
    }

    #[test]
    fn thousands_are_set_apart() {
        for (given, shown) in [(7, "7"), (999, "999"), (5757, "5\u{202f}757")] {
            assert_eq!(number(given), shown);
        }
    }
}
