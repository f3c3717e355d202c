//! Tokens by `POST /v2/tokens`, from answers as servers write them.

use std::time::{Duration, SystemTime};

use rstest::rstest;
use serde_json::json;
use tegata::oauth::App;
use tegata::provider::{Auth, Issued, Refresh, Renewal, TokenSource as _};
use tegata::{BasicEncoding, Error, ErrorKind};

use super::endpoint::{Answer, answer, endpoint, json_answer};
use crate::generated::{security, types};

#[test]
fn the_grant_is_written_and_read_by_its_name() {
    let grant = types::GrantType::ClientCredentials;
    assert_eq!(grant.to_string(), "client_credentials");
    let read: types::GrantType = "client_credentials".parse().expect("the grant");
    assert_eq!(read, grant);
}

/// The source's result for this answer.
async fn answered(answer: Answer) -> Result<Issued, Error> {
    let transport = endpoint(move |_| answer.clone(), Auth::none()).await;
    let server = security::issue_token_server(transport.base_url(), BasicEncoding::Raw);
    let app = App::builder(server, "id", "CANARY-secret").build();
    let source = app.expect("a client").client_credentials();
    let renewal = Renewal {
        current: None,
        refused: false,
        now: SystemTime::UNIX_EPOCH,
    };
    let outcome = source.issue(renewal).await;
    if let Err(error) = &outcome {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("CANARY"), "{shown}");
    }
    outcome
}

const RIGHT: &str = r#"{"access_token":"CANARY-t1","token_type":"Bearer","expires_in":60}"#;

#[rstest]
#[case::status_200(json_answer(RIGHT), 60)]
#[case::status_201(answer(201, "application/json", RIGHT), 60)]
#[case::status_202(answer(202, "application/json", RIGHT), 60)]
#[case::no_type(json_answer(r#"{"access_token":"CANARY-t1","expires_in":60}"#), 60)]
#[case::null_type(json_answer(json!({"access_token": "CANARY-t1", "token_type": null})), 3600)]
#[case::type_jwt(json_answer(json!({"access_token": "CANARY-t1", "token_type": "JWT"})), 3600)]
#[case::type_mac(json_answer(json!({"access_token": "CANARY-t1", "token_type": "mac"})), 3600)]
#[case::type_that_is_no_text(json_answer(json!({"access_token": "CANARY-t1", "token_type": [7]})), 3600)]
#[case::lifetime_of_words(json_answer(json!({"access_token": "CANARY-t1", "expires_in": "soon"})), 3600)]
#[case::null_lifetime(json_answer(json!({"access_token": "CANARY-t1", "expires_in": null})), 3600)]
#[case::byte_order_mark(json_answer(format!("\u{feff}{RIGHT}")), 60)]
#[case::plain_text(answer(200, "text/plain", RIGHT), 60)]
#[case::scope_as_list(json_answer(json!({"access_token": "CANARY-t1", "scope": ["a", "b"]})), 3600)]
#[case::refresh_token(json_answer(json!({"access_token": "CANARY-t1", "refresh_token": 7})), 3600)]
#[case::lifetime_twice(
    json_answer(r#"{"access_token":"CANARY-t1","expires_in":60,"expires_in":""}"#),
    60
)]
#[tokio::test]
async fn the_token_is_taken_from_an_answer_with(#[case] answer: Answer, #[case] seconds: u64) {
    let issued = answered(answer).await.expect("a token");
    let lifetime = Some(Duration::from_secs(seconds));
    assert_eq!(issued, Issued::new("CANARY-t1", lifetime, Refresh::Forget));
}

#[rstest]
#[case::html(
    answer(200, "text/html", "<html>CANARY"),
    "with text/html, which is no token"
)]
#[case::form(
    answer(200, "application/x-www-form-urlencoded", "access_token=CANARY"),
    "with application/x-www-form-urlencoded, which is no token"
)]
#[case::empty(json_answer(""), "is empty")]
#[case::status_204(answer(204, "application/json", ""), "is empty")]
#[case::list(json_answer("[]"), "no JSON object")]
#[case::nested(
    json_answer(r#"{"data":{"access_token":"CANARY"}}"#),
    "lacks `access_token`"
)]
#[case::camel_case(json_answer(r#"{"accessToken":"CANARY"}"#), "lacks `access_token`")]
#[case::empty_access_token(json_answer(r#"{"access_token":""}"#), "no text as `access_token`")]
#[case::two_lines(
    json_answer(r#"{"access_token":"CANARY\nCANARY"}"#),
    "control character"
)]
#[tokio::test]
async fn no_token_is_an_error_that_says_why(#[case] answer: Answer, #[case] why: &str) {
    let error = answered(answer).await.expect_err(why);
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    let shown = error.to_string();
    assert!(
        shown.contains(why) && shown.contains("token endpoint"),
        "{shown}"
    );
}

#[tokio::test]
async fn an_error_with_status_200_is_a_denial() {
    let body = json!({"error": "invalid_client", "error_description": "CANARY"});
    let error = answered(json_answer(body)).await.expect_err("denied");
    assert_eq!(error.kind(), ErrorKind::TokenDenied);
    assert_eq!(
        (error.code(), error.description()),
        (Some("invalid_client"), Some("CANARY"))
    );
}
