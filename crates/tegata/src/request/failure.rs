//! Errors out of the answers of servers, whatever shape these have.

use std::time::{Duration, SystemTime};

use http_body_util::{BodyExt as _, Collected, Limited};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Body, Response};
use serde_json::Value;

use crate::error::NO_BODY;
use crate::request::media::media_type;
use crate::request::verdict::code_of;
use crate::{Error, ErrorCode, ErrorKind};

/// How much of an error answer is read.
const LONGEST_BODY: usize = 64 * 1024;

/// Reads an answer that means failure into an error of this kind.
pub(crate) async fn read(response: Response, kind: ErrorKind, message: &'static str) -> Error {
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers());
    let media = media_type(response.headers());
    let body = Body::from(response);
    // A body that is too long, broken or no JSON says nothing more than the status does.
    let body = Limited::new(body, LONGEST_BODY)
        .collect()
        .await
        .map(Collected::to_bytes);
    let body = body.ok();
    let media = match &body {
        Some(body) if body.trim_ascii().is_empty() => Some(NO_BODY),
        _ => media,
    };
    let json: Option<Value> = body.and_then(|body| serde_json::from_slice(&body).ok());
    let (code, description) = json.as_ref().map(read_body).unwrap_or_default();
    Error::new(kind, message)
        .with_status(status)
        .with_code(code)
        .with_description(description)
        .with_retry_after(retry_after)
        .with_media(media.filter(|_| json.is_none()))
}

/// A number of seconds or a date (RFC 9110, section 10.2.3). What the server's clock says counts, if it tells.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let value = text(RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text| httpdate::parse_http_date(text).ok();
    let until = date(value)?;
    let now = text(DATE).and_then(date).unwrap_or_else(SystemTime::now);
    // A date that has passed asks for nothing.
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
        assert_eq!(error.status(), Some(400));
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
        let long = "x".repeat(LONGEST_BODY);
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

    #[rstest]
    #[case("120", Some(120))]
    #[case(" 0 ", Some(0))]
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
