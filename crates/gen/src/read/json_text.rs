//! JSON that the reader of YAML takes: it has no surrogate pairs and, in some places, no tabs.

use std::borrow::Cow;

/// Whether the text begins as a JSON object or list does.
pub(super) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// The same document with the same lines, with surrogate pairs as characters and tabs as blanks.
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") && !text.contains('\t') && !text.contains("\\/") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut in_string = false;
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\', '\t']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let taken = match tail.as_bytes() {
            [b'"', ..] => {
                in_string = !in_string;
                out.push('"');
                1
            }
            [b'\t', ..] => {
                out.push(if in_string { '\t' } else { ' ' });
                1
            }
            [b'\\', b'u', ..] if in_string => unicode_escape(tail, &mut out),
            _ => {
                let length = tail.chars().take(2).map(char::len_utf8).sum();
                out.push_str(&tail[..length]);
                length
            }
        };
        rest = &tail[taken..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Writes what a `\u` escape stands for, and says how long it is. Half of a pair becomes U+FFFD.
fn unicode_escape(tail: &str, out: &mut String) -> usize {
    let Some(first) = hex(tail) else {
        out.push_str("\\u");
        return 2;
    };
    if !(0xD800..0xE000).contains(&first) {
        out.push_str(&tail[..6]);
        return 6;
    }
    if first < 0xDC00
        && let Some(second) = tail.get(6..).and_then(hex)
        && (0xDC00..0xE000).contains(&second)
    {
        let both = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        out.push(char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER));
        return 12;
    }
    out.push(char::REPLACEMENT_CHARACTER);
    6
}

fn hex(tail: &str) -> Option<u32> {
    let digits = tail.strip_prefix("\\u")?.get(..4)?;
    let all = digits.bytes().all(|it| it.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"{"a":"\ud83d\ude00"}"#, "{\"a\":\"😀\"}")]
    #[case(r#"{"a":"\ud83d"}"#, "{\"a\":\"\u{fffd}\"}")]
    #[case(r#"{"a":"\\ud83d\ude00"}"#, "{\"a\":\"\\\\ud83d\u{fffd}\"}")]
    #[case(r#"{"a":"\u00e9\n"}"#, r#"{"a":"\u00e9\n"}"#)]
    #[case("{\t\"a\":\t\"\t\"}", "{ \"a\": \"\t\"}")]
    #[case(r#"{"a":"\u12"#, r#"{"a":"\u12"#)]
    #[case("{\"\\u", "{\"\\u")]
    #[case("{\"\\é\\u", "{\"\\é\\u")]
    fn a_pair_becomes_one_character(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(readable(text), expected);
    }
}
