//! The scripted server: answers in order, records exactly, and takes nothing for granted.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tegata_conformance::fixture::{Answer, Recorded};
use tegata_conformance::script::{Script, ScriptServer, Servers, exchange_bytes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[path = "support/exchange.rs"]
mod exchange;

fn answer(status: u16, body: &str) -> Answer {
    exchange::answer(status, &[], body)
}

fn request(method: &str, target: &str) -> Recorded {
    exchange::request(method, target, &[], "")
}

async fn ask(server: &ScriptServer, target: &str) -> (u16, String) {
    let reply = exchange_bytes(server.origin(), &request("GET", target))
        .await
        .unwrap();
    (reply.status, String::from_utf8(reply.body).unwrap())
}

#[tokio::test]
async fn answers_come_in_order_then_by_path_then_not_at_all() {
    let server = ScriptServer::start().await.unwrap();
    let key = ("GET".to_owned(), "/again".to_owned());
    server.set(Script {
        answers: VecDeque::from([answer(200, "one"), answer(201, "two")]),
        otherwise: BTreeMap::from([(key, answer(202, "again"))]),
    });
    let text = |status: u16, body: &str| (status, body.to_owned());
    assert_eq!(ask(&server, "/again").await, text(200, "one"));
    assert_eq!(ask(&server, "/x").await, text(201, "two"));
    assert_eq!(ask(&server, "/again?x=1").await, text(202, "again"));
    assert_eq!(ask(&server, "/again").await, text(202, "again"));
    assert_eq!(
        ask(&server, "/x").await,
        text(500, "the case foresees no such request")
    );
    assert_eq!(server.take().len(), 5);
    assert_eq!(server.take().len(), 0, "what was taken is gone");
}

#[tokio::test]
async fn a_request_is_recorded_as_it_was_sent() {
    let server = ScriptServer::start().await.unwrap();
    let mut sent = request("POST", "/a%20b?q=%2B&q=+");
    sent.headers = vec![
        ("X-B".to_owned(), "1".to_owned()),
        ("x-b".to_owned(), "2".to_owned()),
    ];
    sent.body = vec![0, 255, 10];
    exchange_bytes(server.origin(), &sent).await.unwrap();
    let seen = server.take().remove(0);
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("POST", "/a%20b?q=%2B&q=+")
    );
    let own: Vec<_> = seen
        .headers
        .iter()
        .filter(|(n, _)| n.eq_ignore_ascii_case("x-b"))
        .collect();
    assert_eq!(own, [&sent.headers[0], &sent.headers[1]]);
    assert_eq!(seen.body, [0, 255, 10]);
}

#[tokio::test]
async fn the_other_origin_records_under_its_name() {
    let server = ScriptServer::start().await.unwrap();
    exchange_bytes(server.other_origin(), &request("GET", "/"))
        .await
        .unwrap();
    exchange_bytes(server.origin(), &request("GET", "/"))
        .await
        .unwrap();
    let origins: Vec<String> = server.take().into_iter().map(|seen| seen.origin).collect();
    assert_eq!(origins, ["other", "main"]);
}

#[tokio::test]
async fn a_cut_answer_and_raw_bytes_reach_the_client_as_they_are() {
    let server = ScriptServer::start().await.unwrap();
    let cut = Answer {
        cut_after: Some(2),
        ..answer(200, "hello")
    };
    let raw = Answer {
        raw: Some(b"SSH-2.0\r\n".to_vec()),
        ..answer(200, "")
    };
    server.set(Script {
        answers: VecDeque::from([cut, raw]),
        otherwise: BTreeMap::new(),
    });
    let mut got = Vec::new();
    for _ in 0..2 {
        let host = server.origin().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        got.push(String::from_utf8(bytes).unwrap());
    }
    assert!(
        got[0].contains("content-length: 5\r\n") && got[0].ends_with("\r\n\r\nhe"),
        "{}",
        got[0]
    );
    assert_eq!(got[1], "SSH-2.0\r\n");
}

#[tokio::test]
async fn bytes_that_are_no_request_are_kept_as_a_fault() {
    let server = ScriptServer::start().await.unwrap();
    let host = server.origin().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(b"HELLO\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "nothing is answered to what is no request");
    assert_eq!(server.take().len(), 0);
    let faults = server.faults();
    assert_eq!(
        faults,
        ["no HTTP/1.1 request: the request line has not three parts"]
    );
}

#[tokio::test]
async fn requests_on_an_earlier_cases_connection_are_ignored() {
    let server = ScriptServer::start().await.unwrap();
    let host = server.origin().strip_prefix("http://").unwrap();
    let mut late = TcpStream::connect(host).await.unwrap();
    // The server has accepted the connections in order once the second is answered.
    ask(&server, "/early").await;
    server.clear();
    late.write_all(b"GET /late HTTP/1.1\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    late.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    ask(&server, "/own").await;
    let seen: Vec<String> = server.take().into_iter().map(|seen| seen.target).collect();
    assert_eq!(seen, ["/own"]);
}

#[tokio::test]
async fn a_reused_server_rests_first_and_forgets_earlier_cases() {
    let servers = Servers::default();
    let mut origins = Vec::new();
    for _ in 0..40 {
        let server = servers.acquire().await.unwrap();
        assert_eq!(ask(&server, "/").await.0, 500, "no script is left over");
        assert_eq!(server.take().len(), 1);
        server.set(Script {
            answers: VecDeque::from([answer(200, "left over")]),
            otherwise: BTreeMap::new(),
        });
        origins.push(server.origin().to_owned());
    }
    for cases in origins.windows(16) {
        let distinct: BTreeSet<_> = cases.iter().collect();
        assert_eq!(distinct.len(), 16, "{cases:?}");
    }
    assert_eq!(
        origins[..24],
        origins[16..],
        "the first comes again after all the others"
    );
}
