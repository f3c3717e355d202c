//! How an API's clients authenticate, and the grants of their own.

use rstest::rstest;
use serde_json::{Value, json};

use super::{SECRET, credentials, started, with};
use crate::support::{Answer, Fields, Loopback, call, send};

/// `Basic` with that id and secret, as they are.
fn basic(pair: &str) -> String {
    use base64::Engine as _;
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(pair)
    )
}

async fn by_header(loopback: &Loopback, authorization: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("grant_type", "client_credentials")];
    fields.extend(more);
    let request = loopback
        .post("/acme/oauth/token")
        .header("authorization", authorization);
    let request = request.header("content-type", crate::support::FORM);
    send(request.body(Fields::of(&fields).encoded())).await
}

#[tokio::test]
async fn a_token_is_good_until_it_expires() {
    let (loopback, acme) = started();
    let answer = credentials(&loopback, &[("scope", "items:read more")]).await;
    let body = answer.json();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(
        (&body["expires_in"], &body["token_type"], &body["scope"]),
        (&json!(60), &json!("Bearer"), &json!("items:read more"))
    );
    assert_eq!(body["refresh_token"], Value::Null);
    let authorization = format!("Bearer {}", answer.member("access_token"));
    let item = async || {
        call(
            &loopback,
            "/acme/v1/items/7",
            &[("authorization", &authorization)],
        )
        .await
        .status
        .as_u16()
    };
    assert_eq!(item().await, 200);
    loopback
        .emulator
        .advance(std::time::Duration::from_secs(59));
    assert_eq!(item().await, 200);
    loopback.emulator.advance(std::time::Duration::from_secs(1));
    assert_eq!(item().await, 401);
    assert!(
        loopback
            .emulator
            .log(acme)
            .last()
            .unwrap()
            .note
            .as_ref()
            .unwrap()
            .contains("expired")
    );
}

#[rstest]
#[case(&basic("the+id:CANARY%3As%2B%252B+c%26%3D"), &[], 200, "")]
#[case(&basic(&format!("the id:{SECRET}")), &[], 401, "invalid_client")]
#[case(&basic("the+id:wrong"), &[], 401, "invalid_client")]
#[case(&basic("unknown:x"), &[], 401, "invalid_client")]
#[case(&basic("app:"), &[], 401, "invalid_client")]
#[case("Basic ***", &[], 401, "invalid_client")]
#[case("Bearer x", &[], 401, "invalid_client")]
#[case(&basic("other:CANARY-other"), &[("client_id", "the id")], 400, "invalid_request")]
#[case(&basic("other:CANARY-other"), &[("client_secret", "CANARY-other")], 400, "invalid_request")]
#[tokio::test]
async fn by_header_a_client_is_form_encoded(
    #[case] authorization: &str,
    #[case] more: &[(&str, &str)],
    #[case] status: u16,
    #[case] error: &str,
) {
    let (loopback, _) = started();
    let answer = by_header(&loopback, authorization, more).await;
    if status == 200 {
        return answer.assert_status(200);
    }
    answer.assert_oauth_error(status, error);
    assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
    assert!(!answer.text.contains("CANARY"));
}

#[rstest]
#[case(&[("client_id", "the id"), ("client_secret", "wrong")], "invalid_client")]
#[case(&[("client_id", "the id")], "invalid_client")]
#[case(&[("client_id", "unknown"), ("client_secret", "x")], "invalid_client")]
#[case(&[], "invalid_client")]
#[case(&[("client_id", "app"), ("client_secret", "x")], "invalid_client")]
#[tokio::test]
async fn a_client_that_fails_by_parameters_gets_no_challenge(
    #[case] fields: &[(&str, &str)],
    #[case] error: &str,
) {
    let (loopback, _) = started();
    let fields = Fields::of(fields).set("grant_type", "client_credentials");
    let answer = loopback.post_form("/acme/oauth/token", &fields).await;
    answer.assert_oauth_error(401, error);
    assert_eq!(answer.header("www-authenticate"), None);
}

#[rstest]
#[case(&[("client_id", "app"), ("grant_type", "client_credentials")], "unauthorized_client")]
#[case(&[("client_id", "app")], "invalid_request")]
#[case(&[("client_id", "app"), ("grant_type", "password")], "unsupported_grant_type")]
#[case(&[("client_id", "app"), ("grant_type", "refresh_token"), ("refresh_token", "x")], "unsupported_grant_type")]
#[tokio::test]
async fn a_request_that_is_none_is_refused_by_its_code(
    #[case] fields: &[(&str, &str)],
    #[case] error: &str,
) {
    let (loopback, _) = started();
    loopback
        .post_form("/acme/oauth/token", &Fields::of(fields))
        .await
        .assert_oauth_error(400, error);
    let twice = Fields::of(fields).twice("client_id");
    loopback
        .post_form("/acme/oauth/token", &twice)
        .await
        .assert_oauth_error(400, "invalid_request");
    call(&loopback, "/acme/oauth/token", &[])
        .await
        .assert_status(405);
}

#[rstest]
#[case(json!({"audience": "acme"}), 200)]
#[case(json!({"audience": "other"}), 400)]
#[case(json!({}), 400)]
#[case(json!({"audience": 7}), 400)]
#[tokio::test]
async fn a_server_gets_json_and_parameters_of_its_own(#[case] body: Value, #[case] status: u16) {
    let (loopback, _) = started();
    let mut body = body;
    body["grant_type"] = "client_credentials".into();
    body["scope"] = "a,b".into();
    let request = loopback
        .post("/acme/device/token")
        .header("authorization", basic(&format!("the id:{SECRET}")));
    let request = request
        .header("content-type", "application/json")
        .body(body.to_string());
    let answer = send(request).await;
    answer.assert_status(status);
    if status == 200 {
        let members = answer.json();
        assert_eq!(
            (&members["scope"], &members["expires_in"]),
            (&json!("a,b"), &Value::Null)
        );
        let token = answer.member("accessToken");
        call(&loopback, "/acme/files/mine", &[("x-device-token", &token)])
            .await
            .assert_status(200);
        // It is no token of the other server.
        call(
            &loopback,
            "/acme/v1/items/7",
            &[("authorization", &format!("Bearer {token}"))],
        )
        .await
        .assert_status(401);
    } else {
        answer.assert_oauth_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_form_is_no_json_and_the_other_secret_no_parameter() {
    let (loopback, _) = with(|api| api.access_token_seconds = Some(5));
    let fields = Fields::of(&[
        ("grant_type", "client_credentials"),
        ("client_id", "the id"),
        ("client_secret", SECRET),
    ]);
    loopback
        .post_form("/acme/device/token", &fields)
        .await
        .assert_oauth_error(400, "invalid_request");
    let body = json!({"grant_type": "client_credentials", "client_id": "the id", "client_secret": SECRET, "audience": "acme"});
    let request = loopback
        .post("/acme/device/token")
        .header("content-type", "application/json");
    send(request.body(body.to_string()))
        .await
        .assert_oauth_error(401, "invalid_client");
    assert_eq!(credentials(&loopback, &[]).await.json()["expires_in"], 5);
    let in_url = loopback
        .post("/acme/oauth/token?client_secret=x")
        .header("content-type", crate::support::FORM);
    send(in_url.body(fields.encoded()))
        .await
        .assert_oauth_error(400, "invalid_request");
}

#[rstest]
#[case("GET", "/acme/query/token", 200)]
#[case("POST", "/acme/query/token", 405)]
#[case("POST", "/acme/post-query/token", 200)]
#[case("GET", "/acme/post-query/token", 405)]
#[tokio::test]
async fn a_server_gets_a_query(#[case] method: &str, #[case] path: &str, #[case] status: u16) {
    let (loopback, _) = started();
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let ask = async |fields: &Fields| {
        let target = format!("{path}?{}", fields.encoded());
        send(loopback.request(method.clone(), &target)).await
    };
    let fields = Fields::of(&[
        ("grant_type", "client_credentials"),
        ("client_id", "the id"),
        ("client_secret", SECRET),
    ]);
    ask(&fields).await.assert_status(status);
    if status == 200 {
        let wrong = fields.clone().set("client_secret", "wrong");
        ask(&wrong).await.assert_oauth_error(401, "invalid_client");
        let twice = fields.twice("client_id");
        ask(&twice).await.assert_oauth_error(400, "invalid_request");
    }
}
