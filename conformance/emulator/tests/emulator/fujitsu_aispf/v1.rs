//! The conventional tokens.

use super::*;

#[tokio::test]
async fn v1_issues_an_access_token_and_a_refresh_token() {
    let loopback = Loopback::start();
    let request = loopback
        .post(V1)
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .body(json!({ "clientId": ID, "clientSecret": SECRET, "more": [1] }).to_string());
    let answer = send(request).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["expiresIn"], 3600);
    assert!(!answer.member("refreshToken").is_empty());
    let token = answer.member("accessToken");
    call_with_token(&loopback, &token).await.assert_status(200);
}

#[rstest]
#[case::no_id(json!({ "clientSecret": SECRET }).to_string(), 400)]
#[case::no_secret(json!({ "clientId": ID }).to_string(), 400)]
#[case::an_empty_secret(json!({ "clientId": ID, "clientSecret": "" }).to_string(), 400)]
#[case::a_secret_that_is_no_text(json!({ "clientId": ID, "clientSecret": 1 }).to_string(), 400)]
#[case::an_id_twice(
    format!(r#"{{"clientId":"{ID}","clientId":"{ID}","clientSecret":"{SECRET}"}}"#),
    400,
)]
#[case::snake_case(json!({ "client_id": ID, "client_secret": SECRET }).to_string(), 400)]
#[case::no_object("[]".to_owned(), 400)]
#[case::nothing(String::new(), 400)]
#[case::a_wrong_secret(json!({ "clientId": ID, "clientSecret": "wrong" }).to_string(), 401)]
#[case::an_unknown_id(json!({ "clientId": "who", "clientSecret": SECRET }).to_string(), 401)]
#[tokio::test]
async fn v1_refuses_a_wrong_body(#[case] body: String, #[case] status: u16) {
    let loopback = Loopback::start();
    let request = loopback
        .post(V1)
        .header(CONTENT_TYPE, "application/json")
        .body(body);
    let answer = send(request).await;
    answer.assert_status(status);
    assert_eq!(answer.json()["error"]["code"], status.to_string());
}

#[rstest]
#[case::form(Some(FORM), "clientId=aispf-client&clientSecret=CANARY-aispf-secret")]
#[case::untyped(
    None,
    r#"{"clientId":"aispf-client","clientSecret":"CANARY-aispf-secret"}"#
)]
#[tokio::test]
async fn v1_wants_json(#[case] content_type: Option<&str>, #[case] body: &'static str) {
    let loopback = Loopback::start();
    let mut request = loopback.post(V1).body(body);
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    send(request).await.assert_status(400);
}

#[tokio::test]
async fn v1_takes_no_basic_in_place_of_the_body() {
    let loopback = Loopback::start();
    let request = loopback
        .post(V1)
        .basic_auth(ID, Some(SECRET))
        .header(CONTENT_TYPE, "application/json")
        .body("{}");
    send(request).await.assert_status(400);
}

#[tokio::test]
async fn v1_field_names_can_be_configured() {
    let loopback = Loopback::with(|config| {
        let fields = &mut config.fujitsu_aispf.v1_fields;
        "id".clone_into(&mut fields.client_id);
        "pass".clone_into(&mut fields.client_secret);
        "again".clone_into(&mut fields.refresh_token);
        "ttl".clone_into(&mut fields.expires_in);
    });
    let body = json!({ "id": ID, "pass": SECRET });
    let answer = v1(&loopback, Method::POST, &body).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["ttl"], 3600);
    let body = json!({ "again": answer.member("again") });
    v1(&loopback, Method::PATCH, &body).await.assert_status(200);
}

#[tokio::test]
async fn a_refresh_gives_a_new_access_token_and_the_old_refresh_token() {
    let loopback = Loopback::start();
    let (access_token, refresh_token) = v1_tokens(&loopback).await;
    for _ in 0..2 {
        let answer = refresh(&loopback, &refresh_token).await;
        answer.assert_status(200);
        assert_eq!(answer.json()["refreshToken"], Value::Null);
        let renewed = answer.member("accessToken");
        assert_ne!(renewed, access_token);
        call_with_token(&loopback, &renewed)
            .await
            .assert_status(200);
    }
    call_with_token(&loopback, &access_token)
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_rotated_refresh_token_is_refused() {
    let loopback = Loopback::with(|config| config.fujitsu_aispf.rotate = true);
    let (_, first) = v1_tokens(&loopback).await;
    let second = refresh(&loopback, &first).await.member("refreshToken");
    assert_ne!(first, second);
    refresh(&loopback, &first).await.assert_status(401);
    refresh(&loopback, &second).await.assert_status(200);
}

#[rstest]
#[case::nothing(json!({}), 400)]
#[case::an_empty_token(json!({ "refreshToken": "" }), 400)]
#[case::an_unknown_token(json!({ "refreshToken": "unknown" }), 401)]
#[case::id_and_secret(json!({ "clientId": ID, "clientSecret": SECRET }), 400)]
#[tokio::test]
async fn a_refresh_without_a_good_refresh_token_is_refused(
    #[case] body: Value,
    #[case] status: u16,
) {
    let loopback = Loopback::start();
    v1_tokens(&loopback).await;
    v1(&loopback, Method::PATCH, &body)
        .await
        .assert_status(status);
}

#[tokio::test]
async fn a_refresh_takes_the_token_instead_of_id_and_secret() {
    let loopback = Loopback::start();
    let (access_token, refresh_token) = v1_tokens(&loopback).await;
    for extra in ["clientId", "clientSecret"] {
        let body = json!({ "refreshToken": refresh_token, extra: "x" });
        let answer = v1(&loopback, Method::PATCH, &body).await;
        answer.assert_status(400);
        assert!(answer.header("x-emulator-own-choice").is_some());
    }
    refresh(&loopback, &access_token).await.assert_status(401);
    refresh(&loopback, &refresh_token).await.assert_status(200);
}

#[tokio::test]
async fn a_refresh_must_come_before_the_access_token_expires() {
    let loopback = Loopback::start();
    let (access_token, refresh_token) = v1_tokens(&loopback).await;
    loopback
        .emulator
        .advance(HOUR.saturating_sub(Duration::from_secs(1)));
    call_with_token(&loopback, &access_token)
        .await
        .assert_status(200);
    refresh(&loopback, &refresh_token).await.assert_status(200);

    loopback.emulator.advance(Duration::from_secs(1));
    call_with_token(&loopback, &access_token)
        .await
        .assert_status(401);
    refresh(&loopback, &refresh_token).await.assert_status(200);

    loopback.emulator.advance(HOUR);
    let answer = refresh(&loopback, &refresh_token).await;
    answer.assert_status(401);
    assert!(answer.header("x-emulator-own-choice").is_some());
}

#[tokio::test]
async fn a_refresh_token_lives_a_day_from_its_own_issue() {
    let loopback = Loopback::start();
    let (_, refresh_token) = v1_tokens(&loopback).await;
    // Half an hour a step, so that no access token expires before it is refreshed.
    for _ in 0..47 {
        loopback.emulator.advance(HOUR / 2);
        refresh(&loopback, &refresh_token).await.assert_status(200);
    }
    loopback.emulator.advance(HOUR / 2);
    let answer = refresh(&loopback, &refresh_token).await;
    answer.assert_status(401);
    assert!(answer.text.contains("expired"), "{}", answer.text);
}

#[tokio::test]
async fn expiring_ends_refreshing_too_and_forgetting_does_not() {
    let loopback = Loopback::start();
    let (access_token, refresh_token) = v1_tokens(&loopback).await;
    assert_eq!(loopback.emulator.forget(Provider::FujitsuAispf), 1);
    call_with_token(&loopback, &access_token)
        .await
        .assert_status(401);
    refresh(&loopback, &refresh_token).await.assert_status(200);
    loopback.emulator.expire(Provider::FujitsuAispf);
    refresh(&loopback, &refresh_token).await.assert_status(401);

    let (_, refresh_token) = v1_tokens(&loopback).await;
    loopback.emulator.forget_refresh_tokens(None);
    refresh(&loopback, &refresh_token).await.assert_status(401);
}
