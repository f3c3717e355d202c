//! Paths as they were written: none may lead to another resource.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::{Error, ErrorKind};

/// No known proxy or server decodes more often than this.
const DECODINGS: usize = 8;

/// Checks a path as it was written, with the query that may follow it.
///
/// # Errors
/// [`ErrorKind::OutOfScope`] with the reason, but without the path.
pub(crate) fn check_written(path: &str) -> Result<(), Error> {
    let refuse = |why| {
        Err(Error::new(
            ErrorKind::OutOfScope,
            format!("bad path: {why}"),
        ))
    };
    if path.contains(char::is_control) || path.ends_with(' ') {
        return refuse("it holds a line break or another control character, or ends in a blank");
    }
    if path.contains('#') {
        return refuse("what follows a `#` is never sent; write it as `%23`");
    }
    let path = path.split('?').next().unwrap_or_default();
    if path.contains('\\') {
        return refuse("a backslash counts as a slash; write it as `%5C`");
    }
    let below = path.strip_prefix('/').unwrap_or(path);
    let mut segments = below.split('/').peekable();
    while let Some(segment) = segments.next() {
        // A slash may end the path.
        if has_dot_segment(segment) || (segment.is_empty() && segments.peek().is_some()) {
            return refuse(
                "a segment of it is empty, `.` or `..`, which would lead to another resource",
            );
        }
    }
    Ok(())
}

/// Whether a parser, proxy or server could find the segment `.` or `..` in this text: they decode, also `%2F`,
/// and some cut off the text after a semicolon.
pub(crate) fn has_dot_segment(text: &str) -> bool {
    let is_dots = |part: &str| {
        let name = part.split(';').next().unwrap_or_default();
        let mut dots = 0;
        let mut seen = name
            .chars()
            .filter(|c| !c.is_control() && !c.is_whitespace());
        seen.all(|c| {
            dots += 1;
            c == '.'
        }) && (1..=2).contains(&dots)
    };
    let mut text = Cow::Borrowed(text);
    for _ in 0..DECODINGS {
        if text.split(['/', '\\']).any(is_dots) {
            return true;
        }
        if !text.contains('%') {
            return false;
        }
        text = Cow::Owned(percent_decode_str(&text).decode_utf8_lossy().into_owned());
    }
    false
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/../admin")]
    #[case("..")]
    #[case("/boards/7/labels/..")]
    #[case("/boards/7/labels/%2e%2e")]
    #[case("/boards/.%2E/x")]
    #[case("/boards/%252e%252e/x")]
    #[case("/boards/./x")]
    #[case("/boards/%2E/x")]
    #[case("/boards//x")]
    #[case("//boards")]
    #[case("/boards/..%2Fx")]
    #[case("/boards/..;a/x")]
    #[case("/boards\\..\\x")]
    #[case("/boards/7\\8")]
    #[case("/boards/.\t./x")]
    #[case("/boards/1\n2")]
    #[case("/boards/..\r")]
    #[case("/boards/.. ")]
    #[case("/boards/7 ")]
    #[case("/boards/7#/labels")]
    #[case("/..?x=1")]
    fn a_written_path_that_leads_elsewhere_is_refused(#[case] path: &str) {
        let error = check_written(path).expect_err(path);
        assert_eq!(error.kind(), ErrorKind::OutOfScope, "{error:?}");
        assert!(!error.to_string().contains("boards"), "{error}");
    }

    #[rstest]
    #[case("")]
    #[case("/")]
    #[case("/boards/")]
    #[case("boards/7")]
    #[case("/boards/a%2Fb/x.json")]
    #[case("/boards?next=/../x&y=//z")]
    #[case("/boards/.../a..b")]
    fn a_written_path_that_stays_passes(#[case] path: &str) {
        check_written(path).expect(path);
    }
}
