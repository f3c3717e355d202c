//! Calls that want a credential.

use super::*;

#[tokio::test]
async fn organizations_are_answered_to_key_and_token_within_reach() {
    let loopback = Loopback::with(|config| config.jooto.clients.push(second_client()));
    let (token, _) = tokens(&loopback).await;
    let bearer = format!("Bearer {token}");
    let by_key = [("X-Jooto-Api-Key", KEY)];
    let by_token = [("authorization", bearer.as_str())];

    let ids = |answer: &Answer| -> Vec<Value> {
        let list = answer.json()["organizations"].clone();
        let list = list.as_array().unwrap();
        list.iter().map(|one| one["id"].clone()).collect()
    };
    assert_eq!(ids(&call(&loopback, CALL, &by_key).await), [1, 2, 3]);
    assert_eq!(ids(&call(&loopback, CALL, &by_token).await), [1]);

    let one = "/jooto/organizations/1";
    let expected = json!({ "id": 1, "name": "Organization 1" });
    assert_eq!(call(&loopback, one, &by_key).await.json(), expected);
    assert_eq!(call(&loopback, one, &by_token).await.json(), expected);

    let two = call(&loopback, "/jooto/organizations/2", &by_token).await;
    two.assert_status(403);
    for unknown in ["9", "+1", "x", "", "1/x"] {
        let path = format!("/jooto/organizations/{unknown}");
        call(&loopback, &path, &by_key).await.assert_status(404);
    }
}

#[rstest]
#[case::none(&[], 401)]
#[case::a_wrong_key(&[("X-Jooto-Api-Key", "wrong")], 401)]
#[case::an_empty_key(&[("X-Jooto-Api-Key", "")], 401)]
#[case::the_key_under_fujitsus_name(&[("X-Api-Key", KEY)], 401)]
#[case::the_key_as_bearer(&[("Authorization", "Bearer hogehoge")], 401)]
#[case::the_key_twice(&[("X-Jooto-Api-Key", KEY), ("X-Jooto-Api-Key", KEY)], 400)]
#[case::basic(&[("Authorization", "Basic aG9nZWhvZ2U6")], 401)]
#[tokio::test]
async fn a_call_without_exactly_one_good_credential_is_refused(
    #[case] headers: &[(&str, &str)],
    #[case] status: u16,
) {
    let loopback = Loopback::start();
    let answer = call(&loopback, CALL, headers).await;
    answer.assert_status(status);
    assert!(answer.json()["errors"][0]["message"].is_string());
}

#[tokio::test]
async fn a_token_is_taken_as_bearer_without_quotation_marks() {
    let loopback = Loopback::start();
    let (token, _) = tokens(&loopback).await;
    for (authorization, status) in [
        (format!("Bearer {token}"), 200),
        (format!("bearer {token}"), 200),
        (format!("Bearer \"{token}\""), 401),
        (format!("Bearer '{token}'"), 401),
        (format!("Token {token}"), 401),
        (token.clone(), 401),
    ] {
        let answer = call(&loopback, CALL, &[("Authorization", &authorization)]).await;
        answer.assert_status(status);
        if status == 401 {
            assert!(answer.header("www-authenticate").is_some());
        }
    }
    let bearer = format!("Bearer {token}");
    let twice = [("Authorization", bearer.as_str()); 2];
    let answer = call(&loopback, CALL, &twice).await;
    answer.assert_status(400);
    assert!(answer.text.contains("more than once"), "{}", answer.text);
    let in_url = format!("{CALL}?access_token={token}");
    call(&loopback, &in_url, &[]).await.assert_status(401);
}

#[tokio::test]
async fn two_credentials_at_once_are_refused_as_an_own_choice() {
    let loopback = Loopback::start();
    let (token, _) = tokens(&loopback).await;
    let bearer = format!("Bearer {token}");
    let both = [("X-Jooto-Api-Key", KEY), ("Authorization", &bearer)];
    let answer = call(&loopback, CALL, &both).await;
    answer.assert_status(400);
    assert!(answer.header("x-emulator-own-choice").is_some());
}

#[tokio::test]
async fn an_access_token_lives_an_hour() {
    let loopback = Loopback::start();
    let (token, refresh_token) = tokens(&loopback).await;
    loopback.emulator.advance(Duration::from_secs(3599));
    call_with_token(&loopback, &token).await.assert_status(200);
    loopback.emulator.advance(Duration::from_secs(1));
    call_with_token(&loopback, &token).await.assert_status(401);
    let answer = loopback
        .post_form(TOKEN, &refresh_form(&refresh_token))
        .await;
    let renewed = answer.member("access_token");
    call_with_token(&loopback, &renewed)
        .await
        .assert_status(200);
}

#[tokio::test]
async fn any_call_of_the_vendors_own_prefix_answers() {
    let loopback = Loopback::start();
    let request = loopback
        .post("/jooto/v1/boards")
        .header("X-Jooto-Api-Key", KEY)
        .header(AUTHORIZATION.as_str(), "")
        .body("x");
    send(request).await.assert_status(400);
    let request = loopback
        .post("/jooto/v1/boards")
        .header("X-Jooto-Api-Key", KEY)
        .body("x");
    let answer = send(request).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["path"], "/v1/boards");
    send(loopback.get("/jooto/v1/boards"))
        .await
        .assert_status(401);
    send(loopback.get("/jooto/boards")).await.assert_status(404);
}
