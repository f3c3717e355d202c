use std::time::SystemTime;

use axum::Router;
use rstest::rstest;
use serde_json::json;
use tegata::oauth::App;
use tegata::provider::{Auth, Refresh, Transport};
use tegata::{ErrorKind, Settings};

use super::*;
use crate::generated::{IdentityOperations, types};

#[test]
fn the_grant_is_written_and_read_by_its_name() {
    let grant = types::GrantType::ClientCredentials;
    assert_eq!(grant.to_string(), "client_credentials");
    let read: types::GrantType = "client_credentials".parse().expect("the grant");
    assert_eq!(read, grant);
}

type Answer = http::Response<String>;

/// The operations of an identity endpoint on loopback that always gives this answer.
async fn identity(answer: Answer) -> IdentityOperations {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("bound");
    let router = Router::new().fallback(move || async move { answer.clone() });
    tokio::spawn(async move { axum::serve(listener, router).await.expect("serves") });
    let base = BaseUrl::parse(&format!("http://{address}")).expect("a URL");
    let http = Settings::new().to_http_client().expect("a client");
    let transport = Transport::new(http, base, Auth::none(), &security::PROVIDER);
    IdentityOperations::new(transport)
}

/// The source's result for this answer, for each request method.
async fn answered(answer: Answer, request: TokenRequest) -> Result<Issued, Error> {
    let server = request.server(identity(answer).await.transport().base_url(), None);
    let app = App::builder(server, "id", "CANARY-secret").build();
    let source = IdentityTokens {
        tokens: app.expect("valid settings").client_credentials(),
        retry_interval: Duration::ZERO,
    };
    let renewal = Renewal {
        current: None,
        refused: false,
        now: SystemTime::UNIX_EPOCH,
    };
    let outcome = TokenSource::issue(&source, renewal).await;
    if let Err(error) = &outcome {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("CANARY"), "{shown}");
    }
    outcome
}

#[allow(clippy::needless_pass_by_value)] // A text and a value are written alike.
fn answer(status: u16, media_type: &str, body: impl ToString) -> Answer {
    let builder = http::Response::builder().status(status);
    let builder = builder.header("content-type", media_type);
    builder.body(body.to_string()).expect("an answer")
}

#[allow(clippy::needless_pass_by_value)] // A text and a value are written alike.
fn json_answer(body: impl ToString) -> Answer {
    answer(200, "application/json", body)
}

const RIGHT: &str =
    r#"{"access_token":"CANARY-t1","token_type":"bearer","expires_in":60,"scope":"a@b.example"}"#;

#[rstest]
#[case::status_200(json_answer(RIGHT), 60)]
#[case::status_201(answer(201, "application/json", RIGHT), 60)]
#[case::status_202(answer(202, "application/json", RIGHT), 60)]
#[case::no_type(json_answer(r#"{"access_token":"CANARY-t1","expires_in":60}"#), 60)]
#[case::null_type(json_answer(json!({"access_token": "CANARY-t1", "token_type": null})), 3600)]
#[case::lifetime_of_words(json_answer(json!({"access_token": "CANARY-t1", "expires_in": "soon"})), 3600)]
#[case::null_lifetime(json_answer(json!({"access_token": "CANARY-t1", "expires_in": null})), 3600)]
#[case::lifetime_of_0(json_answer(json!({"access_token": "CANARY-t1", "expires_in": 0})), 0)]
#[case::byte_order_mark(json_answer(format!("\u{feff}{RIGHT}")), 60)]
#[case::plain_text(answer(200, "text/plain", RIGHT), 60)]
#[case::scope_as_list(json_answer(json!({"access_token": "CANARY-t1", "scope": ["a", "b"]})), 3600)]
#[case::scope_as_object(json_answer(json!({"access_token": "CANARY-t1", "scope": {}})), 3600)]
#[case::empty_refresh_token(json_answer(json!({"access_token": "CANARY-t1", "refresh_token": ""})), 3600)]
#[case::lifetime_twice(
    json_answer(r#"{"access_token":"CANARY-t1","expires_in":60,"expires_in":""}"#),
    60
)]
#[tokio::test]
async fn the_token_is_taken_from_an_answer_with(
    #[case] answer: Answer,
    #[case] seconds: u64,
    #[values(TokenRequest::Get, TokenRequest::PostForm)] request: TokenRequest,
) {
    let issued = answered(answer, request).await.expect("a token");
    let lifetime = Some(Duration::from_secs(seconds));
    assert_eq!(issued, Issued::new("CANARY-t1", lifetime, Refresh::Forget));
}

#[rstest]
#[case::type_jwt(
    json_answer(r#"{"access_token":"CANARY","token_type":"JWT"}"#),
    "not of type bearer"
)]
#[case::type_mac(
    json_answer(r#"{"access_token":"CANARY","token_type":"mac"}"#),
    "not of type bearer"
)]
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
async fn no_token_is_an_error_that_says_why(
    #[case] answer: Answer,
    #[case] why: &str,
    #[values(TokenRequest::Get, TokenRequest::PostForm)] request: TokenRequest,
) {
    let error = answered(answer, request).await.expect_err(why);
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    let shown = error.to_string();
    assert!(
        shown.contains(why) && shown.contains("token endpoint"),
        "{shown}"
    );
}

#[tokio::test]
async fn an_error_with_status_200_is_a_denial() {
    let body = json!({"error": "unauthorized", "error_description": "CANARY"});
    let error = answered(json_answer(body), TokenRequest::Get).await;
    let error = error.expect_err("denied");
    assert_eq!(error.kind(), ErrorKind::TokenDenied);
    assert_eq!(
        (error.code(), error.description()),
        (Some("unauthorized"), Some("CANARY"))
    );
}

#[tokio::test]
async fn a_direct_call_is_read_as_leniently() {
    let body = r#"{"access_token":"CANARY-t1","expires_in":"soon","scope":["a"]}"#;
    let api = identity(answer(201, "text/plain", format!("\u{feff}{body}"))).await;
    let grant = types::GrantType::ClientCredentials;
    let secret = "CANARY-secret".into();
    let token = api.issue_token("id", &secret, grant, None).await;
    let token = token.expect("a token").into_inner();
    assert_eq!(token.access_token, "CANARY-t1".into());
    assert_eq!(token.token_type, "Bearer");
    assert!(token.expires_in.is_none() && token.scope.is_none());
}
