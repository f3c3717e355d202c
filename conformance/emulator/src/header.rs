//! The headers that a test prescribes.

use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderName, HeaderValue};

/// Says why a header cannot be sent, and how to fix it.
pub(super) fn check(name: &str, value: &str) -> Result<(), String> {
    let Ok(parsed) = HeaderName::try_from(name) else {
        return Err(odd(name));
    };
    if HeaderValue::from_str(value).is_err() {
        return Err(odd(name));
    }
    // Two ends of one body would break the connection, not only this answer.
    if parsed == CONTENT_LENGTH || parsed == TRANSFER_ENCODING {
        return Err(format!(
            "{name:?} follows from the body: leave it out; cut_after_bytes announces more than is sent"
        ));
    }
    Ok(())
}

fn odd(name: &str) -> String {
    format!("{name:?} cannot be sent: remove odd characters from its name or value")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("x-a", "b", None)]
    #[case("a b", "c", Some("odd characters"))]
    #[case("x-a", "\n", Some("odd characters"))]
    #[case("Content-Length", "0", Some("cut_after_bytes"))]
    #[case("transfer-encoding", "chunked", Some("cut_after_bytes"))]
    fn a_header_that_breaks_an_answer_is_refused(
        #[case] name: &str,
        #[case] value: &str,
        #[case] part: Option<&str>,
    ) {
        match (check(name, value), part) {
            (Ok(()), None) => {}
            (Err(problem), Some(part)) => assert!(problem.contains(part), "{problem}"),
            (result, _) => panic!("{result:?}"),
        }
    }
}
