//! API keys: a single one, or two with a fallback.

use std::sync::{Arc, Mutex};

use rstest::rstest;
use tegata::reqwest::Method;
use tegata::{AccountHash, ErrorKind, RenewalEvent, RenewalOutcome, RenewalReason};
use tegata_emulator::{Provider, Refusal};
use tegata_fujitsu_aispf::{ApiKey, Client, KeyInUse};

use tegata_test_support::loopback::{AISPF_PRIMARY, AISPF_SECONDARY, Loopback};
use tegata_test_support::shown::found;
use tegata_test_support::traced::Traced;
use tegata_test_support::wire::{credential, sent, statuses};
use tegata_test_support::{Flow, Subject, facts, streamed};

const FUJITSU: Provider = Provider::FujitsuAispf;
const JOBS: &str = "/da/v2/async/jobs";
const NEW: &str = "CANARY-aispf-regenerated-key";

fn primary() -> String {
    format!("x-api-key: {AISPF_PRIMARY}")
}

fn secondary() -> String {
    format!("x-api-key: {AISPF_SECONDARY}")
}

fn pair(loopback: &Loopback) -> Subject {
    let keys = loopback.aispf_keys(AISPF_PRIMARY, AISPF_SECONDARY);
    Subject::Aispf(keys.build().expect("valid settings"))
}

fn revoke(loopback: &Loopback, key: &str) {
    let good = loopback.emulator.revoke_key(FUJITSU, key);
    assert!(good.expect("a provider with keys"), "{key}");
}

fn add(loopback: &Loopback, key: &str) {
    let added = loopback.emulator.add_key(FUJITSU, key);
    added.expect("a provider with keys");
}

/// The keys that were sent since the last check.
fn keys_sent(loopback: &Loopback) -> Vec<String> {
    let keys = loopback.calls(FUJITSU).iter().map(credential).collect();
    loopback.emulator.clear_log();
    keys
}

#[tokio::test]
async fn a_key_travels_in_x_api_key_and_nowhere_else() {
    let loopback = Loopback::start();
    let client = loopback.aispf_key(AISPF_PRIMARY).build().expect("valid");
    let client = Subject::Aispf(client);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    client.warm_up().await.expect("nothing to fetch");
    assert_eq!(keys_sent(&loopback), [primary()]);
    assert_eq!(loopback.counts(FUJITSU).token_requests, 0);
}

#[tokio::test]
async fn blanks_around_a_key_are_not_sent() {
    let loopback = Loopback::start();
    // The English guide prints one behind the placeholder.
    let key = format!(" {AISPF_PRIMARY} \t");
    let client = Subject::Aispf(loopback.aispf_key(&key).build().expect("valid"));
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(keys_sent(&loopback), [primary()]);
}

#[tokio::test]
async fn a_lone_key_that_is_refused_is_one_clear_error() {
    let loopback = Loopback::start();
    let client = loopback.aispf_key("CANARY-wrong").build().expect("valid");
    let error = Subject::Aispf(client).get(JOBS).await.expect_err("refused");
    assert_eq!(
        facts(&error),
        (ErrorKind::CredentialRejected, Some(401), Some("401"))
    );
    assert!(
        error.is_credential_rejected() && !error.is_transient(),
        "{error:?}"
    );
    assert_eq!(keys_sent(&loopback), ["x-api-key: CANARY-wrong"]);
}

#[tokio::test]
async fn a_refused_key_makes_the_same_request_go_out_with_the_other() {
    let loopback = Loopback::start();
    let client = pair(&loopback);
    revoke(&loopback, AISPF_PRIMARY);
    let request = client.post("/da/v4/async/qubo/solve?x=%20a+b", r#"{"n": 1}"#);
    assert_eq!(client.send(request).await.expect("accepted").status(), 200);
    let calls = loopback.calls(FUJITSU);
    assert_eq!(statuses(&calls), [401, 200]);
    assert_eq!(sent(&calls[0]), sent(&calls[1]));
    assert_eq!(calls[1].body, r#"{"n": 1}"#);
    assert_eq!(keys_sent(&loopback), [primary(), secondary()]);
}

#[tokio::test]
async fn the_key_that_works_is_remembered() {
    let loopback = Loopback::start();
    let client = pair(&loopback);
    let clone = client.clone();
    revoke(&loopback, AISPF_PRIMARY);
    for client in [&client, &client, &clone] {
        assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    }
    let expected = [primary(), secondary(), secondary(), secondary()];
    assert_eq!(keys_sent(&loopback), expected);
}

#[tokio::test]
async fn a_change_of_keys_is_a_warning_an_event_and_an_answer() {
    let (loopback, log) = (Loopback::start(), Traced::begin());
    let events: Arc<Mutex<Vec<RenewalEvent>>> = Arc::default();
    let seen = Arc::clone(&events);
    let observer = move |event: &RenewalEvent| seen.lock().expect("lock").push(event.clone());
    let client = loopback
        .aispf_keys(AISPF_PRIMARY, AISPF_SECONDARY)
        .account("CANARY-plant-7")
        .settings(loopback.settings().observer(observer))
        .build()
        .expect("valid settings");
    assert_eq!(client.key_in_use(), Some(KeyInUse::Primary));
    revoke(&loopback, AISPF_PRIMARY);
    let subject = Subject::Aispf(client.clone());
    let callers = (0..9).map(|_| {
        let subject = subject.clone();
        tokio::spawn(async move { subject.get(JOBS).await })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert_eq!(caller.await.expect("no panic").expect("accepted"), 200);
    }
    assert_eq!(client.key_in_use(), Some(KeyInUse::Secondary));
    let events = events.lock().expect("lock").clone();
    let [event] = &events[..] else {
        panic!("one change, one event: {events:?}");
    };
    assert_eq!(
        (event.provider, event.reason),
        ("fujitsu-aispf", RenewalReason::Refused)
    );
    assert!(
        matches!(event.outcome, RenewalOutcome::SwitchedKey("secondary")),
        "{event:?}"
    );
    let account = AccountHash::of("CANARY-plant-7");
    assert_eq!(
        (event.account, event.outcome.as_str()),
        (account, "switched_key")
    );
    let text = log.take();
    let warnings: Vec<_> = text
        .lines()
        .filter(|line| line.contains("WARN tegata"))
        .collect();
    let [warning] = warnings[..] else {
        panic!("one change, one warning: {text}");
    };
    for part in [
        "provider=\"fujitsu-aispf\"",
        &format!("account={account}"),
        "reason=\"refused\"",
        "outcome=\"switched_key\"",
        "duration_ms=0",
        "key=\"secondary\"",
    ] {
        assert!(warning.contains(part), "{part}: {warning}");
    }
    assert_eq!(found(&format!("{text}{events:?}{client:?}"), &[]), None);
}

#[tokio::test]
async fn the_key_in_use_is_that_of_a_client_with_a_key() {
    let loopback = Loopback::start();
    let lone = loopback.aispf_key(AISPF_PRIMARY).build().expect("valid");
    assert_eq!(lone.key_in_use(), Some(KeyInUse::Primary));
    let token = loopback
        .aispf_oauth2("id", "CANARY")
        .build()
        .expect("valid");
    assert_eq!(token.key_in_use(), None);
}

#[tokio::test]
async fn keys_can_be_regenerated_one_after_the_other() {
    let loopback = Loopback::start();
    let client = pair(&loopback);
    revoke(&loopback, AISPF_PRIMARY);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(keys_sent(&loopback), [primary(), secondary()]);

    // The primary key is accepted again, and now the secondary one is refused.
    add(&loopback, AISPF_PRIMARY);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(keys_sent(&loopback), [secondary()]);
    revoke(&loopback, AISPF_SECONDARY);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(keys_sent(&loopback), [secondary(), primary(), primary()]);

    // A key that this client was never given helps another client only.
    revoke(&loopback, AISPF_PRIMARY);
    add(&loopback, NEW);
    let error = client.get(JOBS).await.expect_err("both are refused");
    assert_eq!(error.kind(), ErrorKind::CredentialRejected, "{error:?}");
    assert_eq!(keys_sent(&loopback), [primary(), secondary()]);
    let renewed = loopback.aispf_keys(NEW, AISPF_SECONDARY).build();
    let renewed = Subject::Aispf(renewed.expect("valid"));
    assert_eq!(renewed.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(keys_sent(&loopback), [format!("x-api-key: {NEW}")]);
}

#[tokio::test]
async fn both_keys_refused_is_one_clear_error_and_changes_nothing() {
    let loopback = Loopback::start();
    let client = pair(&loopback);
    revoke(&loopback, AISPF_PRIMARY);
    revoke(&loopback, AISPF_SECONDARY);
    for _ in 0..2 {
        let error = client.get(JOBS).await.expect_err("refused");
        assert_eq!(
            facts(&error),
            (ErrorKind::CredentialRejected, Some(401), Some("401"))
        );
        assert!(error.to_string().contains("both API keys"), "{error}");
        assert_eq!(keys_sent(&loopback), [primary(), secondary()]);
    }
    add(&loopback, AISPF_PRIMARY);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(keys_sent(&loopback), [primary()]);
}

#[rstest]
#[tokio::test]
async fn no_other_failure_brings_in_the_other_key(
    #[values(400, 403, 404, 429, 500, 503)] status: u16,
) {
    let loopback = Loopback::start();
    let client = pair(&loopback);
    loopback.refuse_next(FUJITSU, Refusal::new(status));
    assert_eq!(client.get(JOBS).await.expect("an answer"), status);
    assert_eq!(keys_sent(&loopback), [primary()]);
}

#[tokio::test]
async fn a_stream_is_sent_once_and_the_next_call_uses_the_other_key() {
    let loopback = Loopback::start();
    let client = pair(&loopback);
    revoke(&loopback, AISPF_PRIMARY);
    let stream = || {
        client
            .request(Method::POST, JOBS)
            .body(streamed("streamed"))
    };
    let error = client.send(stream()).await.expect_err("cannot be repeated");
    assert_eq!(
        (error.kind(), error.status().map(u16::from)),
        (ErrorKind::NotReplayable, Some(401))
    );
    assert_eq!(keys_sent(&loopback), [primary()]);
    let response = client.send(stream()).await.expect("the next call is fine");
    assert_eq!(response.status(), 200);
    assert_eq!(keys_sent(&loopback), [secondary()]);
}

#[tokio::test]
async fn callers_of_a_revoked_key_all_get_through() {
    let loopback = Loopback::start();
    let client = pair(&loopback);
    revoke(&loopback, AISPF_PRIMARY);
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get(JOBS).await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.expect("no panic").expect("accepted"), 200);
    }
    let keys = keys_sent(&loopback);
    let good = keys.iter().filter(|key| **key == secondary()).count();
    assert_eq!(good, 50, "{keys:?}");
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(keys_sent(&loopback), [secondary()]);
}

#[rstest]
#[case::empty("")]
#[case::blank(" \t ")]
#[case::line_break("CANARY-key\n")]
#[case::nul("CANARY\0key")]
#[case::delete("CANARY\u{7f}key")]
fn a_key_that_fits_no_header_is_refused_before_any_request(#[case] key: &str) {
    for built in [
        Client::builder(ApiKey::new(key)).build(),
        Client::builder(ApiKey::new("good").secondary(key)).build(),
    ] {
        let error = built.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
        assert!(
            !format!("{error} {error:?}").contains("CANARY"),
            "{error:?}"
        );
    }
}

#[test]
fn twice_the_same_key_is_refused() {
    let built = Client::builder(ApiKey::new("k").secondary("k")).build();
    let error = built.expect_err("refused");
    assert!(error.to_string().contains("same as the first"), "{error}");
}

#[rstest]
#[tokio::test]
async fn a_second_credential_is_never_sent(
    #[values(Flow::AispfKeys, Flow::AispfOAuth2, Flow::AispfLegacy)] flow: Flow,
    #[values("X-Api-Key", "x-access-token", "Authorization")] header: &str,
) {
    let loopback = Loopback::start();
    let client = flow.cold(&loopback).await;
    let request = client.request(Method::GET, JOBS).header(header, "CANARY");
    let error = client.send(request).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert!(
        error.to_string().contains(&header.to_lowercase()),
        "{error}"
    );
    let counts = loopback.counts(FUJITSU);
    assert_eq!((counts.token_requests, counts.resource_requests), (0, 0));
}
