//! The reports of a recording that was judged.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tegata_conformance::fixture::{Values, ValuesFile};
use tegata_conformance::record::find_leak;

use crate::report::problems;
use crate::session::{SECRETS, entries};
use crate::support::{BASES, har};

pub(crate) const FORMATS: [&str; 4] = ["json", "junit", "markdown", "html"];

/// The command that judges a recording. It takes a fraction of the time without reports.
pub(crate) fn command(folder: &Path, recording: &str) -> Command {
    let file = folder.join("session.har");
    std::fs::write(&file, recording).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tegata-conformance"));
    command.arg("judge").arg(&file);
    for base in BASES {
        command.args(["--base", base]);
    }
    command
}

/// Judges a recording, and writes every report into the folder.
pub(crate) fn judge(folder: &Path, recording: &str, arguments: &[&str]) -> Output {
    let mut command = command(folder, recording);
    for format in FORMATS {
        command
            .arg(format!("--{format}"))
            .arg(folder.join(format!("report.{format}")));
    }
    command.args(arguments).output().unwrap()
}

pub(crate) fn read(folder: &Path, format: &str) -> String {
    std::fs::read_to_string(folder.join(format!("report.{format}"))).unwrap()
}

pub(crate) fn report(folder: &Path) -> Value {
    serde_json::from_str(&read(folder, "json")).unwrap()
}

pub(crate) fn case<'r>(report: &'r Value, id: &str) -> &'r Value {
    let cases = report["cases"].as_array().unwrap();
    cases.iter().find(|case| case["id"] == id).unwrap()
}

pub(crate) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

#[test]
fn each_report_names_judged_and_unjudged_parts_and_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = entries(SECRETS[1]).to_vec();
    all.push(json!({"request": 1}));
    let output = judge(folder.path(), &har(&all), &["--provider", "marketo"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report = report(folder.path());
    assert_eq!(problems(&report), None);
    let subject = json!({"name": "session.har", "kind": "recording", "features": []});
    assert_eq!(report["subject"], subject);
    let note = report["notes"][0].as_str().unwrap();
    assert!(note.starts_with("not read: "), "{note}");

    let failed = case(&report, "marketo.refused.602");
    assert_eq!(failed["verdict"], "fail");
    assert_eq!(failed["entries"], json!([0, 2, 3, 4]), "{failed}");
    let named: Vec<&str> = failed["steps"][0]["exchanges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|exchange| exchange["name"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["issue", "call", "renew", "again"]);
    let unjudged = case(&report, "marketo.identity.survive@closed");
    assert_eq!(unjudged["verdict"], "not-applicable");
    let reason = "it asks what a client makes of an answer, which is in no recording";
    assert_eq!(unjudged["reason"], reason);

    for (format, parts) in [
        ("junit", ["log.entries 0, 2, 3, 4", note, reason]),
        (
            "markdown",
            ["log.entries 0, 2, 3, 4", "- not read: ", "session.har"],
        ),
        ("html", ["log.entries 0, 2, 3, 4", "<li>not read: ", reason]),
    ] {
        let text = read(folder.path(), format);
        for part in parts {
            assert!(text.contains(part), "{format} lacks {part}");
        }
    }
}

#[test]
fn the_same_recording_gives_the_same_bytes() {
    let reports = || {
        let folder = tempfile::tempdir().unwrap();
        judge(folder.path(), &har(&entries(SECRETS[2])), &[]);
        FORMATS.map(|format| read(folder.path(), format))
    };
    assert_eq!(reports(), reports());
}

#[test]
fn a_report_on_standard_output_stands_there_alone() {
    let folder = tempfile::tempdir().unwrap();
    let recording = har(&entries(SECRETS[2]));
    let output = command(folder.path(), &recording)
        .args(["--json", "-"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["summary"]["conforms"], true);
}

#[test]
fn a_recording_without_judged_cases_exits_with_2_and_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let only = ["--case", "marketo.identity.survive"];
    let output = judge(folder.path(), &har(&entries(SECRETS[2])), &only);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("no case could be judged"), "{text}");
    let report = report(folder.path());
    assert_eq!(report["summary"]["conforms"], false);
    assert!(read(folder.path(), "html").contains("Nothing judged"));
}

/// Secrets wherever a recording can hold one.
const CANARIES: [&str; 14] = [
    "CANARY-creator",
    "CANARY-comment",
    "CANARY-page-title",
    "CANARY-cookie-value",
    "CANARY-referer",
    "CANARY-own-header",
    "CANARY-in-the-path",
    "CANARY-in-the-query",
    "CANARY-9f86d081884c7d65",
    "CANARY-user-of-the-url",
    "CANARY-fragment",
    "CANARY-location",
    "CANARY-answered-member",
    "CANARY-answered-text",
];

fn hostile() -> String {
    let [
        creator,
        comment,
        title,
        cookie,
        referer,
        own,
        path,
        query,
        name,
        user,
        fragment,
        location,
        member,
        text,
    ] = CANARIES;
    // The old token is sent again, so that failed checks are shown as well.
    let mut all = entries(SECRETS[1]).to_vec();
    for entry in &mut all {
        entry["comment"] = json!(comment);
        entry["request"]["cookies"] = json!([{"name": "sid", "value": cookie}]);
        for (name, value) in [("cookie", cookie), ("referer", referer), ("x-own", own)] {
            let headers = entry["request"]["headers"].as_array_mut().unwrap();
            headers.push(json!({"name": name, "value": value}));
        }
        let headers = entry["response"]["headers"].as_array_mut().unwrap();
        headers.push(json!({"name": "location", "value": format!("https://x/?a={location}")}));
    }
    let url = all[1]["request"]["url"].as_str().unwrap().to_owned();
    let url = url.replace("https://", &format!("https://{user}:{user}@"));
    all[1]["request"]["url"] = json!(format!("{url}/{path}?id={query}&{name}#{fragment}"));
    let body = json!({"success": true, "requestId": member, "result": [{"name": member}]});
    all[1]["response"]["content"]["text"] = json!(body.to_string());
    all[5]["response"]["content"]["text"] = json!(format!("<html>{text}</html>"));
    json!({"log": {
        "version": "1.2",
        "creator": {"name": creator, "version": creator},
        "pages": [{"title": title, "id": "1"}],
        "entries": all,
    }})
    .to_string()
}

#[test]
fn no_report_and_no_line_shows_a_secret_of_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let recording = hostile();
    let secrets = [&CANARIES[..], &SECRETS, &["my-own-id"]].concat();
    let named = secrets
        .iter()
        .map(|one| ((*one).to_owned(), (*one).to_owned()));
    let known = Values::from(&ValuesFile {
        secret: named.collect(),
        ..ValuesFile::default()
    });
    let known = known.redactor();
    let there = known.find(&recording);
    assert_eq!(there.len(), secrets.len(), "in the recording: {there:?}");
    let output = judge(folder.path(), &recording, &["--all"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let mut shown = vec![("line", said(&output))];
    shown.extend(FORMATS.map(|format| (format, read(folder.path(), format))));
    for (format, text) in shown {
        assert_eq!(known.find(&text), Vec::<&str>::new(), "{format}");
        // The large ones hold the same, and take long.
        if !matches!(format, "json" | "html") {
            let found = find_leak(text.as_bytes(), secrets.iter().copied());
            assert_eq!(found, None, "{format}");
        }
    }
    let report = report(folder.path());
    assert_eq!(problems(&report), None);
    // By name, so that a reader sees which of them is which.
    let exchanges = &case(&report, "marketo.refused.602")["steps"][0]["exchanges"];
    let target = exchanges[0]["target"].as_str().unwrap();
    assert!(target.contains("client_secret=[client-secret]"), "{target}");
    let credential = exchanges[3]["headers"].to_string();
    assert!(credential.contains("Bearer [token-1]"), "{credential}");
}
