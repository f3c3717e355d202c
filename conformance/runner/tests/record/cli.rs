//! The subcommand `record`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Output, Stdio};

use tegata_conformance::case::Suite;
use tegata_conformance::script::exchange_bytes;

use crate::support::{KEY, emulator, folder, request};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tegata-conformance"));
    command
        .arg("record")
        .args(arguments)
        .env_remove("TEGATA_CANARIES");
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// The address of a server from the ready line.
fn ready(child: &mut Child, server: &str) -> (String, BufReader<std::process::ChildStdout>) {
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let json: serde_json::Value = serde_json::from_str(&line).unwrap();
    (json["record"][server].as_str().unwrap().to_owned(), out)
}

#[tokio::test]
async fn it_ends_after_so_many_exchanges_and_says_what_it_wrote() {
    let (emulator, place) = (emulator(), folder());
    let to = place.path().join("new");
    let upstream = format!("services={}", emulator.provider_url("fujitsu-aispf"));
    let mut child = command(&[
        "--to",
        to.to_str().unwrap(),
        "--upstream",
        &upstream,
        "--exchanges",
        "2",
    ])
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let (url, mut out) = ready(&mut child, "services");
    for key in [KEY, "CANARY-wrong-key"] {
        let call = request("GET", "/da/example", &[("x-api-key", key)], "");
        exchange_bytes(&url, &call).await.unwrap();
    }
    let mut said = String::new();
    out.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert_eq!(
        said,
        "2 exchanges recorded as 2 fixtures\n  fujitsu-aispf/get-da-example-2.s401\n  \
         fujitsu-aispf/get-da-example.s200\n"
    );
    Suite::from_folder(&to).unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test]
async fn what_is_not_recorded_is_said_at_once_and_once_more_at_the_end() {
    let (emulator, place) = (emulator(), folder());
    let to = place.path().join("new");
    let upstream = format!("services={}", emulator.provider_url("fujitsu-aispf"));
    let to = to.to_str().unwrap();
    let mut child = command(&["--to", to, "--upstream", &upstream, "--exchanges", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (url, mut out) = ready(&mut child, "services");
    let mut at_once = BufReader::new(child.stderr.take().unwrap());
    for _ in 0..2 {
        let tunnel = request("CONNECT", "CANARY.example:443", &[], "");
        assert_eq!(exchange_bytes(&url, &tunnel).await.unwrap().status, 400);
        let mut line = String::new();
        at_once.read_line(&mut line).unwrap();
        assert!(
            line.starts_with("not recorded: the client asked for a tunnel"),
            "{line}"
        );
        assert!(line.contains(&url) && !line.contains("CANARY"), "{line}");
    }
    let call = request("GET", "/da/example", &[("x-api-key", KEY)], "");
    exchange_bytes(&url, &call).await.unwrap();
    let mut said = String::new();
    out.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(
        said.ends_with(&format!(
            "and give the client {url} as base URL (2 times)\n"
        )),
        "{said}"
    );
}

#[tokio::test]
async fn a_canary_that_survives_ends_it_with_1() {
    let (emulator, place) = (emulator(), folder());
    let to = place.path().join("new");
    let upstream = format!("services={}", emulator.provider_url("fujitsu-aispf"));
    let mut child = command(&[
        "--to",
        to.to_str().unwrap(),
        "--upstream",
        &upstream,
        "--keep",
        "x-note",
        "--exchanges",
        "1",
    ])
    .env("TEGATA_CANARIES", "another-canary CANARY-from-outside")
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let (url, mut out) = ready(&mut child, "services");
    let headers = [("x-api-key", KEY), ("x-note", "CANARY-from-outside")];
    let call = request("GET", "/da/example", &headers, "");
    exchange_bytes(&url, &call).await.unwrap();
    let mut said = String::new();
    out.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{said}");
    assert!(
        said.starts_with("FAILED: canary 2 survived") && !said.contains("outside"),
        "{said}"
    );
}

#[test]
fn an_impossible_recording_exits_with_2_and_shows_no_secret() {
    let place = folder();
    let to = place.path().to_str().unwrap();
    for (upstream, part) in [
        (
            "auth=https://CANARY:CANARY@127.0.0.1/",
            "holds a user name or password",
        ),
        ("nowhere=http://127.0.0.1:1", "is one of auth, services"),
        (
            "auth=https://vendor.example",
            "auth is not on this machine; add --live",
        ),
        ("auth=http://vendor.example", "over plain http"),
    ] {
        let output = run(&["--to", to, "--upstream", upstream]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(part) && !said.contains("CANARY"), "{said}");
    }
    let output = run(&["--to", to]);
    assert_eq!(output.status.code(), Some(2));
    let upstream = ["--upstream", "auth=https://127.0.0.1:1", "--to", to];
    let none = place.path().join("none.txt");
    std::fs::write(&none, "no certificate").unwrap();
    for (file, part) in [
        ("/no/such/file.pem", "/no/such/file.pem cannot be read"),
        (
            none.to_str().unwrap(),
            "holds no certificate; give the authority's",
        ),
    ] {
        let output = run(&[&upstream[..], &["--ca", file]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(part), "{said}");
    }
}
