//! 601 and 602, which come with HTTP status 200.

use rstest::rstest;
use tegata::ErrorKind;
use tegata::reqwest::Method;
use tegata_emulator::{Endpoint, Fault, Provider, Refusal};

use tegata_test_support::loopback::{HOUR, Loopback};
use tegata_test_support::wire::{credential, query, sent, statuses};
use tegata_test_support::{Flow, Subject, facts, streamed};

const MARKETO: Provider = Provider::Marketo;
const LEADS: &str = "/rest/v1/leads.json";

#[rstest]
#[tokio::test]
async fn a_refused_token_is_renewed_and_its_request_repeated(
    #[values(601, 602, 401)] code: u16,
    #[values(Flow::MarketoGet, Flow::MarketoForm, Flow::MarketoQuery)] flow: Flow,
) {
    let loopback = Loopback::start();
    let client = flow.warm(&loopback).await;
    if code == 401 {
        // The emulator never answers with this status by itself.
        loopback.emulator.forget(MARKETO);
        loopback.fault(MARKETO, Fault::on(Endpoint::Resource).status(401));
    } else {
        loopback.refuse_next(MARKETO, Refusal::new(code));
    }
    let request = client.post("/rest/v1/leads.json?_method=GET&a=%20", r#"{"é":1}"#);
    let answer = client.send(request).await.expect("accepted");
    let body = answer.text().await.expect("a body");
    assert!(body.contains(r#""success":true"#), "{body}");
    let calls = loopback.calls(MARKETO);
    assert_eq!(calls.len(), 2);
    assert_ne!(credential(&calls[0]), credential(&calls[1]));
    if flow == Flow::MarketoQuery {
        assert_eq!(calls[0].body, calls[1].body);
        let others = |call| {
            let mut pairs = query(call);
            pairs.retain(|(name, _)| name != "access_token");
            pairs
        };
        assert_eq!(others(&calls[0]), others(&calls[1]));
    } else {
        assert_eq!(sent(&calls[0]), sent(&calls[1]));
    }
    assert_eq!(calls[1].body, r#"{"é":1}"#);
    assert_eq!(loopback.token_requests(MARKETO).len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_typed_call_is_renewed_alike(#[values(601, 602)] code: u16) {
    let loopback = Loopback::start();
    let Subject::Marketo(client) = Flow::MarketoGet.warm(&loopback).await else {
        panic!("another provider's client");
    };
    loopback.refuse_next(MARKETO, Refusal::new(code));
    let described = client.api().describe_lead().await.expect("accepted");
    assert!(described.success);
    assert_eq!(described.result[0]["displayName"], "Email Address");
    let calls = loopback.calls(MARKETO);
    assert_eq!(statuses(&calls), [200, 200]);
    assert_ne!(credential(&calls[0]), credential(&calls[1]));
    assert_eq!(loopback.token_requests(MARKETO).len(), 1);
}

#[tokio::test]
async fn an_expired_token_gets_602_on_first_use_and_601_afterwards() {
    let loopback = Loopback::start();
    let first = Flow::MarketoGet.warm(&loopback).await;
    let second = Flow::MarketoForm.warm(&loopback).await;
    assert_eq!(loopback.emulator.expire(MARKETO), 1);
    for client in [&first, &second] {
        assert_eq!(client.get(LEADS).await.expect("accepted"), 200);
    }
    let calls = loopback.calls(MARKETO);
    let notes: Vec<_> = calls.iter().map(|call| call.note.as_deref()).collect();
    assert!(
        notes[0].is_some_and(|note| note.starts_with("602")),
        "{notes:?}"
    );
    assert_eq!(notes[1], None);
    assert!(
        notes[2].is_some_and(|note| note.starts_with("601")),
        "{notes:?}"
    );
    assert_eq!(notes[3], None);
    assert_eq!(credential(&calls[1]), credential(&calls[3]));
    assert_eq!(loopback.counts(MARKETO).tokens_issued, 2);
}

#[rstest]
#[case(602, 601)]
#[case(601, 602)]
#[case(601, 601)]
#[tokio::test]
async fn both_in_a_row_end_the_attempt_and_the_next_call_is_fine(
    #[case] first: u16,
    #[case] second: u16,
) {
    let loopback = Loopback::start();
    let client = Flow::MarketoGet.warm(&loopback).await;
    loopback.refuse_next(MARKETO, Refusal::new(first));
    loopback.refuse_next(MARKETO, Refusal::new(second));
    let error = client.get(LEADS).await.expect_err("refused twice");
    let code = second.to_string();
    let expected = (ErrorKind::CredentialRejected, Some(200), Some(&*code));
    assert_eq!(facts(&error), expected);
    assert!(
        error.is_credential_rejected() && !error.is_transient(),
        "{error:?}"
    );
    assert_eq!(loopback.calls(MARKETO).len(), 2);
    assert_eq!(loopback.token_requests(MARKETO).len(), 1);
    assert_eq!(client.get(LEADS).await.expect("accepted"), 200);
    assert_eq!(loopback.calls(MARKETO).len(), 3);
}

#[tokio::test]
async fn the_same_token_after_a_refusal_fails_the_call_without_a_loop() {
    let loopback = Loopback::start();
    let client = Flow::MarketoGet.warm(&loopback).await;
    loopback.refuse_next(MARKETO, Refusal::new(601).keep_token());
    let error = client.get(LEADS).await.expect_err("no other token");
    let expected = (ErrorKind::CredentialRejected, Some(200), Some("601"));
    assert_eq!(facts(&error), expected);
    assert!(
        error.to_string().contains("issued the same one again"),
        "{error}"
    );
    assert_eq!(loopback.calls(MARKETO).len(), 1);
    assert_eq!(loopback.token_requests(MARKETO).len(), 1);

    // There is no pause here: the next call sends the same token again, and fails if that is refused again.
    loopback.refuse_next(MARKETO, Refusal::new(601).keep_token());
    client.get(LEADS).await.expect_err("no other token");
    assert_eq!(loopback.calls(MARKETO).len(), 2);
    assert_eq!(loopback.token_requests(MARKETO).len(), 2);
    assert_eq!(client.get(LEADS).await.expect("accepted"), 200);
    assert_eq!(loopback.token_requests(MARKETO).len(), 2);
}

#[tokio::test]
async fn a_stream_is_sent_once_and_the_next_call_has_the_new_token() {
    let loopback = Loopback::start();
    let client = Flow::MarketoGet.warm(&loopback).await;
    loopback.refuse_next(MARKETO, Refusal::new(602));
    let stream = || {
        client
            .request(Method::POST, LEADS)
            .body(streamed("streamed"))
    };
    let error = client.send(stream()).await.expect_err("cannot be repeated");
    let expected = (ErrorKind::NotReplayable, Some(200), Some("602"));
    assert_eq!(facts(&error), expected);
    assert_eq!(loopback.calls(MARKETO).len(), 1);
    assert_eq!(loopback.token_requests(MARKETO).len(), 1);
    client.send(stream()).await.expect("the next call is fine");
    let calls = loopback.calls(MARKETO);
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[1].body, "streamed");
    assert_ne!(credential(&calls[0]), credential(&calls[1]));
    assert_eq!(loopback.token_requests(MARKETO).len(), 1);
}

#[tokio::test]
async fn the_deprecated_placement_sends_the_token_in_the_query_alone() {
    let loopback = Loopback::start();
    let client = Flow::MarketoQuery.cold(&loopback).await;
    let path = "/rest/v1/leads.json?filterValues=a%2Bb,c+d&fields=";
    assert_eq!(client.get(path).await.expect("accepted"), 200);
    let Subject::Marketo(typed) = &client else {
        panic!("another provider's client");
    };
    typed.api().describe_lead().await.expect("accepted");
    loopback.advance(HOUR);
    assert_eq!(client.get(LEADS).await.expect("accepted"), 200);
    let calls = loopback.calls(MARKETO);
    let used: Vec<_> = calls.iter().map(credential).collect();
    assert!(
        used.iter()
            .all(|used| used.starts_with("?access_token: CANARY"))
    );
    assert_eq!(used[0], used[1]);
    assert_ne!(used[1], used[2]);
    let fields = query(&calls[0]);
    assert_eq!(fields[0], ("filterValues".to_owned(), "a+b,c d".to_owned()));
    assert_eq!(fields[1], ("fields".to_owned(), String::new()));
    assert_eq!(fields.len(), 3);
}

#[rstest]
#[tokio::test]
async fn a_second_credential_is_never_sent(
    #[values(Flow::MarketoGet, Flow::MarketoQuery)] flow: Flow,
    #[values("header", "query")] place: &str,
) {
    let loopback = Loopback::start();
    let client = flow.cold(&loopback).await;
    let request = client.request(Method::GET, LEADS);
    let request = match place {
        "header" => request.header("authorization", "Bearer CANARY"),
        _ => request.query(&[("access_token", "CANARY")]),
    };
    let error = client.send(request).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert!(loopback.emulator.log(MARKETO).is_empty());
}
