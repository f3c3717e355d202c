//! Fujitsu AISPF.

mod services;
mod v1;

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use rstest::rstest;
use serde_json::{Value, json};
use tegata_emulator::Provider;

use crate::support::{Answer, FORM, Loopback, send};

const V2: &str = "/fujitsu-aispf/v2/tokens";
const V1: &str = "/fujitsu-aispf/v1/tokens";
const CALL: &str = "/fujitsu-aispf/da/v1/healthcheck";
const ID: &str = "aispf-client";
const SECRET: &str = "CANARY-aispf-secret";
const KEY: &str = "CANARY-aispf-primary-key";
const HOUR: Duration = Duration::from_secs(3600);

async fn v2_token(loopback: &Loopback) -> String {
    let request = loopback.post(V2).basic_auth(ID, Some(SECRET));
    send(request).await.member("access_token")
}

async fn v1(loopback: &Loopback, method: Method, body: &Value) -> Answer {
    let request = loopback
        .request(method, V1)
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_string());
    send(request).await
}

async fn v1_tokens(loopback: &Loopback) -> (String, String) {
    let body = json!({ "clientId": ID, "clientSecret": SECRET });
    let answer = v1(loopback, Method::POST, &body).await;
    (answer.member("accessToken"), answer.member("refreshToken"))
}

async fn refresh(loopback: &Loopback, refresh_token: &str) -> Answer {
    let body = json!({ "refreshToken": refresh_token });
    v1(loopback, Method::PATCH, &body).await
}

async fn call(loopback: &Loopback, headers: &[(&str, &str)]) -> Answer {
    let mut request = loopback.get(CALL);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request).await
}

async fn call_with_token(loopback: &Loopback, token: &str) -> Answer {
    call(loopback, &[("X-Access-Token", token)]).await
}

#[rstest]
#[case::as_the_documented_page_sends_it(None, "")]
#[case::as_oauth_libraries_send_it(Some(FORM), "grant_type=client_credentials")]
#[case::with_a_charset(
    Some("application/x-www-form-urlencoded;charset=UTF-8"),
    "grant_type=client_credentials"
)]
#[case::with_a_scope(Some(FORM), "grant_type=client_credentials&scope=a+b")]
#[case::with_the_id_repeated(Some(FORM), "grant_type=client_credentials&client_id=aispf-client")]
#[case::with_an_empty_form(Some(FORM), "")]
#[tokio::test]
async fn v2_issues_a_token(#[case] content_type: Option<&str>, #[case] body: &'static str) {
    let loopback = Loopback::start();
    let mut request = loopback.post(V2).basic_auth(ID, Some(SECRET)).body(body);
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    let answer = send(request).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["token_type"], "Bearer");
    assert_eq!(answer.json()["expires_in"], 3600);
    assert_eq!(answer.json()["refresh_token"], Value::Null);
    assert_eq!(answer.header("cache-control"), Some("no-store"));

    let token = answer.member("access_token");
    call_with_token(&loopback, &token).await.assert_status(200);
}

#[rstest]
#[case::grant_type_missing(Some(FORM), "scope=a", "invalid_request")]
#[case::grant_type_empty(Some(FORM), "grant_type=", "invalid_request")]
#[case::grant_type_twice(
    Some(FORM),
    "grant_type=client_credentials&grant_type=client_credentials",
    "invalid_request"
)]
#[case::grant_type_other(Some(FORM), "grant_type=password", "unsupported_grant_type")]
#[case::grant_type_in_other_case(
    Some(FORM),
    "grant_type=Client_Credentials",
    "unsupported_grant_type"
)]
#[case::another_parameter_twice(
    Some(FORM),
    "grant_type=client_credentials&scope=a&scope=b",
    "invalid_request"
)]
#[case::no_content_type(None, "grant_type=client_credentials", "invalid_request")]
#[case::json(
    Some("application/json"),
    r#"{"grant_type":"client_credentials"}"#,
    "invalid_request"
)]
#[case::an_empty_body_called_json(Some("application/json"), "", "invalid_request")]
#[case::text(Some("text/plain"), "grant_type=client_credentials", "invalid_request")]
#[case::a_broken_escape(
    Some(FORM),
    "grant_type=client_credentials&scope=%4",
    "invalid_request"
)]
#[case::the_secret_twice(
    Some(FORM),
    "grant_type=client_credentials&client_secret=CANARY-aispf-secret",
    "invalid_request"
)]
#[tokio::test]
async fn v2_refuses_a_wrong_body(
    #[case] content_type: Option<&str>,
    #[case] body: &'static str,
    #[case] error: &str,
) {
    let loopback = Loopback::start();
    let mut request = loopback.post(V2).basic_auth(ID, Some(SECRET)).body(body);
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    send(request).await.assert_oauth_error(400, error);
}

#[tokio::test]
async fn v2_can_be_set_to_require_the_grant_type() {
    let loopback = Loopback::with(|config| config.fujitsu_aispf.require_grant_type = true);
    let request = loopback.post(V2).basic_auth(ID, Some(SECRET));
    send(request)
        .await
        .assert_oauth_error(400, "invalid_request");
}

#[rstest]
#[case::none(None)]
#[case::a_wrong_secret(Some("Basic YWlzcGYtY2xpZW50Ondyb25n"))]
#[case::an_unknown_id(Some("Basic YTpi"))]
#[case::no_colon(Some("Basic YWlzcGYtY2xpZW50"))]
#[case::no_base64(Some("Basic ***"))]
#[case::the_wrong_scheme(Some("Bearer YWlzcGYtY2xpZW50OkNBTkFSWS1haXNwZi1zZWNyZXQ="))]
#[case::no_scheme(Some("YWlzcGYtY2xpZW50OkNBTkFSWS1haXNwZi1zZWNyZXQ="))]
#[tokio::test]
async fn v2_refuses_a_client_it_does_not_know(#[case] authorization: Option<&str>) {
    let loopback = Loopback::start();
    let mut request = loopback.post(V2);
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    let answer = send(request).await;
    answer.assert_oauth_error(401, "invalid_client");
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    assert!(challenge.starts_with("Basic "), "{challenge:?}");
    assert_eq!(
        loopback
            .emulator
            .counts(Provider::FujitsuAispf)
            .tokens_issued,
        0
    );
}

#[rstest]
#[case::in_the_body(
    "",
    "grant_type=client_credentials&client_id=aispf-client&client_secret=CANARY-aispf-secret",
    400
)]
#[case::in_the_url("?client_id=aispf-client&client_secret=CANARY-aispf-secret", "", 400)]
#[tokio::test]
async fn v2_takes_credentials_by_basic_only(
    #[case] query: &str,
    #[case] body: &'static str,
    #[case] status: u16,
) {
    let loopback = Loopback::start();
    let request = loopback
        .post(&format!("{V2}{query}"))
        .header(CONTENT_TYPE, FORM)
        .body(body);
    send(request)
        .await
        .assert_oauth_error(status, "invalid_request");
}

#[tokio::test]
async fn v2_refuses_two_authorization_headers() {
    let loopback = Loopback::start();
    let request = loopback
        .post(V2)
        .basic_auth(ID, Some(SECRET))
        .basic_auth(ID, Some(SECRET));
    send(request)
        .await
        .assert_oauth_error(400, "invalid_request");
}

#[rstest]
#[case(V2, Method::GET, "POST")]
#[case(V2, Method::PATCH, "POST")]
#[case(V1, Method::GET, "PATCH, POST")]
#[tokio::test]
async fn a_wrong_method_is_refused(
    #[case] path: &str,
    #[case] method: Method,
    #[case] allowed: &str,
) {
    let loopback = Loopback::start();
    let answer = send(loopback.request(method, path)).await;
    answer.assert_status(405);
    assert_eq!(answer.header("allow"), Some(allowed));
}
