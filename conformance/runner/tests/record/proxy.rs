//! Requests that the proxy forwards, and those that it refuses.

use std::collections::VecDeque;

use tegata_conformance::case::Suite;
use tegata_conformance::fixture::Answer;
use tegata_conformance::script::{Script, ScriptServer, exchange_bytes};
use tegata_emulator::{Endpoint, Provider as Emulated};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::exchange::answer;
use crate::support::{
    KEY, before, before_services, emulator, files, folder, plain_call, request, send, server_named,
};

async fn scripted(answers: Vec<Answer>) -> ScriptServer {
    let server = ScriptServer::start().await.unwrap();
    server.set(Script {
        answers: VecDeque::from(answers),
        ..Script::default()
    });
    server
}

#[tokio::test]
async fn headers_of_the_connection_stay_behind_and_all_others_go_on() {
    let place = folder();
    let server = scripted(vec![answer(200, &[("x-two", "1"), ("x-two", "2")], "hi")]).await;
    let recorder = before_services(server.origin(), place.path()).await;
    let headers = [
        ("X-One", "a"),
        ("x-one", "b"),
        ("TE", "trailers"),
        ("Keep-Alive", "5"),
        ("Proxy-Authorization", "Basic CANARY"),
        ("Accept-Encoding", "br"),
    ];
    let reply = send(
        &recorder,
        server_named("services"),
        &request("POST", "/da/x?y=1", &headers, "body"),
    )
    .await;
    let seen = server.take().remove(0);
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("POST", "/da/x?y=1")
    );
    assert_eq!(seen.header("x-one"), ["a", "b"]);
    assert_eq!(seen.body, b"body");
    assert_eq!(seen.header("accept-encoding"), ["identity"]);
    for gone in ["te", "keep-alive", "proxy-authorization"] {
        assert!(seen.header(gone).is_empty(), "{gone}");
    }
    let twice = reply.headers.iter().filter(|(name, _)| name == "x-two");
    assert_eq!(
        (reply.status, twice.count(), reply.body.as_slice()),
        (200, 2, &b"hi"[..])
    );
}

#[tokio::test]
async fn a_header_that_connection_names_stays_behind() {
    let place = folder();
    let server = scripted(vec![answer(200, &[], "")]).await;
    let recorder = before_services(server.origin(), place.path()).await;
    let host = recorder
        .url(server_named("services"))
        .unwrap()
        .trim_start_matches("http://")
        .to_owned();
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let text = "GET /da/x HTTP/1.1\r\nhost: x\r\nconnection: close, X-Mine\r\nx-mine: 1\r\n\r\n";
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    assert!(server.take().remove(0).header("x-mine").is_empty());
}

#[tokio::test]
async fn a_redirect_is_handed_on_and_not_followed() {
    let place = folder();
    let server = scripted(Vec::new()).await;
    let elsewhere = format!("{}/elsewhere?code=CANARY-code", server.other_origin());
    server.set(Script {
        answers: [answer(307, &[("location", &elsewhere)], "")].into(),
        ..Script::default()
    });
    let recorder = before_services(server.origin(), place.path()).await;
    let call = request("GET", "/da/example", &[("x-api-key", KEY)], "");
    let reply = send(&recorder, server_named("services"), &call).await;
    assert_eq!(reply.status, 307);
    assert!(reply.headers.contains(&("location".to_owned(), elsewhere)));
    assert_eq!(server.take().len(), 1, "the redirect was followed");
    let summary = recorder.stop().unwrap();
    assert_eq!(summary.fixtures, ["fujitsu-aispf/get-da-example.s307"]);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_handed_on_and_not_recorded() {
    let place = folder();
    let large = "x".repeat(9 * 1024 * 1024);
    let server = scripted(vec![answer(200, &[], &large)]).await;
    let recorder = before_services(server.origin(), place.path()).await;
    let reply = send(&recorder, server_named("services"), &plain_call()).await;
    assert_eq!(reply.body.len(), large.len());
    let summary = recorder.stop().unwrap();
    assert!(summary.fixtures.is_empty());
    assert_eq!(
        summary.dropped,
        ["GET /da/${path-1}: the answer's body is larger than 8 MiB; ask for less"]
    );
}

#[tokio::test]
async fn an_answer_without_a_length_is_handed_on_in_chunks() {
    let place = folder();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await.unwrap();
        let text =
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
        stream.write_all(text.as_bytes()).await.unwrap();
    });
    let recorder = before_services(&url, place.path()).await;
    let reply = send(&recorder, server_named("services"), &plain_call()).await;
    assert_eq!(reply.body, b"hello");
    assert_eq!(recorder.stop().unwrap().fixtures.len(), 1);
}

#[tokio::test]
async fn a_missing_or_broken_upstream_is_reported_and_not_recorded() {
    let place = folder();
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let recorder = before_services(&gone, place.path()).await;
    let call = request("GET", "/da/x?access_token=CANARY-token", &[], "");
    let reply = send(&recorder, server_named("services"), &call).await;
    assert_eq!(reply.status, 502);
    let text = String::from_utf8(reply.body).unwrap();
    assert!(
        text.contains("cannot be reached") && !text.contains("CANARY"),
        "{text}"
    );
    let dropped = recorder.stop().unwrap().dropped;
    assert!(
        dropped[0].starts_with("GET /da/${path-1}: the upstream"),
        "{dropped:?}"
    );
    assert!(!dropped[0].contains("CANARY"), "{dropped:?}");

    let (place, mut cut) = (folder(), answer(200, &[], "hello"));
    cut.cut_after = Some(2);
    let server = scripted(vec![cut]).await;
    let recorder = before_services(server.origin(), place.path()).await;
    let reply = send(&recorder, server_named("services"), &plain_call()).await;
    assert!(
        reply.body.len() < 5,
        "the client must see that it broke off"
    );
    let summary = recorder.stop().unwrap();
    assert_eq!(
        summary.dropped,
        ["GET /da/${path-1}: the upstream's answer broke off; send it once more"]
    );
}

#[tokio::test]
async fn identity_is_found_at_the_address_of_rest() {
    let (emulator, place) = (emulator(), folder());
    let recorder = before(&emulator, "marketo", place.path()).await;
    let target = "/identity/oauth/token?grant_type=client_credentials";
    let reply = send(
        &recorder,
        server_named("rest"),
        &request("GET", target, &[], ""),
    )
    .await;
    assert_eq!(reply.status, 401);
    assert_eq!(
        recorder.stop().unwrap().fixtures,
        ["marketo/get-identity-oauth-token.s401"]
    );
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_a_whole_recording() {
    let (emulator, place) = (emulator(), folder());
    let recorder = before(&emulator, "fujitsu-aispf", place.path()).await;
    let call = request("GET", "/da/example", &[("x-api-key", KEY)], "");
    send(&recorder, server_named("services"), &call).await;
    emulator.hold_resources(Emulated::FujitsuAispf);
    let url = recorder.url(server_named("services")).unwrap().to_owned();
    let other = request("GET", "/da/other", &[("x-api-key", KEY)], "");
    let waiting = tokio::spawn(async move { exchange_bytes(&url, &other).await });
    emulator
        .until_held(Emulated::FujitsuAispf, Endpoint::Resource, 1)
        .await;
    waiting.abort();
    drop(recorder);
    let suite = Suite::from_folder(place.path()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(suite.fixtures.ids(), ["fujitsu-aispf/get-da-example.s200"]);
    for (name, _) in files(place.path()) {
        assert!(!name.contains(".part"), "{name}");
    }
}
