//! The classification of token endpoint failures, in every flow that gets tokens.

use rstest::rstest;
use tegata::{Error, ErrorKind};
use tegata_emulator::{Endpoint, Fault, Provider};

use tegata_test_support::Flow;
use tegata_test_support::loopback::Loopback;

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// What callers can ask.
#[derive(Debug, PartialEq, Eq)]
struct Means {
    kind: ErrorKind,
    transient: bool,
    rejected: bool,
}

const UNKNOWN: Means = Means {
    kind: ErrorKind::Status,
    transient: false,
    rejected: false,
};
const UNKNOWN_REFUSAL: Means = Means {
    kind: ErrorKind::TokenDenied,
    ..UNKNOWN
};
const UNREADABLE: Means = Means {
    kind: ErrorKind::InvalidResponse,
    ..UNKNOWN
};
const TRANSIENT: Means = Means {
    transient: true,
    ..UNKNOWN
};
const DENIED: Means = Means {
    kind: ErrorKind::TokenDenied,
    transient: false,
    rejected: true,
};

/// The settings that may say where the token endpoint of a flow is.
fn settings(flow: Flow) -> &'static [&'static str] {
    match flow.provider() {
        Provider::FujitsuAispf => &["`auth_url`", "`base_url`"],
        Provider::Jooto => &["`oauth_url`", "`base_url`"],
        Provider::Marketo => &["`identity_url`", "`base_url`", "`munchkin_id`"],
        Provider::Api(_) => unreachable!("flows are those of built-in providers"),
    }
}

async fn fails(flow: Flow, fault: Fault) -> Error {
    let loopback = Loopback::start();
    let client = flow.cold(&loopback).await;
    // AISPF's conventional method asks by id and secret after a refresh that fails.
    loopback.fault(flow.provider(), fault.times(2));
    let error = client.get(flow.path()).await.expect_err("no token");
    assert!(error.is_at_token_endpoint(), "{flow:?}: {error:?}");
    let said = error.to_string();
    assert!(said.contains("token endpoint"), "{flow:?}: {said}");
    let shown = format!("{said} {error:?} {error:#?}");
    assert!(!shown.contains("CANARY"), "{flow:?}: {shown}");
    assert!(loopback.calls(flow.provider()).is_empty());
    error
}

#[tokio::test]
async fn a_token_endpoint_that_hangs_is_named_with_its_setting() {
    for flow in Flow::TOKENS {
        let loopback = Loopback::start();
        let client = flow.cold(&loopback).await;
        loopback.emulator.hold(flow.provider());
        // From here on no timer takes real time.
        tokio::time::pause();
        let error = client.get(flow.path()).await.expect_err("no token");
        tokio::time::resume();
        loopback.emulator.release(flow.provider());
        assert!(error.is_timeout() && error.is_at_token_endpoint());
        let said = error.to_string();
        let names = |setting: &&str| said.contains(setting);
        assert!(settings(flow).iter().any(names), "{flow:?}: {said}");
    }
}

#[rstest]
#[case::gateway_403(403, HTML, "<h1>CANARY</h1>", UNKNOWN)]
#[case::gateway_401(401, HTML, "<h1>CANARY</h1>", UNKNOWN)]
#[case::nothing_400(400, "", "", UNKNOWN)]
#[case::nothing_401(401, "", "", UNKNOWN)]
#[case::nothing_403(403, "", "", UNKNOWN)]
#[case::no_such_page(404, HTML, "<h1>CANARY</h1>", UNKNOWN)]
#[case::no_such_page_in_json(404, JSON, r#"{"status":404,"error":"Not Found"}"#, UNKNOWN)]
#[case::no_such_method(405, HTML, "", UNKNOWN)]
#[case::teapot(418, HTML, "", UNKNOWN)]
#[case::not_implemented(501, HTML, "", UNKNOWN)]
#[case::captive_portal(511, HTML, "CANARY", UNKNOWN)]
#[case::other_code(400, JSON, r#"{"error":"invalid_scope"}"#, UNKNOWN_REFUSAL)]
#[case::dead_in_other_words(400, JSON, r#"{"error":"invalid_request"}"#, UNKNOWN_REFUSAL)]
#[case::expired_token(400, JSON, r#"{"error":"expired_token"}"#, UNKNOWN_REFUSAL)]
#[case::upper_case(400, JSON, r#"{"error":"INVALID_CLIENT"}"#, UNKNOWN_REFUSAL)]
#[case::in_a_200(200, JSON, r#"{"error":"bad_verification_code"}"#, UNKNOWN_REFUSAL)]
#[case::temporarily_400(400, JSON, r#"{"error":"temporarily_unavailable"}"#, TRANSIENT)]
#[case::temporarily_401(401, JSON, r#"{"error":"temporarily_unavailable"}"#, TRANSIENT)]
#[case::temporarily_403(403, JSON, r#"{"error":"temporarily_unavailable"}"#, TRANSIENT)]
#[case::temporarily_200(200, JSON, r#"{"error":"temporarily_unavailable"}"#, TRANSIENT)]
#[case::server_error(400, JSON, r#"{"error":"server_error"}"#, TRANSIENT)]
#[case::slow_down(400, JSON, r#"{"error":"slow_down"}"#, TRANSIENT)]
#[case::too_many(429, JSON, "{}", TRANSIENT)]
#[case::unavailable(503, HTML, "CANARY", TRANSIENT)]
#[case::no_space(507, HTML, "", TRANSIENT)]
#[case::failed_grant(500, JSON, r#"{"error":"invalid_grant"}"#, TRANSIENT)]
#[case::failed_client(500, JSON, r#"{"error":"invalid_client"}"#, TRANSIENT)]
#[case::grant_400(400, JSON, r#"{"error":"invalid_grant"}"#, DENIED)]
#[case::grant_404(404, JSON, r#"{"error":"invalid_grant"}"#, DENIED)]
#[case::grant_422(422, JSON, r#"{"error":"invalid_grant"}"#, DENIED)]
#[case::grant_200(200, JSON, r#"{"error":"invalid_grant"}"#, DENIED)]
#[case::grant_as_html(400, HTML, r#"{"error":"invalid_grant"}"#, DENIED)]
#[case::client_400(400, JSON, r#"{"error":"invalid_client"}"#, DENIED)]
#[case::client_401(401, JSON, r#"{"error":"invalid_client"}"#, DENIED)]
#[case::client_403(403, JSON, r#"{"error":"unauthorized_client"}"#, DENIED)]
#[case::client_200(200, JSON, r#"{"error":"invalid_client"}"#, DENIED)]
#[case::nested(400, JSON, r#"{"error":{"code":"invalid_client"}}"#, DENIED)]
#[case::html_200(200, HTML, "<html>CANARY</html>", UNREADABLE)]
#[case::nothing_200(200, JSON, "", UNREADABLE)]
#[case::a_list(200, JSON, "[]", UNREADABLE)]
#[tokio::test]
async fn a_failure_of_the_token_endpoint_means_the_same_in_every_flow(
    #[case] status: u16,
    #[case] media_type: &str,
    #[case] body: &'static str,
    #[case] expected: Means,
) {
    for flow in Flow::TOKENS {
        let answer = Fault::on(Endpoint::Token).status(status);
        let answer = match (body, media_type) {
            ("", "") => answer.empty(),
            _ => answer.body(media_type, body),
        };
        let error = fails(flow, answer).await;
        let means = Means {
            kind: error.kind(),
            transient: error.is_transient(),
            rejected: error.is_credential_rejected(),
        };
        assert_eq!(means, expected, "{flow:?}: {error:?}");
        // Only Jooto's tokens come from a person's consent.
        let needs = body.contains("invalid_grant") && flow == Flow::JootoOAuth2;
        assert_eq!(error.needs_authorization(), needs && expected == DENIED);
    }
}

#[tokio::test]
async fn a_4xx_that_says_when_to_come_back_passes() {
    for flow in Flow::TOKENS {
        let answer = Fault::on(Endpoint::Token).status(400).retry_after(3);
        let error = fails(flow, answer.body(JSON, r#"{"error":"invalid_request"}"#)).await;
        assert_eq!(error.kind(), ErrorKind::Status, "{flow:?}");
        assert!(error.is_transient() && !error.is_credential_rejected());
    }
}

#[rstest]
#[case(401, DENIED)]
#[case(400, DENIED)]
#[tokio::test]
async fn unauthorized_is_a_final_word_of_marketo_only(
    #[case] status: u16,
    #[case] expected: Means,
) {
    for flow in Flow::TOKENS {
        let answer = Fault::on(Endpoint::Token).status(status);
        let error = fails(flow, answer.body(JSON, r#"{"error":"unauthorized"}"#)).await;
        assert_eq!(error.kind(), expected.kind, "{flow:?}");
        let is_marketo = flow.provider() == Provider::Marketo;
        assert_eq!(error.is_credential_rejected(), is_marketo, "{flow:?}");
    }
}

#[rstest]
#[case(404, HTML, "<h1>CANARY</h1>", "no token endpoint at this URL")]
#[case(405, HTML, "", "no token endpoint at this URL")]
#[case(302, HTML, "", "redirect")]
#[case(403, HTML, "<h1>CANARY</h1>", "text/html")]
#[case(401, "CANARY/CANARY", "CANARY", "another media type")]
#[case(400, JSON, "", "an empty body")]
#[case(200, HTML, "<h1>CANARY</h1>", "text/html")]
#[case(200, JSON, "", "is empty")]
#[case(429, JSON, "{}", "for now")]
#[case(503, HTML, "CANARY", "for now")]
#[tokio::test]
async fn the_message_says_what_came_and_which_setting_to_check(
    #[case] status: u16,
    #[case] media_type: &str,
    #[case] body: &'static str,
    #[case] what: &str,
) {
    for flow in Flow::TOKENS {
        let answer = Fault::on(Endpoint::Token).status(status);
        let said = fails(flow, answer.body(media_type, body)).await.to_string();
        assert!(said.contains(what), "{flow:?}: {said}");
        let named = settings(flow).iter().any(|name| said.contains(name));
        assert!(named, "{flow:?}: {said}");
    }
}

#[tokio::test]
async fn the_same_failure_of_a_service_names_no_token_endpoint() {
    for flow in Flow::TOKENS {
        let loopback = Loopback::start();
        let client = flow.warm(&loopback).await;
        let fault = Fault::on(Endpoint::Resource).status(404).html();
        loopback.fault(flow.provider(), fault);
        let error = match &client {
            tegata_test_support::Subject::Jooto(client) => {
                client.api().get_organization(7).await.map(drop)
            }
            tegata_test_support::Subject::Marketo(client) => {
                client.api().describe_lead().await.map(drop)
            }
            // AISPF's services have no typed call.
            tegata_test_support::Subject::Aispf(_) => continue,
        };
        let error = error.expect_err("not found");
        assert!(!error.is_at_token_endpoint(), "{error:?}");
        assert_eq!(error.to_string(), "the call failed (status 404)");
    }
}
