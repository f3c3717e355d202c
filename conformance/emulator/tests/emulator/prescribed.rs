//! What a prescribed answer cannot be, and how one is delivered.

use rstest::rstest;
use tegata_emulator::{Config, Endpoint, Fault, Provider, Reply, Rule};

use crate::support::{Loopback, call, marketo_token, send};

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

/// What came of the body and whether it came whole, and the length that was announced.
async fn received(loopback: &Loopback) -> (Vec<u8>, bool, String) {
    let request = loopback.get(THINGS).header("X-Jooto-Api-Key", "hogehoge");
    let mut response = request.send().await.unwrap();
    let length = response.headers()["content-length"].to_str().unwrap();
    let length = length.to_owned();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return (body, true, length),
            Err(_) => return (body, false, length),
        }
    }
}

#[rstest]
#[case("0123456789", 10, "11")]
#[case("0123456789", 30, "31")]
#[case("", 0, "1")]
#[tokio::test]
async fn an_answer_that_is_shorter_than_the_cut_is_cut_too(
    #[case] text: &str,
    #[case] cut: usize,
    #[case] length: &str,
) {
    let loopback = Loopback::start();
    let reply = || Reply::status(200).body("text/plain", text);
    let rule = Rule::get("/v1/things").reply(reply().cut_after(cut).times(1));
    let rule = rule.then(reply());
    assert_eq!(loopback.emulator.answer(Provider::Jooto, rule), Ok(()));
    let expected = (text.as_bytes().to_vec(), false, length.to_owned());
    assert_eq!(received(&loopback).await, expected);
    let fault = Fault::on(Endpoint::Resource).cut_after(cut);
    assert_eq!(loopback.emulator.fault(Provider::Jooto, fault), Ok(()));
    assert_eq!(received(&loopback).await, expected);
    assert!(received(&loopback).await.1);
}

#[tokio::test]
async fn a_slow_fault_leaves_the_cut_of_a_rule() {
    let loopback = Loopback::start();
    let reply = Reply::status(200).body("text/plain", "0123456789");
    let rule = Rule::get("/v1/things").reply(reply.cut_after(5));
    assert_eq!(loopback.emulator.answer(Provider::Jooto, rule), Ok(()));
    let fault = "fault?provider=jooto&endpoint=resource&slow_ms=100";
    loopback.control(fault).await.assert_status(200);
    let expected = (b"01234".to_vec(), false, "10".to_owned());
    assert_eq!(received(&loopback).await, expected);
}

#[rstest]
#[case("retry_after=5")]
#[case("header=x-a:b")]
#[tokio::test]
async fn a_header_of_a_fault_without_a_status_is_refused(#[case] header: &str) {
    let loopback = Loopback::start();
    let fault = format!("fault?provider=jooto&endpoint=resource&delay_ms=1&{header}");
    let refused = loopback.control(&fault).await;
    refused.assert_status(400);
    assert!(
        refused.text.contains("give it a status"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn a_printed_configuration_finds_its_files_from_elsewhere() {
    // A relative path to the configuration file, as it is given on the command line.
    let parent = tempfile::tempdir_in(".").unwrap();
    let name = parent.path().file_name().unwrap();
    let path = std::path::Path::new(name).join("emulator.toml");
    let text = "[[jooto.answers]]\npath = \"/v1/things\"\nbody_file = \"things.json\"\n";
    std::fs::write(&path, text).unwrap();
    std::fs::write(parent.path().join("things.json"), "[7]").unwrap();
    let printed = Config::read(&path).unwrap().to_toml().unwrap();

    let other = tempfile::tempdir().unwrap();
    let copy = other.path().join("copy.toml");
    std::fs::write(&copy, printed).unwrap();
    let answers = Config::read(&copy).unwrap().jooto.answers;
    let loopback = Loopback::with(|config| config.jooto.answers = answers);
    assert_eq!(call(&loopback, THINGS, &JOOTO).await.text, "[7]");
}

#[rstest]
#[case(Rule::get("/a").query("x", "1").query("x", "2"), &["marketo.answers[0].query", "\"x\""])]
#[case(
    Rule::get("/a").reply(Reply::json("{}")).then(
        Reply::status(200).header("set-cookie", "CANARY").header("set-cookie", "b"),
    ),
    &["marketo.answers[0].then[0].headers", "\"set-cookie\""],
)]
fn what_a_file_cannot_hold_is_not_printed(#[case] rule: Rule, #[case] parts: &[&str]) {
    let mut config = Config::default();
    config.marketo.answers = vec![rule];
    let problem = config.to_toml().unwrap_err().to_string();
    for part in parts {
        assert!(problem.contains(part), "{part:?} is not in {problem:?}");
    }
    assert!(!problem.contains("CANARY"), "{problem}");
}

#[tokio::test]
async fn no_pattern_takes_a_token_endpoint() {
    let loopback = Loopback::start();
    let rule = Rule::any("/identity/**").reply(Reply::status(418));
    assert_eq!(loopback.emulator.answer(Provider::Marketo, rule), Ok(()));
    let token = marketo_token(&loopback).await;
    let bearer = format!("Bearer {token}");
    let other = "/marketo/identity/other";
    let answer = call(&loopback, other, &[("authorization", &bearer)]).await;
    answer.assert_status(418);
}

#[rstest]
#[case(204, "")]
#[case(304, "")]
#[case(204, "&body=html")]
#[case(304, "&body=html")]
#[tokio::test]
async fn an_answer_without_a_body_has_no_length(#[case] status: u16, #[case] body: &str) {
    let loopback = Loopback::start();
    let fault = format!("fault?provider=jooto&endpoint=resource&status={status}{body}");
    loopback.control(&fault).await.assert_status(200);
    let answer = call(&loopback, THINGS, &JOOTO).await;
    answer.assert_status(status);
    assert_eq!(answer.header("content-length"), None);
    assert_eq!(answer.text, "");
}

#[tokio::test]
async fn a_refusal_takes_the_codes_that_a_fault_takes() {
    let loopback = Loopback::start();
    let token = marketo_token(&loopback).await;
    let bearer = format!("Bearer {token}");
    for control in [
        "refuse-next?provider=marketo&code=1999",
        "fault?provider=marketo&endpoint=resource&code=1999",
    ] {
        loopback.control(control).await.assert_status(200);
        let headers = [("authorization", bearer.as_str())];
        let answer = call(&loopback, "/marketo/rest/v1/lead/7.json", &headers).await;
        assert_eq!(answer.json()["errors"][0]["code"], "1999");
    }
}

#[rstest]
#[case("refuse-next?provider=marketo&code=2000", "600 to 1999")]
#[case("refuse-next?provider=jooto&code=401&times=0", "times is 0")]
#[case("fault?provider=jooto&status=500&times=0", "times is 0")]
#[case(
    "fault?provider=marketo&endpoint=resource&status=200",
    "give it a body"
)]
#[case("fault?provider=jooto&status=204&slow_ms=9", "no body")]
#[case("add-key?provider=jooto&key=", "is empty")]
#[case("add-key?provider=jooto&key=%0A", "cannot be sent")]
#[tokio::test]
async fn an_order_that_means_nothing_is_refused(#[case] control: &str, #[case] part: &str) {
    let loopback = Loopback::start();
    let refused = loopback.control(control).await;
    refused.assert_status(400);
    assert!(
        refused.text.contains(part),
        "{part:?} is not in {:?}",
        refused.text
    );
}
