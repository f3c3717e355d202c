//! The conventional method: `POST` and `PATCH /v1/tokens`.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use tegata::{ErrorKind, MemoryStore};
use tegata_emulator::{Config, Endpoint, Fault, FujitsuAispfClient, LogEntry, Provider};
use tegata_fujitsu_aispf::{LegacyFields, LegacyOAuth};

use tegata_test_support::loopback::{AISPF_ID, AISPF_SECRET, HOUR, Loopback, WINDOW};
use tegata_test_support::wire::{credential, json, sent, statuses};
use tegata_test_support::{Subject, facts, waits};

const FUJITSU: Provider = Provider::FujitsuAispf;
const JOBS: &str = "/da/v2/async/jobs";

fn client(loopback: &Loopback) -> (Subject, MemoryStore) {
    let store = MemoryStore::default();
    let client = loopback
        .aispf_legacy(AISPF_ID, AISPF_SECRET)
        .store(Arc::new(store.clone()))
        .build()
        .expect("valid settings");
    (Subject::Aispf(client), store)
}

#[track_caller]
fn stored(store: &MemoryStore) -> String {
    let token = store.token().expect("a token");
    format!("x-access-token: {}", token.access_token().expose())
}

#[track_caller]
fn refresh_token(store: &MemoryStore) -> String {
    let token = store.token().expect("a token");
    let refresh = token.refresh_token().expect("a refresh token");
    refresh.expose().to_owned()
}

/// Method and answer of the token calls, all of which must be on the one path and carry no credential in
/// a header.
fn asked(loopback: &Loopback) -> Vec<(String, u16)> {
    let requests = loopback.token_requests(FUJITSU);
    let asked = requests.iter().map(|request| {
        assert_eq!((&*request.path, &request.query), ("/v1/tokens", &None));
        for name in ["authorization", "x-api-key", "x-access-token"] {
            assert_eq!(request.header(name), [""; 0], "{name}");
        }
        (request.method.clone(), request.status.expect("answered"))
    });
    asked.collect()
}

fn of(method: &str, status: u16) -> (String, u16) {
    (method.to_owned(), status)
}

#[tokio::test]
async fn id_and_secret_in_the_body_give_a_token_and_a_refresh_token() {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback);
    for _ in 0..2 {
        assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    }
    assert_eq!(asked(&loopback), [of("POST", 200)]);
    let body = json(&loopback.token_requests(FUJITSU)[0]);
    assert_eq!(
        body,
        json!({"clientId": AISPF_ID, "clientSecret": AISPF_SECRET})
    );
    let calls: Vec<_> = loopback.calls(FUJITSU).iter().map(credential).collect();
    assert_eq!(calls, [stored(&store), stored(&store)]);
    assert!(refresh_token(&store).starts_with("CANARY-aispf-refresh"));
}

#[tokio::test]
async fn before_it_expires_a_token_is_refreshed_in_the_background() {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback);
    client.warm_up().await.expect("a token");
    let (first, refresh) = (stored(&store), refresh_token(&store));
    loopback.advance(HOUR - WINDOW);
    loopback.emulator.hold(FUJITSU);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    loopback.until_held(FUJITSU, Endpoint::Token, 1).await;

    // The refresh is on its way in time; the caller that comes in the last seconds waits for it.
    loopback.advance(WINDOW - 5);
    let mut waiting = Box::pin(client.get(JOBS));
    assert!(waits(&mut waiting).await);
    loopback.emulator.release(FUJITSU);
    assert_eq!(waiting.await.expect("accepted"), 200);
    assert_eq!(asked(&loopback), [of("POST", 200), of("PATCH", 200)]);
    // The refresh token is sent instead of id and secret.
    let body = json(&loopback.token_requests(FUJITSU)[1]);
    assert_eq!(body, json!({"refreshToken": refresh}));
    let calls: Vec<_> = loopback.calls(FUJITSU).iter().map(credential).collect();
    assert_eq!(calls, [first, stored(&store)]);
    // None came with the new token, so the old one stays.
    assert_eq!(refresh_token(&store), refresh);
}

#[tokio::test]
async fn a_new_refresh_token_replaces_the_old_one() {
    let loopback = Loopback::with(|config| config.fujitsu_aispf.rotate = true);
    let (client, store) = client(&loopback);
    client.warm_up().await.expect("a token");
    let mut sent = vec![refresh_token(&store)];
    for _ in 0..3 {
        loopback.advance(HOUR - 5);
        assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
        sent.push(refresh_token(&store));
    }
    let patch = of("PATCH", 200);
    let expected = [of("POST", 200), patch.clone(), patch.clone(), patch];
    assert_eq!(asked(&loopback), expected);
    let requests = loopback.token_requests(FUJITSU);
    for (request, refresh) in requests[1..].iter().zip(&sent) {
        assert_eq!(json(request), json!({"refreshToken": refresh}));
    }
    sent.dedup();
    assert_eq!(sent.len(), 4);
}

#[tokio::test]
async fn an_expired_token_is_issued_anew() {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    let first = stored(&store);
    loopback.advance(HOUR);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(asked(&loopback), [of("POST", 200), of("POST", 200)]);
    let calls = loopback.calls(FUJITSU);
    let credentials: Vec<_> = calls.iter().map(credential).collect();
    assert_eq!(credentials, [first, stored(&store)]);
    assert_eq!(statuses(&calls), [200, 200]);
}

#[tokio::test]
async fn a_refused_token_is_refreshed_and_its_request_repeated() {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback);
    client.warm_up().await.expect("a token");
    let first = stored(&store);
    loopback.emulator.forget(FUJITSU);
    let request = client.post(JOBS, "{}");
    assert_eq!(client.send(request).await.expect("accepted").status(), 200);
    assert_eq!(asked(&loopback), [of("POST", 200), of("PATCH", 200)]);
    let calls = loopback.calls(FUJITSU);
    assert_eq!(statuses(&calls), [401, 200]);
    assert_eq!(sent(&calls[0]), sent(&calls[1]));
    let credentials: Vec<_> = calls.iter().map(credential).collect();
    assert_eq!(credentials, [first, stored(&store)]);
}

#[rstest]
#[case::forgotten(None)]
#[case::bad_request(Some(400))]
#[case::unauthorized(Some(401))]
#[case::not_found(Some(404))]
#[case::method_not_allowed(Some(405))]
#[tokio::test]
async fn a_refused_refresh_falls_back_to_id_and_secret(#[case] status: Option<u16>) {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback);
    client.warm_up().await.expect("a token");
    match status {
        None => drop(loopback.emulator.forget_refresh_tokens(FUJITSU)),
        Some(status) => loopback.fault(FUJITSU, Fault::on(Endpoint::Token).status(status)),
    }
    loopback.advance(HOUR - 5);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    let refused = of("PATCH", status.unwrap_or(401));
    assert_eq!(
        asked(&loopback),
        [of("POST", 200), refused, of("POST", 200)]
    );
    assert_eq!(credential(&loopback.calls(FUJITSU)[0]), stored(&store));
}

#[rstest]
#[case::no_token(r#"{"refreshToken":"CANARY-r"}"#)]
#[case::no_json("<html>CANARY</html>")]
#[tokio::test]
async fn a_refresh_with_an_unreadable_answer_falls_back_too(#[case] body: &'static str) {
    let loopback = Loopback::start();
    let (client, _) = client(&loopback);
    client.warm_up().await.expect("a token");
    loopback.next_token(FUJITSU, body);
    loopback.advance(HOUR - 5);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    let expected = [of("POST", 200), of("PATCH", 200), of("POST", 200)];
    assert_eq!(asked(&loopback), expected);
}

#[tokio::test]
async fn a_transient_refresh_failure_is_retried_and_the_token_stays() {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback);
    client.warm_up().await.expect("a token");
    let first = stored(&store);
    loopback.advance(HOUR - WINDOW);
    loopback.fault(FUJITSU, Fault::on(Endpoint::Token).status(503));
    loopback.emulator.hold(FUJITSU);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    loopback.until_held(FUJITSU, Endpoint::Token, 1).await;

    // No token is issued anew for a server that is only busy: the token is valid for five more seconds.
    loopback.advance(WINDOW - 5);
    let mut waiting = Box::pin(client.get(JOBS));
    assert!(waits(&mut waiting).await);
    loopback.emulator.release(FUJITSU);
    assert_eq!(waiting.await.expect("accepted"), 200);
    assert_eq!(asked(&loopback), [of("POST", 200), of("PATCH", 503)]);

    // The next caller starts over with the refresh token, which is still valid.
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(asked(&loopback)[2..], [of("PATCH", 200)]);
    let calls: Vec<_> = loopback.calls(FUJITSU).iter().map(credential).collect();
    assert_eq!(calls, [first.clone(), first, stored(&store)]);
}

#[rstest]
#[case::busy(503)]
#[case::too_many(429)]
#[tokio::test]
async fn a_refused_token_and_a_busy_endpoint_are_a_transient_error(#[case] status: u16) {
    let loopback = Loopback::start();
    let (client, _) = client(&loopback);
    client.warm_up().await.expect("a token");
    loopback.emulator.forget(FUJITSU);
    let busy = Fault::on(Endpoint::Token).status(status).retry_after(7);
    loopback.fault(FUJITSU, busy);
    let error = client.get(JOBS).await.expect_err("unavailable");
    let code = status.to_string();
    assert_eq!(
        facts(&error),
        (ErrorKind::Status, Some(status), Some(&*code))
    );
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(asked(&loopback), [of("POST", 200), of("PATCH", status)]);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(statuses(&loopback.calls(FUJITSU)), [401, 200]);
}

#[tokio::test]
async fn the_names_of_the_fields_can_be_set_at_run_time() {
    let loopback = Loopback::with(|config| {
        let fields = &mut config.fujitsu_aispf.v1_fields;
        fields.client_id = "client-ID".to_owned();
        fields.client_secret = "client secret".to_owned();
        fields.refresh_token = "更新".to_owned();
        fields.expires_in = "ttl".to_owned();
        config.fujitsu_aispf.access_token_seconds = 1000;
    });
    let fields = LegacyFields {
        client_id: "client-ID".to_owned(),
        client_secret: "client secret".to_owned(),
        sent_refresh_token: "更新".to_owned(),
        refresh_token: "更新".to_owned(),
        expires_in: "ttl".to_owned(),
        ..LegacyFields::default()
    };
    let store = MemoryStore::default();
    let client = loopback
        .aispf(LegacyOAuth::new(AISPF_ID, AISPF_SECRET).fields(fields))
        .store(Arc::new(store.clone()))
        .build();
    let client = Subject::Aispf(client.expect("valid settings"));
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    let refresh = refresh_token(&store);
    // The time of the renewal shows that the lifetime was read.
    loopback.advance(995);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(asked(&loopback), [of("POST", 200), of("PATCH", 200)]);
    let bodies: Vec<_> = loopback.token_requests(FUJITSU).iter().map(json).collect();
    assert_eq!(
        bodies,
        [
            json!({"client-ID": AISPF_ID, "client secret": AISPF_SECRET}),
            json!({"更新": refresh})
        ]
    );
}

#[tokio::test]
async fn every_field_of_the_answer_can_have_another_name() {
    let loopback = Loopback::start();
    let fields = LegacyFields {
        access_token: "token".to_owned(),
        refresh_token: "renew".to_owned(),
        expires_in: "seconds".to_owned(),
        ..LegacyFields::default()
    };
    let store = MemoryStore::default();
    let client = loopback
        .aispf(LegacyOAuth::new(AISPF_ID, AISPF_SECRET).fields(fields))
        .store(Arc::new(store.clone()))
        .build();
    let client = Subject::Aispf(client.expect("valid settings"));
    // Members with the default names are present as well, and are ignored.
    let answer = json!({
        "token": "CANARY-a", "renew": "CANARY-r", "seconds": "60",
        "accessToken": "CANARY-no", "refreshToken": "CANARY-no", "expiresIn": 1,
    });
    loopback.next_token(FUJITSU, answer.to_string());
    client.warm_up().await.expect("a token");
    let token = store.token().expect("a token");
    assert_eq!(token.access_token().expose(), "CANARY-a");
    assert_eq!(refresh_token(&store), "CANARY-r");
    let expiry = token.issued_at() + Duration::from_secs(60);
    assert_eq!(token.expires_at(), Some(expiry));
}

#[tokio::test]
async fn any_characters_work_in_the_body() {
    let texts = ["a b", "a+b%20", "a:b&c", "\"\\", "café手形", "'\u{2028}/"];
    let clients = texts
        .iter()
        .map(|text| FujitsuAispfClient::new(format!("id{text}"), format!("CANARY{text}")));
    let known = |config: &mut Config| config.fujitsu_aispf.clients = clients.clone().collect();
    let loopback = Loopback::with(known);
    for known in clients.clone() {
        let client = loopback.aispf_legacy(&known.id, &known.secret).build();
        let client = Subject::Aispf(client.expect("valid settings"));
        assert_eq!(
            client.get(JOBS).await.expect(&known.id),
            200,
            "{}",
            known.id
        );
    }
    let bodies: Vec<_> = loopback.token_requests(FUJITSU).iter().map(json).collect();
    let expected = clients.map(|c| json!({"clientId": c.id, "clientSecret": c.secret}));
    assert_eq!(bodies, expected.collect::<Vec<_>>());
}

#[rstest]
#[case::secret(AISPF_ID, "CANARY-wrong")]
#[case::id("CANARY-nobody", AISPF_SECRET)]
#[tokio::test]
async fn wrong_client_credentials_are_a_clear_error(#[case] id: &str, #[case] secret: &str) {
    let loopback = Loopback::start();
    let client = loopback.aispf_legacy(id, secret).build();
    let client = Subject::Aispf(client.expect("valid settings"));
    let error = client.get(JOBS).await.expect_err("refused");
    assert_eq!(
        facts(&error),
        (ErrorKind::TokenDenied, Some(401), Some("401"))
    );
    assert_eq!(asked(&loopback), [of("POST", 401)]);
    assert_eq!(loopback.counts(FUJITSU).resource_requests, 0);
}

#[rstest]
#[case("", "s")]
#[case("i", "")]
fn empty_client_credentials_are_refused_at_once(#[case] id: &str, #[case] secret: &str) {
    let built =
        tegata_fujitsu_aispf::Client::builder(tegata_fujitsu_aispf::LegacyOAuth::new(id, secret))
            .build();
    let error = built.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
}

#[tokio::test]
async fn a_stored_refresh_token_survives_a_restart() {
    let loopback = Loopback::start();
    let (first, store) = client(&loopback);
    first.warm_up().await.expect("a token");
    drop(first);
    loopback.advance(HOUR - 5);
    let restarted = loopback
        .aispf_legacy(AISPF_ID, AISPF_SECRET)
        .store(Arc::new(store))
        .build();
    let restarted = Subject::Aispf(restarted.expect("valid settings"));
    assert_eq!(restarted.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(asked(&loopback), [of("POST", 200), of("PATCH", 200)]);
    let last: LogEntry = loopback.calls(FUJITSU).remove(0);
    assert_eq!(last.status, Some(200));
}

#[tokio::test]
async fn an_unreadable_access_token_does_not_lose_the_refresh_token() {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback);
    let answer = r#"{"accessToken":7,"refreshToken":"CANARY-kept"}"#;
    let answer = Fault::on(Endpoint::Token).body("application/json", answer);
    loopback.fault(FUJITSU, answer);
    let error = client.warm_up().await.expect_err("no access token");
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
    assert_eq!(refresh_token(&store), "CANARY-kept");
}
