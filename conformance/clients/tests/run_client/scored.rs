//! Known failures, and the requirements of a release.

use std::path::PathBuf;

use tegata_conformance::case::{Level, Suite};
use tegata_conformance::score::Requirements;

use crate::support::{DRIVER, KEY, SUITE, program, text};

/// The hash of each release's frozen list. A list changes only together with this one, on purpose.
const FROZEN: &[(&str, usize, &str)] = &[(
    "2026.1",
    103,
    "328d966e30bb4ea1ec186debc22b8c36ec5305a3632164883a705c5ce78cd908",
)];

fn run(known: &str, further: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("known.toml");
    std::fs::write(&path, known).unwrap();
    let client = format!("{DRIVER} naive WrongKeyHeader");
    let known = path.to_str().unwrap();
    let fixed = [
        "run",
        "--client",
        &client,
        "--features",
        "all",
        "--known",
        known,
    ];
    let output = program(&[&fixed[..], further].concat());
    (
        output.status.code(),
        text(&output.stdout) + &text(&output.stderr),
    )
}

fn entry(checks: &[&str]) -> String {
    format!("[[known]]\nreason = \"the header of another provider\"\nchecks = {checks:?}\n")
}

#[test]
fn a_known_failure_is_run_and_reported_but_does_not_fail() {
    let (code, said) = run("", &[KEY]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.starts_with("fail jooto.key.header\n"), "{said}");
    assert!(
        said.contains("JO-key-header-name (jooto.ja:16): "),
        "{said}"
    );
    let (code, said) = run(&entry(&["jooto.key.header#call.credential"]), &[KEY]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("xfail jooto.key.header"), "{said}");
    assert!(
        said.contains("known jooto.key.header#call.credential: the header of another provider"),
        "{said}"
    );
    assert!(
        said.contains("1 cases: 1 xfail; the client conforms"),
        "{said}"
    );
}

#[test]
fn a_known_failure_does_nothing_to_the_terminal() {
    let known = entry(&["jooto.key.header#call.credential"]);
    let known = known.replace("another provider", "\\u001b[2Janother provider\\r");
    let (code, said) = run(&known, &[KEY]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains(r"the header of \u{1b}[2Janother provider\r"),
        "{said}"
    );
    assert!(!said.contains(['\u{1b}', '\r']), "{said}");
}

#[test]
fn an_entry_that_no_longer_holds_fails() {
    let stale = [
        "jooto.key.header#call.credential",
        "jooto.key.header#call.path",
    ];
    let (code, said) = run(&entry(&stale), &[KEY]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("xpass jooto.key.header"), "{said}");
    assert!(
        said.contains("STALE jooto.key.header#call.path: known to fail, but it does not"),
        "{said}"
    );
}

#[test]
fn an_unknown_check_in_an_entry_is_an_error_with_a_suggestion() {
    let (code, said) = run(&entry(&["jooto.key.heade#call.credential"]), &[KEY]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("did you mean `jooto.key.header#call.credential`?"),
        "{said}"
    );
}

#[test]
fn only_demanded_cases_count() {
    let client = format!("{DRIVER} naive WrongKeyHeader");
    let arguments = [
        "run",
        "--client",
        &client,
        "--features",
        "all",
        "--json",
        "-",
    ];
    let all = program(&[&arguments[..], &[".key."]].concat());
    let scored = program(&[&arguments[..], &[".key.", "--requirements", "2026.1"]].concat());
    let standings = |output: &[u8]| -> Vec<(String, String)> {
        let report: serde_json::Value = serde_json::from_slice(output).unwrap();
        let cases = report["cases"].as_array().unwrap();
        let word = |case: &serde_json::Value, name: &str| case[name].as_str().unwrap().to_owned();
        cases
            .iter()
            .map(|case| (word(case, "id"), word(case, "standing")))
            .collect()
    };
    let (all, scored) = (standings(&all.stdout), standings(&scored.stdout));
    assert!(
        all.contains(&("fujitsu-aispf.key.both-refused".into(), "warn".into())),
        "{all:?}"
    );
    assert!(
        scored.contains(&("fujitsu-aispf.key.both-refused".into(), "not-scored".into())),
        "{scored:?}"
    );
    assert!(scored.contains(&(KEY.into(), "fail".into())), "{scored:?}");
}

#[test]
fn every_release_demands_what_it_was_frozen_with() {
    let releases = Requirements::releases();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../suite/requirements");
    let mut on_disk: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    on_disk.sort();
    let files: Vec<String> = releases.iter().map(|name| format!("{name}.toml")).collect();
    assert_eq!(on_disk, files);
    let frozen: Vec<(&str, usize, String)> = releases
        .iter()
        .map(|release| {
            let list = Requirements::of(release, &SUITE).unwrap_or_else(|error| panic!("{error}"));
            (*release, list.cases.len(), list.sha256)
        })
        .collect();
    let expected: Vec<(&str, usize, String)> = FROZEN
        .iter()
        .map(|(release, count, sha256)| (*release, *count, (*sha256).to_owned()))
        .collect();
    assert_eq!(frozen, expected);
}

#[test]
fn a_required_case_cannot_be_dropped_unnoticed() {
    let list = Requirements::now("x", &SUITE);
    let whole = toml::to_string(&list).unwrap();
    assert_eq!(Requirements::parse(&whole, &SUITE).unwrap(), list);
    let error =
        |text: &str, suite: &Suite| Requirements::parse(text, suite).unwrap_err().to_string();
    let dropped = whole.replace("\"jooto.key.header\",", "");
    assert_ne!(dropped, whole);
    assert!(error(&dropped, &SUITE).contains("the list is not the one that was frozen"));
    // Nor from the suite, nor by making it weaker.
    let mut gone = SUITE.clone();
    gone.cases.retain(|case| case.id != KEY);
    assert!(error(&whole, &gone).contains("`jooto.key.header` is no case"));
    let mut weaker = SUITE.clone();
    let case = weaker.cases.iter_mut().find(|case| case.id == KEY);
    case.unwrap().level = Level::Should;
    assert!(error(&whole, &weaker).contains("a required case keeps its level"));
}

#[test]
fn no_step_of_a_case_takes_the_name_of_the_process() {
    for case in &SUITE.cases {
        let taken = case.step.iter().any(|step| {
            step.name == "process"
                || step
                    .exchange
                    .iter()
                    .any(|exchange| exchange.name == "process")
        });
        assert!(!taken, "{}", case.id);
    }
}
