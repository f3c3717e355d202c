use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http::Method;
use rstest::rstest;
use serde_json::json;
use tegata::provider::Auth;
use tegata::{ErrorKind, Token};

use super::*;
use crate::tests::endpoint::{Answer, answer, endpoint, json_answer};

#[test]
fn the_default_names_are_those_of_the_spec() {
    let fields = LegacyFields::default();
    assert_eq!(fields.client_id, "clientId");
    assert_eq!(fields.client_secret, "clientSecret");
    assert_eq!(fields.sent_refresh_token, "refreshToken");
    assert_eq!(fields.access_token, "accessToken");
    assert_eq!(fields.refresh_token, "refreshToken");
    assert_eq!(fields.expires_in, "expiresIn");
}

#[rstest]
#[case::default(LegacyFields::default(), ["refreshToken", "clientId", "clientSecret"])]
#[case::swapped(
    LegacyFields {
        client_id: "clientSecret".to_owned(),
        client_secret: "clientId".to_owned(),
        sent_refresh_token: "token".to_owned(),
        ..LegacyFields::default()
    },
    ["token", "clientSecret", "clientId"],
)]
#[tokio::test]
async fn requests_have_the_names_that_were_set(
    #[case] fields: LegacyFields,
    #[case] names: [&str; 3],
) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let answer = move |request: http::Request<axum::body::Bytes>| {
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        log.lock().expect("sound").push(body);
        answer(400, "application/json", r#"{"error":"invalid_grant"}"#)
    };
    let source = source(endpoint(answer, Auth::none()).await, fields);
    let current = token("CANARY-r0");
    source.issue(renewal(&current)).await.expect_err("denied");
    let [refresh, id, secret] = names;
    let expected = [
        json!({refresh: "CANARY-r0"}),
        json!({id: "id", secret: "CANARY-secret"}),
    ];
    assert_eq!(*seen.lock().expect("sound"), expected);
}

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

fn token(refresh_token: &str) -> Token {
    Token::new(
        Issued::new("CANARY-t0", None, replaced(refresh_token)),
        NOW,
        None,
    )
}

fn replaced(refresh_token: &str) -> Refresh {
    Refresh::Replace {
        token: refresh_token.into(),
        lifetime: Some(security::LEGACY_REFRESH_TOKEN_LIFETIME),
    }
}

fn source(endpoint: Transport, fields: LegacyFields) -> LegacyTokens {
    let (id, secret) = ("id".into(), "CANARY-secret".into());
    LegacyTokens::new(endpoint, id, secret, fields).expect("valid credentials")
}

fn renewal(current: &Token) -> Renewal<'_> {
    Renewal {
        current: Some(current),
        refused: false,
        now: NOW,
    }
}

async fn issue(
    answer: impl Fn(&Method) -> Answer + Clone + Send + Sync + 'static,
    fields: LegacyFields,
) -> Result<Issued, Error> {
    let transport = endpoint(move |request| answer(request.method()), Auth::none()).await;
    let current = token("CANARY-r0");
    let outcome = source(transport, fields).issue(renewal(&current)).await;
    if let Err(error) = &outcome {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("CANARY"), "{shown}");
    }
    outcome
}

/// The source's result for this answer to a refresh, while no token is issued in another way.
async fn answered(to_refresh: Answer) -> Result<Issued, Error> {
    let denied = answer(400, "application/json", r#"{"error":"invalid_client"}"#);
    let answer = move |method: &Method| match *method {
        Method::PATCH => to_refresh.clone(),
        _ => denied.clone(),
    };
    issue(answer, LegacyFields::default()).await
}

const RIGHT: &str = r#"{"accessToken":"CANARY-t1","refreshToken":"CANARY-r1","expiresIn":60}"#;

#[rstest]
#[case::status_200(json_answer(RIGHT), 60)]
#[case::status_201(answer(201, "application/json", RIGHT), 60)]
#[case::status_202(answer(202, "application/json", RIGHT), 60)]
#[case::any_type(json_answer(format!(r#"{{"tokenType":"JWT",{}"#, &RIGHT[1..])), 60)]
#[case::lifetime_of_words(json_answer(RIGHT.replace("60", "\"soon\"")), 3600)]
#[case::null_lifetime(json_answer(RIGHT.replace("60", "null")), 3600)]
#[case::byte_order_mark(json_answer(format!("\u{feff}{RIGHT}")), 60)]
#[case::plain_text(answer(200, "text/plain", RIGHT), 60)]
#[case::refresh_token_twice(json_answer(RIGHT.replace("60", "60,\"refreshToken\":\"\"")), 60)]
#[tokio::test]
async fn both_tokens_are_taken_from_an_answer_with(#[case] answer: Answer, #[case] seconds: u64) {
    let issued = answered(answer).await.expect("a token");
    let lifetime = Some(Duration::from_secs(seconds));
    assert_eq!(
        issued,
        Issued::new("CANARY-t1", lifetime, replaced("CANARY-r1"))
    );
}

#[rstest]
#[case::empty(json!(""))]
#[case::blanks(json!(" \t"))]
#[case::null(Value::Null)]
#[case::number(json!(7))]
#[case::object(json!({}))]
#[tokio::test]
async fn the_old_refresh_token_stays_beside_one_that_is(#[case] refresh_token: Value) {
    let body = json!({"accessToken": "CANARY-t1", "refreshToken": refresh_token});
    let issued = answered(json_answer(body)).await.expect("a token");
    assert_eq!(issued.refresh, Refresh::Keep);
}

#[rstest]
#[case::no_access_token(json!({"refreshToken": "CANARY-r1"}), "lacks an access token")]
#[case::two_lines(
    json!({"accessToken": "CANARY\nt", "refreshToken": "CANARY-r1"}),
    "control character"
)]
#[tokio::test]
async fn the_refresh_token_alone_is_kept_from_an_answer_with(
    #[case] body: Value,
    #[case] why: &str,
) {
    let issued = answered(json_answer(body)).await.expect("a refresh token");
    assert_eq!(issued.refresh, replaced("CANARY-r1"));
    assert!(issued.unusable.is_some_and(|reason| reason.contains(why)));
}

#[rstest]
#[case::a_refresh_token_alone(r#"{"refreshToken":"CANARY-r1"}"#)]
#[case::no_token(r#"{"error":"invalid_grant"}"#)]
#[case::no_json("CANARY")]
#[tokio::test]
async fn id_and_secret_still_issue_a_token_after_a_refresh_with(#[case] to_refresh: &'static str) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let answer = move |method: &Method| {
        log.lock().expect("sound").push(method.clone());
        match *method {
            Method::PATCH => json_answer(to_refresh),
            _ => json_answer(r#"{"accessToken":"CANARY-t2","refreshToken":"CANARY-r2"}"#),
        }
    };
    let issued = issue(answer, LegacyFields::default())
        .await
        .expect("a token");
    assert_eq!(issued.access_token, "CANARY-t2".into());
    assert_eq!(issued.refresh, replaced("CANARY-r2"));
    assert_eq!(*seen.lock().expect("sound"), [Method::PATCH, Method::POST]);
}

#[rstest]
#[case::html(
    answer(200, "text/html", "<html>CANARY"),
    "with text/html, which is no token"
)]
#[case::form(
    answer(200, "application/x-www-form-urlencoded", "accessToken=CANARY"),
    "with application/x-www-form-urlencoded, which is no token"
)]
#[case::empty(json_answer(""), "is empty")]
#[case::status_204(answer(204, "application/json", ""), "is empty")]
#[case::list(json_answer("[]"), "no JSON object")]
#[case::nested(
    json_answer(r#"{"data":{"accessToken":"CANARY"}}"#),
    "lacks `accessToken`"
)]
#[case::snake_case(json_answer(r#"{"access_token":"CANARY"}"#), "lacks `accessToken`")]
#[case::empty_access_token(json_answer(r#"{"accessToken":""}"#), "no text as `accessToken`")]
#[case::two_lines(
    json_answer(r#"{"accessToken":"CANARY\nCANARY"}"#),
    "control character"
)]
#[tokio::test]
async fn no_token_at_all_is_an_error_that_says_why(#[case] answer: Answer, #[case] why: &str) {
    let outcome = issue(move |_| answer.clone(), LegacyFields::default()).await;
    let error = outcome.expect_err(why);
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    let shown = error.to_string();
    assert!(
        shown.contains(why) && shown.contains("token endpoint"),
        "{shown}"
    );
}

fn renamed() -> LegacyFields {
    LegacyFields {
        access_token: "token".to_owned(),
        refresh_token: "next".to_owned(),
        expires_in: "seconds".to_owned(),
        ..LegacyFields::default()
    }
}

#[rstest]
#[case(json!({"token": "CANARY-t1", "next": "CANARY-r1", "seconds": "soon"}), 3600, replaced("CANARY-r1"))]
#[case(json!({"token": "CANARY-t1", "next": " ", "seconds": 60}), 60, Refresh::Keep)]
#[case(
    json!({"token": "CANARY-t1", "accessToken": 7, "refreshToken": "other", "expiresIn": 1}),
    3600,
    Refresh::Keep
)]
#[tokio::test]
async fn renamed_fields_are_read_as_leniently(
    #[case] body: Value,
    #[case] seconds: u64,
    #[case] refresh: Refresh,
) {
    let issued = issue(move |_| json_answer(&body), renamed())
        .await
        .expect("a token");
    let lifetime = Some(Duration::from_secs(seconds));
    assert_eq!(issued, Issued::new("CANARY-t1", lifetime, refresh));
}

#[tokio::test]
async fn a_missing_field_is_called_by_the_name_that_was_set() {
    let body = r#"{"accessToken":"CANARY"}"#;
    let error = issue(move |_| json_answer(body), renamed())
        .await
        .expect_err("no token");
    assert!(error.to_string().contains("lacks `token`"), "{error}");
}
