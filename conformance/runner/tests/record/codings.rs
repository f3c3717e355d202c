//! Answers in a content coding, although the proxy asks for none.

use rstest::rstest;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tegata_conformance::record::find_leak;
use tegata_conformance::script::{Script, ScriptServer};

use crate::exchange::answer;
use crate::support::{before_services, files, folder, plain_call, send, server_named};

const TOKEN: &str = "CANARY";
const ANSWER: &[u8] = br#"{"access_token":"CANARY","scope":"a-token another-token access_token"}"#;
/// The same as Brotli, by Node's zlib.
const BROTLI: [u8; 64] = [
    0x1b, 0x45, 0x00, 0x20, 0x2c, 0x8e, 0xc7, 0xdd, 0x77, 0x04, 0x15, 0x75, 0x8e, 0xce, 0xc7, 0x44,
    0x2d, 0x02, 0xf2, 0xb5, 0xb7, 0x59, 0x5a, 0x86, 0xc2, 0x94, 0x4e, 0x5f, 0x39, 0x49, 0x65, 0x90,
    0x48, 0x96, 0x63, 0x1c, 0x38, 0x2d, 0xdf, 0xb6, 0xd8, 0x42, 0x33, 0x0f, 0x1b, 0x63, 0x67, 0x19,
    0x41, 0x99, 0x5b, 0xa7, 0x29, 0xbd, 0x08, 0x0f, 0x0a, 0x8a, 0x4d, 0xdd, 0x0f, 0x80, 0x2d, 0x32,
];

/// A server that answers once, in a coding.
async fn coded(coding: &str, body: Vec<u8>) -> ScriptServer {
    let mut coded = answer(200, &[("content-encoding", coding)], "");
    coded.body = body;
    let server = ScriptServer::start().await.unwrap();
    server.set(Script {
        answers: [coded].into(),
        ..Script::default()
    });
    server
}

#[rstest]
#[case::brotli("br", BROTLI.to_vec())]
#[case::zstandard("zstd", compress_to_vec(ANSWER, CompressionLevel::Fastest))]
#[tokio::test]
async fn a_coded_answer_is_recorded_as_what_it_says(#[case] coding: &str, #[case] body: Vec<u8>) {
    let place = folder();
    let server = coded(coding, body.clone()).await;
    let recorder = before_services(server.origin(), place.path()).await;
    let reply = send(&recorder, server_named("services"), &plain_call()).await;
    assert_eq!(reply.body, body, "the client is handed what was sent");
    let summary = recorder.stop().unwrap();
    assert_eq!((summary.unread, summary.dropped), (Vec::new(), Vec::new()));
    let all = files(place.path());
    let fixture = all.iter().find(|(name, _)| name.contains("get-da"));
    let text = String::from_utf8_lossy(&fixture.unwrap().1);
    assert!(text.contains(r#""access_token":"${token-1}"#), "{text}");
    assert_eq!(find_leak(text.as_bytes(), [TOKEN]), None, "{text}");
}

#[rstest]
#[case::unknown("CANARY-coding", b"CANARY-body".to_vec(), "none of gzip, deflate, br and zstd")]
#[case::broken("br", BROTLI[..20].to_vec(), "is broken")]
#[tokio::test]
async fn a_body_that_cannot_be_read_is_named_at_the_end(
    #[case] coding: &str,
    #[case] body: Vec<u8>,
    #[case] why: &str,
) {
    let place = folder();
    let server = coded(coding, body.clone()).await;
    let mut recorder = before_services(server.origin(), place.path()).await;
    let mut problems = recorder.problems().unwrap();
    let reply = send(&recorder, server_named("services"), &plain_call()).await;
    assert_eq!(reply.body, body);
    let said = problems.try_recv().unwrap();
    let summary = recorder.stop().unwrap();
    let [unread] = &summary.unread[..] else {
        panic!("{summary:?}");
    };
    assert_eq!(said, format!("recorded in part: {unread}"));
    assert!(unread.starts_with(&summary.fixtures[0]), "{unread}");
    assert!(
        unread.contains(why) && unread.contains("turn compression off"),
        "{unread}"
    );
    assert!(!unread.contains("CANARY"), "{unread}");
}
