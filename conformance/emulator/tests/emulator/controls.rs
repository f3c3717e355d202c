//! The controls, over HTTP as tests in other languages use them.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use rstest::rstest;
use serde_json::{Value, json};
use tegata_emulator::{Endpoint, Fault, Provider, Refusal};

use crate::support::{Answer, FORM, Loopback, send};

const IDENTITY: &str = "/marketo/identity/oauth/token?grant_type=client_credentials\
                        &client_id=marketo-client&client_secret=CANARY-marketo-secret";
const DESCRIBE: &str = "/marketo/rest/v1/leads/describe.json";
const SERVICE: &str = "/fujitsu-aispf/da/v1/healthcheck";

async fn marketo_token(loopback: &Loopback) -> String {
    send(loopback.get(IDENTITY)).await.member("access_token")
}

async fn aispf_token(loopback: &Loopback) -> String {
    let request = loopback
        .post("/fujitsu-aispf/v2/tokens")
        .basic_auth("aispf-client", Some("CANARY-aispf-secret"));
    send(request).await.member("access_token")
}

async fn marketo_code(loopback: &Loopback, token: &str) -> Value {
    let answer = send(loopback.get(DESCRIBE).bearer_auth(token)).await;
    answer.json()["errors"][0]["code"].clone()
}

async fn aispf_status(loopback: &Loopback, token: &str) -> u16 {
    let request = loopback.get(SERVICE).header("X-Access-Token", token);
    send(request).await.status.as_u16()
}

async fn jooto_call(loopback: &Loopback) -> Answer {
    let request = loopback
        .get("/jooto/organizations")
        .header("X-Jooto-Api-Key", "hogehoge");
    send(request).await
}

async fn log(loopback: &Loopback, query: &str) -> Vec<Value> {
    let answer = send(loopback.get(&format!("/__control/log{query}"))).await;
    answer.assert_status(200);
    answer.json().as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn expire_ends_every_live_token_of_one_provider_or_of_all() {
    let loopback = Loopback::start();
    let (marketo, aispf) = (marketo_token(&loopback).await, aispf_token(&loopback).await);
    let done = loopback.control("expire?provider=marketo").await;
    assert_eq!(done.json(), json!({ "expired": 1 }));
    assert_eq!(marketo_code(&loopback, &marketo).await, "602");
    assert_eq!(aispf_status(&loopback, &aispf).await, 200);

    let marketo = marketo_token(&loopback).await;
    let done = loopback.control("expire").await;
    assert_eq!(done.json(), json!({ "expired": 2 }));
    assert_eq!(marketo_code(&loopback, &marketo).await, "602");
    assert_eq!(aispf_status(&loopback, &aispf).await, 401);

    marketo_token(&loopback).await;
    loopback.emulator.advance(Duration::from_secs(3600));
    let done = loopback.control("expire").await;
    assert_eq!(done.json(), json!({ "expired": 0 }));
}

#[tokio::test]
async fn forget_makes_every_token_unknown() {
    let loopback = Loopback::start();
    let (marketo, aispf) = (marketo_token(&loopback).await, aispf_token(&loopback).await);
    let done = loopback.control("forget").await;
    assert_eq!(done.json(), json!({ "forgotten": 2 }));
    assert_eq!(marketo_code(&loopback, &marketo).await, "601");
    assert_eq!(aispf_status(&loopback, &aispf).await, 401);
}

#[tokio::test]
async fn advance_moves_the_clock_of_all() {
    let loopback = Loopback::start();
    let aispf = aispf_token(&loopback).await;
    marketo_token(&loopback).await;
    loopback
        .control("advance?seconds=3599")
        .await
        .assert_status(200);
    let left = send(loopback.get(IDENTITY)).await.json()["expires_in"].clone();
    assert_eq!(left, 1);
    assert_eq!(aispf_status(&loopback, &aispf).await, 200);
    loopback
        .control("advance?seconds=18446744073709551615")
        .await
        .assert_status(200);
    assert_eq!(aispf_status(&loopback, &aispf).await, 401);
}

#[tokio::test]
async fn refuse_next_refuses_only_calls_that_would_be_served() {
    let loopback = Loopback::start();
    let token = marketo_token(&loopback).await;
    let done = loopback
        .control("refuse-next?provider=marketo&code=602")
        .await;
    done.assert_status(200);
    assert_eq!(marketo_code(&loopback, "unknown").await, "601");
    assert_eq!(marketo_code(&loopback, &token).await, "602");
    assert_eq!(marketo_code(&loopback, &token).await, Value::Null);
}

#[rstest]
#[case(401)]
#[case(403)]
#[tokio::test]
async fn refuse_next_answers_an_http_status_as_often_as_set(#[case] code: u16) {
    let loopback = Loopback::start();
    loopback
        .control(&format!("refuse-next?provider=jooto&code={code}&times=2"))
        .await
        .assert_status(200);
    for status in [code, code, 200] {
        jooto_call(&loopback).await.assert_status(status);
    }
}

#[tokio::test]
async fn fault_answers_the_next_token_requests() {
    let loopback = Loopback::start();
    loopback
        .control("fault?provider=marketo&status=503&times=2&retry_after=7")
        .await
        .assert_status(200);
    for _ in 0..2 {
        let answer = send(loopback.get(IDENTITY)).await;
        answer.assert_oauth_error(503, "server_error");
        assert_eq!(answer.header("retry-after"), Some("7"));
    }
    let token = marketo_token(&loopback).await;
    assert_eq!(marketo_code(&loopback, &token).await, Value::Null);
}

#[tokio::test]
async fn fault_answers_resource_requests_whatever_their_credential() {
    let loopback = Loopback::start();
    loopback
        .control("fault?provider=jooto&endpoint=resource&status=502&body=html")
        .await
        .assert_status(200);
    let answer = send(loopback.get("/jooto/organizations")).await;
    answer.assert_status(502);
    assert_eq!(answer.header("content-type"), Some("text/html"));
    assert!(answer.text.starts_with("<html>"), "{}", answer.text);
    jooto_call(&loopback).await.assert_status(200);
}

#[tokio::test]
async fn fault_answers_any_body_and_headers() {
    let loopback = Loopback::start();
    let body = r#"{"access_token":"t","expires_in":"3600"}"#;
    let request = loopback
        .post("/__control/fault?provider=marketo&header=X-A:1&header=X-B:%202")
        .body(body);
    send(request).await.assert_status(200);
    let answer = send(loopback.get(IDENTITY)).await;
    answer.assert_status(200);
    assert_eq!(answer.text, body);
    assert_eq!(answer.header("x-b"), Some("2"));
    assert_eq!(answer.header("content-type"), Some("application/json"));

    loopback
        .control("fault?provider=marketo&status=204&body=empty")
        .await
        .assert_status(200);
    let answer = send(loopback.get(IDENTITY)).await;
    answer.assert_status(204);
    assert_eq!(answer.text, "");
}

#[tokio::test]
async fn a_delay_alone_leaves_the_answer_as_it_is() {
    let loopback = Loopback::start();
    loopback
        .control("fault?provider=marketo&delay_ms=1")
        .await
        .assert_status(200);
    assert!(!marketo_token(&loopback).await.is_empty());
}

#[tokio::test]
async fn held_token_requests_wait_until_they_are_released() {
    let loopback = Loopback::start();
    loopback
        .control("hold?provider=marketo")
        .await
        .assert_status(200);
    let held: Vec<_> = (0..3)
        .map(|_| tokio::spawn(send(loopback.get(IDENTITY))))
        .collect();
    let waited = send(loopback.get("/__control/wait?provider=marketo&held=3")).await;
    assert_eq!(waited.json(), json!({ "held": 3 }));
    assert!(held.iter().all(|request| !request.is_finished()));
    let statuses: Vec<_> = log(&loopback, "").await;
    assert!(statuses.iter().all(|entry| entry["status"].is_null()));
    // The other providers are open.
    aispf_token(&loopback).await;

    loopback.control("release").await.assert_status(200);
    for request in held {
        request.await.unwrap().assert_status(200);
    }
    assert_eq!(
        loopback.emulator.held(Provider::Marketo, Endpoint::Token),
        0
    );
    send(loopback.get(IDENTITY)).await.assert_status(200);
}

#[tokio::test]
async fn resource_requests_can_be_held_too() {
    let loopback = Loopback::start();
    loopback
        .control("hold?endpoint=resource")
        .await
        .assert_status(200);
    let token = marketo_token(&loopback).await;
    let held = tokio::spawn(send(loopback.get(DESCRIBE).bearer_auth(token)));
    loopback
        .emulator
        .until_held(Provider::Marketo, Endpoint::Resource, 1)
        .await;
    // A held request is judged by the state at its release.
    loopback.emulator.expire(Provider::Marketo);
    loopback
        .control("release?provider=marketo&endpoint=resource")
        .await
        .assert_status(200);
    assert_eq!(held.await.unwrap().json()["errors"][0]["code"], "602");
}

#[tokio::test]
async fn counts_show_the_requests_to_each_provider() {
    let loopback = Loopback::start();
    marketo_token(&loopback).await;
    marketo_token(&loopback).await;
    marketo_code(&loopback, "unknown").await;
    send(loopback.get("/jooto/oauth2/login")).await;
    send(loopback.get("/jooto/nowhere")).await;
    let counts = send(loopback.get("/__control/counts")).await.json();
    let none = json!({
        "token_requests": 0,
        "resource_requests": 0,
        "login_requests": 0,
        "tokens_issued": 0,
    });
    assert_eq!(counts["fujitsu-aispf"], none);
    assert_eq!(counts["jooto"]["login_requests"], 1);
    assert_eq!(counts["jooto"]["resource_requests"], 0);
    assert_eq!(counts["marketo"]["token_requests"], 2);
    assert_eq!(counts["marketo"]["tokens_issued"], 1);
    assert_eq!(counts["marketo"]["resource_requests"], 1);
}

#[tokio::test]
async fn the_log_shows_each_request_whole() {
    let loopback = Loopback::start();
    let request = loopback
        .post("/jooto/oauth2/token?x=%20")
        .header(CONTENT_TYPE, FORM)
        .header("X-Twice", "1")
        .header("X-Twice", "2")
        .body("grant_type=a+b&grant_type=%2B");
    send(request).await.assert_status(400);
    let entries = log(&loopback, "").await;
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!(entry["sequence"], 1);
    assert_eq!(entry["provider"], "jooto");
    assert_eq!(entry["method"], "POST");
    assert_eq!(entry["path"], "/oauth2/token");
    assert_eq!(entry["query"], "x=%20");
    assert_eq!(entry["body"], "grant_type=a+b&grant_type=%2B");
    assert_eq!(
        entry["form"],
        json!([["grant_type", "a b"], ["grant_type", "+"]])
    );
    assert_eq!(entry["status"], 400);
    assert!(entry["note"].is_string());
    let headers = entry["headers"].as_array().unwrap();
    for value in ["1", "2"] {
        assert!(headers.contains(&json!(["x-twice", value])), "{headers:?}");
    }

    let entries = loopback.emulator.log(Provider::Jooto);
    assert_eq!(entries[0].header("X-Twice"), ["1", "2"]);
}

#[tokio::test]
async fn the_log_can_be_filtered_and_cleared() {
    let loopback = Loopback::start();
    marketo_token(&loopback).await;
    jooto_call(&loopback).await;
    send(loopback.get("/nowhere")).await.assert_status(404);
    assert_eq!(log(&loopback, "").await.len(), 3);
    let jooto = log(&loopback, "?provider=jooto").await;
    assert_eq!(jooto.len(), 1);
    assert_eq!(jooto[0]["sequence"], 2);

    send(loopback.request(Method::DELETE, "/__control/log"))
        .await
        .assert_status(200);
    assert_eq!(log(&loopback, "").await.len(), 0);
    jooto_call(&loopback).await;
    loopback.control("log/clear").await.assert_status(200);
    assert_eq!(log(&loopback, "").await.len(), 0);
}

#[tokio::test]
async fn keys_are_revoked_and_added() {
    let loopback = Loopback::start();
    let done = loopback
        .control("revoke-key?provider=jooto&key=hogehoge")
        .await;
    assert_eq!(done.json(), json!({ "revoked": true }));
    jooto_call(&loopback).await.assert_status(401);
    loopback
        .control("add-key?provider=jooto&key=hogehoge")
        .await
        .assert_status(200);
    jooto_call(&loopback).await.assert_status(200);
}

#[tokio::test]
async fn reset_puts_everything_back() {
    let loopback = Loopback::start();
    let token = marketo_token(&loopback).await;
    for control in [
        "revoke-key?provider=jooto&key=hogehoge",
        "refuse-next?provider=jooto&code=403",
        "fault?provider=marketo&status=500",
        "advance?seconds=99",
        "hold",
        "reset",
    ] {
        loopback.control(control).await.assert_status(200);
    }
    assert_eq!(log(&loopback, "").await.len(), 0);
    jooto_call(&loopback).await.assert_status(200);
    let answer = send(loopback.get(IDENTITY)).await;
    assert_eq!(answer.json()["expires_in"], 3600);
    assert_eq!(marketo_code(&loopback, &token).await, "601");
    let counts = loopback.emulator.counts(Provider::Marketo);
    assert_eq!((counts.token_requests, counts.tokens_issued), (1, 1));
}

#[rstest]
#[case("expire?provider=juto", &["provider", "jooto"])]
#[case("expire?providers=jooto", &["providers", "provider"])]
#[case("expire?provider=jooto&provider=jooto", &["provider", "more than once"])]
#[case("forget?refresh_tokens=yes", &["refresh_tokens", "true"])]
#[case("advance", &["seconds", "missing"])]
#[case("advance?seconds=-1", &["seconds", "-1"])]
#[case("refuse-next?code=401", &["provider", "missing"])]
#[case("refuse-next?provider=jooto", &["code", "missing"])]
#[case("refuse-next?provider=jooto&code=601", &["601", "400 to 599"])]
#[case("refuse-next?provider=marketo&code=200", &["200", "600 to 1999"])]
#[case("refuse-next?provider=marketo&code=602&times=x", &["times"])]
#[case("fault?provider=jooto", &["status", "delay"])]
#[case("fault?status=500", &["provider", "missing"])]
#[case("fault?provider=jooto&status=99", &["status 99"])]
#[case("fault?provider=jooto&status=500&endpoint=login", &["endpoint", "resource"])]
#[case("fault?provider=jooto&status=500&body=xml", &["body", "html"])]
#[case("fault?provider=jooto&status=500&header=x", &["header", "Name:Value"])]
#[case("fault?provider=jooto&status=500&header=a%20b:c", &["header"])]
#[case("fault?provider=jooto&status=500&content_type=text/plain", &["content_type"])]
#[case("fault?provider=jooto&delay_ms=600001", &["delay_ms", "600000"])]
#[case("revoke-key?provider=marketo&key=k", &["marketo", "no API keys"])]
#[case("revoke-key?provider=jooto", &["key", "missing"])]
#[case("reset?provider=jooto", &["provider", "none"])]
#[case("expire?provider=%zz", &["percent"])]
#[tokio::test]
async fn a_control_that_cannot_be_carried_out_says_why(
    #[case] control: &str,
    #[case] parts: &[&str],
) {
    let loopback = Loopback::start();
    let answer = loopback.control(control).await;
    answer.assert_status(400);
    let error = answer.member("error");
    for part in parts {
        assert!(error.contains(part), "{part:?} is not in {error:?}");
    }
}

#[tokio::test]
async fn parameters_in_the_body_are_refused() {
    let loopback = Loopback::start();
    let request = loopback
        .post("/__control/advance?seconds=1")
        .body("seconds=2");
    send(request).await.assert_status(400);
}

#[rstest]
#[case(Method::GET, "/__control/expire")]
#[case(Method::POST, "/__control/counts")]
#[case(Method::POST, "/__control/explode")]
#[case(Method::GET, "/__control")]
#[case(Method::GET, "/nowhere")]
#[tokio::test]
async fn an_unknown_control_or_path_lists_the_controls(
    #[case] method: Method,
    #[case] target: &str,
) {
    let loopback = Loopback::start();
    let answer = send(loopback.request(method, target)).await;
    answer.assert_status(404);
    assert!(
        answer.text.contains("/__control/refuse-next"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn the_methods_refuse_what_the_urls_refuse() {
    let loopback = Loopback::start();
    let emulator = &loopback.emulator;
    let refused = emulator.refuse_next(Provider::Jooto, Refusal::new(602));
    assert!(refused.is_err(), "{refused:?}");
    let refused = emulator.revoke_key(Provider::Marketo, "k");
    assert!(refused.is_err(), "{refused:?}");
    let refused = emulator.fault(Provider::Jooto, Fault::on(Endpoint::Token));
    assert!(refused.is_err(), "{refused:?}");
    let slow = Fault::on(Endpoint::Token).delay(Duration::from_millis(1));
    assert_eq!(emulator.fault(Provider::Jooto, slow), Ok(()));
}
