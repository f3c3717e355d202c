//! Answers to untyped requests.

use std::collections::HashMap;

use tegata::Reply;
use tegata::provider::ErrorExt as _;

use super::requests::stream;
use super::*;

type Numbers = HashMap<String, u8>;

async fn got(body: &'static str) -> tegata::Response {
    let server = server([answer(200, body)]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn json_is_asked_for_and_read() {
    let server = server([answer(202, r#"{"a":7}"#)]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let reply: Reply<Numbers> = request.send_json().await.expect("JSON");
    assert_eq!((reply["a"], reply.status().as_u16()), (7, 202));
    assert_eq!(server.seen()[0].headers["accept"], "application/json");
}

#[tokio::test]
async fn json_in_a_version_of_the_vendor_can_be_asked_for() {
    let server = server([answer(200, "{}")]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let request = request.header("accept", "application/vnd.v2+json");
    request.send_json::<Numbers>().await.expect("JSON");
    assert_eq!(
        server.seen()[0].headers["accept"],
        "application/vnd.v2+json"
    );
}

#[tokio::test]
async fn a_refused_credential_is_renewed_before_json_is_read() {
    let refused = r#"{"success":false,"errors":[{"code":"601"}]}"#;
    let server = server([answer(200, refused), answer(200, r#"{"a":7}"#)]).await;
    let transport = server.transport(Auth::custom(Two(KEY)));
    let request = transport.request(reqwest::Method::PUT, "/things");
    let reply = request
        .body_with(async || Ok(stream()))
        .send_json::<Numbers>()
        .await;
    assert_eq!(reply.expect("JSON")["a"], 7);
    let seen = server.seen();
    assert!(seen.iter().all(|seen| &seen.body[..] == b"body"));
}

#[rstest]
#[case(
    429,
    r#"{"error":"slow","error_description":"CANARY"}"#,
    Some("slow"),
    true
)]
#[case(404, "CANARY", None, false)]
#[case(304, "", None, false)]
#[case(
    200,
    r#"{"success":false,"errors":[{"code":"1003","message":"CANARY"}]}"#,
    Some("1003"),
    false
)]
#[tokio::test]
async fn an_unsuccessful_answer_is_an_error_with_its_code(
    #[case] status: u16,
    #[case] body: &'static str,
    #[case] code: Option<&str>,
    #[case] is_transient: bool,
) {
    let server = server([answer(status, body)]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let error = request.send_json::<Numbers>().await.expect_err("failed");
    assert_eq!(
        (error.kind(), error.status().map(u16::from)),
        (ErrorKind::Status, Some(status))
    );
    assert_eq!(
        (error.code(), error.is_transient()),
        (code, is_transient),
        "{error:?}"
    );
    secretless(&error);
}

#[rstest]
#[case(404, r#"{"requestId":"e42b#14272d07d78"}"#, Some("e42b#14272d07d78"))]
#[case(404, r#"{"request_id":"a-b_c.d:0"}"#, Some("a-b_c.d:0"))]
#[case(404, "gone", Some("in-the-header"))]
#[case(200, r#"{"requestId":"a#1","success":false,"errors":[]}"#, Some("a#1"))]
#[case(401, r#"{"requestId":"a#1"}"#, Some("a#1"))]
#[case(404, r#"{"requestId":"CANARY CANARY"}"#, Some("in-the-header"))]
#[case(404, r#"{"requestId":""}"#, Some("in-the-header"))]
#[case(200, r#"{"success":false,"errors":[]}"#, Some("in-the-header"))]
#[case(200, r#"{"request_id":"b","success":false,"errors":[]}"#, Some("b"))]
#[case(
    404,
    r#"{"requestId":"0123456789012345678901234567890123456789012345678901234567890123"}"#,
    Some("0123456789012345678901234567890123456789012345678901234567890123")
)]
#[case(
    404,
    r#"{"requestId":"01234567890123456789012345678901234567890123456789012345678901234"}"#,
    Some("in-the-header")
)]
#[tokio::test]
async fn an_error_has_the_id_of_its_request(
    #[case] status: u16,
    #[case] body: &'static str,
    #[case] expected: Option<&str>,
) {
    let mut answer = answer(status, body);
    let id = "in-the-header".parse().expect("a value");
    answer.headers_mut().insert("x-request-id", id);
    let server = server([answer]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let error = request.send_json::<Numbers>().await.expect_err("failed");
    assert_eq!(error.request_id(), expected);
    assert!(!format!("{error} {error:?}").contains("#1"), "{error:?}");
    // It is kept where an error that is shared gets something new.
    let shared = error.clone();
    assert_eq!(error.with_code(None).request_id(), shared.request_id());
}

#[tokio::test]
async fn an_answer_is_read_as_json_text_bytes_or_in_pieces() {
    let numbers: Numbers = got(r#"{"a":7}"#).await.json().await.expect("JSON");
    assert_eq!(numbers["a"], 7);
    assert_eq!(got("text").await.text().await.expect("whole"), "text");
    assert_eq!(got("bytes").await.bytes().await.expect("whole"), "bytes");
    let mut answer = got("pieces").await;
    assert_eq!(answer.version(), reqwest::Version::HTTP_11);
    let mut whole = Vec::new();
    while let Some(piece) = answer.chunk().await.expect("a piece") {
        whole.extend_from_slice(&piece);
    }
    assert_eq!(whole, b"pieces");
    assert_eq!(
        got("all").await.into_reqwest().text().await.expect("whole"),
        "all"
    );
}

/// A code beyond the part that is read ahead, or in another media type than JSON.
#[rstest]
#[case("application/json", "606", ErrorKind::Status)]
#[case("text/plain", "606", ErrorKind::Status)]
#[case("application/json", "601", ErrorKind::CredentialRejected)]
#[tokio::test]
async fn json_that_is_read_whole_is_judged_whole(
    #[case] kind: &str,
    #[case] code: &str,
    #[case] expected: ErrorKind,
) {
    let filler = "x".repeat(20_000);
    let body = format!(r#"{{"filler":"{filler}","success":false,"errors":[{{"code":"{code}"}}]}}"#);
    let mut answer = answer(200, "");
    *answer.body_mut() = body.into();
    answer
        .headers_mut()
        .insert("content-type", kind.parse().expect("a value"));
    let server = server([answer]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let error = request
        .send_json::<serde_json::Value>()
        .await
        .expect_err("failed");
    assert_eq!(
        (error.kind(), error.code()),
        (expected, Some(code)),
        "{error:?}"
    );
}

#[tokio::test]
async fn success_means_nothing_if_successful_answers_carry_no_codes() {
    static PLAIN: Provider = Provider {
        name: "plain",
        schemes: &[KEY],
        default_security: &[KEY],
        operations: &[],
        refusal: Refusal {
            statuses: &[401],
            body_codes: &[],
            transient_codes: &[],
            denied_codes: &[],
        },
    };
    let body = r#"{"success":false,"errors":[]}"#;
    let server = server([answer(200, body), answer(200, body)]).await;
    let http = HttpClient::new().expect("a client");
    let transport = Transport::new(http, server.base.clone(), fixed(KEY), &PLAIN);
    let get = || transport.request(reqwest::Method::GET, "/checks");
    let read = get().send_json::<serde_json::Value>().await;
    assert_eq!(read.expect("JSON")["success"], false);
    let answer = get().send().await.expect("an answer");
    answer.error_for_status().await.expect("a success");
}

#[tokio::test]
async fn an_empty_success_is_nothing() {
    let server = server([answer(204, ""), answer(200, ""), answer(200, "")]).await;
    let transport = server.transport(fixed(KEY));
    let delete = || transport.request(reqwest::Method::DELETE, "/things");
    delete().send_json::<()>().await.expect("nothing");
    let none = delete().send_json::<Option<u8>>().await.expect("nothing");
    assert_eq!(*none, None);
    let error = delete().send_json::<u8>().await.expect_err("no number");
    assert!(error.to_string().contains("an empty body"), "{error}");
}

#[tokio::test]
async fn a_requested_compressed_answer_is_read_or_left_as_sent() {
    let coded = || {
        let mut answer = answer(200, "");
        *answer.body_mut() =
            axum::body::Body::from(&b"\x78\x9c\x4b\x4a\x04\x00\x01\x27\x00\xc4"[..]);
        let coding = "deflate".parse().expect("a value");
        answer.headers_mut().insert("content-encoding", coding);
        answer
    };
    let server = server([coded(), coded()]).await;
    let transport = server.transport(fixed(KEY));
    let get = || transport.request(reqwest::Method::GET, "/things");
    let get = || get().header("accept-encoding", "deflate").send();
    let text = get().await.expect("an answer").text().await;
    assert_eq!(text.expect("text"), "ba");
    let bytes = get().await.expect("an answer").bytes().await;
    assert_eq!(bytes.expect("bytes").first(), Some(&0x78));
}

#[tokio::test]
async fn an_unrequested_compression_is_undone_after_a_renewal_too() {
    let mut coded = answer(200, "");
    *coded.body_mut() = axum::body::Body::from(&b"\x78\x9c\x4b\x4a\x04\x00\x01\x27\x00\xc4"[..]);
    let coding = "deflate".parse().expect("a value");
    coded.headers_mut().insert("content-encoding", coding);
    let server = server([answer(401, "{}"), coded]).await;
    let transport = server.transport(Auth::custom(Two(KEY)));
    let request = transport.request(reqwest::Method::GET, "/things");
    let answer = request.send().await.expect("an answer");
    assert!(!answer.headers().contains_key("content-encoding"));
    assert_eq!(answer.bytes().await.expect("whole"), "ba");
}

#[tokio::test]
async fn text_that_is_no_utf8_is_marked() {
    let mut answer = answer(200, "");
    *answer.body_mut() = axum::body::Body::from(&b"a\xffb"[..]);
    let server = server([answer]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.text().await.expect("whole"), "a\u{fffd}b");
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn a_requested_compressed_answer_is_decompressed() {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"text").expect("compressed");
    let mut answer = answer(200, "");
    *answer.body_mut() = gzip.finish().expect("compressed").into();
    answer
        .headers_mut()
        .insert("content-encoding", "gzip".parse().expect("a value"));
    let server = server([answer]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.text().await.expect("whole"), "text");
    assert_eq!(server.seen()[0].headers["accept-encoding"], "gzip");
}

#[tokio::test]
async fn an_answer_shows_neither_headers_nor_body() {
    let mut answer = answer(200, r#"{"a":"CANARY"}"#);
    answer
        .headers_mut()
        .insert("x-a", "CANARY".parse().expect("a value"));
    let server = server([answer]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.headers()["x-a"], "CANARY");
    assert!(!format!("{answer:?}").contains("CANARY"), "{answer:?}");
    assert!(format!("{answer:?}").contains("200"), "{answer:?}");
    let error = answer.json::<Numbers>().await.expect_err("no number");
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    secretless(&error);
}

#[rstest]
#[case(204, r#"{"error":"code"}"#, true)]
#[case(302, r#"{"error":"code"}"#, false)]
#[case(304, r#"{"error":"code"}"#, false)]
#[case(404, r#"{"error":"code"}"#, false)]
#[case(503, r#"{"error":"code"}"#, false)]
#[case(200, r#"{"success":false,"errors":[{"code":"code"}]}"#, false)]
#[case(200, r#"{"success":true,"errors":[{"code":"code"}]}"#, true)]
#[tokio::test]
async fn an_answer_can_be_asked_whether_the_call_failed(
    #[case] status: u16,
    #[case] body: &'static str,
    #[case] is_success: bool,
) {
    let server = server([answer(status, body)]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let answer = request.send().await.expect("an answer");
    match answer.error_for_status().await {
        Ok(answer) => assert!(is_success, "{answer:?}"),
        Err(error) => {
            assert!(!is_success);
            assert_eq!(error.status().map(u16::from), Some(status));
            // An answer without a body has no code.
            assert!(error.code() == Some("code") || status == 304, "{error:?}");
            assert_eq!(
                error.to_string().contains("redirect"),
                status == 302,
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_decompressed_is_named() {
    let mut answer = answer(200, "");
    *answer.body_mut() = axum::body::Body::from(&b"\x1f\x8bCANARY"[..]);
    for (name, value) in [("content-type", "text/plain"), ("content-encoding", "gzip")] {
        let value = value.parse().expect("a value");
        answer.headers_mut().insert(name, value);
    }
    let server = server([answer]).await;
    let transport = server.transport(fixed(KEY));
    let request = transport.request(reqwest::Method::GET, "/things");
    let answer = request.send().await.expect("an answer");
    let error = answer.bytes().await.expect_err("no gzip");
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
    secretless(&error);
}
