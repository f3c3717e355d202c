//! A login by authorization code with PKCE, and the refresh tokens that come of it.

use std::time::Duration;

use rstest::rstest;
use serde_json::Value;
use tegata_emulator::Provider;

use super::{BACK, SECRET, started, with};
use crate::support::{Answer, Fields, Loopback, call, send};

// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn login() -> Fields {
    Fields::of(&[
        ("response_type", "code"),
        ("client_id", "the id"),
        ("redirect_uri", BACK),
        ("state", "a state&"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ])
}

async fn authorize(loopback: &Loopback, fields: &Fields) -> Answer {
    send(loopback.get(&format!("/acme/oauth/authorize?{}", fields.encoded()))).await
}

/// The parameters of the redirect back.
fn back(answer: &Answer) -> Vec<(String, String)> {
    answer.assert_status(302);
    let location = answer.header("location").unwrap();
    let (uri, query) = location.split_once('?').unwrap();
    assert_eq!(uri, BACK);
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

async fn code(loopback: &Loopback) -> String {
    let back = back(&authorize(loopback, &login()).await);
    let [(code, value), (state, sent)] = &back[..] else {
        panic!("{back:?}");
    };
    assert_eq!(
        (code.as_str(), state.as_str(), sent.as_str()),
        ("code", "state", "a state&")
    );
    value.clone()
}

fn exchange(code: &str) -> Fields {
    Fields::of(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
        ("client_id", "the id"),
        ("client_secret", SECRET),
    ])
}

async fn token(loopback: &Loopback, fields: &Fields) -> Answer {
    loopback.post_form("/acme/oauth/token", fields).await
}

async fn refresh(loopback: &Loopback, token: &str) -> Answer {
    let fields = exchange("")
        .set("grant_type", "refresh_token")
        .set("refresh_token", token);
    loopback
        .post_form(
            "/acme/oauth/refresh",
            &fields.without("code").without("code_verifier"),
        )
        .await
}

async fn item(loopback: &Loopback, token: &str) -> u16 {
    call(
        loopback,
        "/acme/v1/items/7",
        &[("authorization", &format!("Bearer {token}"))],
    )
    .await
    .status
    .as_u16()
}

#[tokio::test]
async fn a_login_gives_tokens_that_rotate() {
    let (loopback, _) = started();
    let first = token(&loopback, &exchange(&code(&loopback).await)).await;
    assert_eq!(item(&loopback, &first.member("access_token")).await, 200);
    let second = refresh(&loopback, &first.member("refresh_token")).await;
    assert_ne!(
        second.member("refresh_token"),
        first.member("refresh_token")
    );
    assert_eq!(item(&loopback, &second.member("access_token")).await, 200);
}

#[tokio::test]
async fn a_refresh_token_that_comes_back_ends_its_login_only() {
    let (loopback, _) = started();
    let other = token(&loopback, &exchange(&code(&loopback).await)).await;
    let first = token(&loopback, &exchange(&code(&loopback).await)).await;
    let second = refresh(&loopback, &first.member("refresh_token")).await;
    refresh(&loopback, &first.member("refresh_token"))
        .await
        .assert_oauth_error(400, "invalid_grant");
    assert_eq!(item(&loopback, &second.member("access_token")).await, 401);
    refresh(&loopback, &second.member("refresh_token"))
        .await
        .assert_oauth_error(400, "invalid_grant");
    assert_eq!(item(&loopback, &other.member("access_token")).await, 200);
    refresh(&loopback, &other.member("refresh_token"))
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_code_that_comes_twice_ends_its_login() {
    let (loopback, _) = started();
    let code = code(&loopback).await;
    let first = token(&loopback, &exchange(&code)).await;
    token(&loopback, &exchange(&code))
        .await
        .assert_oauth_error(400, "invalid_grant");
    assert_eq!(item(&loopback, &first.member("access_token")).await, 401);
    refresh(&loopback, &first.member("refresh_token"))
        .await
        .assert_oauth_error(400, "invalid_grant");
}

#[rstest]
#[case("code_verifier", "another", "invalid_grant")]
#[case("code", "another", "invalid_grant")]
#[case("redirect_uri", "https://app.example.com/back/", "invalid_grant")]
#[case("client_secret", "wrong", "invalid_client")]
#[case("redirect_uri", "", "invalid_request")]
#[case("code_verifier", "", "invalid_grant")]
#[tokio::test]
async fn what_differs_from_the_login_is_refused(
    #[case] name: &str,
    #[case] value: &str,
    #[case] error: &str,
) {
    let (loopback, _) = started();
    let code = code(&loopback).await;
    let status = if error == "invalid_client" { 401 } else { 400 };
    token(&loopback, &exchange(&code).set(name, value))
        .await
        .assert_oauth_error(status, error);
    // The code is still good.
    token(&loopback, &exchange(&code)).await.assert_status(200);
}

#[tokio::test]
async fn a_code_is_for_one_client_and_ten_minutes() {
    let (loopback, _) = started();
    let code_of = code(&loopback).await;
    let other = exchange(&code_of)
        .set("client_id", "other")
        .set("client_secret", "CANARY-other");
    token(&loopback, &other)
        .await
        .assert_oauth_error(400, "invalid_grant");
    loopback.emulator.advance(Duration::from_secs(600));
    token(&loopback, &exchange(&code_of))
        .await
        .assert_oauth_error(400, "invalid_grant");
}

#[rstest]
#[case("client_id", "unknown")]
#[case("client_id", "")]
#[case("redirect_uri", "https://app.example.com/other")]
#[case("redirect_uri", "https://app.example.com/back/more")]
#[case("redirect_uri", "")]
#[tokio::test]
async fn no_user_is_sent_to_a_place_that_is_not_registered(
    #[case] name: &str,
    #[case] value: &str,
) {
    let (loopback, _) = started();
    let answer = authorize(&loopback, &login().set(name, value)).await;
    answer.assert_status(400);
    assert_eq!(answer.header("location"), None);
}

#[rstest]
#[case("response_type", "token", "unsupported_response_type")]
#[case("code_challenge", "", "invalid_request")]
#[case("code_challenge_method", "plain", "invalid_request")]
#[case("code_challenge_method", "", "invalid_request")]
#[tokio::test]
async fn a_login_that_is_none_comes_back_with_its_error(
    #[case] name: &str,
    #[case] value: &str,
    #[case] error: &str,
) {
    let (loopback, _) = started();
    let back = back(&authorize(&loopback, &login().set(name, value)).await);
    assert_eq!(back[0], ("error".to_owned(), error.to_owned()));
    assert!(back.contains(&("state".to_owned(), "a state&".to_owned())));
}

#[tokio::test]
async fn a_user_can_refuse() {
    let (loopback, acme) = started();
    loopback.emulator.decide_logins(acme, false).unwrap();
    assert_eq!(
        back(&authorize(&loopback, &login()).await)[0].1,
        "access_denied"
    );
    loopback
        .control("decide?provider=acme&agrees=true")
        .await
        .assert_status(200);
    code(&loopback).await;
    assert!(
        loopback
            .emulator
            .decide_logins(Provider::Jooto, false)
            .is_err()
    );
}

#[tokio::test]
async fn refresh_tokens_end_as_the_configuration_says() {
    let (loopback, _) = with(|api| {
        api.rotate = false;
        api.refresh_token_seconds = Some(100);
    });
    let first = token(&loopback, &exchange(&code(&loopback).await)).await;
    let refresh_token = first.member("refresh_token");
    for _ in 0..2 {
        let next = refresh(&loopback, &refresh_token).await;
        assert_eq!(next.json()["refresh_token"], Value::Null);
    }
    let fields = exchange("")
        .set("grant_type", "refresh_token")
        .set("refresh_token", &refresh_token);
    let other = fields
        .clone()
        .set("client_id", "other")
        .set("client_secret", "CANARY-other");
    loopback
        .post_form("/acme/oauth/refresh", &other)
        .await
        .assert_oauth_error(400, "invalid_grant");
    token(&loopback, &fields)
        .await
        .assert_oauth_error(400, "unsupported_grant_type");
    loopback.emulator.advance(Duration::from_secs(100));
    refresh(&loopback, &refresh_token)
        .await
        .assert_oauth_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_public_client_logs_in_by_pkce_alone() {
    let (loopback, _) = started();
    let back = back(
        &authorize(
            &loopback,
            &login().set("client_id", "app").set("scope", "a b"),
        )
        .await,
    );
    let fields = exchange(&back[0].1)
        .set("client_id", "app")
        .without("client_secret");
    let first = token(&loopback, &fields).await;
    assert_eq!(first.member("scope"), "a b");
    let refresh = fields
        .set("grant_type", "refresh_token")
        .set("refresh_token", &first.member("refresh_token"));
    let more = refresh.clone().set("scope", "a c");
    loopback
        .post_form("/acme/oauth/refresh", &more)
        .await
        .assert_oauth_error(400, "invalid_scope");
    let less = loopback
        .post_form("/acme/oauth/refresh", &refresh.set("scope", "a"))
        .await;
    assert_eq!(less.member("scope"), "a");
}

#[tokio::test]
async fn servers_that_share_a_login_page_share_its_codes() {
    let (loopback, _) = started();
    let code = code(&loopback).await;
    let exchange = exchange(&code).encoded();
    let first = send(loopback.get(&format!("/acme/query/token?{exchange}"))).await;
    assert_eq!(item(&loopback, &first.member("access_token")).await, 200);
    // Its refresh tokens are those of this server.
    refresh(&loopback, &first.member("refresh_token"))
        .await
        .assert_oauth_error(400, "invalid_grant");
}
