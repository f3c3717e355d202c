//! Clients that take the recording proxy for something else: they, and their user, learn what to do.

use std::time::Duration;

use rstest::rstest;
use tegata_conformance::record::Recorder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{before_services, folder, server_named};

/// The address of a proxy before a server that is not needed.
fn address(recorder: &Recorder) -> String {
    let url = recorder.url(server_named("services")).unwrap();
    url.trim_start_matches("http://").to_owned()
}

/// What the proxy answers to these bytes, and what it says of them at the end.
async fn answered(sent: &[u8]) -> (Vec<u8>, String, String) {
    answered_in_parts(&[sent]).await
}

/// The same, where the parts come one by one.
async fn answered_in_parts(parts: &[&[u8]]) -> (Vec<u8>, String, String) {
    let place = folder();
    let recorder = before_services("http://127.0.0.1:1", place.path()).await;
    let address = address(&recorder);
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        stream.write_all(part).await.unwrap();
    }
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let mut summary = recorder.stop().unwrap();
    assert_eq!(summary.dropped.len(), 1, "{summary:?}");
    let why = summary.dropped.remove(0);
    assert!(!why.contains("CANARY"), "{why}");
    (answer, why, address)
}

#[tokio::test]
async fn a_client_that_asks_for_a_tunnel_learns_what_to_do() {
    let asked = b"CONNECT CANARY.example:443 HTTP/1.1\r\nhost: CANARY.example:443\r\n\r\n";
    let (answer, why, address) = answered(asked).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.ends_with(&why),
        "{answer}"
    );
    assert!(
        why.contains("HTTPS_PROXY") && why.contains(&address),
        "{why}"
    );
}

#[tokio::test]
async fn a_client_that_takes_it_for_a_proxy_learns_what_to_do() {
    let asked = b"GET http://CANARY.example/ HTTP/1.1\r\nhost: CANARY.example\r\n\r\n";
    let (answer, why, address) = answered(asked).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.ends_with(&why),
        "{answer}"
    );
    assert!(
        why.contains("(HTTP_PROXY)") && why.contains(&address),
        "{why}"
    );
}

#[tokio::test]
async fn http_2_with_prior_knowledge_is_answered_in_http_2() {
    let request = [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x82];
    let asked = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &request[..]].concat();
    let (answer, why, address) = answered(&asked).await;
    assert!(
        why.contains("prior knowledge") && why.contains(&address),
        "{why}"
    );
    let text = why.as_bytes();
    assert!(
        answer.windows(text.len()).any(|part| part == text),
        "{answer:?}"
    );
}

#[rstest]
#[case(1)]
#[case(3)]
#[case(11)]
#[case(18)]
#[tokio::test]
async fn http_2_is_known_when_its_preface_comes_in_parts(#[case] at: usize) {
    let request = [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x82];
    let asked = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &request[..]].concat();
    let (first, rest) = asked.split_at(at);
    let (_, why, _) = answered_in_parts(&[first, rest]).await;
    assert!(why.contains("prior knowledge"), "{why}");
}

#[tokio::test]
async fn tls_is_known_when_its_first_byte_comes_alone() {
    let (answer, why, _) = answered_in_parts(&[&[22], &[3, 1, 0, 200, 1]]).await;
    assert_eq!(answer, [21, 3, 1, 0, 2, 2, 40]);
    assert!(why.contains("without the s"), "{why}");
}

#[tokio::test]
async fn a_beginning_of_http_2_alone_is_no_request() {
    let began = std::time::Instant::now();
    let (answer, why, _) = answered(b"PRI").await;
    assert!(answer.starts_with(b"HTTP/1.1 400 "), "{answer:?}");
    assert!(!why.contains("prior knowledge"), "{why}");
    assert!(
        began.elapsed() < Duration::from_secs(4),
        "{:?}",
        began.elapsed()
    );
}

#[rstest]
#[case(b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n", "the server as a whole")]
#[case(
    b"GET CANARY HTTP/1.1\r\nhost: x\r\n\r\n",
    "begin the path with a slash"
)]
#[tokio::test]
async fn a_request_for_no_path_is_not_taken_for_a_proxys(#[case] sent: &[u8], #[case] part: &str) {
    let (answer, why, _) = answered(sent).await;
    assert!(answer.starts_with(b"HTTP/1.1 400 "), "{answer:?}");
    assert!(why.contains(part) && !why.contains("proxy"), "{why}");
}

#[tokio::test]
async fn a_client_that_begins_with_tls_is_refused_at_once() {
    let (answer, why, address) = answered(&[22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]).await;
    assert_eq!(answer, [21, 3, 1, 0, 2, 2, 40]);
    assert!(
        why.contains(&format!("http://{address}")) && why.contains("without the s"),
        "{why}"
    );
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_named_at_the_end() {
    let (answer, why, _) = answered(b"CANARY\r\n\r\n").await;
    assert!(answer.starts_with(b"HTTP/1.1 400 "), "{answer:?}");
    assert!(
        why.contains("the request line has not three parts"),
        "{why}"
    );
}

/// A whole client of HTTP/2, which is stricter than a search for the text.
#[tokio::test]
async fn curl_shows_its_user_what_to_do_over_http_2() {
    let curl = |arguments: &[&str]| {
        let mut command = tokio::process::Command::new("curl");
        command.args(arguments);
        command
    };
    let known = curl(&["--version"]).output().await;
    if !known.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("HTTP2")) {
        assert!(
            std::env::var_os("CI").is_none(),
            "curl with HTTP/2 is missing"
        );
        return;
    }
    let place = folder();
    let recorder = before_services("http://127.0.0.1:1", place.path()).await;
    let url = recorder.url(server_named("services")).unwrap();
    let body = "x".repeat(100_000);
    for sent in [&["-d", body.as_str()][..], &[]] {
        let asked = [
            "-sS",
            "--noproxy",
            "*",
            "-m",
            "20",
            "--http2-prior-knowledge",
            url,
        ];
        let output = curl(&[&asked, sent].concat()).output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        assert!(said.contains("turn HTTP/2 with prior knowledge"), "{said}");
    }
    assert_eq!(recorder.stop().unwrap().dropped.len(), 2);
}
