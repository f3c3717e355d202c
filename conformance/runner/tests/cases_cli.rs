//! The subcommands that show the suite.

use std::process::{Command, Output};

use tegata_conformance::case::Suite;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tegata-conformance"))
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .env_remove("TEGATA_SOURCES")
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn list_names_every_case_and_filters_by_id() {
    let all = text(&run(&["list"]).stdout);
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(all.lines().count(), suite.cases.len());
    let some = text(&run(&["list", "jooto.key"]).stdout);
    let ids: Vec<&str> = some
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(ids, ["jooto.key.header", "jooto.key.refused"]);
    let none = run(&["list", "no.such"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("no case has `no.such` in its id"));
}

#[test]
fn show_says_what_a_case_rests_on_and_what_it_checks() {
    let shown = text(&run(&["show", "marketo.refused.602"]).stdout);
    for part in [
        "level must, evidence documented",
        "MK-renew-on-601-602 (marketo.ja:75)",
        "marketo.refused.602#again.credential *\n",
        "marketo.refused.602#again.method\n",
        "is killed by again.credential",
    ] {
        assert!(shown.contains(part), "{part} / {shown}");
    }
    let variants = text(&run(&["show", "marketo.refused.601"]).stdout);
    assert!(
        variants.contains("marketo.refused.601@plain\n"),
        "{variants}"
    );
    let unknown = run(&["show", "marketo.nothing"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("`marketo.nothing` is no case; `list` shows them all"));
}

#[test]
fn lint_passes_and_says_plainly_what_it_did_not_check() {
    let output = run(&["lint"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("0 findings; NOT checked: the 4 documents"),
        "{said}"
    );
    let nowhere = run(&["lint", "--sources", "nowhere"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(text(&nowhere.stdout).contains("marketo.ja.md cannot be read"));
    let folder = run(&["lint", "--data", "nowhere"]);
    assert_eq!(folder.status.code(), Some(2));
    assert!(text(&folder.stderr).contains("citations: cannot be read"));
}

#[test]
fn commands_of_the_repository_name_it_elsewhere() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    for command in ["prove", "self-test", "ours", "demo"] {
        let output = Command::new(env!("CARGO_BIN_EXE_tegata-conformance"))
            .args([command, "--any"])
            .current_dir(elsewhere.path())
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(2), "{command}");
        let said = text(&output.stderr);
        let start = format!("tegata-conformance: `{command}` is about the code");
        assert!(said.starts_with(&start), "{said}");
        assert!(said.contains("run it in a checkout"), "{said}");
    }
}

#[test]
fn table_finds_a_stale_file_and_refreshes_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("statements.md");
    let path = file.to_str().expect("a path in UTF-8");
    let good = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/statements.md"
    ));
    let good = good.expect("the statements");
    std::fs::write(&file, good.replace("FJ-key-header", "FJ-key-heading")).expect("written");
    let check = run(&["table", "--check", "--file", path]);
    assert_eq!(check.status.code(), Some(1));
    assert!(text(&check.stdout).contains("is stale; run `tegata-conformance table --write`"));
    assert_eq!(
        run(&["table", "--write", "--file", path]).status.code(),
        Some(0)
    );
    assert_eq!(
        std::fs::read_to_string(&file).expect("the statements"),
        good
    );
    assert_eq!(
        run(&["table", "--check", "--file", path]).status.code(),
        Some(0)
    );
    std::fs::write(&file, "nothing").expect("written");
    let unmarked = run(&["table", "--check", "--file", path]);
    assert_eq!(unmarked.status.code(), Some(2));
    assert!(text(&unmarked.stderr).contains("lacks one of the lines"));
}

#[test]
fn list_as_json_has_needs_and_citations_of_a_case() {
    let listed: Vec<serde_json::Value> =
        serde_json::from_slice(&run(&["list", "--json", "jooto.use.other"]).stdout)
            .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(listed.len(), 1);
    let case = &listed[0];
    assert_eq!(case["id"], "jooto.use.other-origin");
    assert_eq!(
        (&case["level"], &case["role"]),
        (&"must".into(), &"client".into())
    );
    let needs = ["authorization-code", "given-tokens", "origin-scope"];
    assert_eq!(case["needs"], serde_json::json!(needs));
    assert_eq!(case["steps"], 2);
}

#[test]
fn the_page_of_findings_is_what_the_clients_known_failures_say() {
    let fresh = run(&["findings", "--check"]);
    assert_eq!(fresh.status.code(), Some(0), "{}", text(&fresh.stdout));
    let other = run(&["findings", "--check", "conformance/examples/node"]);
    assert_eq!(other.status.code(), Some(1));
    assert!(text(&other.stdout).contains("is stale; run `tegata-conformance findings --write`"));
    let page = text(&run(&["findings"]).stdout);
    assert!(page.contains("## Authlib 1.9.9 (Python)"), "{page}");
    assert!(page.contains("`jooto.callback.denied` (must)"), "{page}");
}
