//! Answers in generated methods.

use super::*;
use progenitor_client::{ByteStream, ResponseValue};
use tegata::provider::generated::{execute, finish};

#[derive(Debug, serde::Deserialize)]
struct Thing {
    name: String,
}

/// The code of a generated method whose operation declares only 200.
async fn call(transport: &Transport, id: &str) -> Result<tegata::Reply<Thing>, Error> {
    let request = transport
        .http_client()
        .get(format!("{}/closed", transport.base_url()));
    let request = request
        .header("api-version", "1.0.0")
        .build()
        .expect("a request");
    let response = execute(transport, request, &PROVIDER, id)
        .await
        .expect("never an error");
    finish::<Thing, ByteStream>(match response.status().as_u16() {
        200 => ResponseValue::from_response(response).await,
        400..=599 => Err(progenitor_client::Error::ErrorResponse(
            ResponseValue::stream(response),
        )),
        _ => Err(progenitor_client::Error::UnexpectedResponse(response)),
    })
}

#[tokio::test]
async fn the_credential_is_attached_and_the_version_header_taken_off() {
    let server = server([answer(200, r#"{"name":"n"}"#)]).await;
    let reply = call(&server.transport(fixed(TOKEN)), "closed")
        .await
        .expect("typed");
    assert_eq!((reply.name.as_str(), reply.status().as_u16()), ("n", 200));
    let headers = &server.seen()[0].headers;
    assert_eq!(headers["authorization"], "Bearer CANARY");
    assert!(!headers.contains_key("api-version"));
}

/// Generated code sends `Accept` where it reads JSON.
#[tokio::test]
async fn other_media_types_are_passed_on_if_no_json_was_requested() {
    for (accept, is_handed_on) in [(None, true), (Some("application/json"), false)] {
        let mut answer = answer(200, "id,name");
        let csv = "text/csv".parse().expect("a value");
        answer.headers_mut().insert("content-type", csv);
        let server = server([answer]).await;
        let transport = server.transport(fixed(TOKEN));
        let mut request = transport
            .http_client()
            .get(format!("{}/closed", server.base));
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        let request = request.build().expect("a request");
        let answer = execute(&transport, request, &PROVIDER, "closed").await;
        let text = answer.expect("never an error").text().await.expect("whole");
        assert_eq!(text == "id,name", is_handed_on, "{text}");
    }
}

#[tokio::test]
async fn an_open_operation_carries_no_credential() {
    let server = server([answer(200, r#"{"name":"n"}"#)]).await;
    call(&server.transport(fixed(TOKEN)), "open")
        .await
        .expect("typed");
    assert!(!server.seen()[0].headers.contains_key("authorization"));
}

#[rstest]
#[case("closed", KEY)]
#[case("unknown", TOKEN)]
#[tokio::test]
async fn a_wrong_credential_kind_or_unknown_operation_sends_nothing(
    #[case] id: &str,
    #[case] scheme: Scheme,
) {
    let server = server([]).await;
    let error = call(&server.transport(fixed(scheme)), id)
        .await
        .expect_err("not sent");
    assert!(error.is_configuration(), "{error:?}");
}

#[rstest]
#[case(answer(503, "<html>"), ErrorKind::Status, Some(503), true)]
#[case(
    answer(404, r#"{"errors":[{"message":"CANARY"}]}"#),
    ErrorKind::Status,
    Some(404),
    false
)]
#[case(answer(302, ""), ErrorKind::Status, Some(302), false)]
#[case(answer(401, "{}"), ErrorKind::CredentialRejected, Some(401), false)]
#[case(answer(204, ""), ErrorKind::InvalidResponse, Some(204), false)]
#[case(
    answer(200, r#"{"name":["CANARY"]}"#),
    ErrorKind::InvalidResponse,
    None,
    false
)]
#[case(answer(200, "CANARY"), ErrorKind::InvalidResponse, None, false)]
#[case(
    answer(
        200,
        r#"{"success":false,"errors":[{"code":"606","message":"CANARY"}]}"#
    ),
    ErrorKind::Status,
    Some(200),
    true
)]
#[case(
    answer(200, r#"{"success":false,"errors":[{"code":"CANARY"}]}"#),
    ErrorKind::Status,
    Some(200),
    false
)]
#[tokio::test]
async fn every_failure_is_our_error_and_shows_nothing_of_the_answer(
    #[case] answer: Response<Body>,
    #[case] kind: ErrorKind,
    #[case] status: Option<u16>,
    #[case] transient: bool,
) {
    let server = server([answer]).await;
    let error = call(&server.transport(fixed(TOKEN)), "closed")
        .await
        .expect_err("a failure");
    let seen = (
        error.kind(),
        error.status().map(u16::from),
        error.is_transient(),
    );
    assert_eq!(seen, (kind, status, transient), "{error:?}");
    secretless(&error);
}
