//! The published schema fits the reports, and nothing else.

use serde_json::{Value, json};
use tegata_clients::naive::Bug;
use tegata_conformance::report::Run;
use tegata_conformance::report::proof::{Family, Proof};

use super::report::problems;
use super::support::{naive, ours, whole};

fn value(run: &Run) -> Value {
    serde_json::from_str(&run.json().unwrap()).unwrap()
}

#[tokio::test]
async fn reports_of_runs_that_pass_and_that_fail_fit_the_schema() {
    let tried = [("x".to_owned(), true), ("y".to_owned(), false)];
    let proof = Proof {
        m2: Family::of(tried),
        ..Proof::default()
    };
    for run in [
        whole().await.clone().with_proof(&proof),
        naive(Bug::ShowsSecrets, "jooto.refused").await,
        naive(Bug::OldTokenAgain, "marketo.refused").await,
    ] {
        assert_eq!(problems(&value(&run)), None, "{}", run.subject.name);
    }
}

#[tokio::test]
async fn the_schema_refuses_what_is_no_report() {
    let report = value(&ours("marketo.refused.602").await);
    let with = |pointer: &str, new: Value| {
        let mut other = report.clone();
        *other.pointer_mut(pointer).unwrap() = new;
        problems(&other).unwrap_or_else(|| panic!("{pointer} is not looked at"))
    };
    for (pointer, new) in [
        ("/version", json!(2)),
        ("/suite/sha256", json!("none")),
        ("/summary/pass", json!("1")),
        ("/cases/0/verdict", json!("ok")),
        ("/cases/0/checks/0", json!({"id": "x"})),
        ("/cases/0/checks/0/part", json!("soul")),
        ("/cases/0/steps/0/exchanges/0/headers/0", json!(["one"])),
        ("/citations/MK-602", json!({})),
    ] {
        let problem = with(pointer, new);
        assert!(problem.contains(pointer), "{pointer}: {problem}");
    }
    let mut other = report.clone();
    other["cases"][0]["secret"] = json!("x");
    assert!(problems(&other).is_some(), "unknown members are refused");
}
