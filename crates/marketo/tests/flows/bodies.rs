//! Answers that are not judged: passed on complete, unchanged and as they arrive.

use std::sync::Arc;

use rstest::rstest;
use tegata::reqwest::Method;
use tegata_emulator::{Endpoint, Fault, Provider};
use tokio::sync::Notify;

use tegata_test_support::loopback::{Loopback, MARKETO_ID, MARKETO_SECRET};
use tegata_test_support::raw::{Part, RawServer, answer};
use tegata_test_support::{Flow, Subject, soon};

const MARKETO: Provider = Provider::Marketo;
const EXPORT: &str = "/rest/v1/file.json";

/// A body that would be a refusal as the envelope of a JSON answer.
const REFUSAL: &str = r#"{"success":false,"errors":[{"code":"601","message":"x"}]}"#;

async fn answered(loopback: &Loopback, content_type: &str, body: Vec<u8>) -> Vec<u8> {
    let client = Flow::MarketoGet.warm(loopback).await;
    let fault = Fault::on(Endpoint::Resource).body(content_type, body);
    loopback.fault(MARKETO, fault);
    let request = client.request(Method::GET, EXPORT);
    let response = client.send(request).await.expect("an answer");
    assert_eq!(response.headers()["content-type"], content_type);
    let body = response.bytes().await.expect("a body");
    assert_eq!(loopback.calls(MARKETO).len(), 1);
    assert!(loopback.token_requests(MARKETO).is_empty());
    body.to_vec()
}

#[rstest]
#[tokio::test]
async fn other_media_types_than_json_are_not_judged(
    #[values(
        "text/csv",
        "text/plain;charset=UTF-8",
        "application/octet-stream",
        "text/json"
    )]
    content_type: &str,
) {
    let loopback = Loopback::start();
    let body = answered(&loopback, content_type, REFUSAL.into()).await;
    assert_eq!(body, REFUSAL.as_bytes());
}

#[tokio::test]
async fn bytes_that_are_no_text_are_passed_on() {
    let loopback = Loopback::start();
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let body = answered(&loopback, "application/octet-stream", bytes.clone()).await;
    assert!(body == bytes, "changed on the way");
}

#[rstest]
#[case::just_over_the_limit(16 * 1024)]
#[case::large(8 * 1024 * 1024)]
#[tokio::test]
async fn a_large_json_answer_is_passed_on_unjudged(#[case] size: usize) {
    let loopback = Loopback::start();
    let filler = "x".repeat(size);
    let large = format!(r#"{{"result":"{filler}","success":false,"errors":[{{"code":"601"}}]}}"#);
    let body = answered(&loopback, "application/json", large.clone().into()).await;
    assert!(body == large.as_bytes(), "changed on the way");
}

#[rstest]
#[case("application/json")]
#[case("Application/JSON; charset=utf-8")]
#[case("application/problem+json")]
#[tokio::test]
async fn a_small_json_answer_is_passed_on_unchanged(#[case] content_type: &str) {
    let loopback = Loopback::start();
    let text = " { \"success\" : true ,\r\n \"result\" : [ 1.0, \"é\\u0000\" ] } ";
    let body = answered(&loopback, content_type, text.into()).await;
    assert_eq!(body, text.as_bytes());
}

/// A server that issues a token, then begins an answer and continues it when notified.
async fn slow(content_type: &str, first: &str, rest: &str) -> (RawServer, Arc<Notify>) {
    let go_on = Arc::new(Notify::new());
    let token = r#"{"access_token":"CANARY-a:int","token_type":"bearer","expires_in":3600}"#;
    let length = first.len() + rest.len();
    let head = format!(
        "HTTP/1.1 200 200\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{first}"
    );
    let answers = [
        answer(
            200,
            &[("content-type", "application/json")],
            token.as_bytes(),
        ),
        vec![
            Part::Send(head.into()),
            Part::Wait(Arc::clone(&go_on)),
            Part::Send(rest.into()),
        ],
    ];
    (RawServer::start(answers).await, go_on)
}

fn client(loopback: &Loopback, server: &RawServer) -> Subject {
    let client = loopback.marketo(MARKETO_ID, MARKETO_SECRET);
    let client = client.base_url(server.origin()).build();
    Subject::Marketo(client.expect("valid settings"))
}

#[rstest]
#[case::not_json("text/csv", 10)]
#[case::too_long_by_its_length("application/json", 20_000)]
#[tokio::test]
async fn an_answer_that_is_not_judged_is_streamed_as_it_arrives(
    #[case] content_type: &str,
    #[case] rest: usize,
) {
    let loopback = Loopback::start();
    let (server, go_on) = slow(content_type, "[1,2,3", &"4".repeat(rest)).await;
    let client = client(&loopback, &server);
    let request = client.request(Method::GET, EXPORT);
    // The second part is not on its way before the first one has been read.
    let sent = soon("the beginning of the answer", client.send(request)).await;
    let mut response = sent.expect("an answer");
    let first = response
        .chunk()
        .await
        .expect("a chunk")
        .expect("not the end");
    assert_eq!(first, "[1,2,3");
    go_on.notify_one();
    let rest_read = response.bytes().await.expect("the rest");
    assert_eq!(rest_read.len(), rest);
}

#[tokio::test]
async fn only_the_start_of_a_long_unsized_answer_is_read_ahead() {
    let go_on = Arc::new(Notify::new());
    let token = r#"{"access_token":"CANARY-a:int","token_type":"bearer","expires_in":3600}"#;
    let chunk = "x".repeat(20_000);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    let answers = [
        answer(
            200,
            &[("content-type", "application/json")],
            token.as_bytes(),
        ),
        vec![
            Part::Send(format!("{head}4e20\r\n{chunk}\r\n").into()),
            Part::Wait(Arc::clone(&go_on)),
            Part::Send(b"3\r\nend\r\n0\r\n\r\n".to_vec()),
        ],
    ];
    let loopback = Loopback::start();
    let server = RawServer::start(answers).await;
    let client = client(&loopback, &server);
    let request = client.request(Method::GET, EXPORT);
    let sent = soon("the beginning of the answer", client.send(request)).await;
    let response = sent.expect("an answer");
    go_on.notify_one();
    let body = response.text().await.expect("the rest");
    assert_eq!(body.len(), 20_003);
    assert!(body.ends_with("xend"));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error_and_no_renewal() {
    let loopback = Loopback::start();
    let token = r#"{"access_token":"CANARY-a:int","token_type":"bearer","expires_in":3600}"#;
    let json = [("content-type", "application/json")];
    let cut = || {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\
                    connection: close\r\n\r\n{\"success\":true,";
        vec![Part::Send(head.into())]
    };
    let server = RawServer::start([answer(200, &json, token.as_bytes()), cut(), cut()]).await;
    let Subject::Marketo(typed) = client(&loopback, &server) else {
        panic!("another provider's client");
    };
    let error = typed.api().describe_lead().await.expect_err("cut");
    assert_eq!(error.kind(), tegata::ErrorKind::Connection, "{error:?}");
    assert!(error.is_transient(), "{error:?}");
    let client = Subject::Marketo(typed);
    let request = client.request(Method::GET, EXPORT);
    let mut response = client.send(request).await.expect("its beginning");
    let first = response
        .chunk()
        .await
        .expect("a chunk")
        .expect("not the end");
    assert_eq!(first, "{\"success\":true,");
    response.chunk().await.expect_err("then the error");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_redirect_is_handed_on_and_not_followed() {
    let loopback = Loopback::start();
    let elsewhere = RawServer::silent().await;
    let client = Flow::MarketoGet.warm(&loopback).await;
    let location = format!("{}/rest", elsewhere.origin());
    let fault = Fault::on(Endpoint::Resource).status(302);
    loopback.fault(MARKETO, fault.header("location", &location));
    let request = client.request(Method::GET, EXPORT);
    let response = client.send(request).await.expect("an answer");
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], *location);
    assert_eq!(elsewhere.seen(), [""; 0]);
}
