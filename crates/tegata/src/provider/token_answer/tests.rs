use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::header::CONTENT_TYPE;
use rstest::rstest;
use serde_json::json;
use tokio::time::Instant;

use super::*;
use crate::request::scripted::{coded, drip, frames};

const ANSWER: TokenAnswer<'_> = TokenAnswer {
    status: 200,
    access_token: "access_token",
    token_type: Some("token_type"),
    expires_in: Some("expires_in"),
    refresh_token: Some("refresh_token"),
    texts: &["scope"],
};

/// The names of some APIs, without a type.
const CAMEL: TokenAnswer<'_> = TokenAnswer {
    access_token: "accessToken",
    token_type: None,
    expires_in: Some("expiresIn"),
    refresh_token: None,
    texts: &[],
    ..ANSWER
};

fn response(status: u16, media_type: &str, body: impl Into<Body>) -> Response {
    let builder = http::Response::builder().status(status);
    let builder = builder.header(CONTENT_TYPE, media_type);
    builder.body(body.into()).expect("an answer").into()
}

async fn put_right(body: impl Into<Body>, answer: &TokenAnswer<'_>) -> Value {
    let (_, object) = read(response(200, "application/json", body), answer)
        .await
        .expect("a token");
    Value::Object(object)
}

async fn failure(response: Response) -> Error {
    let error = read(response, &ANSWER).await.expect_err("no token");
    let error = error.at_token_endpoint();
    let shown = format!("{error} {error:?} {error:#?}");
    assert!(!shown.contains("CANARY"), "{shown}");
    error
}

#[rstest]
#[case::right(
    r#"{"access_token":"a","token_type":"Bearer","expires_in":60,"refresh_token":"r"}"#,
    json!({"access_token": "a", "token_type": "Bearer", "expires_in": 60, "refresh_token": "r"})
)]
#[case::least(r#"{"access_token":"a"}"#, json!({"access_token": "a", "token_type": "Bearer"}))]
#[case::blanks_and_marks_before_it(
    "\u{feff} \r\n\u{feff}{\"access_token\":\"a\"} \n",
    json!({"access_token": "a", "token_type": "Bearer"})
)]
#[case::something_behind_it(
    "{\"access_token\":\"a\"}\u{0}<!-- 12 ms -->",
    json!({"access_token": "a", "token_type": "Bearer"})
)]
#[case::another_type(
    r#"{"access_token":"a","token_type":"N_A"}"#,
    json!({"access_token": "a", "token_type": "N_A"})
)]
#[case::null_type(
    r#"{"access_token":"a","token_type":null}"#,
    json!({"access_token": "a", "token_type": "Bearer"})
)]
#[case::blank_type(
    r#"{"access_token":"a","token_type":" "}"#,
    json!({"access_token": "a", "token_type": "Bearer"})
)]
#[case::type_that_is_no_text(
    r#"{"access_token":"a","token_type":{"Bearer":1}}"#,
    json!({"access_token": "a", "token_type": ""})
)]
#[case::type_twice(
    r#"{"token_type":"mac","access_token":"a","token_type":"","token_type":null}"#,
    json!({"access_token": "a", "token_type": "mac"})
)]
#[case::lifetime_as_text(
    r#"{"access_token":"a","expires_in":" 60 "}"#,
    json!({"access_token": "a", "token_type": "Bearer", "expires_in": 60})
)]
#[case::lifetime_as_fraction(
    r#"{"access_token":"a","expires_in":3600.0}"#,
    json!({"access_token": "a", "token_type": "Bearer", "expires_in": 3600})
)]
#[case::lifetime_that_no_number_holds(
    r#"{"access_token":"a","expires_in":1e999}"#,
    json!({"access_token": "a", "token_type": "Bearer"})
)]
#[case::lifetime_twice(
    r#"{"access_token":"a","expires_in":1,"expires_in":60,"expires_in":"soon"}"#,
    json!({"access_token": "a", "token_type": "Bearer", "expires_in": 60})
)]
#[case::access_token_twice(
    r#"{"access_token":"a","access_token":"b","access_token":" "}"#,
    json!({"access_token": "b", "token_type": "Bearer"})
)]
#[case::escaped_name(
    r#"{"\u0061ccess_token":"a"}"#,
    json!({"access_token": "a", "token_type": "Bearer"})
)]
#[case::only_a_refresh_token(
    r#"{"refresh_token":"r"}"#,
    json!({"access_token": "", "token_type": "Bearer", "refresh_token": "r"})
)]
#[case::number_for_the_access_token(
    r#"{"access_token":7,"refresh_token":"r"}"#,
    json!({"access_token": "", "token_type": "Bearer", "refresh_token": "r"})
)]
#[case::scope_as_list(
    r#"{"access_token":"a","scope":["a","b"]}"#,
    json!({"access_token": "a", "token_type": "Bearer"})
)]
#[case::scope_as_text(
    r#"{"access_token":"a","scope":"a b"}"#,
    json!({"access_token": "a", "token_type": "Bearer", "scope": "a b"})
)]
#[case::further_members(
    r#"{"access_token":"a","iat":1,"x":{"y":[null]}}"#,
    json!({"access_token": "a", "token_type": "Bearer", "iat": 1, "x": {"y": [null]}})
)]
#[case::members_that_cannot_be_read(
    r#"{"x":"\ud800","access_token":"a","scope":1e999}"#,
    json!({"access_token": "a", "token_type": "Bearer"})
)]
#[case::error_beside_the_token(
    r#"{"access_token":"a","error":null}"#,
    json!({"access_token": "a", "token_type": "Bearer", "error": null})
)]
#[tokio::test]
async fn a_token_answer_is_put_right(#[case] body: &'static str, #[case] expected: Value) {
    assert_eq!(put_right(body, &ANSWER).await, expected);
}

#[rstest]
#[case(r#""r""#, Some("r"))]
#[case(r#""a b~""#, Some("a b~"))]
#[case(r#""""#, None)]
#[case(r#""  ""#, None)]
#[case(r#""\t""#, None)]
#[case(r#""\u3000""#, None)]
// RFC 6749, A.17, has printable ASCII only. A rotating server that issues another text still accepts it.
#[case(r#""r\n""#, Some("r\n"))]
#[case(r#""\u00e9""#, Some("é"))]
#[case("null", None)]
#[case("7", None)]
#[case("false", None)]
#[case(r#"["r"]"#, None)]
#[case(r#"{"r":"r"}"#, None)]
#[case(r#""first","refresh_token":"second""#, Some("second"))]
#[case(r#""first","refresh_token":"""#, Some("first"))]
#[case(r#"null,"refresh_token":"second""#, Some("second"))]
#[case(r#""first","refresh_token":null"#, Some("first"))]
#[tokio::test]
async fn a_refresh_token_is_a_text_that_is_not_blank_or_absent(
    #[case] json: &str,
    #[case] expected: Option<&str>,
) {
    let body = format!(r#"{{"access_token":"a","refresh_token":{json}}}"#);
    let object = put_right(body, &ANSWER).await;
    let expected = expected.map(Value::from);
    assert_eq!(object.get("refresh_token"), expected.as_ref());
}

#[tokio::test]
async fn bytes_of_another_encoding_spoil_no_member_but_their_own() {
    let body = b"{\"scope\":\"\xe9\",\"access_token\":\"a\",\"refresh_token\":\"r\"}".to_vec();
    let object = put_right(body, &ANSWER).await;
    assert_eq!(
        (&object["access_token"], &object["refresh_token"]),
        (&json!("a"), &json!("r"))
    );
}

#[tokio::test]
async fn a_token_in_another_encoding_is_none() {
    let body = b"{\"access_token\":\"a\",\"refresh_token\":\"r\xe9\"}".to_vec();
    let object = put_right(body, &ANSWER).await;
    assert_eq!(object["access_token"], json!("a"));
    assert_eq!(object.get("refresh_token"), None);
}

#[tokio::test]
async fn a_member_that_is_nested_without_end_is_left_out() {
    let (open, close) = ("[".repeat(1000), "]".repeat(1000));
    let object = put_right(
        format!(r#"{{"x":{open}{close},"access_token":"a"}}"#),
        &ANSWER,
    )
    .await;
    assert_eq!(object, json!({"access_token": "a", "token_type": "Bearer"}));
}

#[tokio::test]
async fn only_the_members_that_the_spec_names_are_put_right() {
    let body = r#"{"accessToken":"a","expiresIn":"soon","refresh_token":"","token_type":7}"#;
    let expected = json!({"accessToken": "a", "refresh_token": "", "token_type": 7});
    assert_eq!(put_right(body, &CAMEL).await, expected);
}

#[rstest]
#[case(200, 200)]
#[case(201, 200)]
#[case(206, 200)]
#[case(202, 201)]
#[tokio::test]
async fn any_2xx_becomes_the_documented_status(#[case] came: u16, #[case] documented: u16) {
    let answer = TokenAnswer {
        status: documented,
        ..ANSWER
    };
    let came = response(came, "text/plain", r#"{"access_token":"a"}"#);
    let typed = typed(came, &answer).await.expect("a token");
    assert_eq!(typed.status(), documented);
    assert_eq!(typed.headers()[CONTENT_TYPE], "text/plain");
    let object: Value = typed.json().await.expect("JSON");
    assert_eq!(object, json!({"access_token": "a", "token_type": "Bearer"}));
}

#[rstest]
#[case(
    "text/html; charset=utf-8",
    "<html>CANARY</html>",
    "the token endpoint answered with text/html, which is no token (status 203)"
)]
#[case(
    "Application/X-WWW-Form-Urlencoded",
    "access_token=CANARY",
    "the token endpoint answered with application/x-www-form-urlencoded, which is no token (status 203)"
)]
#[case(
    "text/CANARY",
    "CANARY",
    "the token endpoint answered with another media type, which is no token (status 203)"
)]
#[case(
    "text/html",
    " \r\n",
    "the answer of the token endpoint is empty (status 203)"
)]
#[case(
    "application/json",
    "\u{feff}",
    "the answer of the token endpoint is empty (status 203)"
)]
#[case(
    "application/json",
    r#"["CANARY"]"#,
    "the answer of the token endpoint is no JSON object (status 203)"
)]
#[case(
    "application/problem+json",
    r#""CANARY""#,
    "the answer of the token endpoint is no JSON object (status 203)"
)]
#[case(
    "application/json",
    r#"{"access_token":"CANARY""#,
    "the answer of the token endpoint is no JSON object (status 203)"
)]
#[case(
    "application/json",
    r#"{"CANARY":{"access_token":"CANARY"}}"#,
    "the answer of the token endpoint lacks `access_token` (status 203)"
)]
#[case(
    "application/json",
    r#"{"access_token":["CANARY"],"error":" "}"#,
    "the answer of the token endpoint holds no text as `access_token` (status 203)"
)]
#[tokio::test]
async fn an_answer_without_tokens_is_described(
    #[case] media_type: &str,
    #[case] body: &'static str,
    #[case] expected: &str,
) {
    let error = failure(response(203, media_type, body)).await;
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(error.to_string(), expected);
    assert!(!error.is_transient());
}

#[tokio::test]
async fn an_answer_without_a_media_type_is_judged_by_its_text() {
    let answer = http::Response::new(Body::from("CANARY"));
    let error = failure(answer.into()).await;
    let expected = "the answer of the token endpoint is no JSON object (status 200)";
    assert_eq!(error.to_string(), expected);
}

#[rstest]
#[case(
    r#"{"error":"invalid_grant","error_description":"CANARY","access_token":""}"#,
    ErrorKind::TokenDenied,
    Some("invalid_grant"),
    false
)]
#[case(
    r#"{"error":"CANARY-code"}"#,
    ErrorKind::TokenDenied,
    Some("CANARY-code"),
    false
)]
#[case(
    r#"{"error":{"code":"401","message":"m"}}"#,
    ErrorKind::TokenDenied,
    Some("401"),
    false
)]
#[case(
    r#"{"error":"server_error"}"#,
    ErrorKind::Status,
    Some("server_error"),
    true
)]
#[case(
    r#"{"error":"temporarily_unavailable"}"#,
    ErrorKind::Status,
    Some("temporarily_unavailable"),
    true
)]
#[case(
    r#"{"success":false,"errors":[{"code":"610","message":"m"}]}"#,
    ErrorKind::TokenDenied,
    Some("610"),
    false
)]
#[case(r#"{"error":{"message":"m"}}"#, ErrorKind::Status, None, false)]
#[case(r#"{"error":null}"#, ErrorKind::InvalidResponse, None, false)]
#[case(r#"{"error":{}}"#, ErrorKind::InvalidResponse, None, false)]
#[tokio::test]
async fn an_error_in_place_of_tokens_keeps_its_code(
    #[case] body: &'static str,
    #[case] kind: ErrorKind,
    #[case] code: Option<&str>,
    #[case] transient: bool,
) {
    let error = failure(response(200, "application/json", body)).await;
    assert_eq!((error.kind(), error.code()), (kind, code));
    assert_eq!(error.is_transient(), transient);
    assert_eq!(error.status().map(u16::from), Some(200));
}

/// If it did, the sent refresh token is at least not sent again for ever.
#[rstest]
#[case(r#"{"message":"maintenance"}"#, false)]
#[case(r#"{"error":503}"#, false)]
#[case("{}", false)]
#[case("[]", false)]
#[case("try again later", false)]
#[case(r#"{"refreshToken":"CANARY"}"#, true)]
#[case(r#"{"data":{"refresh_token":"CANARY"}}"#, true)]
#[case("refresh_token=CANARY", true)]
#[case(r#"{"access_token":""}"#, false)]
#[case(r#"{"access_token":7,"refresh_token":null}"#, true)]
#[tokio::test]
async fn an_answer_that_says_nothing_of_tokens_held_none(
    #[case] body: &'static str,
    #[case] may: bool,
) {
    let error = failure(response(200, "application/json", body)).await;
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(error.may_have_held_a_refresh_token(), may, "{error:?}");
}

#[rstest]
#[case(LIMITS.bytes, true)]
#[case(LIMITS.bytes + 1, false)]
#[tokio::test]
async fn a_token_answer_may_have_1_mebibyte(#[case] length: usize, #[case] whole: bool) {
    let token = r#"{"access_token":"CANARY"}"#;
    let body = format!("{token}{}", " ".repeat(length - token.len()));
    let answer = response(200, "application/json", body);
    if whole {
        read(answer, &ANSWER).await.expect("a token");
    } else {
        let error = failure(answer).await;
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        assert!(error.to_string().contains("longer than 1 MiB"), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_failure_of_the_connection() {
    let body = frames([Err(std::io::Error::other("cut"))]);
    let error = failure(response(200, "application/json", body)).await;
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.is_transient());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_drips_is_waited_for_up_to_a_time() {
    let token = r#"{"access_token":"CANARY"}"#;
    let slow = drip(token.to_owned() + &" ".repeat(90), Duration::from_secs(1));
    let began = Instant::now();
    let error = failure(response(200, "application/json", slow)).await;
    assert_eq!(began.elapsed(), LIMITS.time);
    assert!(error.is_timeout() && error.is_transient(), "{error:?}");
}

#[rstest]
#[case("gzip")]
#[case("X-GZIP, identity")]
#[tokio::test]
async fn a_compressed_answer_loses_no_refresh_token(#[case] name: &str) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(br#"{"access_token":"a","refresh_token":"r"}"#);
    written.expect("in memory");
    let answer = coded(name, encoder.finish().expect("in memory"));
    let (_, object) = read(answer, &ANSWER).await.expect("tokens");
    assert_eq!(object["refresh_token"], "r");
}

#[tokio::test]
async fn an_answer_that_cannot_be_decompressed_is_named() {
    let error = failure(coded("br", "CANARY")).await;
    let expected = (ErrorKind::InvalidResponse, Some(200));
    assert_eq!((error.kind(), error.status().map(u16::from)), expected);
    assert!(error.to_string().contains("compressed (br)"), "{error}");
}

#[tokio::test]
async fn an_answer_in_utf16_loses_no_refresh_token() {
    let text = "\u{feff}{\"access_token\":\"a\",\"refresh_token\":\"r\"}";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let answer = response(200, "application/json", bytes);
    let (_, object) = read(answer, &ANSWER).await.expect("tokens");
    assert_eq!(object["refresh_token"], "r");
}
