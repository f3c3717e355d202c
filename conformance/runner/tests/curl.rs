//! curl alone runs every documented request against the program.
#![allow(
    clippy::unwrap_used,
    reason = "the lint sees tests only, and not the functions that they share"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tegata-conformance");

/// The program as `serve` runs it, stopped when dropped.
struct Serving {
    child: Child,
    ready: Value,
}

impl Serving {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .arg("serve")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = child.stdout.as_mut().unwrap();
        BufReader::with_capacity(1, out)
            .read_line(&mut line)
            .unwrap();
        let ready = serde_json::from_str(&line);
        Self {
            ready: ready.unwrap_or_else(|error| panic!("{error}: {line:?}")),
            child,
        }
    }

    fn url(&self, provider: &str) -> String {
        self.ready["providers"][provider]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn control(&self, target: &str) {
        let base = self.ready["base_url"].as_str().unwrap();
        let url = format!("{base}/__control/{target}");
        let done = curl(&["-X", "POST", &url]);
        assert_eq!(done.status, 200, "{}", done.body);
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself, which a test that needs it notices.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Answer {
    status: u16,
    redirect: String,
    body: String,
}

impl Answer {
    fn text(&self, member: &str) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let text = body[member].as_str().map(str::to_owned);
        text.unwrap_or_else(|| panic!("no {member:?} in {} {:?}", self.status, self.body))
    }
}

fn run(arguments: &[&str]) -> std::io::Result<Output> {
    Command::new("curl")
        .args(["--noproxy", "*"])
        .args(arguments)
        .output()
}

/// `true` when the tests below can run; says so when they cannot.
fn curl_is_there() -> bool {
    let there = run(&["--version"]).is_ok();
    if !there {
        // Written past the test runner, which hides the output of passing tests.
        let why = "skipped: curl is not installed (apt-get install curl)";
        let _ = writeln!(std::io::stderr(), "{why}");
    }
    there
}

fn curl(arguments: &[&str]) -> Answer {
    let mut all = vec![
        "-s",
        "-S",
        "--noproxy",
        "*",
        "-w",
        "\n%{redirect_url}\n%{http_code}",
    ];
    all.extend(arguments);
    let output = run(&all).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "curl {arguments:?}: {stderr}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.rsplitn(3, '\n');
    let status = lines.next().and_then(|line| line.parse().ok()).unwrap();
    let redirect = lines.next().unwrap_or_default().to_owned();
    let body = lines.next().unwrap_or_default().to_owned();
    Answer {
        status,
        redirect,
        body,
    }
}

#[track_caller]
fn assert_status(arguments: &[&str], status: u16) -> Answer {
    let answer = curl(arguments);
    assert_eq!(answer.status, status, "{arguments:?}: {}", answer.body);
    answer
}

#[test]
fn curl_runs_every_documented_request_of_fujitsu_aispf() {
    if !curl_is_there() {
        return;
    }
    let serving = Serving::start(&[]);
    let base = serving.url("fujitsu-aispf");
    let call = format!("{base}/da/v1/healthcheck");
    let (v1, v2) = (format!("{base}/v1/tokens"), format!("{base}/v2/tokens"));
    let basic = "aispf-client:CANARY-aispf-secret";
    let json = "Content-Type: application/json";
    let id_and_secret = r#"{"clientId":"aispf-client","clientSecret":"CANARY-aispf-secret"}"#;

    for key in ["CANARY-aispf-primary-key", "CANARY-aispf-secondary-key"] {
        assert_status(&["-H", &format!("X-Api-Key: {key}"), &call], 200);
        // The quotation marks of the English page are no part of the header.
        assert_status(&["-H", &format!("'X-Api-Key: {key} '"), &call], 400);
    }
    assert_status(&[&call], 400);

    let token = assert_status(&["-X", "POST", "-u", basic, &v2], 200).text("access_token");
    let access = format!("X-Access-Token: {token}");
    assert_status(&["-H", &access, &call], 200);
    let grant = "grant_type=client_credentials";
    assert_status(&["-u", basic, "-d", grant, &v2], 200);
    assert_status(&["-d", grant, &v2], 401);
    assert_status(&["-u", "aispf-client:wrong", "-d", grant, &v2], 401);
    assert_status(&["-u", basic, "-d", grant, "-d", grant, &v2], 400);

    let issued = assert_status(&["-H", json, "-d", id_and_secret, &v1], 200);
    let access = format!("X-Access-Token: {}", issued.text("accessToken"));
    assert_status(&["-H", &access, &call], 200);
    let refresh = format!(r#"{{"refreshToken":"{}"}}"#, issued.text("refreshToken"));
    let patch = ["-X", "PATCH", "-H", json, "-d", &refresh, &v1];
    let renewed = assert_status(&patch, 200);
    let access = format!("X-Access-Token: {}", renewed.text("accessToken"));
    assert_status(&["-H", &access, &call], 200);

    serving.control("advance?seconds=3600");
    assert_status(&["-H", &access, &call], 401);
    assert_status(&patch, 401);
    assert_status(&["-H", json, "-d", "{}", &v1], 400);
    assert_status(&["-X", "PATCH", "-H", json, "-d", "{}", &v1], 400);
}

#[test]
fn curl_runs_every_documented_request_of_jooto() {
    if !curl_is_there() {
        return;
    }
    let serving = Serving::start(&[]);
    let base = serving.url("jooto");
    let (login, token) = (
        format!("{base}/oauth2/login"),
        format!("{base}/oauth2/token"),
    );
    let (list, one) = (
        format!("{base}/organizations"),
        format!("{base}/organizations/1"),
    );

    for call in [&list, &one] {
        assert_status(&["-H", "X-Jooto-Api-Key: hogehoge", call], 200);
        assert_status(&[call], 401);
    }

    let callback = "redirect_uri=https://app.example.com/callback";
    let authorize = [
        "client_id=jooto-client",
        callback,
        "response_type=code",
        "state=a random+string",
        "organization_id=1",
    ];
    let page = assert_status(&query(&login, &authorize, None), 302);
    let expected = "https://app.example.com/callback?code=";
    assert!(page.redirect.starts_with(expected), "{}", page.redirect);
    let (code, state) = page.redirect[expected.len()..].split_once('&').unwrap();
    assert_eq!(state, "state=a%20random%2Bstring");
    for left_out in 0..authorize.len() {
        let answer = curl(&query(&login, &authorize, Some(left_out)));
        let refused = answer.status == 400 || answer.redirect.contains("?error=");
        assert!(
            refused,
            "without {}: {}",
            authorize[left_out], answer.redirect
        );
        assert!(!answer.redirect.contains("code="), "{}", answer.redirect);
    }

    let code = format!("code={code}");
    let exchange = [
        code.as_str(),
        "client_id=jooto-client",
        "client_secret=CANARY-jooto-secret",
        callback,
        "grant_type=authorization_code",
    ];
    let issued = every_field_is_needed(&token, &exchange);
    let bearer = format!("Authorization: Bearer {}", issued.text("access_token"));
    assert_status(&["-H", &bearer, &one], 200);
    let quoted = format!("Authorization: Bearer \"{}\"", issued.text("access_token"));
    assert_status(&["-H", &quoted, &one], 401);

    let refresh_token = format!("refresh_token={}", issued.text("refresh_token"));
    let refresh = [
        "client_id=jooto-client",
        "client_secret=CANARY-jooto-secret",
        refresh_token.as_str(),
        "grant_type=refresh_token",
    ];
    serving.control("expire?provider=jooto");
    assert_status(&["-H", &bearer, &one], 401);
    let renewed = every_field_is_needed(&token, &refresh);
    let bearer = format!("Authorization: Bearer {}", renewed.text("access_token"));
    assert_status(&["-H", &bearer, &one], 200);
}

#[test]
fn curl_runs_every_documented_request_of_marketo() {
    if !curl_is_there() {
        return;
    }
    let serving = Serving::start(&[]);
    let base = serving.url("marketo");
    let identity = format!("{base}/identity/oauth/token");
    let call = format!("{base}/rest/v1/leads/describe.json");
    let fields = [
        "grant_type=client_credentials",
        "client_id=marketo-client",
        "client_secret=CANARY-marketo-secret",
    ];

    let by_form = every_field_is_needed(&identity, &fields);
    let by_get = assert_status(&query(&identity, &fields, None), 200);
    let mut by_post = query(&identity, &fields, None);
    by_post.extend(["-X", "POST"]);
    let by_post = assert_status(&by_post, 200);
    let token = by_get.text("access_token");
    for other in [by_form, by_post] {
        assert_eq!(other.text("access_token"), token);
    }
    for left_out in 0..fields.len() {
        let refused = curl(&query(&identity, &fields, Some(left_out)));
        assert!(matches!(refused.status, 400 | 401), "{}", refused.body);
    }

    let bearer = format!("Authorization: Bearer {token}");
    let in_query = format!("{call}?access_token={token}");
    let success = |arguments: &[&str]| {
        let answer = assert_status(arguments, 200);
        answer.body.contains(r#""success":true"#)
    };
    assert!(success(&["-H", &bearer, &call]));
    assert!(success(&[&in_query]));
    assert!(!success(&[&call]));
    serving.control("expire?provider=marketo");
    let dead = assert_status(&["-H", &bearer, &call], 200);
    assert!(dead.body.contains(r#""602""#), "{}", dead.body);
    let dead = assert_status(&["-H", &bearer, &call], 200);
    assert!(dead.body.contains(r#""601""#), "{}", dead.body);
}

/// Arguments of a GET with these fields in the query, but for one.
fn query<'a>(url: &'a str, fields: &[&'a str], left_out: Option<usize>) -> Vec<&'a str> {
    let mut arguments = vec!["-G"];
    arguments.extend(form(fields, left_out));
    arguments.push(url);
    arguments
}

fn form<'a>(fields: &[&'a str], left_out: Option<usize>) -> Vec<&'a str> {
    let kept = fields
        .iter()
        .enumerate()
        .filter(|(index, _)| Some(*index) != left_out);
    kept.flat_map(|(_, field)| ["--data-urlencode", field])
        .collect()
}

/// Posts the form without each field in turn, which must fail, and then whole.
fn every_field_is_needed(url: &str, fields: &[&str]) -> Answer {
    for left_out in 0..fields.len() {
        let mut arguments = form(fields, Some(left_out));
        arguments.push(url);
        let refused = curl(&arguments);
        let is_refused = matches!(refused.status, 400 | 401);
        assert!(is_refused, "without {}: {}", fields[left_out], refused.body);
    }
    let mut arguments = form(fields, None);
    arguments.push(url);
    assert_status(&arguments, 200)
}

#[test]
fn serve_prints_one_line_and_obeys_ttl() {
    if !curl_is_there() {
        return;
    }
    let mut serving = Serving::start(&["--ttl", "5"]);
    let url = format!("{}/v2/tokens", serving.url("fujitsu-aispf"));
    let issued = assert_status(
        &["-X", "POST", "-u", "aispf-client:CANARY-aispf-secret", &url],
        200,
    );
    assert!(issued.body.contains(r#""expires_in":5"#), "{}", issued.body);

    serving.child.kill().unwrap();
    let mut rest = String::new();
    let out = serving.child.stdout.as_mut().unwrap();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

fn serve(arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .arg("serve")
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_printed_configuration_is_read_back() {
    let printed = serve(&["--print-config"]);
    assert!(printed.status.success(), "{printed:?}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.toml");
    std::fs::write(&file, &printed.stdout).unwrap();
    let again = serve(&["--config", file.to_str().unwrap(), "--print-config"]);
    assert_eq!(
        String::from_utf8_lossy(&again.stdout),
        String::from_utf8_lossy(&printed.stdout)
    );
}

#[test]
fn a_bad_configuration_ends_with_2_and_names_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.toml");
    std::fs::write(&file, "[jooto]\napi_key = [\"CANARY-key\"]\n").unwrap();
    let refused = serve(&["--config", file.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(refused.stdout.is_empty(), "{refused:?}");
    let message = String::from_utf8_lossy(&refused.stderr);
    for part in ["emulator.toml:2:", "`api_key`", "`api_keys`"] {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
    assert!(!message.contains("CANARY"), "{message}");
}

#[test]
fn a_taken_port_ends_with_2_and_says_so() {
    let serving = Serving::start(&["--port", "0"]);
    let base = serving.ready["base_url"].as_str().unwrap();
    let port = base.rsplit(':').next().unwrap();
    let refused = serve(&["--port", port]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let message = String::from_utf8_lossy(&refused.stderr);
    assert!(message.contains(&format!("port {port}")), "{message}");
    assert!(message.contains("taken"), "{message}");
}
