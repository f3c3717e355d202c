//! OAuth 2.0: `POST /v2/tokens`.

use std::sync::Arc;

use rstest::rstest;
use tegata::reqwest::Method;
use tegata::{BasicEncoding, ErrorKind, MemoryStore, RenewalPolicy};
use tegata_emulator::{Endpoint, Fault, FujitsuAispfClient, Provider, Refusal};
use tegata_fujitsu_aispf::OAuth2;

use tegata_test_support::loopback::{AISPF_ID, AISPF_SECRET, HOUR, Loopback, WINDOW};
use tegata_test_support::wire::{basic, credential, form, header, sent, statuses};
use tegata_test_support::{Flow, Subject, facts, streamed, waits};

const FUJITSU: Provider = Provider::FujitsuAispf;
const JOBS: &str = "/da/v2/async/jobs";

/// A client and the store in which its token can be looked at.
fn client(loopback: &Loopback) -> (Subject, MemoryStore) {
    let store = MemoryStore::default();
    let client = loopback
        .aispf_oauth2(AISPF_ID, AISPF_SECRET)
        .store(Arc::new(store.clone()))
        .build()
        .expect("valid settings");
    (Subject::Aispf(client), store)
}

/// The credential of a call with the token that is stored.
#[track_caller]
fn stored(store: &MemoryStore) -> String {
    let token = store.token().expect("a token");
    format!("x-access-token: {}", token.access_token().expose())
}

#[tokio::test]
async fn a_token_is_issued_used_and_issued_again_when_it_expires() {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    let first = stored(&store);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    loopback.advance(HOUR);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    let second = stored(&store);

    let tokens = loopback.token_requests(FUJITSU);
    assert_eq!(tokens.len(), 2);
    for request in &tokens {
        assert_eq!((&*request.method, &*request.path), ("POST", "/v2/tokens"));
        assert_eq!(request.query, None);
        assert_eq!(basic(request), format!("{AISPF_ID}:{AISPF_SECRET}"));
        assert_eq!(form(request), [("grant_type", "client_credentials")]);
        assert_eq!(header(request, "accept"), "application/json");
        assert_eq!(request.header("x-access-token"), [""; 0]);
    }
    let calls = loopback.calls(FUJITSU);
    let credentials: Vec<_> = calls.iter().map(credential).collect();
    assert_eq!(credentials, [first.clone(), first, second]);
    assert_eq!(statuses(&calls), [200, 200, 200]);
}

#[tokio::test]
async fn a_stale_token_is_used_while_it_is_renewed_in_the_background() {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback);
    client.warm_up().await.expect("a token");
    let first = stored(&store);
    loopback.advance(HOUR - 301);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(loopback.counts(FUJITSU).token_requests, 1);

    // Some minutes before the expiry, the next caller sets off the renewal and does not wait for it.
    loopback.advance(301 - WINDOW);
    loopback.emulator.hold(FUJITSU);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    loopback.until_held(FUJITSU, Endpoint::Token, 1).await;
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);

    // When the token has expired, a caller waits for the renewal that is under way.
    loopback.advance(WINDOW);
    let mut waiting = Box::pin(client.get(JOBS));
    assert!(waits(&mut waiting).await);
    loopback.emulator.release(FUJITSU);
    assert_eq!(waiting.await.expect("accepted"), 200);
    assert_eq!(loopback.counts(FUJITSU).token_requests, 2);
    let credentials: Vec<_> = loopback.calls(FUJITSU).iter().map(credential).collect();
    assert_eq!(
        credentials,
        [first.clone(), first.clone(), first, stored(&store)]
    );
}

#[rstest]
#[case::last_second_of_its_use(HOUR - 11, 1)]
#[case::about_to_die(HOUR - 10, 2)]
#[case::dead(HOUR, 2)]
#[case::long_dead(10 * HOUR, 2)]
#[tokio::test]
async fn a_token_is_not_sent_in_its_last_ten_seconds(#[case] age: u64, #[case] issued: u64) {
    let loopback = Loopback::start();
    let settings = loopback
        .settings()
        .renewal(RenewalPolicy::new().refresh_window(std::time::Duration::ZERO));
    let builder = loopback.aispf_oauth2(AISPF_ID, AISPF_SECRET);
    let client = Subject::Aispf(builder.settings(settings).build().expect("valid"));
    client.warm_up().await.expect("a token");
    loopback.advance(age);
    assert_eq!(client.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(loopback.counts(FUJITSU).tokens_issued, issued);
}

#[rstest]
#[case::forgotten(true)]
#[case::expired_early(false)]
#[tokio::test]
async fn a_refused_token_is_renewed_and_its_request_repeated(#[case] forget: bool) {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback);
    client.warm_up().await.expect("a token");
    let first = stored(&store);
    if forget {
        assert_eq!(loopback.emulator.forget(FUJITSU), 1);
    } else {
        assert_eq!(loopback.emulator.expire(FUJITSU), 1);
    }
    let request = client.post("/da/v4/async/qubo/solve?a=1&a=2", "{\"é\": [1]}");
    assert_eq!(client.send(request).await.expect("accepted").status(), 200);

    let calls = loopback.calls(FUJITSU);
    assert_eq!(statuses(&calls), [401, 200]);
    let credentials: Vec<_> = calls.iter().map(credential).collect();
    assert_eq!(credentials, [first.clone(), stored(&store)]);
    assert_ne!(first, stored(&store));
    assert_eq!(sent(&calls[0]), sent(&calls[1]));
    assert_eq!(calls[1].body, "{\"é\": [1]}");
    assert_eq!(loopback.counts(FUJITSU).token_requests, 2);
}

#[tokio::test]
async fn a_new_token_that_is_refused_as_well_ends_the_attempt() {
    let loopback = Loopback::start();
    let (client, _) = client(&loopback);
    client.warm_up().await.expect("a token");
    loopback.refuse_next(FUJITSU, Refusal::new(401).times(2));
    let error = client.get(JOBS).await.expect_err("refused twice");
    assert_eq!(
        facts(&error),
        (ErrorKind::CredentialRejected, Some(401), Some("401"))
    );
    assert_eq!(statuses(&loopback.calls(FUJITSU)), [401, 401]);
    assert_eq!(loopback.counts(FUJITSU).token_requests, 2);
    assert_eq!(client.get(JOBS).await.expect("the next call is fine"), 200);
}

#[rstest]
#[tokio::test]
async fn no_other_failure_renews_the_token(#[values(400, 403, 404, 429, 500, 503)] status: u16) {
    let loopback = Loopback::start();
    let (client, _) = client(&loopback);
    loopback.refuse_next(FUJITSU, Refusal::new(status));
    assert_eq!(client.get(JOBS).await.expect("an answer"), status);
    assert_eq!(statuses(&loopback.calls(FUJITSU)), [status]);
    assert_eq!(loopback.counts(FUJITSU).token_requests, 1);
}

#[tokio::test]
async fn a_stream_is_sent_once_and_the_next_call_has_the_new_token() {
    let loopback = Loopback::start();
    let (client, store) = client(&loopback);
    client.warm_up().await.expect("a token");
    loopback.emulator.forget(FUJITSU);
    let stream = || client.request(Method::PUT, JOBS).body(streamed("streamed"));
    let error = client.send(stream()).await.expect_err("cannot be repeated");
    assert_eq!(
        (error.kind(), error.status().map(u16::from)),
        (ErrorKind::NotReplayable, Some(401))
    );
    assert_eq!(statuses(&loopback.calls(FUJITSU)), [401]);
    let response = client.send(stream()).await.expect("the next call is fine");
    assert_eq!(response.status(), 200);
    let calls = loopback.calls(FUJITSU);
    assert_eq!(credential(&calls[1]), stored(&store));
    assert_eq!(calls[1].body, "streamed");
    assert_eq!(loopback.counts(FUJITSU).token_requests, 2);
}

#[rstest]
#[case::secret(AISPF_ID, "CANARY-wrong")]
#[case::id("CANARY-nobody", AISPF_SECRET)]
#[tokio::test]
async fn wrong_client_credentials_give_a_clear_error_and_no_call(
    #[case] id: &str,
    #[case] secret: &str,
) {
    let loopback = Loopback::start();
    let builder = loopback.aispf_oauth2(id, secret);
    let client = Subject::Aispf(builder.build().expect("valid settings"));
    // A denial lasts until the credentials change: the endpoint is not asked again.
    for _ in 0..2 {
        let error = client.get(JOBS).await.expect_err("refused");
        let expected = (ErrorKind::TokenDenied, Some(401), Some("invalid_client"));
        assert_eq!(facts(&error), expected);
        assert!(
            error.is_credential_rejected() && !error.is_transient(),
            "{error:?}"
        );
        let counts = loopback.counts(FUJITSU);
        assert_eq!((counts.token_requests, counts.resource_requests), (1, 0));
    }
}

/// Ids and secrets for which the encodings differ.
const ODD: [&str; 9] = [
    "with space",
    "a+b",
    "a%b%2Bc",
    "100%",
    "a&b=c;d",
    "-._~!'()*",
    "\"quoted\\\"",
    "café",
    "手形",
];

fn known_to_all(config: &mut tegata_emulator::Config) {
    let texts = ODD.iter().chain(["a:b", "::"].iter());
    config.fujitsu_aispf.clients = texts
        .enumerate()
        .map(|(index, text)| {
            FujitsuAispfClient::new(format!("{index}{text}"), format!("{text}CANARY:{text}"))
        })
        .collect();
}

#[rstest]
#[case::raw(BasicEncoding::Raw, ODD.len())]
#[case::form(BasicEncoding::Form, ODD.len() + 2)]
#[tokio::test]
async fn any_characters_work_in_basic(#[case] encoding: BasicEncoding, #[case] count: usize) {
    let loopback = Loopback::with(known_to_all);
    let mut config = tegata_emulator::Config::default();
    known_to_all(&mut config);
    for known in config.fujitsu_aispf.clients.iter().take(count) {
        let credentials = OAuth2::new(&*known.id, &*known.secret).basic_encoding(encoding);
        let client = loopback.aispf(credentials).build();
        let client = Subject::Aispf(client.expect("valid settings"));
        let outcome = client.get(JOBS).await;
        assert_eq!(outcome.expect(&known.id), 200, "{}", known.id);
    }
    if encoding == BasicEncoding::Raw {
        let sent = loopback.token_requests(FUJITSU);
        assert_eq!(basic(&sent[0]), "0with space:with spaceCANARY:with space");
    } else {
        let sent = loopback.token_requests(FUJITSU);
        assert_eq!(basic(&sent[1]), "1a%2Bb:a%2BbCANARY%3Aa%2Bb");
    }
}

#[tokio::test]
async fn a_colon_in_the_id_needs_form_encoding_and_the_error_says_so() {
    let loopback = Loopback::start();
    let built = loopback.aispf_oauth2("a:b", "CANARY").build();
    let error = built.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert!(error.to_string().contains("BasicEncoding::Form"), "{error}");
}

#[tokio::test]
async fn a_stored_token_survives_a_restart() {
    let loopback = Loopback::start();
    let (first, store) = client(&loopback);
    first.warm_up().await.expect("a token");
    drop(first);
    let restarted = loopback
        .aispf_oauth2(AISPF_ID, AISPF_SECRET)
        .store(Arc::new(store.clone()))
        .build();
    let restarted = Subject::Aispf(restarted.expect("valid settings"));
    assert_eq!(restarted.get(JOBS).await.expect("accepted"), 200);
    assert_eq!(loopback.counts(FUJITSU).token_requests, 1);
    assert_eq!(credential(&loopback.calls(FUJITSU)[0]), stored(&store));
}

#[tokio::test]
async fn moving_from_the_conventional_method_takes_other_credentials() {
    let loopback = Loopback::start();
    let store = MemoryStore::default();
    let url = loopback.url(FUJITSU);
    let legacy = tegata_fujitsu_aispf::Client::builder(tegata_fujitsu_aispf::LegacyOAuth::new(
        AISPF_ID,
        AISPF_SECRET,
    ))
    .base_url(url.clone())
    .auth_url(url.clone())
    .store(Arc::new(store.clone()))
    .settings(loopback.settings())
    .build();
    let moved = tegata_fujitsu_aispf::Client::builder(tegata_fujitsu_aispf::OAuth2::new(
        AISPF_ID,
        AISPF_SECRET,
    ))
    .base_url(url.clone())
    .auth_url(url)
    .store(Arc::new(store.clone()))
    .settings(loopback.settings())
    .build();
    let legacy = Subject::Aispf(legacy.expect("valid settings"));
    let moved = Subject::Aispf(moved.expect("valid settings"));

    assert_eq!(legacy.get(JOBS).await.expect("accepted"), 200);
    // Tokens of both methods are interchangeable, so even the present token remains valid.
    assert_eq!(moved.get(JOBS).await.expect("accepted"), 200);
    loopback.advance(HOUR);
    assert_eq!(moved.get(JOBS).await.expect("accepted"), 200);
    let tokens = loopback.token_requests(FUJITSU);
    let asked: Vec<_> = tokens.iter().map(|r| (&*r.method, &*r.path)).collect();
    assert_eq!(asked, [("POST", "/v1/tokens"), ("POST", "/v2/tokens")]);
    assert_eq!(statuses(&loopback.calls(FUJITSU)), [200, 200, 200]);
    assert!(store.token().expect("a token").refresh_token().is_none());
}

#[tokio::test]
async fn the_token_endpoint_lies_below_the_services_by_default() {
    let loopback = Loopback::start();
    let client = tegata_fujitsu_aispf::Client::builder(tegata_fujitsu_aispf::OAuth2::new(
        AISPF_ID,
        AISPF_SECRET,
    ))
    .base_url(loopback.url(FUJITSU))
    .settings(loopback.settings())
    .build();
    let client = Subject::Aispf(client.expect("valid settings"));
    // Public clients report `/auth`; the document knows no such prefix, and so the emulator has none.
    let error = client.get(JOBS).await.expect_err("no such path");
    assert_eq!(facts(&error), (ErrorKind::Status, Some(404), Some("404")));
    assert_eq!(loopback.token_requests(FUJITSU)[0].path, "/auth/v2/tokens");
}

#[rstest]
#[tokio::test]
async fn warming_up_fetches_a_token_and_calls_nothing(
    #[values(Flow::AispfOAuth2, Flow::AispfLegacy)] flow: Flow,
) {
    let loopback = Loopback::start();
    let client = flow.cold(&loopback).await;
    client.warm_up().await.expect("a token");
    client.warm_up().await.expect("the same token");
    let counts = loopback.counts(FUJITSU);
    assert_eq!((counts.token_requests, counts.resource_requests), (1, 0));
}

#[tokio::test]
async fn an_error_in_an_answer_with_status_200_is_named() {
    let loopback = Loopback::start();
    let (client, _) = client(&loopback);
    let answer = r#"{"error":"unsupported_grant_type"}"#;
    let answer = Fault::on(Endpoint::Token).body("application/json", answer);
    loopback.fault(FUJITSU, answer);
    let error = client.warm_up().await.expect_err("no token");
    assert_eq!(error.code(), Some("unsupported_grant_type"), "{error:?}");
    assert_eq!(error.status().map(u16::from), Some(200));
}
