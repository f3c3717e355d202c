//! Logins on a device without a browser.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use tegata::oauth::{DeviceAuthorization, Step};
use tegata::{Error, ErrorKind, Token};
use tokio::time::Instant;

use crate::provider::{Provider, answer, parameters};
use crate::{error_is_secretless, secretless};

const MINUTE: Duration = Duration::from_secs(60);

fn started(interval: Option<u64>) -> Value {
    let mut started = json!({
        "device_code": "CANARY-device", "user_code": "WDJB-MJHT", "verification_uri": "https://h/device",
        "verification_uri_complete": "https://h/device?c=WDJB-MJHT", "expires_in": 60,
    });
    if let Some(seconds) = interval {
        started["interval"] = seconds.into();
    }
    started
}

/// Starts a login; the token endpoint then gives these errors, and a token after them.
async fn login(
    provider: &Provider,
    started: &Value,
    errors: &[(u16, &str)],
) -> DeviceAuthorization {
    let app = provider
        .app(provider.server().scopes(["a"]))
        .build()
        .expect("valid");
    provider.state().scripted.push_back(answer(200, started));
    let login = app.authorize_device().await.expect("started");
    for (status, code) in errors {
        let error = answer(
            *status,
            &json!({"error": code, "error_description": "CANARY"}),
        );
        provider.state().scripted.push_back(error);
    }
    login
}

/// The result, and how long each request came after the one before it, in seconds.
async fn waited(
    provider: &Provider,
    login: DeviceAuthorization,
) -> (Result<Token, Error>, Vec<u64>) {
    // Time passes by itself as soon as all tasks wait, so the first moment is noted before.
    let began = Instant::now();
    let (result, asked) = tokio::join!(login.token(), async {
        let mut asked = Vec::new();
        while began.elapsed() < MINUTE * 2 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let count = provider.seen("/token").len();
            asked.resize(count, began.elapsed().as_secs());
        }
        asked
    });
    let gaps = asked.iter().scan(0, |last, at| {
        let gap = at - *last;
        *last = *at;
        Some(gap)
    });
    (result, gaps.collect())
}

#[tokio::test]
async fn the_codes_are_asked_for_and_shown() {
    let provider = Provider::start().await;
    let server = provider
        .server()
        .scopes(["a", "b"])
        .parameter(Step::Device, "audience", "x");
    let app = provider.app(server).build().expect("valid");
    provider
        .state()
        .scripted
        .push_back(answer(200, &started(None)));
    let login = app.authorize_device().await.expect("started");
    secretless(&[&login]);
    assert_eq!(login.user_code(), "WDJB-MJHT");
    assert_eq!(login.verification_uri(), "https://h/device");
    let complete = login.verification_uri_complete();
    assert_eq!(complete, Some("https://h/device?c=WDJB-MJHT"));
    assert!(login.expires_in() <= MINUTE && login.expires_in() > MINUTE / 2);
    let seen = &provider.seen("/device")[0];
    assert_eq!(seen.body, "scope=a+b&client_id=my+id&audience=x");
    assert!(seen.headers.contains_key("authorization"));
}

#[rstest]
#[case(json!({"verification_url": "https://h/old"}), Some("https://h/old"))]
#[case(json!({"verification_url": "https://h/old", "verification_uri": "https://h/new"}), Some("https://h/new"))]
#[case(json!({}), None)]
#[tokio::test]
async fn the_page_has_the_name_of_the_rfc_or_the_older_one(
    #[case] page: Value,
    #[case] expected: Option<&str>,
) {
    let provider = Provider::start().await;
    let app = provider.app(provider.server()).build().expect("valid");
    let mut started = json!({"device_code": "CANARY", "user_code": "CANARY"});
    if let (Value::Object(all), Value::Object(page)) = (&mut started, page) {
        all.extend(page);
    }
    provider.state().scripted.push_back(answer(200, &started));
    let login = app.authorize_device().await;
    let page = login.as_ref().map(DeviceAuthorization::verification_uri);
    assert_eq!(page.ok(), expected);
    if let Err(error) = login {
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        error_is_secretless(&error);
    }
}

#[tokio::test(start_paused = true)]
async fn the_server_is_asked_in_its_interval_until_it_issues() {
    let provider = Provider::start().await;
    let pending = [
        (400, "authorization_pending"),
        (428, "authorization_pending"),
    ];
    let login = login(&provider, &started(Some(7)), &pending).await;
    let (token, gaps) = waited(&provider, login).await;
    token.expect("a token");
    assert_eq!(gaps, [7, 7, 7]);
    let sent = parameters(&provider.seen("/token")[0]);
    assert_eq!(
        sent["grant_type"],
        "urn:ietf:params:oauth:grant-type:device_code"
    );
    assert_eq!(sent["device_code"], "CANARY-device");
    assert!(!sent.contains_key("scope"));
}

#[rstest]
#[case::no_interval(None, &[(400, "authorization_pending")], &[5, 5])]
#[case::zero(Some(0), &[(400, "authorization_pending")], &[1, 1])]
#[case::slow_down(Some(2), &[(400, "slow_down"), (400, "slow_down")], &[2, 7, 12])]
#[case::failures(Some(2), &[(503, ""), (503, ""), (400, "authorization_pending")], &[2, 4, 8, 8])]
#[tokio::test(start_paused = true)]
async fn it_is_asked_less_often_when_it_wants_that(
    #[case] interval: Option<u64>,
    #[case] errors: &[(u16, &str)],
    #[case] expected: &[u64],
) {
    let provider = Provider::start().await;
    let login = login(&provider, &started(interval), errors).await;
    let (token, gaps) = waited(&provider, login).await;
    token.expect("a token");
    assert_eq!(gaps, expected);
}

#[rstest]
#[case("access_denied", ErrorKind::Authorization, "did not allow")]
#[case("expired_token", ErrorKind::Authorization, "expired")]
#[case("invalid_client", ErrorKind::TokenDenied, "refused to issue")]
#[case("invalid_grant", ErrorKind::TokenDenied, "refused to issue")]
#[tokio::test(start_paused = true)]
async fn a_refusal_ends_the_login(#[case] code: &str, #[case] kind: ErrorKind, #[case] why: &str) {
    let provider = Provider::start().await;
    let login = login(&provider, &started(None), &[(400, code)]).await;
    let (result, gaps) = waited(&provider, login).await;
    let error = result.expect_err(code);
    assert_eq!(
        (error.kind(), error.code()),
        (kind, Some(code)),
        "{error:?}"
    );
    assert!(error.to_string().contains(why), "{error}");
    error_is_secretless(&error);
    assert_eq!(gaps, [5], "nothing is asked for afterwards");
}

#[rstest]
#[case(Some(25), 2)]
#[case(Some(100), 0)]
#[tokio::test(start_paused = true)]
async fn an_expired_code_is_not_asked_for(#[case] interval: Option<u64>, #[case] requests: usize) {
    let provider = Provider::start().await;
    let pending = [(400, "authorization_pending"); 9];
    let login = login(&provider, &started(interval), &pending).await;
    let began = Instant::now();
    let (result, gaps) = waited(&provider, login).await;
    let error = result.expect_err("expired");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Authorization, Some("expired_token"))
    );
    assert_eq!(gaps.len(), requests);
    assert!(began.elapsed() >= MINUTE);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_login_ends_it() {
    let provider = Provider::start().await;
    let pending = [(400, "authorization_pending"); 9];
    let login = login(&provider, &started(None), &pending).await;
    let ended = tokio::time::timeout(Duration::from_secs(12), login.token()).await;
    assert!(ended.is_err(), "it still waits");
    tokio::time::sleep(MINUTE).await;
    assert_eq!(provider.seen("/token").len(), 2);
}

#[rstest]
#[case(200, json!({"user_code": "CANARY"}), ErrorKind::InvalidResponse)]
#[case(404, json!({"error": "CANARY"}), ErrorKind::Status)]
#[case(401, json!({"error": "invalid_client"}), ErrorKind::TokenDenied)]
#[tokio::test]
async fn a_login_that_cannot_start_says_why(
    #[case] status: u16,
    #[case] body: Value,
    #[case] kind: ErrorKind,
) {
    let provider = Provider::start().await;
    let app = provider.app(provider.server()).build().expect("valid");
    provider.state().scripted.push_back(answer(status, &body));
    let error = app.authorize_device().await.expect_err("not started");
    assert_eq!(error.kind(), kind, "{error:?}");
    error_is_secretless(&error);
    let server = tegata::oauth::Server::new("https://h/token");
    let app = provider.app(server).build().expect("valid");
    let error = app.authorize_device().await.expect_err("no URL");
    assert!(error.to_string().contains("device_url"), "{error}");
}
