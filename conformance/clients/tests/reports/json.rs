//! The report as JSON.

use tegata_clients::naive::Bug;
use tegata_conformance::citation::sha256;
use tegata_conformance::report::proof::{Family, Proof, Survivor};
use tegata_conformance::report::{
    CaseReport, CaseResult, Run, Subject, Verdict, html, junit, markdown,
};
use tegata_conformance::score::{Known, Standing};

use super::support::{self, naive, ours, suite, whole};

#[tokio::test]
async fn three_runs_of_our_clients_have_the_same_report() {
    let mut hashes = Vec::new();
    for run in [whole().await, &ours("").await, &ours("").await] {
        hashes.push(sha256(run.json().unwrap().as_bytes()));
    }
    hashes.dedup();
    assert_eq!(hashes.len(), 1, "{hashes:?}");
}

#[tokio::test]
async fn a_failing_check_says_what_was_expected_and_seen() {
    let run = naive(Bug::OldTokenAgain, "marketo.refused.602").await;
    assert!(!run.conforms());
    let case = run.of_state(Verdict::Fail).next().unwrap();
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
        Run::of(suite(), Subject::endpoint("x"), results).map_err(|error| error.to_string())
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
    let run = Run::of(suite(), Subject::endpoint("x"), results).unwrap();
    assert!(!run.conforms(), "{:?}", run.summary);
    assert_eq!(run.cases[0].reason.as_deref(), Some("it judges clients"));
}

#[tokio::test]
async fn times_are_there_on_request_only() {
    let suite = suite();
    let transcript = support::transcript(suite, "marketo.refused.602").await;
    let result = support::result(suite, "marketo.refused.602", transcript);
    let result = result.took(std::time::Duration::from_millis(1234));
    let run = Run::of(suite, Subject::client("x", &[]), [result]).unwrap();
    assert_eq!(run.cases[0].millis, Some(1234));
    let xml = junit(&run).unwrap();
    assert_eq!(xml.matches("time=\"1.234\"").count(), 3, "{xml}");
    let run = run.without_timings();
    assert_eq!(run.cases[0].millis, None);
    let xml = junit(&run).unwrap();
    assert!(!xml.contains("time="), "{xml}");
    assert!(!run.json().unwrap().contains("millis"));
}

#[tokio::test]
async fn every_number_of_the_coverage_is_counted() {
    let run = ours("marketo.refused.602").await;
    let all = &run.coverage;
    let citations = all.citations;
    assert_eq!(citations.all, run.citations.len());
    assert_eq!(
        (citations.exercised, citations.broken),
        (2, 0),
        "the case rests on two"
    );
    let operation = |name: &str| {
        let mut list = all.operations.list.iter();
        let found = list.find(|one| one.provider.name() == "marketo" && one.operation == name);
        found.unwrap().statuses.clone()
    };
    assert_eq!(operation("describe_lead").get(&200), Some(&true));
    assert_eq!(operation("describe_lead").get(&404), Some(&false));
    let field = |name: &str| {
        let mut list = all.fields.list.iter();
        let found = list.find(|one| {
            one.provider.name() == "marketo"
                && one.operation == "issue_token"
                && one.place == "query"
                && one.name == name
        });
        let field = found.unwrap();
        [field.exact, field.absent, field.wrong]
    };
    assert_eq!(field("client_secret"), [true; 3]);
    assert_eq!(field("partner_id"), [false; 3]);
    let mutants = run.cases[0].mutants.len();
    assert_eq!(
        (all.mutants.mutants, all.mutants.killed),
        (mutants, mutants)
    );
    let parts: usize = all.mutants_by_part.values().map(|one| one.mutants).sum();
    assert_eq!(parts, mutants, "each mutant counts for one part");
}

#[tokio::test]
async fn a_broken_citation_is_counted_and_named() {
    let run = naive(Bug::OldTokenAgain, "marketo.refused.602").await;
    assert_eq!(run.coverage.citations.broken, 2);
    let verdict = |id: &str| run.citations[id].verdict;
    assert_eq!(verdict("MK-renew-on-601-602"), Some(Verdict::Fail));
    assert_eq!(verdict("JO-key-in-header"), None);
}

#[test]
fn every_line_of_a_document_is_reported_once() {
    let run = Run::of(suite(), Subject::endpoint("x"), Vec::<CaseResult>::new()).unwrap();
    let documents = run.sources.iter().filter(|source| source.lines > 0);
    let mut count = 0;
    for source in documents {
        count += 1;
        let mut next = 1;
        for passage in &source.passages {
            assert_eq!(passage.first, next, "{}", source.source);
            next = passage.last + 1;
        }
        assert_eq!(next, source.lines + 1, "{}", source.source);
        let all = source.checked + source.excluded + source.unchecked;
        assert_eq!(all, source.statements, "{}", source.source);
    }
    assert_eq!(count, 4);
}

#[tokio::test]
async fn the_other_families_come_from_their_proof() {
    let survivor = |name: &str, equivalent| Survivor {
        name: name.to_owned(),
        reason: Some("because".to_owned()),
        equivalent,
    };
    let proof = Proof {
        m2: Family {
            mutants: 10,
            killed: 7,
            survivors: vec![
                survivor("x", false),
                survivor("y", true),
                survivor("z", true),
            ],
            partial: None,
        },
        ..Proof::default()
    };
    let run = ours("marketo.refused.602").await.with_proof(&proof);
    let families = &run.coverage.families;
    assert_eq!(families.len(), 1, "of the others nothing was tried");
    let counted = (
        families[0].id.as_str(),
        families[0].mutants,
        families[0].killed,
    );
    assert_eq!(counted, ("M2", 8, 7), "two are no mistakes");
    assert_eq!(families[0].survivors.len(), 3);
}

#[tokio::test]
async fn a_known_failure_is_reported_and_does_not_fail() {
    let suite = suite();
    let case = "marketo.refused.602";
    let known = |check: &str| {
        let text = format!(
            "[[known]]\nreason = \"their ticket\"\nlink = \"https://x.example/1\"\nchecks = [\"{case}#{check}\"]\n"
        );
        Known::parse(&text, suite).unwrap()
    };
    let fails = naive(Bug::OldTokenAgain, case).await;
    let run = fails.clone().scored(&known("again.credential"), None);
    assert!(run.conforms());
    assert_eq!(run.cases[0].verdict, Verdict::Fail, "it stays what it is");
    assert_eq!(run.cases[0].standing, Standing::Xfail);
    assert_eq!(
        (run.summary.fail, run.summary.info, run.summary.known),
        (0, 1, 1)
    );
    let note = "known: their ticket (https://x.example/1)";
    assert_eq!(run.cases[0].notes, [note]);
    let xml = junit(&run).unwrap();
    assert!(xml.contains(&format!("<skipped message=\"{note}\"/>")));
    assert!(
        markdown(&run).contains("known: their ticket"),
        "{}",
        markdown(&run)
    );
    assert!(html(&run).contains(&format!("<p class=\"known\">{note}</p>")));

    let run = fails.scored(&known("again.method"), None);
    assert_eq!(run.cases[0].standing, Standing::Xpass);
    assert!(!run.conforms());
    assert!(run.cases[0].notes[0].contains("known to fail, but it does not"));
    let xml = junit(&run).unwrap();
    assert!(xml.contains("take the entry out"), "{xml}");
}
