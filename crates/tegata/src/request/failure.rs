//! Reads error answers of any shape into errors.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Body, Response, StatusCode};
use serde_json::Value;

use crate::error::NO_BODY;
use crate::request::body::{Limits, json, whole};
use crate::request::media::media_type;
use crate::request::network_error::too_large_for;
use crate::request::vendor::{REQUEST_IDS, code_of, request_id};
use crate::{Error, ErrorCode, ErrorKind};

/// How much of an error answer is read. The status already says that the call failed, so a slow body is not
/// worth the wait.
const LIMITS: Limits = Limits {
    bytes: 65_536,
    time: Duration::from_secs(5),
};

/// The answer itself if it is a success.
///
/// # Errors
/// [`ErrorKind::Status`] with code and description of the answer.
pub(crate) async fn unless_success(response: Response) -> Result<Response, Error> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let message = if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
        "the server answered with a redirect, which is never followed with a credential".into()
    } else if let Some(reason) = too_large_for(&response) {
        format!("the call failed: {reason}").into()
    } else {
        Cow::Borrowed("the call failed")
    };
    Err(read(response, ErrorKind::Status, message).await)
}

/// Reads an answer that means failure into an error of this kind.
pub(crate) async fn read(
    response: Response,
    kind: ErrorKind,
    message: impl Into<Cow<'static, str>>,
) -> Error {
    let (head, body) = http::Response::<Body>::from(response).into_parts();
    let status = head.status.as_u16();
    let retry_after = retry_after(&head.headers);
    let mut media = media_type(&head.headers);
    // An unreadable body adds nothing to the status, but the reason may be useful as the source of the error.
    let (body, unread) = match whole(&head.headers, body, &LIMITS).await {
        Ok(body) => (body, None),
        Err(error) => (Bytes::new(), Some(error)),
    };
    let text = json(&body);
    if text.is_empty() && unread.is_none() {
        media = Some(NO_BODY);
    }
    let json: Option<Value> = serde_json::from_slice(&text).ok();
    let answer = json.is_some().then(|| Bytes::copy_from_slice(&text));
    let (code, description) = json.as_ref().map(read_body).unwrap_or_default();
    let in_body = json.as_ref().and_then(|body| {
        let mut ids = REQUEST_IDS.into_iter().filter_map(|name| body.get(name));
        ids.find_map(Value::as_str)
    });
    let error = Error::new(kind, message)
        .with_status(status)
        .with_code(code)
        .with_description(description)
        .with_request_id(request_id(in_body, &head.headers))
        .with_answer(answer)
        .with_retry_after(retry_after)
        .with_media(media.filter(|_| json.is_none()));
    match unread {
        Some(unread) => error.with_source(unread),
        None => error,
    }
}

/// A number of seconds or a date (RFC 9110, section 10.2.3). A date is compared with the server's own `Date`
/// header, if there is one, since the two clocks may differ.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let value = text(RETRY_AFTER)?;
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that overflows means for ever.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = |text| httpdate::parse_http_date(text).ok();
    let until = date(value)?;
    let now = text(DATE).and_then(date).unwrap_or_else(SystemTime::now);
    // A date in the past asks for no wait.
    until.duration_since(now).ok()
}

/// RFC 6749 (5.2) has `error` and `error_description`; others nest `error`, list `errors`, or write
/// `error_code` and `message`.
pub(crate) fn read_body(body: &Value) -> (Option<ErrorCode>, Option<String>) {
    let error = match body.get("error") {
        Some(Value::String(code)) => {
            return (Some(code.as_str().into()), text(body, "error_description"));
        }
        Some(nested @ Value::Object(_)) => nested,
        _ => body
            .get("errors")
            .and_then(|errors| errors.get(0))
            .unwrap_or(body),
    };
    let code = error
        .get("code")
        .or_else(|| error.get("error_code"))
        .and_then(code_of);
    (code, text(error, "message"))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::scripted::{coded, drip};
    use rstest::rstest;

    #[rstest]
    #[case(
        r#"{"error":"invalid_grant","error_description":"d"}"#,
        Some("invalid_grant"),
        Some("d")
    )]
    #[case(
        r#"{"error":{"code":"401","title":"t","message":"m"}}"#,
        Some("401"),
        Some("m")
    )]
    #[case(r#"{"error":{"code":404,"message":"m"}}"#, Some("404"), Some("m"))]
    #[case(r#"{"errors":[{"message":"m"},{"message":"n"}]}"#, None, Some("m"))]
    #[case(r#"{"errors":[{"code":"610","message":"m"}]}"#, Some("610"), Some("m"))]
    #[case(r#"{"error_code":"401013","message":"m"}"#, Some("401013"), Some("m"))]
    #[case("<html>bad gateway</html>", None, None)]
    #[case("", None, None)]
    #[case("[]", None, None)]
    #[case(r#"{"error":7,"errors":{}}"#, None, None)]
    #[tokio::test]
    async fn every_known_shape_of_error_is_read(
        #[case] body: &'static str,
        #[case] code: Option<&str>,
        #[case] description: Option<&str>,
    ) {
        let answer = http::Response::builder()
            .status(400)
            .body(Body::from(body))
            .expect("an answer");
        let error = read(answer.into(), ErrorKind::Status, "failed").await;
        assert_eq!(
            (error.code(), error.description()),
            (code, description),
            "{body}"
        );
        assert_eq!(error.status().map(u16::from), Some(400));
        assert_eq!(error.answer::<Value>(), serde_json::from_str(body).ok());
    }

    #[rstest]
    #[case(65_536, Some("e"))]
    #[case(65_537, None)]
    #[tokio::test]
    async fn an_error_is_read_up_to_a_length(#[case] length: usize, #[case] code: Option<&str>) {
        let error = r#"{"error":"e"}"#;
        let body = format!("{error}{}", " ".repeat(length - error.len()));
        let answer = http::Response::builder()
            .status(400)
            .body(body)
            .expect("an answer");
        let error = read(answer.into(), ErrorKind::Status, "failed").await;
        assert_eq!(error.code(), code, "{error:?}");
    }

    #[tokio::test]
    async fn a_long_body_is_not_read_to_its_end_and_a_long_text_is_cut() {
        let long = "x".repeat(LIMITS.bytes);
        for (body, kept) in [
            (
                format!(r#"{{"error":"invalid_request","error_description":"{long}"}}"#),
                None,
            ),
            (
                format!(r#"{{"error":"e","error_description":"{}"}}"#, &long[..1000]),
                Some(500),
            ),
        ] {
            let answer = http::Response::builder()
                .status(400)
                .body(body)
                .expect("an answer");
            let error = read(answer.into(), ErrorKind::Status, "failed").await;
            assert_eq!(error.description().map(str::len), kept);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_whose_body_drips_keeps_status_and_headers() {
        let began = tokio::time::Instant::now();
        let body = drip(r#"{"error":"CANARY"}"#, Duration::from_millis(500));
        let mut answer = http::Response::new(body);
        *answer.status_mut() = http::StatusCode::TOO_MANY_REQUESTS;
        answer.headers_mut().insert(RETRY_AFTER, 7.into());
        let error = read(answer.into(), ErrorKind::Status, "failed").await;
        assert_eq!(began.elapsed(), LIMITS.time);
        assert_eq!(
            (error.status().map(u16::from), error.code()),
            (Some(429), None)
        );
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        let cause = std::error::Error::source(&error).expect("why it has no code");
        assert!(cause.to_string().contains("5 s"), "{cause}");
    }

    #[rstest]
    #[case("gzip", "cannot be decompressed")]
    #[case("br", "compressed (br)")]
    #[tokio::test]
    async fn an_error_in_a_coding_that_is_not_its_own_says_so(
        #[case] name: &str,
        #[case] says: &str,
    ) {
        let answer = coded(name, b"\x1f\x8bCANARY".to_vec());
        let error = read(answer, ErrorKind::Status, "failed").await;
        assert_eq!(error.code(), None);
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(says) && !shown.contains("CANARY"), "{shown}");
    }

    #[tokio::test]
    async fn an_error_is_read_behind_a_byte_order_mark() {
        let answer = http::Response::new("\u{feff}{\"error\":\"invalid_grant\"}");
        let error = read(answer.into(), ErrorKind::Status, "failed").await;
        assert_eq!(error.code(), Some("invalid_grant"));
    }

    #[rstest]
    #[case("120", Some(120))]
    #[case(" 0 ", Some(0))]
    #[case("99999999999999999999", Some(u64::MAX))]
    #[case("", None)]
    #[case("Wed, 21 Oct 2026 07:28:00 GMT", Some(90))]
    #[case("Wed, 21 Oct 2026 07:26:29 GMT", None)]
    #[case("Wed, 99 Oct 2026 07:28:00 GMT", None)]
    #[case("-1", None)]
    #[case("soon", None)]
    fn retry_after_is_read_in_seconds_or_as_a_date(
        #[case] value: &str,
        #[case] seconds: Option<u64>,
    ) {
        let date = "Wed, 21 Oct 2026 07:26:30 GMT";
        let headers = [(RETRY_AFTER, value), (DATE, date)]
            .map(|(name, value)| (name, value.parse().expect("a value")))
            .into_iter()
            .collect();
        assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs));
    }

    #[test]
    fn without_a_date_of_the_server_our_own_clock_counts() {
        let until = SystemTime::now() + Duration::from_secs(3600);
        let value = httpdate::fmt_http_date(until).parse().expect("a value");
        let headers = [(RETRY_AFTER, value)].into_iter().collect();
        let left = retry_after(&headers).expect("a date to come");
        let expected = Duration::from_secs(3000)..=Duration::from_secs(3600);
        assert!(expected.contains(&left), "{left:?}");
    }
}
