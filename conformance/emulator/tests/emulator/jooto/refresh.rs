//! Refreshing.

use super::*;

#[tokio::test]
async fn a_refresh_answers_a_new_pair_and_ends_the_old_refresh_token() {
    let loopback = Loopback::start();
    let (access_token, first) = tokens(&loopback).await;
    let answer = loopback.post_form(TOKEN, &refresh_form(&first)).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["token_type"], "Bearer");
    assert_eq!(answer.json()["expires_in"], 3600);
    let (renewed, second) = (
        answer.member("access_token"),
        answer.member("refresh_token"),
    );
    assert_ne!(first, second);
    assert_ne!(access_token, renewed);
    call_with_token(&loopback, &renewed)
        .await
        .assert_status(200);

    let answer = loopback.post_form(TOKEN, &refresh_form(&first)).await;
    answer.assert_oauth_error(400, "invalid_grant");
    let answer = loopback.post_form(TOKEN, &refresh_form(&second)).await;
    answer.assert_status(200);
}

#[tokio::test]
async fn without_rotation_the_same_refresh_token_comes_back() {
    let loopback = Loopback::with(|config| config.jooto.rotate = false);
    let (_, first) = tokens(&loopback).await;
    for _ in 0..2 {
        let answer = loopback.post_form(TOKEN, &refresh_form(&first)).await;
        assert_eq!(answer.member("refresh_token"), first);
    }
}

#[rstest]
#[case("grant_type")]
#[case("refresh_token")]
#[case("client_id")]
#[case("client_secret")]
#[tokio::test]
async fn a_refresh_wants_each_parameter_once(#[case] name: &str) {
    let loopback = Loopback::start();
    let (_, refresh_token) = tokens(&loopback).await;
    let form = refresh_form(&refresh_token);
    for spoilt in [
        form.clone().without(name),
        form.clone().set(name, ""),
        form.clone().twice(name),
    ] {
        loopback
            .post_form(TOKEN, &spoilt)
            .await
            .assert_oauth_error(400, "invalid_request");
    }
    loopback.post_form(TOKEN, &form).await.assert_status(200);
}

#[rstest]
#[case("grant_type", "refresh", 400, "unsupported_grant_type")]
#[case("refresh_token", "unknown", 400, "invalid_grant")]
#[case("client_id", "who", 401, "invalid_client")]
#[case("client_secret", "wrong", 401, "invalid_client")]
#[tokio::test]
async fn a_refresh_refuses_a_wrong_value(
    #[case] name: &str,
    #[case] value: &str,
    #[case] status: u16,
    #[case] error: &str,
) {
    let loopback = Loopback::start();
    let (_, refresh_token) = tokens(&loopback).await;
    let form = refresh_form(&refresh_token).set(name, value);
    loopback
        .post_form(TOKEN, &form)
        .await
        .assert_oauth_error(status, error);
}

#[tokio::test]
async fn forgotten_refresh_tokens_are_refused() {
    let loopback = Loopback::start();
    let (_, refresh_token) = tokens(&loopback).await;
    loopback.emulator.forget(Provider::Jooto);
    let answer = loopback
        .post_form(TOKEN, &refresh_form(&refresh_token))
        .await;
    answer.assert_status(200);
    let refresh_token = answer.member("refresh_token");
    loopback.emulator.forget_refresh_tokens(Provider::Jooto);
    let answer = loopback
        .post_form(TOKEN, &refresh_form(&refresh_token))
        .await;
    answer.assert_oauth_error(400, "invalid_grant");
}
