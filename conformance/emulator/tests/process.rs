//! The program `tegata-emulator`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tegata-emulator");

/// The process, ended with the test, and the folder for its temporary files.
struct Running {
    child: Child,
    _temporary: tempfile::TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(arguments: &[&str]) -> (Running, serde_json::Value) {
    let temporary = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    let mut child = command
        .args(arguments)
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let output = child.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut line).unwrap();
    let running = Running {
        child,
        _temporary: temporary,
    };
    (running, serde_json::from_str(&line).unwrap())
}

#[tokio::test]
async fn it_says_where_it_is_and_answers_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emulator.toml");
    let defaults = Command::new(PROGRAM)
        .arg("--print-config")
        .output()
        .unwrap();
    let defaults = String::from_utf8(defaults.stdout).unwrap();
    std::fs::write(&path, defaults.replace("\"hogehoge\"", "\"CANARY-own\"")).unwrap();
    let (_running, ready) = start(&["--config", path.to_str().unwrap()]);
    let url = format!(
        "{}/organizations",
        ready["providers"]["jooto"].as_str().unwrap()
    );
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (key, status) in [("CANARY-own", 200), ("hogehoge", 401)] {
        let call = client.get(&url).header("x-jooto-api-key", key);
        assert_eq!(call.send().await.unwrap().status(), status, "{key}");
    }
}

#[tokio::test]
async fn over_tls_it_hands_out_the_authority_to_trust() {
    let (_running, ready) = start(&["--tls"]);
    let ca = reqwest::Certificate::from_pem(ready["ca"].as_str().unwrap().as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([ca])
        .build()
        .unwrap();
    let url = ready["base_url"].as_str().unwrap();
    assert_eq!(client.get(url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_kept_authority_is_trusted_again_at_the_next_start() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("authority");
    let folder = folder.to_str().unwrap();
    let arguments = ["--tls", "--tls-folder", folder, "--name", "localtest.me"];
    let (first, ready) = start(&arguments);
    drop(first);
    let ca = std::fs::read(ready["ca_file"].as_str().unwrap()).unwrap();
    let (_second, ready) = start(&arguments);
    let address = ready["base_url"].as_str().unwrap();
    let port = address.rsplit(':').next().unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .resolve(
            "localtest.me",
            ([127, 0, 0, 1], port.parse().unwrap()).into(),
        )
        .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
        .build()
        .unwrap();
    for host in ["127.0.0.1", "localhost", "localtest.me"] {
        let url = format!("https://{host}:{port}/__control/counts");
        assert_eq!(
            client.get(url).send().await.unwrap().status(),
            200,
            "{host}"
        );
    }
}

#[test]
fn the_command_that_is_printed_makes_programs_trust_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it's the authority.pem");
    for arguments in [&["--tls"][..], &["--tls", "--ca", file.to_str().unwrap()]] {
        let (_running, ready) = start(arguments);
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        assert_eq!(
            std::fs::read_to_string(text("ca_file")).unwrap(),
            text("ca")
        );
        let call = "curl -sS --noproxy '*' -o /dev/null -w '%{http_code}'";
        let script = format!("{}; {call} {}", text("trust"), text("base_url"));
        let said = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(said.stdout).unwrap(), "200", "{script}");
    }
}

#[test]
fn what_the_command_sets_is_taken_back_as_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(PROGRAM)
        .args(["--tls", "--ca"])
        .arg(folder.path().join("ca.pem"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let output = child.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut line).unwrap();
    child.kill().unwrap();
    let advice = child.wait_with_output().unwrap().stderr;
    let advice = String::from_utf8(advice).unwrap();
    let command = |name: &str| {
        let mut lines = advice.lines().map(str::trim);
        lines
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    assert!(advice.contains("pip"), "{advice}");
    let (set, unset) = (command("export "), command("unset "));
    for (script, is_set) in [(set.clone(), true), (format!("{set}; {unset}"), false)] {
        let script = format!("{script}; env");
        let said = Command::new("sh").args(["-c", &script]).output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        assert_eq!(said.contains("ca.pem"), is_set, "{said}");
    }
}

#[test]
fn a_name_with_a_scheme_is_refused() {
    for more in [&[][..], &["--tls"]] {
        let arguments = ["--name", "https://emulator.test"];
        let said = Command::new(PROGRAM)
            .args(arguments)
            .args(more)
            .output()
            .unwrap();
        assert_eq!(said.status.code(), Some(2));
        let said = String::from_utf8(said.stderr).unwrap();
        assert!(said.contains("without scheme"), "{said}");
    }
}

#[test]
fn a_configuration_that_cannot_be_used_is_named() {
    let missing = Command::new(PROGRAM)
        .args(["--config", "/nowhere/emulator.toml"])
        .output()
        .unwrap();
    let said = String::from_utf8(missing.stderr).unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(said.contains("/nowhere/emulator.toml"), "{said}");
}

#[tokio::test]
async fn it_serves_an_api_of_a_profile() {
    let profile = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/emulator/api/profile.json"
    );
    let (_running, ready) = start(&["--api", profile, "--ttl", "7"]);
    let base = ready["providers"]["acme"].as_str().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let grant = [("grant_type", "client_credentials")];
    let asked = client.post(format!("{base}/oauth/token")).form(&grant);
    let asked = asked.basic_auth("acme-client", Some("CANARY-acme-secret"));
    let answer: serde_json::Value = asked.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["expires_in"], 7);
    let token = answer["access_token"].as_str().unwrap();
    let item = client.get(format!("{base}/v1/items/7")).bearer_auth(token);
    assert_eq!(item.send().await.unwrap().status(), 200);

    let bad = Command::new(PROGRAM)
        .args(["--api", "no-such.json"])
        .output()
        .unwrap();
    let said = String::from_utf8(bad.stderr).unwrap();
    assert!(
        !bad.status.success() && said.contains("no-such.json"),
        "{said}"
    );
}
