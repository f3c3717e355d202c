//! Calls with an API key or an access token.

use rstest::rstest;
use tegata::reqwest::Method;
use tegata::{Error, ErrorKind};
use tegata_emulator::{JootoClient, Provider, Refusal};
use tegata_jooto::Client;

use tegata_test_support::loopback::{JOOTO_CALLBACK, JOOTO_KEY, Loopback};
use tegata_test_support::wire::{credential, sent, statuses};
use tegata_test_support::{Flow, Subject, facts, streamed};

const JOOTO: Provider = Provider::Jooto;

async fn client(flow: Flow, loopback: &Loopback) -> Client {
    match flow.warm(loopback).await {
        Subject::Jooto(client) => client,
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[tokio::test]
async fn typed_calls_work_under_either_method(
    #[values(Flow::JootoKey, Flow::JootoOAuth2)] flow: Flow,
) {
    let loopback = Loopback::start();
    let client = client(flow, &loopback).await;
    let all = client.api().get_organizations().await.expect("accepted");
    assert_eq!(all.status(), 200);
    assert_eq!(all["organizations"][0]["id"], 1);
    let one = client.api().get_organization(1).await.expect("accepted");
    assert_eq!(one["name"], "Organization 1");
    let calls = loopback.calls(JOOTO);
    let paths: Vec<_> = calls.iter().map(|c| (&*c.method, &*c.path)).collect();
    assert_eq!(
        paths,
        [("GET", "/organizations"), ("GET", "/organizations/1")]
    );
    for call in &calls {
        let credential = credential(call);
        assert!(!credential.contains('"'), "no quotation marks are sent");
        if flow == Flow::JootoKey {
            assert_eq!(credential, format!("x-jooto-api-key: {JOOTO_KEY}"));
        } else {
            assert!(credential.starts_with("authorization: Bearer CANARY-jooto-access"));
        }
        assert_eq!(call.header("api-version"), [""; 0]);
    }
}

#[rstest]
#[tokio::test]
async fn untyped_calls_work_with_either_method(
    #[values(Flow::JootoKey, Flow::JootoOAuth2)] flow: Flow,
) {
    let loopback = Loopback::start();
    let client = flow.warm(&loopback).await;
    let request = client.post("/v1/boards/1/lists?a%5B%5D=1", r#"{"name":"手形"}"#);
    let answer = client.send(request).await.expect("accepted");
    assert_eq!(answer.status(), 200);
    let call = loopback.calls(JOOTO).remove(0);
    assert_eq!(call.query.as_deref(), Some("a%5B%5D=1"));
    assert_eq!(call.body, r#"{"name":"手形"}"#);
}

#[tokio::test]
async fn a_wrong_key_is_refused_once_and_clearly() {
    let loopback = Loopback::start();
    let client = loopback.jooto_key("CANARY-wrong").build().expect("valid");
    let typed: Error = client.api().get_organizations().await.expect_err("refused");
    assert_eq!(
        facts(&typed),
        (ErrorKind::CredentialRejected, Some(401), None)
    );
    assert!(
        typed.is_credential_rejected() && !typed.is_transient(),
        "{typed:?}"
    );
    let raw = Subject::Jooto(client).get("/v1/boards").await;
    assert_eq!(
        raw.expect_err("refused").kind(),
        ErrorKind::CredentialRejected
    );
    assert_eq!(statuses(&loopback.calls(JOOTO)), [401, 401]);
}

#[rstest]
#[case::typed(true)]
#[case::by_hand(false)]
#[tokio::test]
async fn a_refused_token_is_refreshed_and_its_request_repeated(#[case] typed: bool) {
    let loopback = Loopback::start();
    let client = client(Flow::JootoOAuth2, &loopback).await;
    assert_eq!(loopback.emulator.forget(JOOTO), 1);
    if typed {
        client.api().get_organization(1).await.expect("accepted");
    } else {
        let subject = Subject::Jooto(client);
        let request = subject.post("/v1/boards?x=1", "{}");
        assert_eq!(subject.send(request).await.expect("accepted").status(), 200);
    }
    let calls = loopback.calls(JOOTO);
    assert_eq!(statuses(&calls), [401, 200]);
    assert_eq!(sent(&calls[0]), sent(&calls[1]));
    assert_ne!(credential(&calls[0]), credential(&calls[1]));
    assert_eq!(loopback.token_requests(JOOTO).len(), 1);
}

#[tokio::test]
async fn a_new_token_that_is_refused_as_well_ends_the_attempt() {
    let loopback = Loopback::start();
    let client = client(Flow::JootoOAuth2, &loopback).await;
    loopback.refuse_next(JOOTO, Refusal::new(401).times(2));
    let error = client.api().get_organization(1).await.expect_err("refused");
    assert_eq!(
        facts(&error),
        (ErrorKind::CredentialRejected, Some(401), None)
    );
    assert_eq!(statuses(&loopback.calls(JOOTO)), [401, 401]);
    assert_eq!(loopback.token_requests(JOOTO).len(), 1);
    client
        .api()
        .get_organization(1)
        .await
        .expect("the next call is fine");
}

#[rstest]
#[tokio::test]
async fn no_other_failure_renews_the_token(#[values(400, 403, 404, 429, 500)] status: u16) {
    let loopback = Loopback::start();
    let client = client(Flow::JootoOAuth2, &loopback).await;
    loopback.refuse_next(JOOTO, Refusal::new(status));
    let error = client.api().get_organization(1).await.expect_err("failed");
    assert_eq!(facts(&error), (ErrorKind::Status, Some(status), None));
    assert_eq!(
        error.is_transient(),
        matches!(status, 429 | 500),
        "{error:?}"
    );
    assert!(error.description().is_some(), "{error:?}");
    assert_eq!(statuses(&loopback.calls(JOOTO)), [status]);
    assert!(loopback.token_requests(JOOTO).is_empty());
}

#[tokio::test]
async fn a_foreign_organization_is_forbidden_an_unknown_one_not_found() {
    let loopback = Loopback::with(|config| {
        let mut other = JootoClient::new("other", "CANARY", JOOTO_CALLBACK);
        other.organization_ids = vec![2];
        config.jooto.clients.push(other);
    });
    let client = client(Flow::JootoOAuth2, &loopback).await;
    for (organization, status) in [(2, 403), (3, 404), (-1, 404)] {
        let answer = client.api().get_organization(organization).await;
        let error = answer.expect_err("no access");
        assert_eq!(facts(&error), (ErrorKind::Status, Some(status), None));
    }
    assert!(loopback.token_requests(JOOTO).is_empty());
}

#[tokio::test]
async fn a_stream_is_sent_once_and_the_next_call_has_the_new_token() {
    let loopback = Loopback::start();
    let client = Flow::JootoOAuth2.warm(&loopback).await;
    loopback.emulator.forget(JOOTO);
    let stream = || {
        client
            .request(Method::POST, "/v1/boards")
            .body(streamed("streamed"))
    };
    let error = client.send(stream()).await.expect_err("cannot be repeated");
    assert_eq!(facts(&error), (ErrorKind::NotReplayable, Some(401), None));
    assert_eq!(client.send(stream()).await.expect("fine").status(), 200);
    assert_eq!(statuses(&loopback.calls(JOOTO)), [401, 200]);
    assert_eq!(loopback.token_requests(JOOTO).len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_second_credential_is_never_sent(
    #[values(Flow::JootoKey, Flow::JootoOAuth2)] flow: Flow,
    #[values("X-Jooto-Api-Key", "authorization")] header: &str,
) {
    let loopback = Loopback::start();
    let client = flow.cold(&loopback).await;
    let request = client.request(Method::GET, "/v1/boards");
    let error = client.send(request.header(header, "CANARY")).await;
    let error = error.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert_eq!(loopback.counts(JOOTO).resource_requests, 0);
}

#[tokio::test]
async fn clones_share_the_token() {
    let loopback = Loopback::start();
    let client = client(Flow::JootoOAuth2, &loopback).await;
    let clone = client.clone();
    loopback.emulator.forget(JOOTO);
    client.api().get_organization(1).await.expect("accepted");
    clone.api().get_organization(1).await.expect("accepted");
    assert_eq!(statuses(&loopback.calls(JOOTO)), [401, 200, 200]);
    assert_eq!(loopback.token_requests(JOOTO).len(), 1);
}
