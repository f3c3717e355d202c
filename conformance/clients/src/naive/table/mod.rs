//! The checks that each bug must fail, and those that it may fail besides.

mod refusals;
mod requests;
mod tokens;

use super::Bug;

/// One bug.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The bug.
    pub bug: Bug,
    /// The checks that are about it: all of them fail.
    pub fails: &'static [&'static str],
    /// Checks that may fail besides, because they see the same fault or its consequences; `*`
    /// stands for any characters. Nothing else fails, and each pattern is needed.
    pub allows: &'static [&'static str],
}

const fn row(bug: Bug, fails: &'static [&'static str], allows: &'static [&'static str]) -> Row {
    Row { bug, fails, allows }
}

/// The whole table.
pub fn rows() -> impl Iterator<Item = Row> {
    [requests::ROWS, tokens::ROWS, refusals::ROWS]
        .into_iter()
        .flatten()
        .copied()
}

/// Whether a text is as a pattern has it.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(between) = last.replace(part) {
            match rest.find(between) {
                Some(at) => rest = &rest[at + between.len()..],
                None => return false,
            }
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, expected) in [
            ("a.b", "a.b", true),
            ("a.b", "a.bc", false),
            ("a*", "a", true),
            ("*.b", "a.a.b", true),
            ("*.b", "a.b.c", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*ab", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} and {text}");
        }
    }
}
