//! A fourth provider needs no code of the runner: its case is proved, run and reported from data alone.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tegata_conformance::case::Suite;
use tegata_conformance::fixture::{Answer, MAIN, Recorded};
use tegata_conformance::har::{Judged, Places, judge_har, read_har};
use tegata_conformance::judge::{check_mutants, prove_case};
use tegata_conformance::live::{Plan, variable};
use tegata_conformance::process::Profile;
use tegata_conformance::record::{AllowList, Redaction, Traffic, WriteError, Writer};
use tegata_conformance::report::{Counts, Run, Subject, Table, Verdict, html};
use tegata_conformance::script::{Replay, Runner};
use tegata_suite::Server;

#[path = "../../suite/tests/support/toy.rs"]
mod toy;

const CASE: &str = "toy.key.header";
const KEY: &str = "CANARY-of-a-toy-user";

fn suite() -> Suite {
    Suite::from_files(&toy::files()).unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn its_case_passes_over_http_and_can_fail() {
    let suite = suite();
    let case = suite.case(CASE).unwrap();
    let replay = Replay::new(&suite);
    let report = Runner::new(&suite).run(case, &replay).await.unwrap();
    assert_eq!(report.verdict, Verdict::Pass, "{report:?}");
    assert_eq!(check_mutants(&suite), []);
    let mutants = prove_case(&suite, case).unwrap();
    assert!(!mutants.is_empty());
    assert!(mutants.iter().all(|mutant| mutant.killed));
    let run = Run::of(&suite, Subject::client("toy", &[]), [report]).unwrap();
    let filter = "name=\"provider\" value=\"toy\"";
    assert!(html(&run).contains(filter), "it cannot be filtered for");
}

#[test]
fn it_is_counted_and_named_like_the_others() {
    let suite = suite();
    let provider = suite.case(CASE).unwrap().provider;
    assert_eq!(Counts::of(&suite).providers.last(), Some(&(provider, 1)));
    assert!(
        Table::of(&suite)
            .to_string()
            .contains("| toy | 1 | 1 | 1 | 0 | 1 |")
    );
    assert_eq!(variable(provider, "api-key"), "TEGATA_LIVE_TOY_API_KEY");
    let plan = Plan::of(&suite, provider, None, |_| true, |_| true);
    assert!(plan.to_string().starts_with("0 calls to toy in 0 cases"));
}

#[test]
fn a_profile_may_name_it() {
    let suite = suite();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile.toml");
    std::fs::write(&path, "features = [\"api-key\"]\nproviders = [\"toy\"]\n").unwrap();
    let profile = Profile::read(&path, &suite.providers).unwrap();
    assert!(profile.suits(suite.case(CASE).unwrap()));
    assert!(!profile.suits(suite.case("jooto.key.header").unwrap()));
}

/// A call with these headers, and its answer.
fn traffic(suite: &Suite, headers: &[(&str, &str)]) -> Traffic {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Traffic {
        server: Server::named("toy-calls", &suite.providers).unwrap(),
        request: Recorded {
            origin: MAIN.to_owned(),
            method: "GET".to_owned(),
            target: "/x".to_owned(),
            headers: headers.iter().map(owned).collect(),
            body: Vec::new(),
        },
        answer: Some(Answer {
            status: 200,
            reason: None,
            headers: Vec::new(),
            body: Vec::new(),
            cut_after: None,
            raw: None,
        }),
    }
}

#[test]
fn its_credentials_are_found_inside_other_values() {
    let suite = suite();
    for (header, name) in [("X-Toy-Key", "${api-key}"), ("X-Toy-Token", "${token-1}")] {
        let mut redaction = Redaction::new(AllowList::default(), &suite.providers);
        let around = format!("before {KEY}");
        let traffic = traffic(&suite, &[("X-Other", &around), (header, KEY)]);
        redaction.learn(&traffic);
        let [other, own] = &redaction.request(&traffic.request).headers[..] else {
            panic!("two headers");
        };
        assert!(other.value.ends_with(name), "{}", other.value);
        assert_eq!(own.value, name);
    }
}

#[test]
fn its_credentials_fail_a_recording_that_would_show_them() {
    let suite = suite();
    for header in ["X-Toy-Key", "X-Toy-Token"] {
        // What the user keeps stays as it is: here the credential stands in it.
        let list = AllowList::new(&suite.fixtures).keep("x-note");
        let folder = tempfile::tempdir().unwrap();
        let redaction = Redaction::new(list, &suite.providers);
        let mut writer = Writer::new(folder.path(), redaction, Vec::new()).unwrap();
        let written = writer.add(&traffic(&suite, &[(header, KEY), ("x-note", KEY)]));
        assert!(
            matches!(written, Err(WriteError::Leaked(..))),
            "{header}: {written:?}"
        );
    }
}

/// A recording of one call.
fn har(url: &str, headers: &[&str]) -> String {
    let header = |name: &&str| json!({"name": name, "value": KEY});
    let request = json!({
        "method": "GET", "url": url, "httpVersion": "HTTP/1.1",
        "headers": headers.iter().map(header).collect::<Vec<_>>(),
        "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0,
    });
    let response = json!({
        "status": 200, "headers": [], "content": {"text": "hello", "mimeType": ""},
    });
    let entry: Value = json!({"request": request, "response": response});
    json!({"log": {"version": "1.2", "entries": [entry]}}).to_string()
}

fn judged(suite: &Suite, har: &str) -> Judged {
    let mut entries = Vec::new();
    read_har(har.as_bytes(), |_| true, |read| entries.push(read.unwrap())).unwrap();
    let places = Places::new(&suite.providers, &[]);
    judge_har(suite, &places, &entries, false, |_| true).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_recording_of_its_usual_and_its_customers_hosts_is_judged() {
    let suite = suite();
    for (url, headers, verdict) in [
        ("https://toy.example/x", &["X-Toy-Key"][..], Verdict::Pass),
        ("https://a.toy.example/x", &["X-Toy-Key"][..], Verdict::Pass),
        (
            "https://a.toy.example/x",
            &["X-Toy-Key", "X-Toy-Token"],
            Verdict::Fail,
        ),
    ] {
        let judged = judged(&suite, &har(url, headers));
        assert_eq!(judged.notes, [""; 0], "{url}: its header is a credential");
        let reports: Vec<_> = judged
            .results
            .iter()
            .map(|(report, _)| (&*report.case, report.verdict))
            .collect();
        assert_eq!(reports, [(CASE, verdict)], "{url} {headers:?}");
    }
}

/// A folder with the suite's data, and the recording of a call to a host that no provider has.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in toy::files() {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let recording = folder.path().join("a.har");
    std::fs::write(&recording, har("https://other.example/x", &["X-Toy-Key"])).unwrap();
    (folder, recording)
}

fn run(arguments: &[&str], data: Option<&Path>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tegata-conformance"));
    command.args(arguments);
    if let Some(folder) = data {
        command.arg("--data").arg(folder);
    }
    command.output().unwrap()
}

#[test]
fn commands_know_it_and_its_servers_by_the_data_that_they_are_given() {
    let (folder, recording) = folder();
    let data = Some(folder.path());
    let judge = [
        "judge",
        recording.to_str().unwrap(),
        "--provider",
        "toy",
        "--base",
        "toy-calls=https://other.example",
    ];
    let output = run(&judge, data);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("1 entries, 1 with toy") && said.contains("1 cases judged, 1 passed"),
        "{said}"
    );
    assert!(!said.contains(KEY), "{said}");
    for (arguments, data, part) in [
        (
            &judge[..],
            None,
            "`toy` is no provider; it is one of fujitsu-aispf, jooto, marketo",
        ),
        (
            &["run", "--live", "toy"],
            data,
            "no case of toy that is marked `live` is left",
        ),
        (
            &["run", "--live", "top"],
            data,
            "`top` is no provider; it is one of fujitsu-aispf, jooto, marketo, toy",
        ),
    ] {
        let output = run(arguments, data);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(part), "{part} / {said}");
    }
}
