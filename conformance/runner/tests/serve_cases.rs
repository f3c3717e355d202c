//! `serve --case`: clients that are started elsewhere, judged at a URL; and TLS.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A running `serve`, ended when dropped.
struct Serve {
    child: Child,
    ready: Value,
}

impl Serve {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tegata-conformance"))
            .arg("serve")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self { child, ready }
    }

    fn run(&self, index: usize) -> &Value {
        &self.ready["runs"][index]
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn curl(arguments: &[&str]) -> (i32, String) {
    let output = Command::new("curl")
        .args(["-sS", "-m", "20", "--noproxy", "*"])
        .args(arguments)
        .output();
    let output = output.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

fn json_of(arguments: &[&str]) -> Value {
    let (code, said) = curl(arguments);
    assert_eq!(code, 0, "{said}");
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name}: {value}"))
}

fn failed(state: &Value) -> Vec<String> {
    let checks = state["report"]["checks"].as_array().unwrap();
    let failed = checks.iter().filter(|check| check["passed"] == false);
    failed.map(|check| text(check, "id").to_owned()).collect()
}

const KEY: &str = "jooto.key.header";

#[test]
fn a_person_with_curl_gets_a_verdict() {
    let serve = Serve::start(&["--case", KEY, "--case", KEY]);
    let (right, wrong) = (serve.run(0), serve.run(1));
    assert_eq!(text(right, "case"), KEY);
    assert_eq!(right["message"]["task"]["path"], "/organizations");
    let call = |run: &Value, header: &str| {
        let url = format!("{}/organizations", text(run, "base_url"));
        let (code, said) = curl(&["-H", header, &url]);
        assert_eq!(code, 0, "{said}");
    };
    let verdict = text(right, "verdict");
    let before = json_of(&[verdict]);
    assert!(
        failed(&before).contains(&format!("{KEY}#call.sent")),
        "{before}"
    );
    call(right, "X-Jooto-Api-Key: hogehoge");
    call(wrong, "X-Api-Key: hogehoge");
    // The wire is judged at once, the outcome when it is known.
    let sent = json_of(&[verdict]);
    assert_eq!(sent["over"], false);
    let open = ["outcome", "status", "leak"].map(|part| format!("{KEY}#first.{part}"));
    assert_eq!(failed(&sent), open);
    let answer = r#"{"ok": {"status": 200}}"#;
    let state = json_of(&["-d", answer, verdict]);
    assert_eq!(
        (&state["over"], &state["report"]["verdict"]),
        (&true.into(), &"pass".into())
    );
    // No run sees anything of another.
    let other = json_of(&["-d", answer, text(wrong, "verdict")]);
    assert_eq!(other["report"]["verdict"], "fail");
    assert_eq!(failed(&other), [format!("{KEY}#call.credential")]);
    let again = json_of(&["-d", answer, verdict]);
    assert!(
        text(&again, "error").contains("the case is over"),
        "{again}"
    );
}

#[test]
fn a_test_runner_begins_runs_and_gets_task_after_task() {
    let serve = Serve::start(&["--cases"]);
    let conform = text(&serve.ready, "conform_url");
    let begun = json_of(&["-d", r#"{"case": "fujitsu-aispf.key.no-expiry"}"#, conform]);
    let (verdict, first) = (text(&begun, "verdict"), &begun["message"]);
    assert_eq!((&first["open"], &first["more"]), (&true.into(), &1.into()));
    let call = |message: &Value| {
        let url = text(&message["urls"], "services").to_owned() + text(&message["task"], "path");
        let key = message["credentials"]["api_keys"][0].as_str().unwrap();
        curl(&["-H", &format!("X-Api-Key: {key}"), &url]);
        json_of(&["-d", r#"{"ok": {"status": 200}}"#, verdict])
    };
    let state = call(first);
    let second = &state["message"];
    assert_eq!(
        (&second["open"], &second["more"]),
        (&false.into(), &0.into())
    );
    assert!(second["now"].as_u64() > first["now"].as_u64(), "{state}");
    let state = call(second);
    assert_eq!(state["report"]["verdict"], "pass", "{state}");
    let gone = json_of(&["-X", "DELETE", verdict]);
    assert_eq!(gone["over"], true);
    assert!(text(&json_of(&[verdict]), "error").contains("there is no run 1"));
}

#[test]
fn an_impossible_request_is_refused_with_the_possible_ones() {
    let serve = Serve::start(&["--case", KEY]);
    let conform = text(&serve.ready, "conform_url");
    for (body, part) in [
        (
            r#"{"case": "jooto.key.heade"}"#,
            "did you mean `jooto.key.header`?",
        ),
        (
            r#"{"case": "marketo.endpoint.601"}"#,
            "judges endpoints, not clients",
        ),
        ("hello", "the body is no"),
        (r#"{"name": "x"}"#, "unknown field `name`"),
    ] {
        let answer = json_of(&["-d", body, conform]);
        assert!(text(&answer, "error").contains(part), "{body}: {answer}");
    }
    let answer = json_of(&["-d", r#"{"okay": {}}"#, text(serve.run(0), "verdict")]);
    assert!(
        text(&answer, "error").contains("expected one of `ok`, `error`"),
        "{answer}"
    );
    let root = conform.replace("/__conform", "/");
    assert!(text(&json_of(&[&root]), "error").contains("begin a run by POST"));
    let unknown = Command::new(env!("CARGO_BIN_EXE_tegata-conformance"))
        .args(["serve", "--case", "no.such"])
        .output()
        .unwrap();
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn answers_that_are_cut_or_no_http_come_as_the_case_has_them() {
    let cut = "fujitsu-aispf.v2.survive-token@cut";
    let serve = Serve::start(&[
        "--case",
        cut,
        "--case",
        "marketo.identity.survive@reason-200",
    ]);
    let url = format!("{}/v2/tokens", text(serve.run(0), "base_url"));
    let (code, said) = curl(&["-d", "grant_type=client_credentials", &url]);
    assert_eq!(code, 18, "curl reports a partial body by 18: {said}");
    let url = text(serve.run(1), "base_url").to_owned() + "/identity/oauth/token";
    let (code, said) = curl(&["-i", &url]);
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("HTTP/1.1 200 200\r\n"), "{said}");
}

#[test]
fn an_answer_can_be_made_to_wait() {
    let serve = Serve::start(&["--case", KEY, "--delay", "60000"]);
    let url = format!("{}/organizations", text(serve.run(0), "base_url"));
    let (code, said) = curl(&["-m", "0.5", &url]);
    assert_eq!(code, 28, "curl reports a timeout by 28: {said}");
    // It was recorded nevertheless.
    let state = json_of(&[text(serve.run(0), "verdict")]);
    assert!(
        !failed(&state).contains(&format!("{KEY}#call.sent")),
        "{state}"
    );
}

#[test]
fn over_tls_only_a_client_that_trusts_the_authority_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let ca = ca.to_str().unwrap();
    let serve = Serve::start(&["--case", KEY, "--tls", "--ca", ca]);
    assert_eq!(
        std::fs::read_to_string(ca).unwrap(),
        text(&serve.ready, "ca")
    );
    let url = format!("{}/organizations", text(serve.run(0), "base_url"));
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let (code, said) = curl(&["-H", "X-Jooto-Api-Key: hogehoge", &url]);
    assert_eq!(
        code, 60,
        "curl reports an untrusted certificate by 60: {said}"
    );
    let verdict = text(serve.run(0), "verdict");
    assert!(failed(&json_of(&[verdict])).contains(&format!("{KEY}#call.sent")));
    let (code, said) = curl(&["--cacert", ca, "-H", "X-Jooto-Api-Key: hogehoge", &url]);
    assert_eq!(code, 0, "{said}");
    let state = json_of(&["-d", r#"{"ok": {"status": 200}}"#, verdict]);
    assert_eq!(state["report"]["verdict"], "pass", "{state}");
}

#[test]
fn the_emulator_speaks_tls_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let ca = ca.to_str().unwrap();
    let serve = Serve::start(&["--tls", "--ca", ca]);
    let base = text(&serve.ready, "base_url");
    assert!(base.starts_with("https://"), "{base}");
    assert_eq!(curl(&[base]).0, 60);
    let root = json_of(&["--cacert", ca, base]);
    assert_eq!(root["providers"], serve.ready["providers"]);
    let localhost = base.replace("127.0.0.1", "localhost");
    assert_eq!(curl(&["--cacert", ca, &localhost]).0, 0);
    // A certificate is made anew for each process.
    let another = folder.path().join("other.pem");
    let other = Serve::start(&["--tls", "--ca", another.to_str().unwrap()]);
    assert_ne!(text(&other.ready, "ca"), text(&serve.ready, "ca"));
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    for arguments in [
        &["--delay", "5"][..],
        &["--ca", "x.pem"],
        &["--cases", "--ttl", "5"],
        &["--case", KEY, "--config", "x.toml"],
        &["--tls", "--ca", "/nowhere/at/all.pem"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_tegata-conformance"))
            .arg("serve")
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}
