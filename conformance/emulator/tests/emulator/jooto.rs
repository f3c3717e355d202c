//! Jooto.

mod calls;
mod refresh;

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use rstest::rstest;
use serde_json::{Value, json};
use tegata_emulator::{JootoClient, Provider};

use crate::support::{Answer, FORM, Fields, Loopback, send};

const LOGIN: &str = "/jooto/oauth2/login";
const TOKEN: &str = "/jooto/oauth2/token";
const CALL: &str = "/jooto/organizations";
const CALLBACK: &str = "https://app.example.com/callback";
const KEY: &str = "hogehoge";

fn login_query() -> Fields {
    Fields::of(&[
        ("client_id", "jooto-client"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("state", "a random+string"),
        ("organization_id", "1"),
    ])
}

fn code_form(code: &str) -> Fields {
    Fields::of(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", "jooto-client"),
        ("client_secret", "CANARY-jooto-secret"),
        ("redirect_uri", CALLBACK),
    ])
}

fn refresh_form(refresh_token: &str) -> Fields {
    Fields::of(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
        ("client_id", "jooto-client"),
        ("client_secret", "CANARY-jooto-secret"),
    ])
}

async fn login(loopback: &Loopback, query: &Fields) -> Answer {
    send(loopback.get(&format!("{LOGIN}?{}", query.encoded()))).await
}

/// The members of the redirect's query.
fn redirected(answer: &Answer) -> Vec<(String, String)> {
    answer.assert_status(302);
    let location = answer.headers[LOCATION].to_str().unwrap();
    let (to, query) = location.split_once('?').unwrap();
    assert_eq!(to, CALLBACK, "{location}");
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

fn member<'a>(members: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = members.iter().find(|(candidate, _)| candidate == name);
    found.map(|(_, value)| value.as_str())
}

async fn code(loopback: &Loopback) -> String {
    let members = redirected(&login(loopback, &login_query()).await);
    member(&members, "code").unwrap().to_owned()
}

/// An access token and a refresh token.
async fn tokens(loopback: &Loopback) -> (String, String) {
    let form = code_form(&code(loopback).await);
    let answer = loopback.post_form(TOKEN, &form).await;
    (
        answer.member("access_token"),
        answer.member("refresh_token"),
    )
}

async fn call(loopback: &Loopback, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = loopback.get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request).await
}

async fn call_with_token(loopback: &Loopback, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    call(loopback, CALL, &[("Authorization", &bearer)]).await
}

fn second_client() -> JootoClient {
    let mut client = JootoClient::new("other", "CANARY-other", CALLBACK);
    client.redirect_uris.push(format!("{CALLBACK}?from=jooto"));
    client.organization_ids = vec![2, 3];
    client
}

#[tokio::test]
async fn the_login_page_redirects_at_once_with_a_code_and_the_state() {
    let loopback = Loopback::start();
    let members = redirected(&login(&loopback, &login_query()).await);
    assert_eq!(member(&members, "state"), Some("a random+string"));
    assert!(member(&members, "code").is_some(), "{members:?}");
    assert_eq!(members.len(), 2, "{members:?}");
}

#[tokio::test]
async fn the_login_page_ignores_what_libraries_add() {
    let loopback = Loopback::start();
    let query = login_query()
        .set("scope", "a b")
        .set("access_type", "offline")
        .set("code_challenge", "x");
    let members = redirected(&login(&loopback, &query).await);
    assert!(member(&members, "code").is_some(), "{members:?}");
}

#[rstest]
#[case::no_client_id(login_query().without("client_id"))]
#[case::client_id_twice(login_query().twice("client_id"))]
#[case::an_unknown_client_id(login_query().set("client_id", "who"))]
#[case::no_redirect_uri(login_query().without("redirect_uri"))]
#[case::redirect_uri_twice(login_query().twice("redirect_uri"))]
#[case::a_foreign_redirect_uri(login_query().set("redirect_uri", "https://evil.example/callback"))]
#[case::a_longer_redirect_uri(login_query().set("redirect_uri", "https://app.example.com/callback/"))]
#[tokio::test]
async fn a_wrong_client_or_redirect_uri_is_not_redirected(#[case] query: Fields) {
    let loopback = Loopback::start();
    let answer = login(&loopback, &query).await;
    answer.assert_status(400);
    assert_eq!(answer.header("location"), None);
    assert!(answer.json()["errors"][0]["message"].is_string());
}

#[rstest]
#[case::no_response_type(login_query().without("response_type"), "invalid_request")]
#[case::response_type_twice(login_query().twice("response_type"), "invalid_request")]
#[case::response_type_token(login_query().set("response_type", "token"), "unsupported_response_type")]
#[case::no_organization(login_query().without("organization_id"), "invalid_request")]
#[case::organization_twice(login_query().twice("organization_id"), "invalid_request")]
#[case::organization_no_number(login_query().set("organization_id", "one"), "invalid_request")]
#[case::organization_signed(login_query().set("organization_id", "+1"), "invalid_request")]
#[case::organization_foreign(login_query().set("organization_id", "2"), "access_denied")]
#[case::another_parameter_twice(login_query().set("scope", "a").twice("scope"), "invalid_request")]
#[tokio::test]
async fn another_wrong_parameter_is_reported_by_redirect(
    #[case] query: Fields,
    #[case] error: &str,
) {
    let loopback = Loopback::start();
    let members = redirected(&login(&loopback, &query).await);
    assert_eq!(member(&members, "error"), Some(error), "{members:?}");
    assert_eq!(member(&members, "state"), Some("a random+string"));
    assert_eq!(member(&members, "code"), None);
}

#[rstest]
#[case::missing(login_query().without("state"))]
#[case::empty(login_query().set("state", ""))]
#[case::twice(login_query().twice("state"))]
#[tokio::test]
async fn a_wrong_state_is_reported_without_one(#[case] query: Fields) {
    let loopback = Loopback::start();
    let members = redirected(&login(&loopback, &query).await);
    assert_eq!(member(&members, "error"), Some("invalid_request"));
    assert_eq!(member(&members, "state"), None, "{members:?}");
}

#[tokio::test]
async fn a_query_of_the_redirect_uri_is_kept() {
    let loopback = Loopback::with(|config| config.jooto.clients.push(second_client()));
    let query = login_query()
        .set("client_id", "other")
        .set("organization_id", "2")
        .set("redirect_uri", &format!("{CALLBACK}?from=jooto"));
    let answer = login(&loopback, &query).await;
    answer.assert_status(302);
    let location = answer.header("location").unwrap_or_default();
    let start = format!("{CALLBACK}?from=jooto&code=");
    assert!(location.starts_with(&start), "{location}");
}

#[tokio::test]
async fn a_query_that_is_no_form_encoding_is_shown() {
    let loopback = Loopback::start();
    let answer = send(loopback.get(&format!("{LOGIN}?client_id=%zz"))).await;
    answer.assert_status(400);
}

#[tokio::test]
async fn a_code_is_exchanged_for_tokens() {
    let loopback = Loopback::start();
    let form = code_form(&code(&loopback).await);
    let answer = loopback.post_form(TOKEN, &form).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["token_type"], "Bearer");
    assert_eq!(answer.json()["expires_in"], 3600);
    assert!(!answer.member("refresh_token").is_empty());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let token = answer.member("access_token");
    call_with_token(&loopback, &token).await.assert_status(200);
}

#[rstest]
#[case("grant_type")]
#[case("code")]
#[case("client_id")]
#[case("client_secret")]
#[case("redirect_uri")]
#[tokio::test]
async fn an_exchange_wants_each_parameter_once(#[case] name: &str) {
    let loopback = Loopback::start();
    let form = code_form(&code(&loopback).await);
    for spoilt in [
        form.clone().without(name),
        form.clone().set(name, ""),
        form.clone().twice(name),
    ] {
        loopback
            .post_form(TOKEN, &spoilt)
            .await
            .assert_oauth_error(400, "invalid_request");
    }
    loopback.post_form(TOKEN, &form).await.assert_status(200);
}

#[rstest]
#[case("grant_type", "client_credentials", 400, "unsupported_grant_type")]
#[case("code", "unknown", 400, "invalid_grant")]
#[case("client_id", "who", 401, "invalid_client")]
#[case("client_secret", "wrong", 401, "invalid_client")]
#[case("redirect_uri", "http://127.0.0.1:8400/callback", 400, "invalid_grant")]
#[tokio::test]
async fn an_exchange_refuses_a_wrong_value_and_does_not_burn_the_code(
    #[case] name: &str,
    #[case] value: &str,
    #[case] status: u16,
    #[case] error: &str,
) {
    let loopback = Loopback::start();
    let form = code_form(&code(&loopback).await);
    loopback
        .post_form(TOKEN, &form.clone().set(name, value))
        .await
        .assert_oauth_error(status, error);
    loopback.post_form(TOKEN, &form).await.assert_status(200);
}

#[tokio::test]
async fn a_used_code_is_refused() {
    let loopback = Loopback::start();
    let form = code_form(&code(&loopback).await);
    loopback.post_form(TOKEN, &form).await.assert_status(200);
    let answer = loopback.post_form(TOKEN, &form).await;
    answer.assert_oauth_error(400, "invalid_grant");
    assert!(answer.text.contains("used"), "{}", answer.text);
}

#[rstest]
#[case(599, 200)]
#[case(600, 400)]
#[tokio::test]
async fn a_code_lives_ten_minutes(#[case] seconds: u64, #[case] status: u16) {
    let loopback = Loopback::start();
    let form = code_form(&code(&loopback).await);
    loopback.emulator.advance(Duration::from_secs(seconds));
    loopback.post_form(TOKEN, &form).await.assert_status(status);
}

#[tokio::test]
async fn a_code_and_a_refresh_token_belong_to_their_client() {
    let loopback = Loopback::with(|config| config.jooto.clients.push(second_client()));
    let as_other = |form: Fields| {
        form.set("client_id", "other")
            .set("client_secret", "CANARY-other")
    };
    let code = code(&loopback).await;
    let answer = loopback.post_form(TOKEN, &as_other(code_form(&code))).await;
    answer.assert_oauth_error(400, "invalid_grant");

    let answer = loopback.post_form(TOKEN, &code_form(&code)).await;
    let form = refresh_form(&answer.member("refresh_token"));
    let answer = loopback.post_form(TOKEN, &as_other(form)).await;
    answer.assert_oauth_error(400, "invalid_grant");
}

#[tokio::test]
async fn basic_is_a_failed_client_check_that_leaves_the_code_good() {
    let loopback = Loopback::start();
    let form = code_form(&code(&loopback).await);
    let without_client = form.clone().without("client_id").without("client_secret");
    for fields in [&without_client, &form] {
        let request = loopback
            .post(TOKEN)
            .basic_auth("jooto-client", Some("CANARY-jooto-secret"))
            .header(CONTENT_TYPE, FORM)
            .body(fields.encoded());
        let answer = send(request).await;
        answer.assert_oauth_error(401, "invalid_client");
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        assert!(challenge.starts_with("Basic "), "{challenge:?}");
    }
    loopback.post_form(TOKEN, &form).await.assert_status(200);
}

#[rstest]
#[case::json(Some("application/json"))]
#[case::text(Some("text/plain"))]
#[case::none(None)]
#[tokio::test]
async fn a_token_request_wants_a_form(#[case] content_type: Option<&str>) {
    let loopback = Loopback::start();
    let form = code_form(&code(&loopback).await);
    let mut request = loopback.post(TOKEN).body(form.encoded());
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    send(request)
        .await
        .assert_oauth_error(400, "invalid_request");
}

#[tokio::test]
async fn a_charset_beside_the_form_type_is_fine() {
    let loopback = Loopback::start();
    let form = code_form(&code(&loopback).await);
    let request = loopback
        .post(TOKEN)
        .header(
            CONTENT_TYPE,
            "application/x-www-form-urlencoded;charset=UTF-8",
        )
        .body(form.encoded());
    send(request).await.assert_status(200);
}

#[tokio::test]
async fn parameters_in_the_url_are_refused() {
    let loopback = Loopback::start();
    let form = code_form(&code(&loopback).await);
    let in_url = format!("{TOKEN}?{}", form.encoded());
    for request in [
        loopback.post(&in_url),
        loopback
            .post(&format!("{TOKEN}?client_secret=CANARY-jooto-secret"))
            .header(CONTENT_TYPE, FORM)
            .body(form.encoded()),
    ] {
        send(request)
            .await
            .assert_oauth_error(400, "invalid_request");
    }
}

#[rstest]
#[case(LOGIN, Method::POST, "GET")]
#[case(TOKEN, Method::GET, "POST")]
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
