//! A login on a device without a browser.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use super::{SECRET, started, with};
use crate::support::{Answer, Loopback, call, send};

async fn post(loopback: &Loopback, path: &str, mut body: Value) -> Answer {
    use base64::Engine as _;
    body["audience"] = "acme".into();
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("the id:{SECRET}"));
    let request = loopback
        .post(path)
        .header("authorization", format!("Basic {pair}"));
    send(
        request
            .header("content-type", "application/json")
            .body(body.to_string()),
    )
    .await
}

async fn started_login(loopback: &Loopback) -> Answer {
    let answer = post(loopback, "/acme/device/code", json!({"scope": "a,b"})).await;
    answer.assert_status(200);
    answer
}

async fn ask(loopback: &Loopback, device_code: &str) -> Answer {
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    post(
        loopback,
        "/acme/device/token",
        json!({"grant_type": grant, "device_code": device_code}),
    )
    .await
}

#[tokio::test]
async fn a_device_gets_its_token_once_its_user_agrees() {
    let (loopback, acme) = started();
    let login = started_login(&loopback).await;
    let code = login.member("device_code");
    assert_eq!(login.json()["interval"], 5);
    assert_eq!(login.json()["expires_in"], 600);
    ask(&loopback, &code)
        .await
        .assert_oauth_error(400, "authorization_pending");
    loopback
        .emulator
        .decide_device(acme, &login.member("user_code").to_lowercase(), true)
        .unwrap();
    let token = ask(&loopback, &code).await;
    assert_eq!(token.member("scope"), "a,b");
    call(
        &loopback,
        "/acme/files/mine",
        &[("x-device-token", &token.member("accessToken"))],
    )
    .await
    .assert_status(200);
    let fields =
        json!({"grant_type": "refresh_token", "refresh_token": token.member("refresh_token")});
    post(&loopback, "/acme/device/token", fields)
        .await
        .assert_status(200);
    ask(&loopback, &code)
        .await
        .assert_oauth_error(400, "invalid_grant");
    assert!(
        loopback
            .emulator
            .decide_device(acme, &login.member("user_code"), false)
            .is_err()
    );
}

#[tokio::test]
async fn a_device_that_asks_too_often_is_slowed_down() {
    let (loopback, _) = started();
    let code = started_login(&loopback).await.member("device_code");
    let expected = [
        (0, "authorization_pending"),
        (4, "slow_down"),
        (9, "slow_down"),
        (15, "authorization_pending"),
    ];
    for (seconds, error) in expected {
        loopback.emulator.advance(Duration::from_secs(seconds));
        ask(&loopback, &code).await.assert_oauth_error(400, error);
    }
}

#[rstest]
#[case("", 200, "authorization_pending")]
#[case("?user_code=", 200, "authorization_pending")]
#[case("?user_code=XXXX-XXXX", 404, "authorization_pending")]
#[case("?agrees=false&user_code=", 200, "access_denied")]
#[tokio::test]
async fn the_page_of_the_user_decides(
    #[case] query: &str,
    #[case] status: u16,
    #[case] error: &str,
) {
    let (loopback, _) = with(|api| api.device_interval_seconds = 0);
    let login = started_login(&loopback).await;
    let uri = login.member("verification_uri");
    let path = uri.strip_prefix(loopback.emulator.base_url()).unwrap();
    let code = if query.starts_with("?agrees") {
        login.member("user_code")
    } else {
        String::new()
    };
    call(&loopback, &format!("{path}{query}{code}"), &[])
        .await
        .assert_status(status);
    ask(&loopback, &login.member("device_code"))
        .await
        .assert_oauth_error(400, error);
    let complete = login.member("verification_uri_complete");
    let path = complete.strip_prefix(loopback.emulator.base_url()).unwrap();
    call(&loopback, path, &[]).await.assert_status(200);
    ask(&loopback, &login.member("device_code"))
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_device_code_expires() {
    let (loopback, acme) = started();
    let login = started_login(&loopback).await;
    loopback.emulator.advance(Duration::from_secs(600));
    ask(&loopback, &login.member("device_code"))
        .await
        .assert_oauth_error(400, "expired_token");
    assert!(
        loopback
            .emulator
            .decide_device(acme, &login.member("user_code"), true)
            .is_err()
    );
    ask(&loopback, "another")
        .await
        .assert_oauth_error(400, "invalid_grant");
}
