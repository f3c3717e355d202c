//! Odd answers of token endpoints, observed or possible: every flow that gets tokens survives them.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Map, Value, json};
use tegata::{ErrorKind, TokenCache};
use tegata_emulator::{Endpoint, Fault};

use tegata_test_support::loopback::{AISPF_ID, AISPF_SECRET, JOOTO_ID, JOOTO_SECRET, Loopback};
use tegata_test_support::raw::RawServer;
use tegata_test_support::wire::{credential, statuses};
use tegata_test_support::{Flow, Subject, facts};

/// The token answer of a flow, with this token and life.
fn token(flow: Flow, access: &Value, life: Option<&Value>) -> Map<String, Value> {
    let legacy = flow == Flow::AispfLegacy;
    let mut answer = Map::new();
    let name = |new: &str, old: &str| if legacy { old } else { new }.to_owned();
    answer.insert(name("access_token", "accessToken"), access.clone());
    if let Some(life) = life {
        answer.insert(name("expires_in", "expiresIn"), life.clone());
    }
    if !legacy {
        answer.insert("token_type".to_owned(), json!("Bearer"));
    }
    answer
}

fn good_token(flow: Flow, life: Option<&Value>) -> String {
    Value::from(token(flow, &json!("CANARY-odd"), life)).to_string()
}

/// The next token request is answered so; then everything is as usual.
async fn cold(flow: Flow, loopback: &Loopback, fault: Fault) -> Subject {
    let client = flow.cold(loopback).await;
    loopback.fault(flow.provider(), fault);
    client
}

fn json_answer(body: impl Into<Vec<u8>>) -> Fault {
    Fault::on(Endpoint::Token).body("application/json", body)
}

/// The call failed without being made, says nothing that the server said, and the next one is fine.
async fn failed_once(flow: Flow, loopback: &Loopback, client: &Subject) -> tegata::Error {
    let error = client.get(flow.path()).await.expect_err("no token");
    let shown = format!("{error} {error:?} {error:#?}");
    assert!(!shown.contains("CANARY"), "{shown}");
    assert!(loopback.calls(flow.provider()).is_empty());
    assert_eq!(client.get(flow.path()).await.expect("fine again"), 200);
    assert_eq!(statuses(&loopback.calls(flow.provider())), [200]);
    error
}

const FLOWS: [Flow; 5] = Flow::TOKENS;

#[rstest]
#[case::number("3600", 3600)]
#[case::text("\"3600\"", 3600)]
#[case::padded_text("\" 3600 \"", 3600)]
#[case::fraction("3599.9", 3599)]
#[case::fraction_as_text("\"3599.9\"", 3599)]
#[case::exponent("3.6e3", 3600)]
#[case::short("1", 1)]
#[case::a_century("3153600000", 315_360_000)]
#[case::beyond_every_clock("1000000000000", 315_360_000)]
#[case::beyond_every_integer("99999999999999999999", 315_360_000)]
#[case::beyond_every_number("1e300", 315_360_000)]
#[case::null("null", 3600)]
#[case::absent("", 3600)]
#[tokio::test]
async fn every_way_to_write_a_lifetime_is_read(#[case] life: &str, #[case] seconds: u64) {
    for flow in FLOWS {
        let life: Option<Value> = serde_json::from_str(life).ok();
        // serde_json would write the largest numbers as floats.
        let answer = good_token(flow, life.as_ref());
        let loopback = Loopback::start();
        let client = cold(flow, &loopback, json_answer(answer)).await;
        client.warm_up().await.expect("a token");
        let token = client.token_cache().and_then(TokenCache::token);
        let token = token.expect("a token");
        let expiry = token.issued_at() + Duration::from_secs(seconds);
        assert_eq!(token.expires_at(), Some(expiry), "{flow:?}");
    }
}

#[tokio::test]
async fn a_number_beyond_every_integer_is_read_as_it_stands() {
    for flow in FLOWS {
        let name = if flow == Flow::AispfLegacy {
            "expiresIn"
        } else {
            "expires_in"
        };
        let short = good_token(flow, Some(&json!(1)));
        let long = short.replace(
            &format!(r#""{name}":1"#),
            &format!(r#""{name}":99999999999999999999"#),
        );
        assert_ne!(short, long);
        let loopback = Loopback::start();
        let client = cold(flow, &loopback, json_answer(long)).await;
        client.warm_up().await.expect("a token");
    }
}

#[rstest]
#[case::zero("0")]
#[case::negative("-5")]
#[case::less_than_one("0.5")]
#[case::zero_as_text("\"0\"")]
#[case::far_below("-1e300")]
#[tokio::test]
async fn a_token_that_is_dead_on_arrival_is_an_error_and_no_loop(#[case] life: &str) {
    let life: Value = serde_json::from_str(life).expect("JSON");
    for flow in FLOWS {
        let marketo = matches!(flow, Flow::MarketoGet | Flow::MarketoForm);
        // Marketo is known to do so in a token's last second, and is asked again.
        let tries = if marketo { 3 } else { 1 };
        let loopback = Loopback::start();
        let fault = json_answer(good_token(flow, Some(&life))).times(tries);
        let client = cold(flow, &loopback, fault).await;
        let error = failed_once(flow, &loopback, &client).await;
        assert_eq!(
            facts(&error),
            (ErrorKind::ExpiredToken, None, None),
            "{flow:?}"
        );
        let requests = loopback.token_requests(flow.provider()).len();
        assert_eq!(u64::try_from(requests), Ok(tries + 1), "{flow:?}");
    }
}

#[rstest]
#[case::words(json!("soon CANARY"))]
#[case::no_text(json!(""))]
#[case::not_a_number(json!("NaN"))]
#[case::endless(json!("inf"))]
#[case::a_truth(json!(true))]
#[case::a_list(json!([3600]))]
#[case::an_object(json!({"seconds": 3600}))]
#[tokio::test]
async fn an_invalid_lifetime_counts_as_missing(#[case] life: Value) {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let answer = json_answer(good_token(flow, Some(&life)));
        let client = cold(flow, &loopback, answer).await;
        client.warm_up().await.expect("a token");
        let token = client.token_cache().and_then(TokenCache::token);
        let token = token.expect("a token");
        // The documented one applies.
        let expiry = token.issued_at() + Duration::from_secs(3600);
        assert_eq!(token.expires_at(), Some(expiry), "{flow:?}");
        assert_eq!(loopback.token_requests(flow.provider()).len(), 1);
    }
}

#[rstest]
#[case::empty(json!(""), Some(200))]
#[case::blank(json!("  "), Some(200))]
#[case::line_break(json!("CANARY\nline"), None)]
#[case::injected_header(json!("CANARY\r\nX-Injected: 1"), None)]
#[case::nul(json!("CANARY\u{0}"), None)]
#[case::delete(json!("CANARY\u{7f}"), None)]
#[case::a_number(json!(12345), Some(200))]
#[case::null(json!(null), Some(200))]
#[case::a_list(json!(["CANARY"]), Some(200))]
#[case::an_object(json!({"CANARY": "CANARY"}), Some(200))]
#[tokio::test]
async fn a_value_that_no_header_can_carry_is_no_token(
    #[case] access: Value,
    #[case] status: Option<u16>,
) {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let answer = token(flow, &access, Some(&json!(3600)));
        let answer = json_answer(Value::from(answer).to_string());
        let client = cold(flow, &loopback, answer).await;
        let error = failed_once(flow, &loopback, &client).await;
        assert_eq!(
            facts(&error),
            (ErrorKind::InvalidResponse, status, None),
            "{flow:?}"
        );
    }
}

#[rstest]
#[case::colons_and_dots("CANARY-cdf01657-110d.4155~99a7_f986:int/==")]
#[case::blanks_around("  CANARY-token\t")]
#[case::other_letters("CANARY-é手形")]
#[case::long(&LONG)]
#[tokio::test]
async fn any_other_text_is_a_token_and_is_sent_as_it_is(#[case] access: &str) {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let answer = token(flow, &json!(access), Some(&json!(3600)));
        let answer = json_answer(Value::from(answer).to_string());
        let client = cold(flow, &loopback, answer).await;
        // The emulator never issued it, so only the first of the two calls carries it.
        client.get(flow.path()).await.expect("renewed");
        let call = &loopback.calls(flow.provider())[0];
        assert_eq!(
            credential(call),
            flow.on_the_wire(access.trim()),
            "{flow:?}"
        );
    }
}

static LONG: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| "CANARY".repeat(1000));

#[rstest]
#[case::no_token(r#"{"token_type":"Bearer","expires_in":3600,"scope":"CANARY"}"#)]
#[case::an_envelope(r#"{"requestId":"CANARY","success":true,"result":[]}"#)]
#[case::empty_object("{}")]
#[case::a_list(r#"["CANARY"]"#)]
#[case::text(r#""CANARY""#)]
#[case::null("null")]
#[case::cut(r#"{"access_token":"CANARY","accessToken":"CANARY","token_type":"#)]
#[case::html("<html><body>CANARY</body></html>")]
#[case::nothing("")]
#[tokio::test]
async fn an_answer_without_a_token_is_unreadable(#[case] body: &'static str) {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let client = cold(flow, &loopback, json_answer(body)).await;
        let error = failed_once(flow, &loopback, &client).await;
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidResponse,
            "{flow:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_error_in_200_is_a_refusal_with_its_code() {
    let body = r#"{"error":"invalid_client","error_description":"CANARY"}"#;
    for flow in FLOWS {
        let loopback = Loopback::start();
        let client = cold(flow, &loopback, json_answer(body)).await;
        for _ in 0..2 {
            let error = client.get(flow.path()).await.expect_err("no token");
            let code = Some("invalid_client");
            assert_eq!(facts(&error), (ErrorKind::TokenDenied, Some(200), code));
            assert_eq!(error.description(), Some("CANARY"));
            let shown = format!("{error} {error:?} {error:#?}");
            assert!(!shown.contains("CANARY"), "{shown}");
        }
        let requests = loopback.token_requests(flow.provider()).len();
        assert_eq!(requests, 1, "{flow:?}: it is a final refusal");
    }
}

#[tokio::test]
async fn text_after_a_token_answer_does_not_spoil_it() {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let body = format!(
            "{} {{\"access_token\":\"CANARY-b\"}}",
            good_token(flow, None)
        );
        let client = cold(flow, &loopback, json_answer(body)).await;
        client.warm_up().await.expect("a token");
        let token = client.token_cache().and_then(TokenCache::token);
        let token = token.expect("a token");
        assert_eq!(token.access_token().expose(), "CANARY-odd", "{flow:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_utf8_is_unreadable() {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let mut body = good_token(flow, None).into_bytes();
        let at = body
            .windows(3)
            .position(|w| w == b"odd")
            .expect("the token");
        body[at] = 0xff;
        let client = cold(flow, &loopback, json_answer(body)).await;
        let error = failed_once(flow, &loopback, &client).await;
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidResponse,
            "{flow:?}: {error:?}"
        );
    }
}

#[rstest]
#[case::mac("mac")]
#[case::dpop("DPoP")]
#[tokio::test]
async fn a_token_of_another_type_is_refused_where_types_matter(#[case] kind: &str) {
    for flow in [Flow::JootoOAuth2, Flow::MarketoGet, Flow::MarketoForm] {
        let loopback = Loopback::start();
        let mut answer = token(flow, &json!("CANARY-odd"), None);
        answer.insert("token_type".to_owned(), json!(kind));
        let answer = json_answer(Value::from(answer).to_string());
        let client = cold(flow, &loopback, answer).await;
        let error = failed_once(flow, &loopback, &client).await;
        assert_eq!(
            facts(&error),
            (ErrorKind::InvalidResponse, None, None),
            "{flow:?}"
        );
    }
    // AISPF has a header of its own, whatever the answer calls the token.
    let loopback = Loopback::start();
    let mut answer = token(Flow::AispfOAuth2, &json!("CANARY-odd"), None);
    answer.insert("token_type".to_owned(), json!(kind));
    let answer = json_answer(Value::from(answer).to_string());
    let client = cold(Flow::AispfOAuth2, &loopback, answer).await;
    client.warm_up().await.expect("a token");
}

#[rstest]
#[case::nested(json!({"x": {"y": [1, null, "CANARY"]}, "scope": "a b", "expires": -1}))]
#[case::alike(json!({"accesstoken": 1, "Access_Token": [], "expiresin": {}}))]
#[tokio::test]
async fn unknown_members_of_an_answer_are_ignored(#[case] more: Value) {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let mut answer = token(flow, &json!("CANARY-odd"), Some(&json!(3600)));
        answer.extend(more.as_object().expect("an object").clone());
        let answer = json_answer(Value::from(answer).to_string());
        let client = cold(flow, &loopback, answer).await;
        client.warm_up().await.expect("a token");
        assert_eq!(
            loopback.token_requests(flow.provider()).len(),
            1,
            "{flow:?}"
        );
    }
}

#[rstest]
#[case(500)]
#[case(502)]
#[case(503)]
#[case(504)]
#[tokio::test]
async fn a_page_of_a_proxy_is_a_transient_error(#[case] status: u16) {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let fault = Fault::on(Endpoint::Token).status(status).html();
        let client = cold(flow, &loopback, fault).await;
        let error = failed_once(flow, &loopback, &client).await;
        assert_eq!(
            facts(&error),
            (ErrorKind::Status, Some(status), None),
            "{flow:?}"
        );
        assert!(error.is_transient(), "{error:?}");
    }
}

#[tokio::test]
async fn too_many_requests_is_transient_and_says_how_long_to_wait() {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let fault = Fault::on(Endpoint::Token).status(429).retry_after(120);
        let client = cold(flow, &loopback, fault).await;
        let error = failed_once(flow, &loopback, &client).await;
        assert_eq!(
            (error.kind(), error.status().map(u16::from)),
            (ErrorKind::Status, Some(429))
        );
        assert_eq!(
            error.retry_after(),
            Some(Duration::from_secs(120)),
            "{flow:?}"
        );
        assert!(error.is_transient(), "{error:?}");
    }
}

#[rstest]
#[case(301)]
#[case(302)]
#[case(303)]
#[case(307)]
#[case(308)]
#[tokio::test]
async fn a_redirect_of_the_token_endpoint_is_not_followed(#[case] status: u16) {
    for flow in FLOWS {
        let loopback = Loopback::start();
        let elsewhere = RawServer::silent().await;
        let location = format!("{}/token", elsewhere.origin());
        let fault = Fault::on(Endpoint::Token).status(status).empty();
        let client = cold(flow, &loopback, fault.header("location", &location)).await;
        let error = failed_once(flow, &loopback, &client).await;
        assert_eq!(
            facts(&error),
            (ErrorKind::Status, Some(status), None),
            "{flow:?}"
        );
        assert!(error.to_string().contains("redirect"), "{error}");
        assert_eq!(elsewhere.seen(), [""; 0], "{flow:?}");
    }
}

#[rstest]
#[case(201)]
#[case(202)]
#[case(204)]
#[tokio::test]
async fn another_success_than_200_is_an_error_and_not_a_token(#[case] status: u16) {
    for flow in [
        Flow::AispfOAuth2,
        Flow::JootoOAuth2,
        Flow::MarketoGet,
        Flow::MarketoForm,
    ] {
        let loopback = Loopback::start();
        let fault = Fault::on(Endpoint::Token).status(status).empty();
        let client = cold(flow, &loopback, fault).await;
        let error = failed_once(flow, &loopback, &client).await;
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidResponse,
            "{flow:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn of_a_large_error_only_the_status_is_reported() {
    let body = format!(
        r#"{{"error":"invalid_request","error_description":"CANARY{}"}}"#,
        "x".repeat(1 << 20)
    );
    for flow in FLOWS {
        let loopback = Loopback::start();
        let fault = json_answer(body.clone()).status(400);
        let client = cold(flow, &loopback, fault).await;
        let error = failed_once(flow, &loopback, &client).await;
        assert_eq!(
            facts(&error),
            (ErrorKind::Status, Some(400), None),
            "{flow:?}"
        );
        assert!(!error.is_credential_rejected(), "{error:?}");
        assert_eq!(error.description(), None);
    }
}

#[rstest]
#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end(
    #[values(Flow::AispfLegacy, Flow::MarketoGet)] flow: Flow,
) {
    let loopback = Loopback::start();
    let mut body = vec![b' '; 64 * 1024 * 1024];
    body.extend(good_token(flow, None).into_bytes());
    let fault = Fault::on(Endpoint::Token).body("application/json", body);
    let client = cold(flow, &loopback, fault).await;
    failed_once(flow, &loopback, &client).await;
}

#[tokio::test]
async fn an_endpoint_that_hangs_up_is_a_transient_error() {
    let loopback = Loopback::start();
    let silent = RawServer::silent().await;
    let url = silent.origin();
    let aispf = loopback.aispf_oauth2(AISPF_ID, AISPF_SECRET).auth_url(url);
    let legacy = loopback.aispf_legacy(AISPF_ID, AISPF_SECRET).auth_url(url);
    let marketo = loopback.marketo("id", "CANARY").identity_url(url);
    for client in [
        aispf.build().map(Subject::Aispf),
        legacy.build().map(Subject::Aispf),
        marketo.build().map(Subject::Marketo),
    ] {
        let client = client.expect("valid settings");
        let error = client.warm_up().await.expect_err("no answer");
        assert_eq!(facts(&error), (ErrorKind::Connection, None, None));
        assert!(error.is_transient(), "{error:?}");
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(error.to_string().contains(url), "{error}");
        assert!(
            !shown.contains("CANARY") && !shown.contains(&format!("{url}/")),
            "{shown}"
        );
    }
    let app = loopback.jooto_app(JOOTO_ID, JOOTO_SECRET).oauth_url(url);
    let code = loopback.code(&loopback.app()).await;
    let error = app.build().expect("valid settings").exchange(&code).await;
    assert_eq!(
        facts(&error.expect_err("no answer")),
        (ErrorKind::Connection, None, None)
    );
    assert!(loopback.counts(Flow::MarketoGet.provider()).token_requests == 0);
}
