//! Calls of the services.

use super::*;

#[rstest]
#[case::primary("CANARY-aispf-primary-key")]
#[case::secondary("CANARY-aispf-secondary-key")]
#[case::with_the_blank_of_the_english_page("CANARY-aispf-primary-key ")]
#[tokio::test]
async fn each_api_key_opens_the_services(#[case] key: &str) {
    let loopback = Loopback::start();
    call(&loopback, &[("X-Api-Key", key)])
        .await
        .assert_status(200);
}

#[rstest]
#[case::neither(&[], 400)]
#[case::a_wrong_key(&[("X-Api-Key", "wrong")], 401)]
#[case::a_quoted_key(&[("X-Api-Key", "\"CANARY-aispf-primary-key\"")], 401)]
#[case::the_key_under_jootos_name(&[("X-Jooto-Api-Key", KEY)], 400)]
#[case::the_key_as_a_token(&[("X-Access-Token", KEY)], 401)]
#[case::the_key_as_bearer(&[("Authorization", "Bearer CANARY-aispf-primary-key")], 400)]
#[case::the_key_twice(&[("X-Api-Key", KEY), ("X-Api-Key", KEY)], 400)]
#[tokio::test]
async fn a_call_without_exactly_one_good_credential_is_refused(
    #[case] headers: &[(&str, &str)],
    #[case] status: u16,
) {
    let loopback = Loopback::start();
    let answer = call(&loopback, headers).await;
    answer.assert_status(status);
    assert_eq!(answer.json()["error"]["code"], status.to_string());
}

#[tokio::test]
async fn a_token_is_taken_from_its_own_header_only() {
    let loopback = Loopback::start();
    let token = v2_token(&loopback).await;
    let bearer = format!("Bearer {token}");
    call(&loopback, &[("Authorization", &bearer)])
        .await
        .assert_status(400);
    call_with_token(&loopback, &bearer).await.assert_status(401);
    call(&loopback, &[("X-Access-Token", &token), ("X-Api-Key", KEY)])
        .await
        .assert_status(400);
    call_with_token(&loopback, &token).await.assert_status(200);
}

#[tokio::test]
async fn an_expired_token_is_refused_and_a_new_one_is_not() {
    let loopback = Loopback::start();
    let token = v2_token(&loopback).await;
    loopback.emulator.advance(HOUR);
    call_with_token(&loopback, &token).await.assert_status(401);
    let renewed = v2_token(&loopback).await;
    assert_ne!(token, renewed);
    call_with_token(&loopback, &renewed)
        .await
        .assert_status(200);
}

#[rstest]
#[case(Method::POST)]
#[case(Method::PUT)]
#[case(Method::PATCH)]
#[case(Method::DELETE)]
#[tokio::test]
async fn any_method_of_a_service_answers(#[case] method: Method) {
    let loopback = Loopback::start();
    let request = loopback
        .request(method.clone(), "/fujitsu-aispf/da/example/of/any?x=%zz")
        .header("X-Api-Key", KEY)
        .body("{}");
    let answer = send(request).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["method"], method.as_str());
    assert_eq!(answer.json()["body_bytes"], 2);
}

#[tokio::test]
async fn an_unknown_path_is_not_found_with_a_number_for_a_code() {
    let loopback = Loopback::start();
    let answer = send(loopback.get("/fujitsu-aispf/v3/tokens")).await;
    answer.assert_status(404);
    assert_eq!(answer.json()["error"]["code"], 404);
}

#[tokio::test]
async fn a_revoked_key_is_refused_while_the_other_goes_on() {
    let loopback = Loopback::start();
    let aispf = Provider::FujitsuAispf;
    assert_eq!(loopback.emulator.revoke_key(aispf, KEY), Ok(true));
    assert_eq!(loopback.emulator.revoke_key(aispf, KEY), Ok(false));
    call(&loopback, &[("X-Api-Key", KEY)])
        .await
        .assert_status(401);
    let other = "CANARY-aispf-secondary-key";
    call(&loopback, &[("X-Api-Key", other)])
        .await
        .assert_status(200);
    assert_eq!(loopback.emulator.add_key(aispf, "new"), Ok(()));
    call(&loopback, &[("X-Api-Key", "new")])
        .await
        .assert_status(200);
}
