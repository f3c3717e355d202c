//! Renewal by refresh token.

use std::sync::Arc;

use rstest::rstest;
use tegata::{ErrorKind, MemoryStore, Secret};
use tegata_emulator::{Endpoint, Fault, Provider};
use tegata_jooto::Client;

use tegata_test_support::loopback::{HOUR, JOOTO_ID, JOOTO_SECRET, Loopback, WINDOW};
use tegata_test_support::wire::{credential, form, statuses};
use tegata_test_support::{facts, waits};

const JOOTO: Provider = Provider::Jooto;

/// A client whose tokens can be looked at.
async fn client(loopback: &Loopback) -> (Client, MemoryStore) {
    let app = loopback.app();
    let token = loopback.token(&app).await;
    let store = MemoryStore::default();
    let client = app.client(token).store(Arc::new(store.clone())).build();
    loopback.emulator.clear_log();
    (client.expect("valid settings"), store)
}

#[track_caller]
fn refresh_token(store: &MemoryStore) -> String {
    let token = store.token().expect("a token");
    let refresh = token.refresh_token().map(Secret::expose);
    refresh.expect("a refresh token").to_owned()
}

/// The refresh tokens that were sent, in requests with exactly the documented fields.
fn sent(loopback: &Loopback) -> Vec<String> {
    let requests = loopback.token_requests(JOOTO);
    let sent = requests.iter().map(|request| {
        assert_eq!(
            (&*request.method, &*request.path),
            ("POST", "/oauth2/token")
        );
        let mut fields = form(request);
        fields.sort_unstable();
        match fields.as_slice() {
            [
                ("client_id", JOOTO_ID),
                ("client_secret", JOOTO_SECRET),
                ("grant_type", "refresh_token"),
                ("refresh_token", refresh),
            ] => (*refresh).to_owned(),
            other => panic!("{:?}", other.iter().map(|(n, _)| n).collect::<Vec<_>>()),
        }
    });
    sent.collect()
}

async fn call(client: &Client) {
    let organization = client.api().get_organization(1).await;
    assert_eq!(organization.expect("accepted")["id"], 1);
}

#[tokio::test]
async fn the_token_of_the_exchange_is_used_until_it_expires() {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback).await;
    call(&client).await;
    loopback.advance(HOUR - 301);
    call(&client).await;
    assert_eq!(sent(&loopback), [""; 0]);
    loopback.advance(301);
    call(&client).await;
    assert_eq!(sent(&loopback).len(), 1);
    let calls = loopback.calls(JOOTO);
    assert_eq!(statuses(&calls), [200, 200, 200]);
    let access = store.token().expect("a token");
    let expected = format!("authorization: Bearer {}", access.access_token().expose());
    assert_eq!(credential(&calls[2]), expected);
    assert_ne!(credential(&calls[1]), expected);
}

#[rstest]
#[case::rotation(true)]
#[case::no_rotation(false)]
#[tokio::test]
async fn any_new_refresh_token_is_used_next(#[case] rotate: bool) {
    let loopback = Loopback::with(|config| config.jooto.rotate = rotate);
    let (client, store) = client(&loopback).await;
    call(&client).await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        expected.push(refresh_token(&store));
        loopback.advance(HOUR);
        call(&client).await;
    }
    assert_eq!(sent(&loopback), expected);
    expected.dedup();
    assert_eq!(expected.len(), if rotate { 3 } else { 1 });
    assert_eq!(statuses(&loopback.token_requests(JOOTO)), [200, 200, 200]);
}

#[tokio::test]
async fn an_answer_without_a_refresh_token_leaves_the_old_one() {
    let loopback = Loopback::with(|config| config.jooto.rotate = false);
    let (client, store) = client(&loopback).await;
    let answer = r#"{"access_token":"CANARY-a","token_type":"Bearer","expires_in":60}"#;
    loopback.next_token(JOOTO, answer);
    loopback.advance(HOUR);
    client.warm_up().await.expect("a token");
    let kept = refresh_token(&store);
    assert_eq!(sent(&loopback), [&*kept]);
    loopback.advance(60);
    call(&client).await;
    assert_eq!(sent(&loopback), [kept.clone(), kept]);
}

#[rstest]
#[case::in_use(true)]
#[case::to_begin_with(false)]
#[tokio::test]
async fn a_stale_token_is_refreshed_in_the_background(#[case] used: bool) {
    let loopback = Loopback::start();
    let (client, _) = client(&loopback).await;
    if used {
        call(&client).await;
        loopback.emulator.clear_log();
    }
    loopback.advance(HOUR - WINDOW);
    loopback.emulator.hold(JOOTO);
    call(&client).await;
    let emulator = &loopback.emulator;
    loopback.until_held(JOOTO, Endpoint::Token, 1).await;
    call(&client).await;
    loopback.advance(WINDOW);
    let mut waiting = Box::pin(client.api().get_organization(1));
    assert!(waits(&mut waiting).await);
    emulator.release(JOOTO);
    waiting.await.expect("accepted");
    assert_eq!(sent(&loopback).len(), 1);
    let calls: Vec<_> = loopback.calls(JOOTO).iter().map(credential).collect();
    assert_eq!(calls[0], calls[1]);
    assert_ne!(calls[1], calls[2]);
}

#[tokio::test]
async fn an_unknown_refresh_token_gives_a_clear_error_until_a_consent() {
    let loopback = Loopback::start();
    let (client, _) = client(&loopback).await;
    loopback.emulator.forget_refresh_tokens(JOOTO);
    let error = client.api().get_organization(1).await.expect_err("refused");
    assert_eq!(
        facts(&error),
        (ErrorKind::TokenDenied, Some(400), Some("invalid_grant"))
    );
    assert!(
        error.is_credential_rejected() && !error.is_transient(),
        "{error:?}"
    );
    assert_eq!(statuses(&loopback.calls(JOOTO)), [401]);
    assert_eq!(sent(&loopback).len(), 1);

    // The denial lasts until there is another refresh token, so nothing is sent any more.
    for _ in 0..2 {
        let again = client.api().get_organization(1).await.expect_err("refused");
        assert_eq!(facts(&again), facts(&error));
    }
    assert_eq!(statuses(&loopback.calls(JOOTO)), [401]);
    assert_eq!(sent(&loopback).len(), 1);

    let app = loopback.app();
    let renewed = app.client(loopback.token(&app).await).build();
    call(&renewed.expect("valid settings")).await;
}

#[tokio::test]
async fn without_a_refresh_token_the_error_says_what_to_do() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let code = loopback.code(&app).await;
    let answer = r#"{"access_token":"CANARY-a","token_type":"Bearer","expires_in":60}"#;
    loopback.next_token(JOOTO, answer);
    let token = app.exchange(&code).await.expect("a token");
    assert_eq!(token.refresh_token(), None);
    let client = app.client(token).build().expect("valid settings");
    loopback.emulator.clear_log();
    loopback.advance(60);
    let error = client
        .api()
        .get_organization(1)
        .await
        .expect_err("no token");
    assert_eq!(facts(&error), (ErrorKind::TokenDenied, None, None));
    assert!(
        error
            .to_string()
            .contains("authorize the application again"),
        "{error}"
    );
    assert!(loopback.emulator.log(JOOTO).is_empty());
}

#[tokio::test]
async fn a_token_that_still_lives_is_used_when_the_refresh_fails() {
    let loopback = Loopback::start();
    let (client, _) = client(&loopback).await;
    loopback.advance(HOUR - 60);
    loopback.fault(JOOTO, Fault::on(Endpoint::Token).status(503).times(100));
    for _ in 0..3 {
        call(&client).await;
    }
    assert_eq!(statuses(&loopback.calls(JOOTO)), [200, 200, 200]);
    loopback.advance(60);
    let error = client
        .api()
        .get_organization(1)
        .await
        .expect_err("no token");
    assert_eq!(
        facts(&error),
        (ErrorKind::Status, Some(503), Some("server_error"))
    );
    assert!(error.is_transient(), "{error:?}");
}

/// The refresh token that was sent may be spent: the only valid one is in the answer.
#[tokio::test]
async fn a_missing_access_token_does_not_lose_the_refresh_token() {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback).await;
    loopback.advance(HOUR);
    let answer = r#"{"token_type":"Bearer","expires_in":3600,"refresh_token":"CANARY-kept"}"#;
    let answer = Fault::on(Endpoint::Token).body("application/json", answer);
    loopback.fault(JOOTO, answer);
    let error = client.warm_up().await.expect_err("no access token");
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
    assert_eq!(refresh_token(&store), "CANARY-kept");
}
