//! Text of a document, where people and compilers read it.

/// The text with blanks for what is [refused](is_refused).
pub(crate) fn printable(text: &str) -> String {
    text.replace("\r\n", "\n").replace(is_refused, " ")
}

/// What the compiler refuses in a comment, or a terminal would obey: controls other than blanks and the ends of lines, and
/// marks that reverse the direction of what follows.
pub(crate) fn is_refused(it: char) -> bool {
    let turns = matches!(it, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    turns || it.is_control() && !matches!(it, '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("a\r\nb\rc\nd", "a\nb c\nd")]
    #[case("\u{1b}[31m \u{7}\u{9b}\0\u{7f}", " [31m     ")]
    #[case("\u{202A}\u{202E}\u{2066}\u{2069}", "    ")]
    #[case("日本語 \u{200F}é", "日本語 \u{200F}é")]
    fn only_what_is_harmless_is_left(#[case] text: &str, #[case] left: &str) {
        assert_eq!(printable(text), left);
    }
}
