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
fn a_folder_of_documents_becomes_one_crate_with_features() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a path");
    let overlay = document("together/upload.overlay.yaml");
    let of_folder = document("together");
    let arguments = [
        &*of_folder,
        "--overlay",
        &overlay,
        "--out",
        out,
        "--name",
        "shop",
    ];
    let ran = run(&arguments);
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(text.starts_with("Shop: 8 of 8"), "{text}");
    let manifest = || fs::read_to_string(folder.path().join("Cargo.toml")).expect("a manifest");
    assert!(manifest().contains("\"cards-new\" = []"), "{}", manifest());
    let files =
        ["cards.yaml", "orders.json", "upload.yaml"].map(|it| document(&format!("together/{it}")));
    let same: Vec<&str> = files
        .iter()
        .map(String::as_str)
        .chain(arguments[1..].iter().copied())
        .collect();
    assert!(run(&[&same[..], &["--check"]].concat()).status.success());
    assert!(
        run(&[&arguments[..], &["--no-tag-features"]].concat())
            .status
            .success()
    );
    assert!(
        manifest().contains("default = [\"rustls\"]"),
        "{}",
        manifest()
    );
    let code = fs::read_to_string(folder.path().join("src/generated/client.rs")).expect("code");
    assert!(!code.contains("cfg("), "{code}");
}

#[test]
fn the_report_is_json_if_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a path");
    let ran = run(&[&document("next.yaml"), "--out", out, "--report", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    assert_eq!(report["operations"], 7);
    assert_eq!(report["refused"][0]["method"], "NO METHOD");
    // OpenAPI 3.2's ways in are not lost.
    assert_eq!(
        report["schemes"][0]["kind"],
        "oauth2: deviceAuthorization, metadata"
    );
}

/// A crate of `values.yaml`, and what the command with these further arguments says of it.
fn made() -> (tempfile::TempDir, impl Fn(&[&str]) -> (bool, String)) {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("client").display().to_string();
    let again = move |more: &[&str]| {
        let file = document("values.yaml");
        let ran = run(&[&[file.as_str(), "--out", &out], more].concat());
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert_eq!(ran.status.success(), ran.stderr.is_empty());
        (ran.status.success(), said)
    };
    (folder, again)
}

#[test]
fn a_check_writes_nothing_and_names_what_differs() {
    let (folder, again) = made();
    let (is_same, said) = again(&["--check"]);
    assert!(
        !is_same && said.contains("src/generated/client.rs is missing\n"),
        "{said}"
    );
    assert!(!folder.path().join("client").exists());
    assert!(again(&[]).0);
    assert_eq!(again(&["--check"]), (true, String::new()));
    let out = folder.path().join("client");
    fs::write(out.join("src/generated/client.rs"), "// mine\n").expect("written");
    fs::remove_file(out.join("src/generated/wire.rs")).expect("removed");
    let expected = "src/generated/client.rs differs\nsrc/generated/wire.rs is missing\n";
    assert_eq!(again(&["--check"]), (false, expected.to_owned()));
    let kept = fs::read_to_string(out.join("src/generated/client.rs")).expect("a file");
    assert_eq!(kept, "// mine\n");
    assert!(!out.join("src/generated/wire.rs").exists());
}

#[test]
fn a_generated_file_of_an_earlier_run_is_removed() {
    let (folder, again) = made();
    assert!(again(&[]).0);
    let generated = folder.path().join("client/src/generated");
    let head = "// @generated by tegata-gen from old.yaml, do not edit.\n";
    let others = ["mine.rs", "short.rs", "empty.rs", "../lib2.rs"];
    fs::write(generated.join("old.rs"), head).expect("written");
    fs::write(generated.join("mine.rs"), "// Not generated.\n").expect("written");
    fs::write(generated.join("short.rs"), &head[..20]).expect("written");
    fs::write(generated.join("empty.rs"), "").expect("written");
    fs::write(generated.join("../lib2.rs"), head).expect("written");
    fs::create_dir(generated.join("folder.rs")).expect("made");
    let expected = "src/generated/old.rs is left over from an earlier run\n";
    assert_eq!(again(&["--check"]), (false, expected.to_owned()));
    assert!(generated.join("old.rs").exists());
    assert!(again(&[]).0);
    assert!(!generated.join("old.rs").exists() && generated.join("folder.rs").is_dir());
    for it in others {
        assert!(generated.join(it).exists(), "{it}");
    }
    assert_eq!(again(&["--check"]), (true, String::new()));
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

#[test]
fn a_crate_of_other_origin_is_not_replaced() {
    for (there, text) in [("src/lib.rs", "//! Mine."), ("Cargo.toml", "[package]")] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(there);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        let out = folder.path().to_str().unwrap();
        let done = run(&[&document("values.yaml"), "--out", out]);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(
            !done.status.success() && said.contains("was not made by tegata-gen"),
            "{said}"
        );
        assert!(said.contains("--out"), "{said}");
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[rstest]
#[case("openapi: 3.0.3", "")]
#[case(
    "openapi: 3.2.0",
    "    query: 7\n    additionalOperations: {LINK: hello}\n"
)]
#[case("swagger: '2.0'", "")]
fn an_operation_that_is_no_object_is_listed_with_its_line(
    #[case] version: &str,
    #[case] more: &str,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "{version}\ninfo: {{title: t, version: '1'}}\npaths:\n  /a:\n    get: hello\n    put: [a]\n    post:\n    \
         delete: {{responses: {{'204': {{description: ok}}}}}}\n    head: true\n{more}"
    );
    let file = folder.path().join("api.yaml");
    fs::write(&file, text).expect("written");
    let out = folder.path().join("client").display().to_string();
    let file = file.display().to_string();
    let ran = run(&[&file, "--out", &out, "--report", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    let refused = report["refused"].as_array().expect("a list");
    let mut found: Vec<String> = refused
        .iter()
        .inspect(|it| assert_eq!(it["reason"], "it is no object, as an operation has to be"))
        .map(|it| {
            [&it["method"], &it["path"], &it["place"]]
                .map(|it| it.as_str().unwrap_or(""))
                .join(" ")
        })
        .collect();
    found.sort_unstable();
    let mut expected = vec![
        "GET /a api.yaml:5",
        "HEAD /a api.yaml:9",
        "POST /a api.yaml:7",
        "PUT /a api.yaml:6",
    ];
    if !more.is_empty() {
        expected.extend(["LINK /a api.yaml:11", "QUERY /a api.yaml:10"]);
        expected.sort_unstable();
    }
    assert_eq!(found, expected);
    assert_eq!(
        (&report["operations"], &report["typed"]),
        (&(refused.len() + 1).into(), &1.into())
    );
}

#[test]
fn further_operations_that_are_no_object_are_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("api.yaml");
    let text = "openapi: 3.2.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    additionalOperations: hello\n";
    fs::write(&file, text).expect("written");
    let out = folder.path().join("client").display().to_string();
    let file = file.display().to_string();
    let ran = run(&[&file, "--out", &out, "--report", "json"]);
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(
        said.contains("path-item") && said.contains("api.yaml:5"),
        "{said}"
    );
}
