//! Reads JSON answers into types.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::response::Parts;
use reqwest::{Body, Response, StatusCode};
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::error::NO_BODY;
use crate::request::body::{Limits, json, whole, with_status};
use crate::request::media::media_type;
use crate::{Error, ErrorKind, Reply};

/// A typed answer is held in memory, so it is limited. 64 MiB in half an hour arrive even over a slow line.
pub(crate) const LIMITS: Limits = Limits {
    bytes: 67_108_864,
    time: Duration::from_secs(1800),
};

/// Reads an answer to its end.
///
/// # Errors
/// * [`ErrorKind::InvalidResponse`] if it is not JSON of this type, too long, or compressed in a way that
///   cannot be read here.
/// * Connection errors and timeouts.
pub(crate) async fn read<T: DeserializeOwned>(response: Response) -> Result<Reply<T>, Error> {
    let (head, text) = text(response).await?;
    value(head, &text)
}

/// Parses this text. An empty text counts as `null`, so that it can be read as `()` or `Option`.
pub(crate) fn value<T: DeserializeOwned>(head: Parts, text: &[u8]) -> Result<Reply<T>, Error> {
    let read = match text {
        [] => serde_json::from_str("null").map_err(|_| no_body(head.status)),
        text => serde_json::from_slice(text).map_err(|error| {
            misfit(
                "the answer does not fit the type that was asked for",
                &error,
            )
            .with_status(head.status.as_u16())
        }),
    };
    Ok(Reply::new(read?, head.status, head.headers))
}

/// The text of the same answer, with nothing before the JSON.
pub(crate) async fn text(response: Response) -> Result<(Parts, Bytes), Error> {
    let (head, body) = http::Response::<Body>::from(response).into_parts();
    let body = whole(&head.headers, body, &LIMITS).await;
    let body = body.map_err(|error| with_status(error, head.status))?;
    let text = match json(&body) {
        Cow::Borrowed(text) => body.slice_ref(text),
        Cow::Owned(text) => Bytes::from(text),
    };
    if let Some(media) = media_type(&head.headers)
        && !text.is_empty()
        && serde_json::from_slice::<IgnoredAny>(&text).is_err()
    {
        return Err(no_json(media).with_status(head.status.as_u16()));
    }
    Ok((head, text))
}

/// The error for an empty body in place of JSON.
pub(crate) fn no_body(status: StatusCode) -> Error {
    no_json(NO_BODY).with_status(status.as_u16())
}

/// The error for an answer that is not JSON, such as a gateway's page.
fn no_json(media: &str) -> Error {
    let message = format!("the server answered with {media} in place of JSON");
    Error::new(ErrorKind::InvalidResponse, message)
}

/// The error for JSON that does not match the spec: with the place and the missing field, never the text.
pub fn unreadable(error: &serde_json::Error) -> Error {
    misfit("the answer is not what the spec says", error)
}

fn misfit(what: &str, error: &serde_json::Error) -> Error {
    let mut message = what.to_owned();
    // The field's name comes from the type. The rest of serde's message may repeat a value.
    let text = error.to_string();
    let missing = text.strip_prefix("missing field `");
    if let Some((field, _)) = missing.and_then(|rest| rest.split_once('`')) {
        message.extend([": it has no `", field, "`"]);
    }
    // A parsed value has no line numbers.
    if error.line() > 0 {
        let place = format!(", at line {}, column {}", error.line(), error.column());
        message.push_str(&place);
    }
    Error::new(ErrorKind::InvalidResponse, message)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::request::scripted::{answer, coded, drip};

    #[rstest]
    #[case::a_mark(b"\xef\xbb\xbf[7]".to_vec())]
    #[case::utf16(b"\xff\xfe[\x007\0]\0".to_vec())]
    #[tokio::test]
    async fn json_is_read_after_marks_and_blanks(#[case] body: Vec<u8>) {
        let answer = read::<Vec<u8>>(http::Response::new(body).into()).await;
        assert_eq!(*answer.expect("readable"), [7]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_typed_answer_that_drips_is_waited_for_up_to_a_time() {
        let began = tokio::time::Instant::now();
        let body = drip("[7", Duration::from_secs(100));
        let error = text(answer("application/json", body)).await;
        let error = error.expect_err("no end");
        assert_eq!(began.elapsed(), LIMITS.time);
        assert!(error.is_timeout(), "{error:?}");
    }

    #[tokio::test]
    async fn a_typed_answer_that_cannot_be_decompressed_is_named() {
        let error = text(coded("br", "CANARY")).await.expect_err("coded");
        let expected = (ErrorKind::InvalidResponse, Some(200));
        assert_eq!((error.kind(), error.status().map(u16::from)), expected);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("(br)") && !shown.contains("CANARY"),
            "{shown}"
        );
    }

    #[rstest]
    #[case("text/html", "<html>CANARY", "text/html")]
    #[case("CANARY/x", "CANARY", "another media type")]
    #[case("application/json", "", "an empty body")]
    #[tokio::test]
    async fn the_media_type_in_place_of_json_is_named(
        #[case] content_type: &str,
        #[case] body: &'static str,
        #[case] expected: &str,
    ) {
        let error = read::<Vec<u8>>(answer(content_type, body)).await;
        let error = error.expect_err("no JSON");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(expected), "{shown}");
        assert!(
            shown.contains("status 200") && !shown.contains("CANARY"),
            "{shown}"
        );
    }

    #[tokio::test]
    async fn json_under_another_name_is_read() {
        let answer = read::<Vec<u8>>(answer("text/plain", "[7]")).await;
        assert_eq!(*answer.expect("readable"), [7]);
    }

    #[test]
    fn the_field_that_an_answer_lacks_is_named() {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code, reason = "it is not read")]
        struct Answer {
            name: u8,
        }
        let error = serde_json::from_str::<Answer>("{}").expect_err("it has no name");
        assert_eq!(
            unreadable(&error).to_string(),
            "the answer is not what the spec says: it has no `name`, at line 1, column 2"
        );
    }

    #[test]
    fn an_unreadable_answer_has_its_place_if_there_is_one() {
        let text = serde_json::from_str::<u8>("\"CANARY\"").expect_err("no number");
        let value = serde_json::from_value::<u8>("CANARY".into()).expect_err("no number");
        assert_eq!(
            unreadable(&text).to_string(),
            "the answer is not what the spec says, at line 1, column 8"
        );
        assert_eq!(
            unreadable(&value).to_string(),
            "the answer is not what the spec says"
        );
    }

    #[tokio::test]
    async fn json_of_another_type_is_placed_and_not_shown() {
        let answered = answer("application/json", r#"{"name":"CANARY"}"#);
        let error = read::<std::collections::HashMap<String, u8>>(answered).await;
        let error = error.expect_err("no numbers");
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("does not fit the type") && shown.contains("column 16"),
            "{shown}"
        );
        assert!(
            shown.contains("status 200") && !shown.contains("CANARY"),
            "{shown}"
        );
    }
}
