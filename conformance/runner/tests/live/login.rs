//! Jooto's OAuth 2.0, for which a person logs in first.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use tegata_conformance::record::find_leak;
use tegata_emulator::Config;

use crate::support::{Vendor, command, files, said, vendor};

const ID: &str = "jooto-client";
const SECRET: &str = "CANARY-jooto-secret";
const KEY: &str = "hogehoge";
const REDIRECT_URI: &str = "https://app.example.com/callback";

/// What a browser does: the login, and the code from the URL that it is sent to.
fn log_in(vendor: &Vendor) -> String {
    let url = vendor.emulator.provider_url("jooto");
    let (host, path) = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .unwrap();
    let query = format!(
        "client_id={ID}&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&response_type=code&state=s\
         &organization_id=1"
    );
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "GET /{path}/oauth2/login?{query} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let code = answer
        .split_once("code=")
        .map(|(_, rest)| rest.split(['&', '\r']).next().unwrap_or_default());
    code.unwrap_or_else(|| panic!("no code: {answer}"))
        .to_owned()
}

fn run(vendor: &Vendor, code: Option<&str>, more: &[&str]) -> (Option<i32>, String) {
    let mut arguments = vendor.bases("jooto");
    let more = more.iter().map(|argument| (*argument).to_owned());
    arguments.extend(["--pause".to_owned(), "0".to_owned()]);
    arguments.extend(more);
    let mut command = command("jooto", &arguments);
    command
        .env("TEGATA_LIVE_JOOTO_API_KEY", KEY)
        .env("TEGATA_LIVE_JOOTO_CLIENT_ID", ID)
        .env("TEGATA_LIVE_JOOTO_CLIENT_SECRET", SECRET)
        .env("TEGATA_LIVE_JOOTO_REDIRECT_URI", REDIRECT_URI)
        .env_remove("TEGATA_LIVE_JOOTO_CODE");
    if let Some(code) = code {
        command.env("TEGATA_LIVE_JOOTO_CODE", code);
    }
    let output = command.output().unwrap();
    let said = said(&output);
    assert_eq!(find_leak(said.as_bytes(), [SECRET]), None, "{said}");
    (output.status.code(), said)
}

#[test]
fn a_login_code_judges_exchange_and_refresh_and_keeps_no_secret() {
    let vendor = vendor(Config::default());
    let code = log_in(&vendor);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    let html = folder.path().join("report.html");
    let (to, html) = (to.to_str().unwrap(), html.to_str().unwrap());
    let (status, text) = run(&vendor, Some(&code), &["--to", to, "--html", html]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("ok jooto.endpoint.refresh"), "{text}");
    assert!(text.contains("POST oauth /oauth2/token"), "{text}");
    assert!(!text.contains("left out"), "{text}");
    let written = files(folder.path());
    assert!(written.len() > 3, "{written:?}");
    // What was issued is known from what was sent with it.
    let log = vendor.emulator.log(None);
    let sent = log.iter().flat_map(|entry| entry.header("authorization"));
    let tokens: Vec<&str> = sent
        .filter_map(|value| value.strip_prefix("Bearer "))
        .collect();
    assert!(!tokens.is_empty(), "no call with a token");
    for (name, text) in written.iter().chain([&("said".to_owned(), text)]) {
        let secrets = [SECRET, code.as_str()]
            .into_iter()
            .chain(tokens.iter().copied());
        let found = find_leak(text.as_bytes(), secrets);
        assert_eq!(found, None, "{name}: {text}");
    }
}

#[test]
fn without_a_login_its_case_is_left_out_and_the_variable_named() {
    let vendor = vendor(Config::default());
    let (status, text) = run(&vendor, None, &[]);
    assert_eq!(status, Some(0), "{text}");
    assert!(
        text.contains("left out: jooto.endpoint.refresh: log in")
            && text.contains("TEGATA_LIVE_JOOTO_CODE"),
        "{text}"
    );
    assert!(text.contains("not run: jooto.endpoint.refresh"), "{text}");

    let (status, text) = run(&vendor, None, &["refresh"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(
        text.contains("no case is left to run") && text.contains("TEGATA_LIVE_JOOTO_CODE"),
        "{text}"
    );
}

#[test]
fn a_code_that_was_used_before_fails_its_case_and_is_not_shown() {
    let vendor = vendor(Config::default());
    let code = log_in(&vendor);
    let (status, text) = run(&vendor, Some(&code), &["refresh"]);
    assert_eq!(status, Some(0), "{text}");
    let (status, text) = run(&vendor, Some(&code), &["refresh"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("exchange.answer.status"), "{text}");
    assert_eq!(find_leak(text.as_bytes(), [code.as_str()]), None, "{text}");
}
