//! The command: what it writes, prints and refuses.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use rstest::rstest;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tegata-gen"))
        .args(arguments)
        .output()
        .expect("it runs")
}

fn document(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents");
    folder.join(name).display().to_string()
}

#[test]
fn a_crate_is_written_and_few_lines_are_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("client");
    let ran = run(&[
        &document("values.yaml"),
        "--out",
        out.to_str().expect("a path"),
        "--name",
        "my-values",
    ]);
    let text = String::from_utf8_lossy(&ran.stdout);
    assert!(
        ran.status.success() && text.starts_with("Values: 1 of 1") && text.lines().count() <= 10,
        "{text}"
    );
    let manifest = fs::read_to_string(out.join("Cargo.toml")).expect("a manifest");
    assert!(
        manifest.contains("name = \"my-values\"") && manifest.contains("tegata = \""),
        "{manifest}"
    );
    assert!(out.join("src/lib.rs").is_file() && out.join("src/generated/client.rs").is_file());
}

#[test]
fn the_report_is_json_if_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a path");
    let ran = run(&[&document("next.yaml"), "--out", out, "--report", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    assert_eq!(report["operations"], 2);
    assert_eq!(report["refused"][0]["method"], "QUERY");
    // OpenAPI 3.2's ways in are not lost.
    assert_eq!(
        report["schemes"][0]["kind"],
        "oauth2: deviceAuthorization, metadata"
    );
}

#[rstest]
#[case("{\"a\": [1,\n 2", "api.json:3")]
#[case("a: b\n", "neither `openapi` nor `swagger`")]
#[case("openapi: 4.0.0\n", "`4.0.0`")]
#[case("a: 1\nb: [c\nd: 2\n", "api.json:3")]
fn what_is_no_document_is_refused_with_a_fix(#[case] text: &str, #[case] what: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("api.json");
    fs::write(&file, text).expect("written");
    let ran = run(&[
        file.to_str().expect("a path"),
        "--out",
        folder.path().to_str().expect("a path"),
    ]);
    let error = String::from_utf8_lossy(&ran.stderr);
    assert!(
        !ran.status.success() && error.contains(what) && error.contains("; "),
        "{error}"
    );
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out_of_the_folder_is_not_followed() {
    let (folder, other) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let secret = other.path().join("secret.yaml");
    fs::write(
        &secret,
        "type: object\nproperties: {CANARY: {type: string}}\n",
    )
    .expect("written");
    std::os::unix::fs::symlink(&secret, folder.path().join("part.yaml")).expect("a link");
    let file = folder.path().join("api.yaml");
    let schema = "{application/json: {schema: {$ref: part.yaml}}}";
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths:\n  /a:\n    get: {{operationId: a, responses: {{'200': \
         {{description: ok, content: {schema}}}}}}}\n"
    );
    fs::write(&file, text).expect("written");
    let out = folder.path().join("out");
    let ran = run(&[
        file.to_str().expect("a path"),
        "--out",
        out.to_str().expect("a path"),
        "--report",
        "json",
    ]);
    let report = String::from_utf8_lossy(&ran.stdout);
    assert!(
        report.contains("part.yaml is not below the document's folder"),
        "{report}"
    );
    let code = fs::read_to_string(out.join("src/generated/client.rs")).expect("code");
    assert!(!code.to_lowercase().contains("canary"), "{code}");
}
