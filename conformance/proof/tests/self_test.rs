//! `self-test` holds what it says, and notices when it does not hold.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

use tegata_clients::naive::{Bug, Row, rows};
use tegata_conformance::case::{Level, Suite};
use tegata_proof::self_test::{
    broken_clients_fail, emulator_passes, reference_passes, vacuous_clients_pass_nothing,
};

fn suite() -> Suite {
    Suite::embedded().unwrap_or_else(|error| panic!("{error}"))
}

/// The suite with one case only, changed.
fn with(id: &str, change: impl Fn(&mut tegata_conformance::case::Case)) -> Suite {
    let mut suite = suite();
    suite.cases.retain(|case| case.id == id);
    assert_eq!(suite.cases.len(), 1, "{id}");
    change(&mut suite.cases[0]);
    suite
}

#[test]
fn the_suite_can_be_trusted() {
    let output = Command::new(env!("CARGO_BIN_EXE_tegata-proof"))
        .args(["prove", "--quick"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 4, "{said}");
    assert!(lines.iter().all(|line| line.starts_with("ok ")), "{said}");
    let clients = suite()
        .cases
        .iter()
        .filter(|case| case.role.judges_clients())
        .count();
    assert!(
        said.contains(&format!("pass {clients} cases for clients")),
        "{said}"
    );
    assert!(
        said.contains(&format!("{} broken clients", Bug::ALL.len())),
        "{said}"
    );
}

#[tokio::test]
async fn a_case_that_its_own_exchange_does_not_pass_is_noticed() {
    let broken = with("jooto.key.header", |case| {
        case.step[0].exchange[0].path = Some("/elsewhere".to_owned());
    });
    let shown = reference_passes(&broken).await.unwrap();
    assert_eq!(shown.problems.len(), 1, "{shown:?}");
    assert!(
        shown.problems[0].contains("jooto.key.header#call.path"),
        "{shown:?}"
    );
}

#[tokio::test]
async fn an_emulator_that_answers_otherwise_is_noticed() {
    let broken = with("marketo.endpoint.601", |case| {
        for exchange in case.step.iter_mut().flat_map(|step| &mut step.exchange) {
            if let Some(answer) = &mut exchange.answer {
                answer.status = vec![418];
            }
        }
    });
    let shown = emulator_passes(&broken).await.unwrap();
    assert!(
        shown
            .problems
            .iter()
            .any(|problem| problem.contains("expected 418")),
        "{shown:?}"
    );
}

#[tokio::test]
async fn a_bug_noticed_by_no_check_or_by_others_is_reported() {
    let row = rows().find(|row| row.bug == Bug::WrongKeyHeader).unwrap();
    let fine = broken_clients_fail(&suite(), [row]).await.unwrap();
    assert_eq!(fine.problems, Vec::<String>::new());
    let unnoticed = Row {
        fails: &["jooto.key.header#call.path"],
        ..row
    };
    let shown = broken_clients_fail(&suite(), [unnoticed]).await.unwrap();
    assert_eq!(
        shown.problems,
        ["WrongKeyHeader: jooto.key.header#call.path passes"]
    );
    let others = Row {
        fails: &["jooto.key.header#call.credential"],
        allows: &[],
        ..row
    };
    let with_two = with("jooto.key.header", |case| {
        // A second check notices the same.
        case.step[0].exchange[0].headers.require.extend([(
            "x-jooto-api-key".to_owned(),
            serde_json::from_str("\"${api-key}\"").unwrap(),
        )]);
    });
    let shown = broken_clients_fail(&with_two, [others]).await.unwrap();
    let problem = "jooto.key.header#call.header.x-jooto-api-key fails, which is not about it";
    assert_eq!(shown.problems, [format!("WrongKeyHeader: {problem}")]);
}

#[tokio::test]
async fn a_case_that_can_be_passed_by_doing_nothing_is_noticed() {
    let empty = with("jooto.key.header", |case| {
        case.level = Level::Must;
        case.step[0].exchange.clear();
        case.step[0].outcome.status = None;
    });
    let shown = vacuous_clients_pass_nothing(&empty).await.unwrap();
    assert_eq!(shown.problems, ["SaysOk passes jooto.key.header"]);
}
