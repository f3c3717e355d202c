//! Wildcards: `*` for any characters within a segment, `**` for any number of segments.

/// Whether a path fits a pattern; both as they are sent, not decoded.
pub(crate) fn path_fits(pattern: &str, path: &str) -> bool {
    let pattern: Vec<_> = pattern.split('/').collect();
    let path: Vec<_> = path.split('/').collect();
    fits(
        &pattern,
        &path,
        |segment| *segment == "**",
        |pattern, segment| text_fits(pattern, segment),
    )
}

/// Whether a text fits a pattern, in which `*` stands for any characters.
pub(super) fn text_fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    fits(pattern, text, |byte| *byte == b'*', |a, b| a == b)
}

/// Goes back to the last wildcard only, since an earlier one can take no more than the last: the
/// time is the product of the lengths at worst.
fn fits<P, T>(
    pattern: &[P],
    text: &[T],
    is_wildcard: impl Fn(&P) -> bool,
    is_equal: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut wildcard: Option<(usize, usize)> = None;
    while let Some(unit) = text.get(read) {
        match (pattern.get(at), wildcard) {
            (Some(part), _) if is_wildcard(part) => {
                wildcard = Some((at, read));
                at += 1;
            }
            (Some(part), _) if is_equal(part, unit) => {
                at += 1;
                read += 1;
            }
            (_, Some((star, from))) => {
                wildcard = Some((star, from + 1));
                at = star + 1;
                read = from + 1;
            }
            (_, None) => return false,
        }
    }
    pattern.iter().skip(at).all(is_wildcard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::time::{Duration, Instant};

    #[rstest]
    #[case("/a/b.json", "/a/b.json", true)]
    #[case("/a/b.json", "/a/b.jso", false)]
    #[case("/a/*.json", "/a/1.json", true)]
    #[case("/a/*.json", "/a/.json", true)]
    #[case("/a/*.json", "/a/1/2.json", false)]
    #[case("/a/*-*.json", "/a/1-2-3.json", true)]
    #[case("/a/*", "/a/1/2", false)]
    #[case("/a/**", "/a/1/2", true)]
    #[case("/a/**", "/a", true)]
    #[case("/a/**/z", "/a/z", true)]
    #[case("/a/**/z", "/a/b/z/c/z", true)]
    #[case("/a/**/z", "/a/b/z/c", false)]
    #[case("/**/x/**/y", "/x/1/x/2/y", true)]
    #[case("/a/b", "/A/b", false)]
    #[case("/a/b", "/a/b/", false)]
    fn a_path_fits_its_pattern(#[case] pattern: &str, #[case] path: &str, #[case] expected: bool) {
        assert_eq!(path_fits(pattern, path), expected, "{pattern} {path}");
    }

    #[rstest]
    #[case("*", "", true)]
    #[case("*", "a/b", true)]
    #[case("a*c", "abc", true)]
    #[case("a*c", "abd", false)]
    #[case("", "", true)]
    #[case("", "a", false)]
    fn a_text_fits_its_pattern(#[case] pattern: &str, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(text_fits(pattern, text), expected, "{pattern} {text}");
    }

    #[test]
    fn many_wildcards_take_no_exponential_time() {
        let pattern = format!("/{}b", "a*".repeat(40));
        let path = format!("/{}", "a".repeat(4000));
        let started = Instant::now();
        assert!(!path_fits(&pattern, &path));
        let deep = "/**/a".repeat(40) + "/b";
        assert!(!path_fits(&deep, &"/a".repeat(4000)));
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
