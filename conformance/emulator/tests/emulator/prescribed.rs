//! What a prescribed answer cannot be, and how one is delivered.

use rstest::rstest;
use tegata_emulator::{Provider, Reply, Rule};

use crate::support::{Loopback, call, send};

const THINGS: &str = "/jooto/v1/things";
const JOOTO: [(&str, &str); 1] = [("X-Jooto-Api-Key", "hogehoge")];

#[rstest]
#[case(r#"{"path":"/v1/things","body_file":"/dev/null"}"#)]
#[case(r#"{"path":"/v1/things","then":[{"body_file":"/etc/hostname"}]}"#)]
#[tokio::test]
async fn a_control_serves_no_file(#[case] rule: &'static str) {
    let loopback = Loopback::start();
    let request = loopback.post("/__control/answers?provider=jooto");
    let refused = send(request.body(rule)).await;
    refused.assert_status(400);
    for part in ["body_file", "give the text as body"] {
        assert!(refused.text.contains(part), "{}", refused.text);
    }
}

#[tokio::test]
async fn the_library_serves_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("things.json");
    std::fs::write(&path, "[7]").unwrap();
    let loopback = Loopback::start();
    let rule = Rule::get("/v1/things").reply(Reply::file(&path));
    assert_eq!(loopback.emulator.answer(Provider::Jooto, rule), Ok(()));
    assert_eq!(call(&loopback, THINGS, &JOOTO).await.text, "[7]");
}

#[rstest]
#[case("Content-Length:5")]
#[case("transfer-encoding:chunked")]
#[tokio::test]
async fn a_header_about_the_length_is_refused(#[case] header: &str) {
    let loopback = Loopback::start();
    let control = format!("fault?provider=jooto&status=500&header={header}");
    let refused = loopback.control(&control).await;
    refused.assert_status(400);
    assert!(refused.text.contains("cut_after_bytes"), "{}", refused.text);
}
