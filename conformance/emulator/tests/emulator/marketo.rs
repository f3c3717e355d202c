//! Adobe Marketo Engage.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use rstest::rstest;
use tegata_emulator::{Provider, Refusal};

use crate::support::{Answer, FORM, Fields, Loopback, send};

const IDENTITY: &str = "/marketo/identity/oauth/token";
const CALL: &str = "/marketo/rest/v1/leads/describe.json";

fn fields() -> Fields {
    Fields::of(&[
        ("grant_type", "client_credentials"),
        ("client_id", "marketo-client"),
        ("client_secret", "CANARY-marketo-secret"),
    ])
}

fn second() -> Fields {
    fields()
        .set("client_id", "marketo-client-2")
        .set("client_secret", "CANARY-marketo-secret-2")
}

/// The three documented and witnessed ways to ask.
#[derive(Debug, Clone, Copy)]
enum Way {
    GetQuery,
    PostQuery,
    PostForm,
}

async fn ask(loopback: &Loopback, way: Way, fields: &Fields) -> Answer {
    let with_query = format!("{IDENTITY}?{}", fields.encoded());
    match way {
        Way::GetQuery => send(loopback.get(&with_query)).await,
        Way::PostQuery => send(loopback.post(&with_query)).await,
        Way::PostForm => loopback.post_form(IDENTITY, fields).await,
    }
}

async fn token(loopback: &Loopback) -> String {
    let answer = ask(loopback, Way::GetQuery, &fields()).await;
    answer.member("access_token")
}

async fn call(loopback: &Loopback, token: &str) -> Answer {
    send(loopback.get(CALL).bearer_auth(token)).await
}

/// The answer of a call: HTTP 200, and one error with that code as text.
#[track_caller]
fn assert_code(answer: &Answer, code: &str) {
    answer.assert_status(200);
    let body = answer.json();
    assert_eq!(body["success"], false, "{body}");
    assert_eq!(body["errors"][0]["code"], code, "{body}");
    assert!(body["requestId"].is_string(), "{body}");
}

#[track_caller]
fn assert_success(answer: &Answer) {
    answer.assert_status(200);
    assert_eq!(answer.json()["success"], true, "{}", answer.text);
}

#[rstest]
#[tokio::test]
async fn each_way_of_asking_answers_a_token(
    #[values(Way::GetQuery, Way::PostQuery, Way::PostForm)] way: Way,
    #[values(None, Some("CANARY-partner"))] partner_id: Option<&str>,
) {
    let loopback = Loopback::start();
    let mut fields = fields();
    if let Some(partner_id) = partner_id {
        fields = fields.set("partner_id", partner_id);
    }
    let answer = ask(&loopback, way, &fields).await;
    answer.assert_status(200);
    let body = answer.json();
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body["expires_in"], 3600);
    assert_eq!(body["scope"], "apis@acmeinc.com");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let token = answer.member("access_token");
    assert!(token.ends_with(":int"), "{token}");
    assert_success(&call(&loopback, &token).await);
}

#[tokio::test]
async fn post_takes_a_charset_and_an_empty_json_body() {
    let loopback = Loopback::start();
    let form = loopback
        .post(IDENTITY)
        .header(
            CONTENT_TYPE,
            "application/x-www-form-urlencoded; charset=UTF-8",
        )
        .body(fields().encoded());
    send(form).await.assert_status(200);
    let empty = loopback
        .post(&format!("{IDENTITY}?{}", fields().encoded()))
        .header(CONTENT_TYPE, "application/json");
    send(empty).await.assert_status(200);
}

#[rstest]
#[tokio::test]
async fn each_parameter_must_be_there_once(
    #[values(Way::GetQuery, Way::PostQuery, Way::PostForm)] way: Way,
    #[values(
        ("grant_type", 400, "invalid_request"),
        ("client_id", 401, "unauthorized"),
        ("client_secret", 401, "invalid_client")
    )]
    missing: (&str, u16, &str),
) {
    let loopback = Loopback::start();
    let (name, status, error) = missing;
    for spoilt in [fields().without(name), fields().set(name, "")] {
        let answer = ask(&loopback, way, &spoilt).await;
        answer.assert_oauth_error(status, error);
    }
    let answer = ask(&loopback, way, &fields().twice(name)).await;
    answer.assert_oauth_error(400, "invalid_request");
}

#[rstest]
#[tokio::test]
async fn a_wrong_value_is_refused(
    #[values(Way::GetQuery, Way::PostQuery, Way::PostForm)] way: Way,
    #[values(
        ("grant_type", 400, "unsupported_grant_type"),
        ("client_id", 401, "unauthorized"),
        ("client_secret", 401, "invalid_client")
    )]
    wrong: (&str, u16, &str),
) {
    let loopback = Loopback::start();
    let (name, status, error) = wrong;
    let answer = ask(&loopback, way, &fields().set(name, "wrong")).await;
    answer.assert_oauth_error(status, error);
    assert_eq!(loopback.emulator.counts(Provider::Marketo).tokens_issued, 0);
}

#[tokio::test]
async fn the_secret_of_another_service_is_wrong() {
    let loopback = Loopback::start();
    let mixed = fields().set("client_secret", "CANARY-marketo-secret-2");
    let answer = ask(&loopback, Way::GetQuery, &mixed).await;
    answer.assert_oauth_error(401, "invalid_client");
}

#[tokio::test]
async fn partner_id_comes_at_most_once() {
    let loopback = Loopback::start();
    let twice = fields().set("partner_id", "p").twice("partner_id");
    let answer = ask(&loopback, Way::GetQuery, &twice).await;
    answer.assert_oauth_error(400, "invalid_request");
}

#[tokio::test]
async fn query_and_form_together_may_hold_nothing_twice() {
    let loopback = Loopback::start();
    let target = format!("{IDENTITY}?grant_type=client_credentials");
    let rest = fields().without("grant_type");
    let answer = loopback.post_form(&target, &rest).await;
    answer.assert_status(200);
    let answer = loopback.post_form(&target, &fields()).await;
    answer.assert_oauth_error(400, "invalid_request");
    let target = format!("{target}&partner_id=p");
    let answer = loopback
        .post_form(&target, &rest.set("partner_id", "p"))
        .await;
    answer.assert_oauth_error(400, "invalid_request");
}

#[rstest]
#[case::json(Some("application/json"))]
#[case::text(Some("text/plain"))]
#[case::none(None)]
#[tokio::test]
async fn a_body_that_is_no_form_is_refused(#[case] content_type: Option<&str>) {
    let loopback = Loopback::start();
    let mut request = loopback.post(IDENTITY).body(fields().encoded());
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    send(request)
        .await
        .assert_oauth_error(400, "invalid_request");
}

#[tokio::test]
async fn basic_is_no_way_to_ask() {
    let loopback = Loopback::start();
    let request = loopback
        .get(&format!("{IDENTITY}?grant_type=client_credentials"))
        .basic_auth("marketo-client", Some("CANARY-marketo-secret"));
    send(request).await.assert_oauth_error(401, "unauthorized");
}

#[tokio::test]
async fn another_method_is_refused() {
    let loopback = Loopback::start();
    let target = format!("{IDENTITY}?{}", fields().encoded());
    let answer = send(loopback.request(Method::PUT, &target)).await;
    answer.assert_status(405);
    assert_eq!(answer.header("allow"), Some("GET, POST"));
}

#[tokio::test]
async fn the_same_token_is_returned_with_its_remaining_lifetime() {
    let loopback = Loopback::start();
    let first = token(&loopback).await;
    for (advance, remaining) in [
        (Duration::from_millis(500), 3599),
        (Duration::from_secs(1000), 2599),
    ] {
        loopback.emulator.advance(advance);
        let answer = ask(&loopback, Way::PostForm, &fields()).await;
        assert_eq!(answer.member("access_token"), first);
        assert_eq!(answer.json()["expires_in"], remaining);
    }
    loopback.emulator.advance(Duration::from_secs(2599));
    let answer = ask(&loopback, Way::GetQuery, &fields()).await;
    assert_eq!(answer.member("access_token"), first);
    assert_eq!(answer.json()["expires_in"], 0);

    loopback.emulator.advance(Duration::from_millis(500));
    let answer = ask(&loopback, Way::GetQuery, &fields()).await;
    assert_ne!(answer.member("access_token"), first);
    assert_eq!(answer.json()["expires_in"], 3600);
    assert_eq!(loopback.emulator.counts(Provider::Marketo).tokens_issued, 2);
}

#[tokio::test]
async fn services_have_tokens_of_their_own_though_one_user_owns_them() {
    let loopback = Loopback::start();
    let first = token(&loopback).await;
    loopback.emulator.advance(Duration::from_secs(1800));
    let answer = ask(&loopback, Way::GetQuery, &second()).await;
    assert_ne!(answer.member("access_token"), first);
    assert_eq!(answer.json()["expires_in"], 3600);
    assert_eq!(answer.json()["scope"], "apis@acmeinc.com");
    loopback.emulator.advance(Duration::from_secs(1800));
    assert_code(&call(&loopback, &first).await, "602");
    assert_success(&call(&loopback, &answer.member("access_token")).await);
}

#[tokio::test]
async fn a_token_is_taken_from_the_header_or_from_the_query() {
    let loopback = Loopback::start();
    let token = token(&loopback).await;
    assert_success(&call(&loopback, &token).await);
    let target = format!("{CALL}?q=%83%65&access_token={token}");
    assert_success(&send(loopback.get(&target)).await);
    let escaped = token.replace(':', "%3A");
    let target = format!("{CALL}?access_token={escaped}");
    assert_success(&send(loopback.get(&target)).await);
}

#[tokio::test]
async fn a_call_without_exactly_one_token_is_denied() {
    let loopback = Loopback::start();
    let token = token(&loopback).await;
    let in_query = format!("{CALL}?access_token={token}");
    for request in [
        loopback.get(CALL),
        loopback.get(CALL).header("X-Access-Token", &token),
        loopback
            .get(CALL)
            .header("Authentication", format!("Bearer {token}")),
        loopback.get(CALL).header("Authorization", &token),
        loopback.get(CALL).header("Authorization", "Bearer"),
        loopback.get(CALL).bearer_auth(&token).bearer_auth(&token),
        loopback.get(&in_query).bearer_auth(&token),
        loopback.get(&format!("{in_query}&access_token={token}")),
        loopback.get(&format!("{CALL}?access_token=")),
    ] {
        assert_code(&send(request).await, "603");
    }
}

#[rstest]
#[case("unknown")]
#[case("undefined")]
#[tokio::test]
async fn an_invalid_token_is_601(#[case] token: &str) {
    let loopback = Loopback::start();
    assert_code(&call(&loopback, token).await, "601");
}

#[tokio::test]
async fn a_token_in_quotation_marks_is_601() {
    let loopback = Loopback::start();
    let quoted = format!("\"{}\"", token(&loopback).await);
    assert_code(&call(&loopback, &quoted).await, "601");
}

#[tokio::test]
async fn an_expired_token_is_602_once_and_601_from_then_on() {
    let loopback = Loopback::start();
    let token = token(&loopback).await;
    loopback.emulator.advance(Duration::from_secs(3600));
    assert_code(&call(&loopback, &token).await, "602");
    assert_code(&call(&loopback, &token).await, "601");
    assert_code(&call(&loopback, &token).await, "601");
}

#[tokio::test]
async fn a_forgotten_token_is_601_and_identity_answers_another() {
    let loopback = Loopback::start();
    let first = token(&loopback).await;
    assert_eq!(loopback.emulator.forget(Provider::Marketo), 1);
    assert_code(&call(&loopback, &first).await, "601");
    let second = token(&loopback).await;
    assert_ne!(first, second);
    assert_success(&call(&loopback, &second).await);
}

#[rstest]
#[case(Method::GET, "/marketo/rest/v1/leads.json")]
#[case(Method::POST, "/marketo/rest/v1/leads.json")]
#[case(Method::DELETE, "/marketo/rest/asset/v1/folder/1.json")]
#[tokio::test]
async fn any_rest_call_answers_the_envelope(#[case] method: Method, #[case] path: &str) {
    let loopback = Loopback::start();
    let token = token(&loopback).await;
    let request = loopback.request(method, path).bearer_auth(token).body("{}");
    let answer = send(request).await;
    assert_success(&answer);
    assert!(answer.json()["result"].is_array());
}

#[tokio::test]
async fn describing_leads_answers_fields() {
    let loopback = Loopback::start();
    let answer = call(&loopback, &token(&loopback).await).await;
    assert_success(&answer);
    assert_eq!(answer.json()["result"][0]["rest"]["name"], "email");
}

#[rstest]
#[case("/marketo//rest/v1/leads.json")]
#[case("/marketo/oauth/token")]
#[case("/marketo/rest")]
#[tokio::test]
async fn an_unknown_path_is_not_found(#[case] path: &str) {
    let loopback = Loopback::start();
    send(loopback.get(path)).await.assert_status(404);
}

#[rstest]
#[case(601)]
#[case(602)]
#[tokio::test]
async fn an_ordered_refusal_makes_identity_answer_another_token(#[case] code: u16) {
    let loopback = Loopback::start();
    let first = token(&loopback).await;
    let ordered = loopback
        .emulator
        .refuse_next(Provider::Marketo, Refusal::new(code));
    assert_eq!(ordered, Ok(()));
    assert_code(&call(&loopback, "unknown").await, "601");
    assert_code(&call(&loopback, &first).await, &code.to_string());
    assert_success(&call(&loopback, &first).await);
    let second = token(&loopback).await;
    assert_ne!(first, second);
    assert_success(&call(&loopback, &second).await);
}

#[tokio::test]
async fn an_ordered_refusal_can_keep_the_token() {
    let loopback = Loopback::start();
    let first = token(&loopback).await;
    let refusal = Refusal::new(602).times(2).keep_token();
    let ordered = loopback.emulator.refuse_next(Provider::Marketo, refusal);
    assert_eq!(ordered, Ok(()));
    assert_code(&call(&loopback, &first).await, "602");
    assert_eq!(token(&loopback).await, first);
    assert_code(&call(&loopback, &first).await, "602");
    assert_success(&call(&loopback, &first).await);
}

#[tokio::test]
async fn another_ordered_code_renews_nothing() {
    let loopback = Loopback::start();
    let first = token(&loopback).await;
    for code in [606, 401] {
        let ordered = loopback
            .emulator
            .refuse_next(Provider::Marketo, Refusal::new(code));
        assert_eq!(ordered, Ok(()));
    }
    assert_code(&call(&loopback, &first).await, "606");
    call(&loopback, &first).await.assert_status(401);
    assert_eq!(token(&loopback).await, first);
}

#[tokio::test]
async fn a_form_type_without_a_body_is_a_query_request() {
    let loopback = Loopback::start();
    let request = loopback
        .post(&format!("{IDENTITY}?{}", fields().encoded()))
        .header(CONTENT_TYPE, FORM);
    send(request).await.assert_status(200);
}
