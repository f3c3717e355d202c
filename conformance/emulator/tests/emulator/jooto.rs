//! Jooto.

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
async fn another_wrong_parameter_is_told_by_redirect(#[case] query: Fields, #[case] error: &str) {
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
async fn a_wrong_state_is_told_without_one(#[case] query: Fields) {
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

#[tokio::test]
async fn a_refresh_answers_a_new_pair_and_ends_the_old_refresh_token() {
    let loopback = Loopback::start();
    let (access_token, first) = tokens(&loopback).await;
    let answer = loopback.post_form(TOKEN, &refresh_form(&first)).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["token_type"], "Bearer");
    assert_eq!(answer.json()["expires_in"], 3600);
    let (renewed, second) = (
        answer.member("access_token"),
        answer.member("refresh_token"),
    );
    assert_ne!(first, second);
    assert_ne!(access_token, renewed);
    call_with_token(&loopback, &renewed)
        .await
        .assert_status(200);

    let answer = loopback.post_form(TOKEN, &refresh_form(&first)).await;
    answer.assert_oauth_error(400, "invalid_grant");
    let answer = loopback.post_form(TOKEN, &refresh_form(&second)).await;
    answer.assert_status(200);
}

#[tokio::test]
async fn without_rotation_the_same_refresh_token_comes_back() {
    let loopback = Loopback::with(|config| config.jooto.rotate = false);
    let (_, first) = tokens(&loopback).await;
    for _ in 0..2 {
        let answer = loopback.post_form(TOKEN, &refresh_form(&first)).await;
        assert_eq!(answer.member("refresh_token"), first);
    }
}

#[rstest]
#[case("grant_type")]
#[case("refresh_token")]
#[case("client_id")]
#[case("client_secret")]
#[tokio::test]
async fn a_refresh_wants_each_parameter_once(#[case] name: &str) {
    let loopback = Loopback::start();
    let (_, refresh_token) = tokens(&loopback).await;
    let form = refresh_form(&refresh_token);
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
#[case("grant_type", "refresh", 400, "unsupported_grant_type")]
#[case("refresh_token", "unknown", 400, "invalid_grant")]
#[case("client_id", "who", 401, "invalid_client")]
#[case("client_secret", "wrong", 401, "invalid_client")]
#[tokio::test]
async fn a_refresh_refuses_a_wrong_value(
    #[case] name: &str,
    #[case] value: &str,
    #[case] status: u16,
    #[case] error: &str,
) {
    let loopback = Loopback::start();
    let (_, refresh_token) = tokens(&loopback).await;
    let form = refresh_form(&refresh_token).set(name, value);
    loopback
        .post_form(TOKEN, &form)
        .await
        .assert_oauth_error(status, error);
}

#[tokio::test]
async fn forgotten_refresh_tokens_are_refused() {
    let loopback = Loopback::start();
    let (_, refresh_token) = tokens(&loopback).await;
    loopback.emulator.forget(Provider::Jooto);
    let answer = loopback
        .post_form(TOKEN, &refresh_form(&refresh_token))
        .await;
    answer.assert_status(200);
    let refresh_token = answer.member("refresh_token");
    loopback.emulator.forget_refresh_tokens(Provider::Jooto);
    let answer = loopback
        .post_form(TOKEN, &refresh_form(&refresh_token))
        .await;
    answer.assert_oauth_error(400, "invalid_grant");
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

#[tokio::test]
async fn organizations_are_answered_to_key_and_token_within_reach() {
    let loopback = Loopback::with(|config| config.jooto.clients.push(second_client()));
    let (token, _) = tokens(&loopback).await;
    let bearer = format!("Bearer {token}");
    let by_key = [("X-Jooto-Api-Key", KEY)];
    let by_token = [("authorization", bearer.as_str())];

    let ids = |answer: &Answer| -> Vec<Value> {
        let list = answer.json()["organizations"].clone();
        let list = list.as_array().unwrap();
        list.iter().map(|one| one["id"].clone()).collect()
    };
    assert_eq!(ids(&call(&loopback, CALL, &by_key).await), [1, 2, 3]);
    assert_eq!(ids(&call(&loopback, CALL, &by_token).await), [1]);

    let one = "/jooto/organizations/1";
    let expected = json!({ "id": 1, "name": "Organization 1" });
    assert_eq!(call(&loopback, one, &by_key).await.json(), expected);
    assert_eq!(call(&loopback, one, &by_token).await.json(), expected);

    let two = call(&loopback, "/jooto/organizations/2", &by_token).await;
    two.assert_status(403);
    for unknown in ["9", "+1", "x", "", "1/x"] {
        let path = format!("/jooto/organizations/{unknown}");
        call(&loopback, &path, &by_key).await.assert_status(404);
    }
}

#[rstest]
#[case::none(&[], 401)]
#[case::a_wrong_key(&[("X-Jooto-Api-Key", "wrong")], 401)]
#[case::an_empty_key(&[("X-Jooto-Api-Key", "")], 401)]
#[case::the_key_under_fujitsus_name(&[("X-Api-Key", KEY)], 401)]
#[case::the_key_as_bearer(&[("Authorization", "Bearer hogehoge")], 401)]
#[case::the_key_twice(&[("X-Jooto-Api-Key", KEY), ("X-Jooto-Api-Key", KEY)], 400)]
#[case::basic(&[("Authorization", "Basic aG9nZWhvZ2U6")], 401)]
#[tokio::test]
async fn a_call_without_exactly_one_good_credential_is_refused(
    #[case] headers: &[(&str, &str)],
    #[case] status: u16,
) {
    let loopback = Loopback::start();
    let answer = call(&loopback, CALL, headers).await;
    answer.assert_status(status);
    assert!(answer.json()["errors"][0]["message"].is_string());
}

#[tokio::test]
async fn a_token_is_taken_as_bearer_without_quotation_marks() {
    let loopback = Loopback::start();
    let (token, _) = tokens(&loopback).await;
    for (authorization, status) in [
        (format!("Bearer {token}"), 200),
        (format!("bearer {token}"), 200),
        (format!("Bearer \"{token}\""), 401),
        (format!("Bearer '{token}'"), 401),
        (format!("Token {token}"), 401),
        (token.clone(), 401),
    ] {
        let answer = call(&loopback, CALL, &[("Authorization", &authorization)]).await;
        answer.assert_status(status);
        if status == 401 {
            assert!(answer.header("www-authenticate").is_some());
        }
    }
    let bearer = format!("Bearer {token}");
    let twice = [("Authorization", bearer.as_str()); 2];
    let answer = call(&loopback, CALL, &twice).await;
    answer.assert_status(400);
    assert!(answer.text.contains("more than once"), "{}", answer.text);
    let in_url = format!("{CALL}?access_token={token}");
    call(&loopback, &in_url, &[]).await.assert_status(401);
}

#[tokio::test]
async fn two_credentials_at_once_are_refused_as_an_own_choice() {
    let loopback = Loopback::start();
    let (token, _) = tokens(&loopback).await;
    let bearer = format!("Bearer {token}");
    let both = [("X-Jooto-Api-Key", KEY), ("Authorization", &bearer)];
    let answer = call(&loopback, CALL, &both).await;
    answer.assert_status(400);
    assert!(answer.header("x-emulator-own-choice").is_some());
}

#[tokio::test]
async fn an_access_token_lives_an_hour() {
    let loopback = Loopback::start();
    let (token, refresh_token) = tokens(&loopback).await;
    loopback.emulator.advance(Duration::from_secs(3599));
    call_with_token(&loopback, &token).await.assert_status(200);
    loopback.emulator.advance(Duration::from_secs(1));
    call_with_token(&loopback, &token).await.assert_status(401);
    let answer = loopback
        .post_form(TOKEN, &refresh_form(&refresh_token))
        .await;
    let renewed = answer.member("access_token");
    call_with_token(&loopback, &renewed)
        .await
        .assert_status(200);
}

#[tokio::test]
async fn any_call_of_the_vendors_own_prefix_answers() {
    let loopback = Loopback::start();
    let request = loopback
        .post("/jooto/v1/boards")
        .header("X-Jooto-Api-Key", KEY)
        .header(AUTHORIZATION.as_str(), "")
        .body("x");
    send(request).await.assert_status(400);
    let request = loopback
        .post("/jooto/v1/boards")
        .header("X-Jooto-Api-Key", KEY)
        .body("x");
    let answer = send(request).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["path"], "/v1/boards");
    send(loopback.get("/jooto/v1/boards"))
        .await
        .assert_status(401);
    send(loopback.get("/jooto/boards")).await.assert_status(404);
}
