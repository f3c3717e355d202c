//! Fujitsu AISPF.

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
async fn v2_can_be_told_to_insist_on_the_grant_type() {
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

#[tokio::test]
async fn v1_issues_an_access_token_and_a_refresh_token() {
    let loopback = Loopback::start();
    let request = loopback
        .post(V1)
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .body(json!({ "clientId": ID, "clientSecret": SECRET, "more": [1] }).to_string());
    let answer = send(request).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["expiresIn"], 3600);
    assert!(!answer.member("refreshToken").is_empty());
    let token = answer.member("accessToken");
    call_with_token(&loopback, &token).await.assert_status(200);
}

#[rstest]
#[case::no_id(json!({ "clientSecret": SECRET }).to_string(), 400)]
#[case::no_secret(json!({ "clientId": ID }).to_string(), 400)]
#[case::an_empty_secret(json!({ "clientId": ID, "clientSecret": "" }).to_string(), 400)]
#[case::a_secret_that_is_no_text(json!({ "clientId": ID, "clientSecret": 1 }).to_string(), 400)]
#[case::an_id_twice(
    format!(r#"{{"clientId":"{ID}","clientId":"{ID}","clientSecret":"{SECRET}"}}"#),
    400,
)]
#[case::snake_case(json!({ "client_id": ID, "client_secret": SECRET }).to_string(), 400)]
#[case::no_object("[]".to_owned(), 400)]
#[case::nothing(String::new(), 400)]
#[case::a_wrong_secret(json!({ "clientId": ID, "clientSecret": "wrong" }).to_string(), 401)]
#[case::an_unknown_id(json!({ "clientId": "who", "clientSecret": SECRET }).to_string(), 401)]
#[tokio::test]
async fn v1_refuses_a_wrong_body(#[case] body: String, #[case] status: u16) {
    let loopback = Loopback::start();
    let request = loopback
        .post(V1)
        .header(CONTENT_TYPE, "application/json")
        .body(body);
    let answer = send(request).await;
    answer.assert_status(status);
    assert_eq!(answer.json()["error"]["code"], status.to_string());
}

#[rstest]
#[case::form(Some(FORM), "clientId=aispf-client&clientSecret=CANARY-aispf-secret")]
#[case::untyped(
    None,
    r#"{"clientId":"aispf-client","clientSecret":"CANARY-aispf-secret"}"#
)]
#[tokio::test]
async fn v1_wants_json(#[case] content_type: Option<&str>, #[case] body: &'static str) {
    let loopback = Loopback::start();
    let mut request = loopback.post(V1).body(body);
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    send(request).await.assert_status(400);
}

#[tokio::test]
async fn v1_takes_no_basic_in_place_of_the_body() {
    let loopback = Loopback::start();
    let request = loopback
        .post(V1)
        .basic_auth(ID, Some(SECRET))
        .header(CONTENT_TYPE, "application/json")
        .body("{}");
    send(request).await.assert_status(400);
}

#[tokio::test]
async fn v1_field_names_can_be_configured() {
    let loopback = Loopback::with(|config| {
        let fields = &mut config.fujitsu_aispf.v1_fields;
        "id".clone_into(&mut fields.client_id);
        "pass".clone_into(&mut fields.client_secret);
        "again".clone_into(&mut fields.refresh_token);
        "ttl".clone_into(&mut fields.expires_in);
    });
    let body = json!({ "id": ID, "pass": SECRET });
    let answer = v1(&loopback, Method::POST, &body).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["ttl"], 3600);
    let body = json!({ "again": answer.member("again") });
    v1(&loopback, Method::PATCH, &body).await.assert_status(200);
}

#[tokio::test]
async fn a_refresh_answers_a_new_access_token_and_keeps_the_refresh_token() {
    let loopback = Loopback::start();
    let (access_token, refresh_token) = v1_tokens(&loopback).await;
    for _ in 0..2 {
        let answer = refresh(&loopback, &refresh_token).await;
        answer.assert_status(200);
        assert_eq!(answer.json()["refreshToken"], Value::Null);
        let renewed = answer.member("accessToken");
        assert_ne!(renewed, access_token);
        call_with_token(&loopback, &renewed)
            .await
            .assert_status(200);
    }
    call_with_token(&loopback, &access_token)
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_rotated_refresh_token_is_refused() {
    let loopback = Loopback::with(|config| config.fujitsu_aispf.rotate = true);
    let (_, first) = v1_tokens(&loopback).await;
    let second = refresh(&loopback, &first).await.member("refreshToken");
    assert_ne!(first, second);
    refresh(&loopback, &first).await.assert_status(401);
    refresh(&loopback, &second).await.assert_status(200);
}

#[rstest]
#[case::nothing(json!({}), 400)]
#[case::an_empty_token(json!({ "refreshToken": "" }), 400)]
#[case::an_unknown_token(json!({ "refreshToken": "unknown" }), 401)]
#[case::id_and_secret(json!({ "clientId": ID, "clientSecret": SECRET }), 400)]
#[tokio::test]
async fn a_refresh_without_a_good_refresh_token_is_refused(
    #[case] body: Value,
    #[case] status: u16,
) {
    let loopback = Loopback::start();
    v1_tokens(&loopback).await;
    v1(&loopback, Method::PATCH, &body)
        .await
        .assert_status(status);
}

#[tokio::test]
async fn a_refresh_takes_the_token_instead_of_id_and_secret() {
    let loopback = Loopback::start();
    let (access_token, refresh_token) = v1_tokens(&loopback).await;
    for extra in ["clientId", "clientSecret"] {
        let body = json!({ "refreshToken": refresh_token, extra: "x" });
        let answer = v1(&loopback, Method::PATCH, &body).await;
        answer.assert_status(400);
        assert!(answer.header("x-emulator-own-choice").is_some());
    }
    refresh(&loopback, &access_token).await.assert_status(401);
    refresh(&loopback, &refresh_token).await.assert_status(200);
}

#[tokio::test]
async fn a_refresh_must_come_before_the_access_token_expires() {
    let loopback = Loopback::start();
    let (access_token, refresh_token) = v1_tokens(&loopback).await;
    loopback
        .emulator
        .advance(HOUR.saturating_sub(Duration::from_secs(1)));
    call_with_token(&loopback, &access_token)
        .await
        .assert_status(200);
    refresh(&loopback, &refresh_token).await.assert_status(200);

    loopback.emulator.advance(Duration::from_secs(1));
    call_with_token(&loopback, &access_token)
        .await
        .assert_status(401);
    refresh(&loopback, &refresh_token).await.assert_status(200);

    loopback.emulator.advance(HOUR);
    let answer = refresh(&loopback, &refresh_token).await;
    answer.assert_status(401);
    assert!(answer.header("x-emulator-own-choice").is_some());
}

#[tokio::test]
async fn a_refresh_token_lives_a_day_from_its_own_issue() {
    let loopback = Loopback::start();
    let (_, refresh_token) = v1_tokens(&loopback).await;
    // Half an hour a step, so that no access token expires before it is refreshed.
    for _ in 0..47 {
        loopback.emulator.advance(HOUR / 2);
        refresh(&loopback, &refresh_token).await.assert_status(200);
    }
    loopback.emulator.advance(HOUR / 2);
    let answer = refresh(&loopback, &refresh_token).await;
    answer.assert_status(401);
    assert!(answer.text.contains("expired"), "{}", answer.text);
}

#[tokio::test]
async fn expiring_ends_refreshing_too_and_forgetting_does_not() {
    let loopback = Loopback::start();
    let (access_token, refresh_token) = v1_tokens(&loopback).await;
    assert_eq!(loopback.emulator.forget(Provider::FujitsuAispf), 1);
    call_with_token(&loopback, &access_token)
        .await
        .assert_status(401);
    refresh(&loopback, &refresh_token).await.assert_status(200);
    loopback.emulator.expire(Provider::FujitsuAispf);
    refresh(&loopback, &refresh_token).await.assert_status(401);

    let (_, refresh_token) = v1_tokens(&loopback).await;
    loopback.emulator.forget_refresh_tokens(None);
    refresh(&loopback, &refresh_token).await.assert_status(401);
}

#[rstest]
#[case::primary("CANARY-aispf-primary-key")]
#[case::secondary("CANARY-aispf-secondary-key")]
#[case::with_the_blank_of_the_english_page("CANARY-aispf-primary-key ")]
#[tokio::test]
async fn each_api_key_opens_the_services(#[case] key: &str) {
    let loopback = Loopback::start();
    call(&loopback, &[("X-Api-Key", key)])
        .await
        .assert_status(200);
}

#[rstest]
#[case::neither(&[], 400)]
#[case::a_wrong_key(&[("X-Api-Key", "wrong")], 401)]
#[case::a_quoted_key(&[("X-Api-Key", "\"CANARY-aispf-primary-key\"")], 401)]
#[case::the_key_under_jootos_name(&[("X-Jooto-Api-Key", KEY)], 400)]
#[case::the_key_as_a_token(&[("X-Access-Token", KEY)], 401)]
#[case::the_key_as_bearer(&[("Authorization", "Bearer CANARY-aispf-primary-key")], 400)]
#[case::the_key_twice(&[("X-Api-Key", KEY), ("X-Api-Key", KEY)], 400)]
#[tokio::test]
async fn a_call_without_exactly_one_good_credential_is_refused(
    #[case] headers: &[(&str, &str)],
    #[case] status: u16,
) {
    let loopback = Loopback::start();
    let answer = call(&loopback, headers).await;
    answer.assert_status(status);
    assert_eq!(answer.json()["error"]["code"], status.to_string());
}

#[tokio::test]
async fn a_token_is_taken_from_its_own_header_only() {
    let loopback = Loopback::start();
    let token = v2_token(&loopback).await;
    let bearer = format!("Bearer {token}");
    call(&loopback, &[("Authorization", &bearer)])
        .await
        .assert_status(400);
    call_with_token(&loopback, &bearer).await.assert_status(401);
    call(&loopback, &[("X-Access-Token", &token), ("X-Api-Key", KEY)])
        .await
        .assert_status(400);
    call_with_token(&loopback, &token).await.assert_status(200);
}

#[tokio::test]
async fn an_expired_token_is_refused_and_a_new_one_is_not() {
    let loopback = Loopback::start();
    let token = v2_token(&loopback).await;
    loopback.emulator.advance(HOUR);
    call_with_token(&loopback, &token).await.assert_status(401);
    let renewed = v2_token(&loopback).await;
    assert_ne!(token, renewed);
    call_with_token(&loopback, &renewed)
        .await
        .assert_status(200);
}

#[rstest]
#[case(Method::POST)]
#[case(Method::PUT)]
#[case(Method::PATCH)]
#[case(Method::DELETE)]
#[tokio::test]
async fn any_method_of_a_service_answers(#[case] method: Method) {
    let loopback = Loopback::start();
    let request = loopback
        .request(
            method.clone(),
            "/fujitsu-aispf/da/v4/async/qubo/solve?x=%zz",
        )
        .header("X-Api-Key", KEY)
        .body("{}");
    let answer = send(request).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["method"], method.as_str());
    assert_eq!(answer.json()["body_bytes"], 2);
}

#[tokio::test]
async fn an_unknown_path_is_not_found_with_a_number_for_a_code() {
    let loopback = Loopback::start();
    let answer = send(loopback.get("/fujitsu-aispf/v3/tokens")).await;
    answer.assert_status(404);
    assert_eq!(answer.json()["error"]["code"], 404);
}

#[tokio::test]
async fn a_revoked_key_is_refused_while_the_other_goes_on() {
    let loopback = Loopback::start();
    let aispf = Provider::FujitsuAispf;
    assert_eq!(loopback.emulator.revoke_key(aispf, KEY), Ok(true));
    assert_eq!(loopback.emulator.revoke_key(aispf, KEY), Ok(false));
    call(&loopback, &[("X-Api-Key", KEY)])
        .await
        .assert_status(401);
    let other = "CANARY-aispf-secondary-key";
    call(&loopback, &[("X-Api-Key", other)])
        .await
        .assert_status(200);
    assert_eq!(loopback.emulator.add_key(aispf, "new"), Ok(()));
    call(&loopback, &[("X-Api-Key", "new")])
        .await
        .assert_status(200);
}
