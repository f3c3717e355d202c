//! The subcommand `judge`.

use std::process::{Command, Output};

use tegata_conformance::judge::{mutate, reference};

use crate::session::{SECRETS, entries};
use crate::support::{BASES, har, har_of, suite};

fn judge(har: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.har");
    std::fs::write(&file, har).unwrap();
    Command::new(env!("CARGO_BIN_EXE_tegata-conformance"))
        .arg("judge")
        .arg(&file)
        .args(arguments)
        .output()
        .unwrap()
}

fn bases() -> Vec<&'static str> {
    BASES.iter().flat_map(|base| ["--base", base]).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn it_ends_with_0_or_1_and_names_what_it_could_not_judge() {
    let suite = suite();
    let case = suite.case("jooto.callback.exchange").unwrap();
    let good = reference(suite, case, None).unwrap();
    let output = judge(&har_of(case, &good), &bases());
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.starts_with("3 entries, 3 with jooto\n"), "{said}");
    assert!(
        said.contains(" not applicable (--all names them):"),
        "{said}"
    );
    let mut bad = good.clone();
    mutate(case, &case.mutants[0], &mut bad).unwrap();
    let mut arguments = bases();
    arguments.extend(["--all", "--provider", "jooto"]);
    let output = judge(&har_of(case, &bad), &arguments);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("FAILED jooto.callback.exchange: The code is exchanged"),
        "{said}"
    );
    assert!(said.contains("(log.entries 0, 1, 2)"), "{said}");
    assert!(said.contains("    jooto.refresh.four-fields\n"), "{said}");
    assert!(
        !said.contains("CANARY") && !said.contains("marketo"),
        "{said}"
    );
}

#[test]
fn what_a_recording_says_does_nothing_to_the_terminal() {
    let suite = suite();
    let case = suite.case("marketo.token.get").unwrap();
    let mut run = reference(suite, case, None).unwrap();
    let hostile = "x\u{1b}[2J\r\u{9b}1m";
    let request = &mut run.steps[0].requests[0];
    request.method = format!("GET{hostile}");
    request.target = format!("{}&{hostile}={hostile}", request.target);
    request
        .headers
        .push((hostile.to_owned(), hostile.to_owned()));
    let output = judge(&har_of(case, &run), &bases());
    assert_eq!(
        output.status.code(),
        Some(1),
        "it fails, and says what was seen"
    );
    // Nor does the name of the file.
    let missing = Command::new(env!("CARGO_BIN_EXE_tegata-conformance"))
        .args(["judge", hostile])
        .output()
        .unwrap();
    let missing = text(&missing.stderr);
    assert!(missing.contains(r"x\u{1b}[2J\r\u{9b}1m: "), "{missing}");
    for said in [text(&output.stdout), text(&output.stderr), missing] {
        let acts = said.chars().find(|one| one.is_control() && *one != '\n');
        assert_eq!(acts, None, "{said:?}");
    }
}

#[test]
fn what_is_beyond_the_most_entries_leaves_it_open() {
    let preflight = r#"{"request":{"method":"OPTIONS","url":"https://h.example/marketo/rest/v1/leads.json",
        "headers":[{"name":"Access-Control-Request-Method","value":"GET"}]}},"#;
    let session = har(&entries(SECRETS[2]));
    let begin = "\"entries\":[";
    let preflights = preflight.repeat(49_997);
    let recording = session.replacen(begin, &format!("{begin}{preflights}"), 1);
    let mut arguments = bases();
    arguments.extend(["--case", "marketo.token.get"]);
    let output = judge(&recording, &arguments);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let note = "note: not read: the last 3 entries, which are too many";
    assert!(said.contains(note), "{said}");
    assert!(said.contains("1 cases judged, 1 passed"), "{said}");
}

#[test]
fn an_unjudgeable_recording_exits_with_2_and_says_how_to_fix_it() {
    let empty =
        "{\"log\":{\"entries\":[{\"request\":{\"method\":\"GET\",\"url\":\"https://x/\"}}]}}";
    for (har, arguments, part) in [
        (
            "nothing",
            vec![],
            "a.har: before log.entries, line 1 column 1",
        ),
        (
            empty,
            vec![],
            "say where its servers are by --base SERVER=URL",
        ),
        (empty, vec!["--case", "no.such"], "`list` shows their ids"),
        (empty, vec!["--base", "x"], "written SERVER=URL"),
        (empty, vec!["--provider", "x"], "it is one of fujitsu-aispf"),
    ] {
        let output = judge(har, &arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(part), "{part} / {said}");
    }
}
