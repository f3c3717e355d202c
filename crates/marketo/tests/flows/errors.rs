//! Every other code: an error of a typed call, an answer of any other, and never a renewal.

use std::time::Duration;

use rstest::rstest;
use tegata::ErrorKind;
use tegata_emulator::{Endpoint, Fault, Provider, Refusal};
use tegata_marketo::{Client, Envelope};

use tegata_test_support::loopback::Loopback;
use tegata_test_support::{Flow, Subject, facts};

const MARKETO: Provider = Provider::Marketo;
const LEADS: &str = "/rest/v1/leads.json";

async fn client(loopback: &Loopback) -> Client {
    match Flow::MarketoGet.warm(loopback).await {
        Subject::Marketo(client) => client,
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case(600, false)]
#[case(603, false)]
#[case(604, true)]
#[case(605, false)]
#[case(606, true)]
#[case(607, false)]
#[case(608, true)]
#[case(609, false)]
#[case(610, false)]
#[case(611, true)]
#[case(612, false)]
#[case(614, true)]
#[case(615, true)]
#[case(616, false)]
#[case(702, false)]
#[case(709, false)]
#[case(713, true)]
#[tokio::test]
async fn a_failed_typed_call_has_the_code_and_says_whether_to_retry(
    #[case] code: u16,
    #[case] transient: bool,
) {
    let loopback = Loopback::start();
    let client = client(&loopback).await;
    loopback.refuse_next(MARKETO, Refusal::new(code));
    let error = client.api().describe_lead().await.expect_err("failed");
    let text = code.to_string();
    assert_eq!(facts(&error), (ErrorKind::Status, Some(200), Some(&*text)));
    assert_eq!(error.is_transient(), transient, "{error:?}");
    assert!(!error.is_credential_rejected(), "{error:?}");
    assert!(error.description().is_some(), "{error:?}");
    assert!(error.to_string().contains(&text), "{error}");
    assert_eq!(loopback.calls(MARKETO).len(), 1);
    assert!(loopback.token_requests(MARKETO).is_empty());
}

#[rstest]
#[tokio::test]
async fn any_other_call_gets_the_envelope_as_it_is(#[values(603, 606, 610)] code: u16) {
    let loopback = Loopback::start();
    let client = Subject::Marketo(client(&loopback).await);
    loopback.refuse_next(MARKETO, Refusal::new(code));
    let request = client.request(tegata::reqwest::Method::GET, LEADS);
    let answer = client.send(request).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let body = answer.text().await.expect("a body");
    assert!(body.contains(r#""success":false"#), "{body}");
    assert!(body.contains(&format!(r#""code":"{code}""#)), "{body}");
    assert!(loopback.token_requests(MARKETO).is_empty());
}

/// By `send_json`, with what the vendor's support asks for.
#[rstest]
#[case(606, true)]
#[case(610, false)]
#[tokio::test]
async fn a_call_that_is_in_no_spec_can_be_judged_like_a_typed_one(
    #[case] code: u16,
    #[case] transient: bool,
) {
    let loopback = Loopback::start();
    let client = client(&loopback).await;
    let leads = || client.get(LEADS).send_json::<Envelope<serde_json::Value>>();
    loopback.refuse_next(MARKETO, Refusal::new(code));
    let error = leads().await.expect_err("failed");
    let text = code.to_string();
    assert_eq!(facts(&error), (ErrorKind::Status, Some(200), Some(&*text)));
    assert_eq!(error.is_transient(), transient, "{error:?}");
    assert!(error.request_id().is_some(), "{error:?}");

    loopback.refuse_next(MARKETO, Refusal::new(602));
    let envelope = leads().await.expect("renewed, and accepted");
    assert!(envelope.request_id.is_some(), "{envelope:?}");
    assert_eq!(loopback.token_requests(MARKETO).len(), 1);
}

#[rstest]
#[case(413, false)]
#[case(414, false)]
#[case(429, true)]
#[case(500, true)]
#[case(502, true)]
#[tokio::test]
async fn a_status_is_an_error_of_a_typed_call(#[case] status: u16, #[case] transient: bool) {
    let loopback = Loopback::start();
    let client = client(&loopback).await;
    let fault = Fault::on(Endpoint::Resource).status(status).retry_after(20);
    loopback.fault(MARKETO, fault);
    let error = client.api().describe_lead().await.expect_err("failed");
    assert_eq!(
        (error.kind(), error.status().map(u16::from)),
        (ErrorKind::Status, Some(status))
    );
    assert_eq!(error.is_transient(), transient, "{error:?}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(20)));
    assert!(loopback.token_requests(MARKETO).is_empty());
}

#[rstest]
#[case::number(
    r#"{"success":false,"errors":[{"code":606,"message":"CANARY"}]}"#,
    Some("606"),
    true
)]
#[case::second(
    r#"{"success":false,"errors":[{"code":"1004","message":"CANARY"},{"code":"606"}]}"#,
    Some("1004"),
    true
)]
#[case::no_code(r#"{"success":false,"errors":[{"message":"CANARY"}]}"#, None, false)]
#[case::no_errors(r#"{"success":false,"requestId":"CANARY"}"#, None, false)]
#[case::empty_errors(r#"{"success":false,"errors":[]}"#, None, false)]
#[case::odd_errors(r#"{"success":false,"errors":"CANARY"}"#, None, false)]
#[tokio::test]
async fn odd_failures_are_errors_too(
    #[case] body: &'static str,
    #[case] code: Option<&str>,
    #[case] transient: bool,
) {
    let loopback = Loopback::start();
    let client = client(&loopback).await;
    let fault = Fault::on(Endpoint::Resource).body("application/json", body);
    loopback.fault(MARKETO, fault);
    let error = client.api().describe_lead().await.expect_err("failed");
    assert_eq!(facts(&error), (ErrorKind::Status, Some(200), code));
    assert_eq!(error.is_transient(), transient, "{error:?}");
    assert!(
        !format!("{error} {error:?}").contains("CANARY"),
        "{error:?}"
    );
}

#[rstest]
#[case::empty_errors(r#"{"success":true,"errors":[],"warnings":[],"result":[]}"#)]
#[case::nested(r#"{"success":true,"result":[{"success":false,"errors":[{"code":"601"}]}]}"#)]
#[case::skipped(
    r#"{"success":true,"result":[{"status":"skipped","reasons":[{"code":"602","message":"x"}]}]}"#
)]
#[case::no_result(r#"{"success":true,"requestId":"e42b#1"}"#)]
#[case::warnings(r#"{"success":true,"warnings":["w",{"code":1,"message":"m"}],"more":{}}"#)]
#[tokio::test]
async fn a_body_that_only_resembles_a_failure_is_none(#[case] body: &'static str) {
    let loopback = Loopback::start();
    let client = client(&loopback).await;
    let fault = Fault::on(Endpoint::Resource).body("application/json", body);
    loopback.fault(MARKETO, fault);
    let described = client.api().describe_lead().await.expect("accepted");
    assert!(described.success);
    assert!(loopback.token_requests(MARKETO).is_empty());
    assert_eq!(loopback.calls(MARKETO).len(), 1);
}

#[rstest]
#[case::no_json("application/json", "CANARY", "line 1")]
#[case::cut("application/json", r#"{"success":true,"CANARY"#, "line 1")]
#[case::no_success(
    "application/json",
    r#"{"result":[{"a":"CANARY"}]}"#,
    "it has no `success`, at line 1"
)]
#[case::html(
    "text/html",
    "<html>CANARY</html>",
    "text/html in place of JSON (status 200)"
)]
#[case::empty("application/json", "", "an empty body in place of JSON (status 200)")]
#[tokio::test]
async fn an_unreadable_answer_is_described_without_its_text(
    #[case] content_type: &str,
    #[case] body: &'static str,
    #[case] says: &str,
) {
    let loopback = Loopback::start();
    let client = client(&loopback).await;
    let fault = Fault::on(Endpoint::Resource).body(content_type, body);
    loopback.fault(MARKETO, fault);
    let error = client.api().describe_lead().await.expect_err("unreadable");
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
    assert!(error.to_string().contains(says), "{error}");
    assert!(
        !format!("{error} {error:?}").contains("CANARY"),
        "{error:?}"
    );
}
