//! An API of a profile: who may call, and where it is served.

mod code;
mod configuration;
mod device;
mod grants;

use rstest::rstest;
use serde_json::json;
use tegata_emulator::{
    ApiClient, ApiConfig, Config, Endpoint, Fault, Profile, Provider, Refusal, Reply, Rule,
};

use crate::support::{Answer, Fields, Loopback, call, send};

const PROFILE: &str = include_str!("api/profile.json");
const SECRET: &str = "CANARY:s+%2B c&=";
const BACK: &str = "https://app.example.com/back";

fn api() -> ApiConfig {
    let mut api = ApiConfig::new(Profile::from_json("acme.json", PROFILE).unwrap());
    api.clients = vec![
        ApiClient::new("the id", SECRET).redirect_uri(BACK),
        ApiClient::new("other", "CANARY-other").redirect_uri(BACK),
        ApiClient::public("app").redirect_uri(BACK),
    ];
    api
}

/// The API, its clock frozen, after a change.
fn with(change: impl FnOnce(&mut ApiConfig)) -> (Loopback, Provider) {
    let mut api = api();
    change(&mut api);
    let provider = api.provider();
    (Loopback::with(|config| config.apis.push(api)), provider)
}

fn started() -> (Loopback, Provider) {
    with(|_| {})
}

async fn credentials(loopback: &Loopback, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("client_id", "the id"),
        ("client_secret", SECRET),
    ];
    fields.extend(more);
    loopback
        .post_form("/acme/oauth/token", &Fields::of(&fields))
        .await
}

const KEY: &str = "Key CANARY-acme-key-key";
// acme-user:CANARY-acme-password
const USER: &str = "Basic YWNtZS11c2VyOkNBTkFSWS1hY21lLXBhc3N3b3Jk";

#[rstest]
#[case("GET", "/acme/v1/open", &[], 204)]
#[case("POST", "/acme/v1/items/7?signature=CANARY-acme-signature-key", &[("x-key", KEY)], 201)]
#[case("POST", "/acme/v1/items/7", &[("x-key", KEY)], 401)]
#[case("POST", "/acme/v1/items/7?signature=CANARY-acme-signature-key", &[], 401)]
#[case("POST", "/acme/v1/items/7?signature=CANARY-acme-signature-key", &[("x-key", "CANARY-acme-key-key")], 401)]
#[case("POST", "/acme/v1/items/7?signature=CANARY-acme-key-key", &[("x-key", "Key CANARY-acme-signature-key")], 401)]
#[case("POST", "/acme/v1/items/7?signature=CANARY-acme-signature-key&signature=x", &[("x-key", KEY)], 401)]
#[case("GET", "/acme/v1/either", &[], 401)]
#[case("GET", "/acme/v1/either", &[("authorization", USER)], 200)]
#[case("GET", "/acme/v1/either", &[("authorization", "Basic YWNtZS11c2VyOng=")], 401)]
#[case("GET", "/acme/v1/either", &[("authorization", "Bearer CANARY-acme-build-key")], 200)]
#[case("GET", "/acme/v1/either", &[("authorization", "Bearer")], 401)]
#[case("GET", "/acme/v1/either", &[("cookie", "a=b; sid=CANARY-acme-session-key")], 200)]
#[case("GET", "/acme/v1/either", &[("cookie", "sid=wrong"), ("authorization", USER)], 200)]
#[case("GET", "/acme/v1/perhaps", &[], 200)]
#[case("GET", "/acme/v1/perhaps", &[("x-key", KEY)], 200)]
#[case("GET", "/acme/v1/perhaps", &[("x-key", "Key wrong")], 401)]
#[case("GET", "/acme/v1/fixed", &[("authorization", "Bearer CANARY-acme-sso-key")], 200)]
#[case("GET", "/acme/v1/fixed", &[("authorization", "Bearer CANARY-acme-build-key")], 401)]
#[case("GET", "/acme/v1/certified", &[("x-key", KEY)], 401)]
#[case("PUT", "/acme/v1/items/7", &[], 405)]
#[case("GET", "/acme/v1/nowhere", &[], 404)]
#[tokio::test]
async fn a_call_needs_what_its_operation_says(
    #[case] method: &str,
    #[case] target: &str,
    #[case] headers: &[(&str, &str)],
    #[case] status: u16,
) {
    let (loopback, _) = started();
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let request = headers
        .iter()
        .fold(loopback.request(method, target), |it, (name, value)| {
            it.header(*name, *value)
        });
    send(request).await.assert_status(status);
}

#[tokio::test]
async fn an_answer_is_that_of_the_profile() {
    let (loopback, acme) = started();
    let token = credentials(&loopback, &[]).await.member("access_token");
    let item = call(
        &loopback,
        "/acme/v1/items/8",
        &[("authorization", &format!("Bearer {token}"))],
    )
    .await;
    assert_eq!(
        (item.json(), item.header("content-type")),
        (json!({"id": 7}), Some("application/json"))
    );
    let text = call(&loopback, "/acme/v1/perhaps", &[]).await;
    assert_eq!(
        (text.text.as_str(), text.header("content-type")),
        ("a,b", Some("text/csv"))
    );
    let log = loopback.emulator.log(acme);
    let rules: Vec<_> = log.iter().map(|it| it.rule.as_deref()).collect();
    assert_eq!(
        rules,
        [None, Some("operation item"), Some("operation perhaps")]
    );
    assert_eq!(
        (log[1].provider, log[1].path.as_str()),
        (Some("acme"), "/v1/items/8")
    );
    let counts = loopback.emulator.counts(acme);
    assert_eq!(
        (
            counts.token_requests,
            counts.resource_requests,
            counts.tokens_issued
        ),
        (1, 2, 1)
    );
}

#[rstest]
#[case("/v1/open", "/v1/open", 204)]
#[case("/acme/v1/open", "/v1/open", 204)]
#[case("/oauth/token", "/oauth/token", 405)]
#[case("/v1/nowhere", "/v1/nowhere", 404)]
#[tokio::test]
async fn an_only_api_is_at_the_root_as_well(
    #[case] target: &str,
    #[case] path: &str,
    #[case] status: u16,
) {
    let (loopback, acme) = started();
    call(&loopback, target, &[]).await.assert_status(status);
    let all = loopback.emulator.log(None);
    assert_eq!(all[0].path, path);
    assert_eq!(
        loopback.emulator.log(acme).len(),
        usize::from(status != 404)
    );
    assert_eq!(
        loopback.emulator.api_url(acme),
        format!("{}/acme/v1", loopback.emulator.base_url())
    );
}

#[tokio::test]
async fn of_several_apis_each_is_below_its_name() {
    let renamed = PROFILE.replace("\"acme\",", "\"v1\",");
    let other = ApiConfig::new(Profile::from_json("v1.json", &renamed).unwrap());
    let (first, second) = (api().provider(), other.provider());
    let loopback = Loopback::with(|config| config.apis = vec![api(), other]);
    call(&loopback, "/v1/open", &[]).await.assert_status(404);
    call(&loopback, "/v1/v1/open", &[]).await.assert_status(204);
    call(&loopback, "/acme/v1/open", &[])
        .await
        .assert_status(204);
    let logged = |it| loopback.emulator.log(it).len();
    assert_eq!((logged(first), logged(second)), (1, 2));
}

#[tokio::test]
async fn an_only_api_may_be_called_as_its_paths_begin() {
    let renamed = PROFILE.replace("\"acme\",", "\"v1\",");
    let api = ApiConfig::new(Profile::from_json("v1.json", &renamed).unwrap());
    let loopback = Loopback::with(|config| config.apis.push(api));
    for target in ["/v1/open", "/v1/v1/open"] {
        call(&loopback, target, &[]).await.assert_status(204);
    }
}

#[tokio::test]
async fn a_refusal_says_why_and_how_to_authenticate() {
    let (loopback, acme) = started();
    let refused = call(&loopback, "/acme/v1/items/7", &[]).await;
    assert_eq!(
        refused.header("www-authenticate"),
        Some("Bearer realm=\"acme\"")
    );
    assert_eq!(
        refused.json(),
        json!({"error": "unauthorized", "message": "`login` is not sent"})
    );
    let refused = call(
        &loopback,
        "/acme/v1/items/7",
        &[("authorization", "Bearer CANARY-x")],
    )
    .await;
    let challenge = "Bearer realm=\"acme\", error=\"invalid_token\"";
    assert_eq!(refused.header("www-authenticate"), Some(challenge));
    assert!(!refused.text.contains("CANARY"), "{}", refused.text);
    let token = credentials(&loopback, &[("scope", "other items:write")])
        .await
        .member("access_token");
    let refused = call(
        &loopback,
        "/acme/v1/items/7",
        &[("authorization", &format!("Bearer {token}"))],
    )
    .await;
    refused.assert_status(403);
    assert!(
        refused
            .header("www-authenticate")
            .unwrap()
            .ends_with("scope=\"items:read\"")
    );
    let user = call(&loopback, "/acme/v1/either", &[]).await;
    assert_eq!(
        user.header("www-authenticate"),
        Some("Basic realm=\"acme\"")
    );
    let notes: Vec<_> = loopback
        .emulator
        .log(acme)
        .into_iter()
        .filter_map(|it| it.note)
        .collect();
    assert!(notes[1].contains("is not good"), "{notes:?}");
}

#[rstest]
#[case(r#""refusal": {"statuses": [419, 401]}, "#, 419, json!("unauthorized"))]
#[case(r#""refusal": {"statuses": [], "body-codes": ["E7"]}, "#, 200, json!(null))]
#[tokio::test]
async fn a_refusal_has_the_form_of_the_api(
    #[case] refusal: &str,
    #[case] status: u16,
    #[case] error: serde_json::Value,
) {
    let text = PROFILE.replacen("\"operations\"", &format!("{refusal}\"operations\""), 1);
    let api = ApiConfig::new(Profile::from_json("acme.json", &text).unwrap());
    let loopback = Loopback::with(|config| config.apis.push(api));
    let refused = call(&loopback, "/acme/v1/items/7", &[]).await;
    refused.assert_status(status);
    assert_eq!(refused.json()["error"], error);
    if status == 200 {
        assert_eq!(refused.json()["errors"][0]["code"], "E7");
    }
}

#[tokio::test]
async fn every_control_has_its_effect_on_an_api() {
    let (loopback, acme) = started();
    let emulator = &loopback.emulator;
    let token = credentials(&loopback, &[]).await.member("access_token");
    let authorization = format!("Bearer {token}");
    let item = async || {
        call(
            &loopback,
            "/acme/v1/items/7",
            &[("authorization", &authorization)],
        )
        .await
    };
    emulator.refuse_next(acme, Refusal::new(401)).unwrap();
    emulator
        .fault(acme, Fault::on(Endpoint::Resource).status(503))
        .unwrap();
    item().await.assert_status(401);
    item().await.assert_status(503);
    item().await.assert_status(200);
    emulator
        .answer(
            acme,
            Rule::get("/v1/items/*").reply(Reply::status(418).times(1)),
        )
        .unwrap();
    emulator
        .answer(acme, Rule::get("/v1/later").reply(Reply::status(202)))
        .unwrap();
    item().await.assert_status(418);
    call(&loopback, "/acme/v1/later", &[])
        .await
        .assert_status(401);
    call(
        &loopback,
        "/acme/v1/later",
        &[("authorization", &authorization)],
    )
    .await
    .assert_status(202);
    assert!(emulator.answer(acme, Rule::any("/oauth/token")).is_err());
    loopback
        .control("expire?provider=acme")
        .await
        .assert_status(200);
    item().await.assert_status(401);
    loopback
        .control("add-key?provider=acme&key=CANARY-new")
        .await
        .assert_status(200);
    let perhaps = async |key: &str| {
        call(&loopback, "/acme/v1/perhaps", &[("x-key", key)])
            .await
            .status
            .as_u16()
    };
    assert_eq!(perhaps("Key CANARY-new").await, 200);
    assert!(emulator.revoke_key(acme, "CANARY-new").unwrap());
    assert_eq!(perhaps("Key CANARY-new").await, 401);
    emulator.reset();
    assert_eq!(emulator.counts(acme).token_requests, 0);
    let unknown = loopback.control("expire?provider=acne").await;
    assert!(unknown.text.contains("marketo or acme"), "{}", unknown.text);
    let rules = send(loopback.get("/__control/answers?provider=acme"))
        .await
        .json();
    assert_eq!(rules[1]["source"], "acme.yaml:12");
    let ready = send(loopback.get("/")).await.json();
    assert_eq!(
        ready["providers"]["acme"],
        format!("{}/acme", emulator.base_url())
    );
}

#[tokio::test]
async fn an_api_that_is_not_served_has_no_effect() {
    let loopback = Loopback::start();
    let acme = api().provider();
    let emulator = &loopback.emulator;
    assert!(
        emulator
            .fault(acme, Fault::on(Endpoint::Token).status(500))
            .is_err()
    );
    assert!(emulator.add_key(acme, "k").is_err());
    assert_eq!(
        (emulator.expire(acme), emulator.held(acme, Endpoint::Token)),
        (0, 0)
    );
    assert_eq!(emulator.counts(acme).token_requests, 0);
    assert_eq!(Config::default().apis.len(), 0);
}
