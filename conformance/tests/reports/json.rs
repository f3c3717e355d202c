//! The report as JSON.

use tegata_conformance::citation::sha256;
use tegata_conformance::naive::Bug;
use tegata_conformance::report::{CaseReport, Run, Subject, Verdict};

use super::support::{naive, ours, suite};

#[tokio::test]
async fn three_runs_of_our_clients_have_the_same_report() {
    let mut hashes = Vec::new();
    for _ in 0..3 {
        hashes.push(sha256(ours("").await.json().unwrap().as_bytes()));
    }
    hashes.dedup();
    assert_eq!(hashes.len(), 1, "{hashes:?}");
}

#[tokio::test]
async fn a_failing_check_says_what_was_expected_and_seen() {
    let run = naive(Bug::OldTokenAgain, "marketo.refused.602").await;
    assert!(!run.conforms());
    let case = run.of_verdict(Verdict::Fail).next().unwrap();
    let failed: Vec<_> = case.failures().collect();
    let check = failed
        .iter()
        .find(|check| check.id == "marketo.refused.602#again.credential")
        .unwrap_or_else(|| panic!("{failed:?}"));
    assert_eq!(check.expected, "authorization: Bearer `[token-2]`");
    assert_eq!(check.seen, "authorization: Bearer `[token-1]`");
}

#[test]
fn a_result_of_no_case_and_one_that_comes_twice_are_refused() {
    let of = |ids: [&str; 2]| {
        let results = ids.map(CaseReport::not_applicable);
        Run::of(&suite(), Subject::endpoint("x"), results).map_err(|error| error.to_string())
    };
    let id = "marketo.refused.602";
    assert_eq!(
        of([id, "x.y"]).unwrap_err(),
        "`x.y` is no case of the suite"
    );
    assert_eq!(of([id, id]).unwrap_err(), format!("`{id}` has two results"));
}

#[test]
fn a_run_in_which_nothing_was_judged_does_not_conform() {
    let results = [CaseReport::not_applicable("marketo.refused.602")];
    let run = Run::of(&suite(), Subject::endpoint("x"), results).unwrap();
    assert!(!run.conforms(), "{:?}", run.summary);
    assert_eq!(run.cases[0].reason.as_deref(), Some("it judges clients"));
}
