//! Token answers as servers really write them, and the tokens that are read from each.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Bytes;
use rstest::rstest;
use serde_json::{Value, json};
use tegata::oauth::{self, Tokens};
use tegata::provider::{BaseUrl, Issued, Refresh, Renewal, TokenSource as _};
use tegata::{Error, ErrorKind, Secret, Token};

use crate::generated::security;
use crate::{App, AuthorizationCode};

type Answer = http::Response<String>;

/// A token endpoint on loopback, and its URL.
pub(crate) async fn endpoint(
    answer: impl Fn(Bytes) -> Answer + Clone + Send + Sync + 'static,
) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("bound");
    let router = Router::new().fallback(move |body: Bytes| async move { answer(body) });
    tokio::spawn(async move { axum::serve(listener, router).await.expect("serves") });
    format!("http://{address}")
}

fn source(url: &str) -> Tokens {
    let server = security::issue_token_server(&BaseUrl::parse(url).expect("a URL"));
    let app = oauth::App::builder(server, "id", "CANARY-secret").build();
    app.expect("a client").refresh_tokens()
}

/// The source's result for this answer to a refresh.
async fn answered(answer: Answer) -> Result<Issued, Error> {
    let source = source(&endpoint(move |_| answer.clone()).await);
    let outcome = source.issue(renewal(&token("CANARY-r0"))).await;
    let shown = format!(
        "{outcome:?} {}",
        outcome
            .as_ref()
            .map_or_else(Error::to_string, |_| String::new())
    );
    assert!(!shown.contains("CANARY"), "{shown}");
    outcome
}

fn token(refresh_token: &str) -> Token {
    let refresh = Refresh::Replace {
        token: refresh_token.into(),
        lifetime: None,
    };
    let issued = Issued::new("CANARY-t0", Some(Duration::ZERO), refresh);
    Token::new(issued, SystemTime::UNIX_EPOCH, None)
}

fn renewal(current: &Token) -> Renewal<'_> {
    Renewal {
        current: Some(current),
        refused: false,
        now: SystemTime::UNIX_EPOCH,
    }
}

pub(crate) fn answer(status: u16, media_type: &str, body: impl Into<String>) -> Answer {
    let builder = http::Response::builder().status(status);
    let builder = builder.header("content-type", media_type);
    builder.body(body.into()).expect("an answer")
}

#[allow(clippy::needless_pass_by_value)] // A text and a value are written alike.
fn json_answer(body: impl ToString) -> Answer {
    answer(200, "application/json", body.to_string())
}

/// A correct answer with a new refresh token, with these members changed.
fn rotated(changes: Value) -> Value {
    let mut body = json!({
        "access_token": "CANARY-t1",
        "token_type": "Bearer",
        "expires_in": 60,
        "refresh_token": "CANARY-r1",
    });
    if let (Value::Object(body), Value::Object(changes)) = (&mut body, changes) {
        body.extend(changes);
    }
    body
}

fn without(name: &str) -> Value {
    let mut body = rotated(json!({}));
    body.as_object_mut().expect("an object").remove(name);
    body
}

fn new_refresh_token() -> Refresh {
    Refresh::Replace {
        token: "CANARY-r1".into(),
        lifetime: None,
    }
}

const HOUR: u64 = 3600;

#[rstest]
#[case::status_200(json_answer(rotated(json!({}))), 60)]
#[case::status_201(answer(201, "application/json", rotated(json!({})).to_string()), 60)]
#[case::status_202(answer(202, "application/json", rotated(json!({})).to_string()), 60)]
#[case::status_203(answer(203, "application/json", rotated(json!({})).to_string()), 60)]
#[case::status_299(answer(299, "application/json", rotated(json!({})).to_string()), 60)]
#[case::no_type(json_answer(without("token_type")), 60)]
#[case::null_type(json_answer(rotated(json!({"token_type": null}))), 60)]
#[case::empty_type(json_answer(rotated(json!({"token_type": ""}))), 60)]
#[case::type_in_capitals(json_answer(rotated(json!({"token_type": "BEARER"}))), 60)]
#[case::no_lifetime(json_answer(without("expires_in")), HOUR)]
#[case::lifetime_of_words(json_answer(rotated(json!({"expires_in": "soon"}))), HOUR)]
#[case::lifetime_as_date(json_answer(rotated(json!({"expires_in": "2026-11-28T10:00:00Z"}))), HOUR)]
#[case::null_lifetime(json_answer(rotated(json!({"expires_in": null}))), HOUR)]
#[case::lifetime_as_object(json_answer(rotated(json!({"expires_in": {"seconds": 60}}))), HOUR)]
#[case::lifetime_as_flag(json_answer(rotated(json!({"expires_in": true}))), HOUR)]
#[case::lifetime_as_text(json_answer(rotated(json!({"expires_in": "60"}))), 60)]
#[case::lifetime_as_fraction(json_answer(rotated(json!({"expires_in": 60.0}))), 60)]
#[case::lifetime_of_1(json_answer(rotated(json!({"expires_in": 1}))), 1)]
#[case::lifetime_of_0(json_answer(rotated(json!({"expires_in": 0}))), 0)]
#[case::lifetime_below_0(json_answer(rotated(json!({"expires_in": -1}))), 0)]
#[case::lifetime_in_milliseconds(json_answer(rotated(json!({"expires_in": 3_600_000}))), 3_600_000)]
#[case::lists_and_more(json_answer(rotated(json!({"scope": ["a", "b"], "iat": 1, "x": {"y": null}}))), 60)]
#[case::byte_order_mark(json_answer(format!("\u{feff}{}", rotated(json!({})))), 60)]
#[case::plain_text(answer(200, "text/plain", rotated(json!({})).to_string()), 60)]
#[case::html_by_its_header(answer(200, "text/html", rotated(json!({})).to_string()), 60)]
#[case::member_twice(
    json_answer(format!(r#"{{"refresh_token":"CANARY-r0",{}"#, &rotated(json!({})).to_string()[1..])),
    60
)]
#[case::member_twice_once_blank(
    json_answer(rotated(json!({})).to_string().replace('}', r#","access_token":"","refresh_token":null}"#)),
    60
)]
#[tokio::test]
async fn both_tokens_are_taken_from_an_answer_with(#[case] answer: Answer, #[case] seconds: u64) {
    let issued = answered(answer).await.expect("a token");
    let lifetime = Some(Duration::from_secs(seconds));
    assert_eq!(
        issued,
        Issued::new("CANARY-t1", lifetime, new_refresh_token())
    );
}

#[rstest]
#[case::type_jwt(rotated(json!({"token_type": "JWT"})), "not of type bearer")]
#[case::type_mac(rotated(json!({"token_type": "mac"})), "not of type bearer")]
#[case::type_n_a(rotated(json!({"token_type": "N_A"})), "not of type bearer")]
#[case::type_that_is_no_text(rotated(json!({"token_type": ["Bearer"]})), "not of type bearer")]
#[case::no_access_token(without("access_token"), "lacks an access token")]
#[case::null_access_token(rotated(json!({"access_token": null})), "lacks an access token")]
#[case::empty_access_token(rotated(json!({"access_token": ""})), "lacks an access token")]
#[case::blank_access_token(rotated(json!({"access_token": " \t"})), "lacks an access token")]
#[case::access_token_of_two_lines(rotated(json!({"access_token": "CANARY\nt1"})), "control character")]
#[case::error_beside_it(
    json!({"error": "server_error", "refresh_token": "CANARY-r1"}),
    "lacks an access token"
)]
#[tokio::test]
async fn the_refresh_token_alone_is_kept_from_an_answer_with(
    #[case] body: Value,
    #[case] why: &str,
) {
    let issued = answered(json_answer(body)).await.expect("a refresh token");
    assert_eq!(issued.refresh, new_refresh_token());
    assert!(issued.access_token.is_empty());
    let reason = issued.unusable.expect("a reason");
    assert!(reason.contains(why), "{reason}");
}

#[rstest]
#[case::empty(json!(""))]
#[case::blanks(json!("  \t\n"))]
#[case::wide_blank(json!("\u{3000}"))]
#[case::null(Value::Null)]
#[case::number(json!(7))]
#[case::flag(json!(false))]
#[case::list(json!(["CANARY-r1"]))]
#[case::object(json!({"value": "CANARY-r1"}))]
#[tokio::test]
async fn the_old_refresh_token_stays_beside_one_that_is(#[case] refresh_token: Value) {
    let body = rotated(json!({"refresh_token": refresh_token}));
    let issued = answered(json_answer(body)).await.expect("a token");
    assert_eq!(issued.refresh, Refresh::Keep);
    assert_eq!(issued.access_token, "CANARY-t1".into());
}

#[rstest]
#[case::html(
    answer(200, "text/html", "<html>CANARY</html>"),
    "with text/html, which is no token"
)]
#[case::form(
    answer(
        200,
        "application/x-www-form-urlencoded",
        "access_token=CANARY&token_type=bearer"
    ),
    "with application/x-www-form-urlencoded, which is no token"
)]
#[case::another_type(answer(200, "CANARY/x", "CANARY"), "with another media type")]
#[case::empty(json_answer(""), "is empty")]
#[case::status_204(answer(204, "application/json", ""), "is empty")]
#[case::list(json_answer("[]"), "no JSON object")]
#[case::cut_off(json_answer(r#"{"access_token":"CANARY"#), "no JSON object")]
#[case::nested(
    json_answer(r#"{"data":{"access_token":"CANARY","token_type":"Bearer"}}"#),
    "lacks `access_token`"
)]
#[case::camel_case(
    json_answer(r#"{"accessToken":"CANARY","tokenType":"Bearer","expiresIn":3600}"#),
    "lacks `access_token`"
)]
#[case::empty_access_token(
    json_answer(r#"{"access_token":"","expires_in":3600}"#),
    "`access_token`"
)]
#[case::two_lines(
    json_answer(r#"{"access_token":"CANARY\nCANARY"}"#),
    "control character"
)]
#[case::type_mac(
    json_answer(r#"{"access_token":"CANARY","token_type":"mac"}"#),
    "not of type bearer"
)]
#[tokio::test]
async fn no_token_at_all_is_an_error_that_says_why(#[case] answer: Answer, #[case] why: &str) {
    let status = answer.status().as_u16();
    let error = answered(answer).await.expect_err(why);
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(
        error.status().is_none_or(|given| given.as_u16() == status),
        "{error}"
    );
    let shown = error.to_string();
    assert!(
        shown.contains(why) && shown.contains("token endpoint"),
        "{shown}"
    );
}

#[rstest]
#[case("invalid_grant", "The refresh token is expired CANARY")]
#[case("invalid_client", "CANARY")]
#[case("bad_verification_code", "The code passed is incorrect or expired.")]
#[tokio::test]
async fn an_error_with_status_200_is_a_denial(#[case] code: &str, #[case] description: &str) {
    let body = json!({"error": code, "error_description": description});
    let error = answered(json_answer(body)).await.expect_err("denied");
    assert_eq!(error.kind(), ErrorKind::TokenDenied);
    assert_eq!(
        (error.status().map(u16::from), error.code()),
        (Some(200), Some(code))
    );
    assert_eq!(error.description(), Some(description));
}

#[tokio::test]
async fn a_token_that_is_no_ascii_is_taken() {
    let body = json!({"access_token": "é", "token_type": "Bearer", "expires_in": 60});
    let issued = answered(json_answer(body)).await.expect("a token");
    assert_eq!(
        (issued.access_token, issued.refresh),
        ("é".into(), Refresh::Keep)
    );
}

/// The refresh token in a request.
fn refresh_token(request: &[u8]) -> String {
    let mut fields = url::form_urlencoded::parse(request);
    let field = fields.find(|(name, _)| name == "refresh_token");
    field.expect("a refresh").1.into_owned()
}

/// A server that rotates, and revokes all when a spent refresh token comes again.
#[derive(Default)]
struct Rotating {
    spent: Vec<String>,
    revoked: bool,
}

impl Rotating {
    /// Answers a refresh; to the first one with this flaw.
    fn answer(&mut self, body: &[u8], first: &dyn Fn(Value) -> Answer) -> Answer {
        let sent = refresh_token(body);
        let live = format!("r{}", self.spent.len());
        if sent != live {
            self.revoked = true;
            return answer(400, "application/json", r#"{"error":"invalid_grant"}"#);
        }
        self.spent.push(sent);
        let number = self.spent.len();
        let body = json!({
            "access_token": format!("t{number}"),
            "token_type": "Bearer",
            "expires_in": 2,
            "refresh_token": format!("r{number}"),
        });
        if number == 1 {
            first(body)
        } else {
            json_answer(body)
        }
    }
}

fn with_type(mut body: Value, token_type: Option<&str>) -> Answer {
    let members = body.as_object_mut().expect("an object");
    members.remove("token_type");
    if let Some(token_type) = token_type {
        members.insert("token_type".to_owned(), token_type.into());
    }
    json_answer(body)
}

#[rstest]
#[case::no_flaw(|body| json_answer(body))]
#[case::status_201(|body: Value| answer(201, "application/json", body.to_string()))]
#[case::no_type(|body| with_type(body, None))]
#[case::type_jwt(|body| with_type(body, Some("JWT")))]
#[case::byte_order_mark(|body| json_answer(format!("\u{feff}{body}")))]
#[tokio::test]
async fn no_spent_refresh_token_is_sent_after_an_answer_with(#[case] first: fn(Value) -> Answer) {
    let server = Arc::new(Mutex::new(Rotating::default()));
    let state = Arc::clone(&server);
    let url = endpoint(move |body| state.lock().expect("sound").answer(&body, &first)).await;
    let source = source(&url);
    let mut current = token("r0");
    for _ in 0..4 {
        let issued = source.issue(renewal(&current)).await.expect("issued");
        current = Token::new(issued, SystemTime::UNIX_EPOCH, Some(&current));
    }
    let server = server.lock().expect("sound");
    assert!(!server.revoked);
    assert_eq!(server.spent, ["r0", "r1", "r2", "r3"]);
    assert_eq!(current.refresh_token(), Some(&"r4".into()));
}

#[tokio::test]
async fn the_same_refresh_token_is_sent_again_after_an_empty_one() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&sent);
    let url = endpoint(move |body| {
        log.lock().expect("sound").push(refresh_token(&body));
        json_answer(rotated(json!({"refresh_token": ""})))
    });
    let source = source(&url.await);
    let mut current = token("r0");
    for _ in 0..2 {
        let issued = source.issue(renewal(&current)).await.expect("issued");
        current = Token::new(issued, SystemTime::UNIX_EPOCH, Some(&current));
    }
    assert_eq!(*sent.lock().expect("sound"), ["r0", "r0"]);
}

#[rstest]
#[case::good(rotated(json!({})), false)]
#[case::type_jwt(rotated(json!({"token_type": "JWT"})), true)]
#[case::no_access_token(without("access_token"), true)]
#[tokio::test]
async fn a_login_is_not_lost_over_its_access_token(#[case] body: Value, #[case] expired: bool) {
    let answer = answer(201, "application/json", body.to_string());
    let url = endpoint(move |_| answer.clone()).await;
    let app = App::builder("id", "CANARY-secret", "https://c.example/");
    let app = app.oauth_url(url).build().expect("an application");
    let token = app
        .exchange(&AuthorizationCode::from(Secret::from("CANARY-code")))
        .await;
    let token = token.expect("a login");
    assert_eq!(token.refresh_token(), Some(&"CANARY-r1".into()));
    assert_eq!(token.is_expired(token.issued_at()), expired);
    assert_eq!(token.access_token().is_empty(), expired);
}

#[tokio::test]
async fn an_answer_without_any_token_is_no_login() {
    let url = endpoint(|_| json_answer(r#"{"token_type":"CANARY"}"#)).await;
    let app = App::builder("id", "CANARY-secret", "https://c.example/");
    let app = app.oauth_url(url).build().expect("an application");
    let error = app
        .exchange(&AuthorizationCode::from(Secret::from("CANARY-code")))
        .await;
    let error = error.expect_err("no login");
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(
        !format!("{error} {error:?}").contains("CANARY"),
        "{error:?}"
    );
}
