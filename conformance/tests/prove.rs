//! The proof that the suite can fail, whole but for wrong code and wrong specs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use tegata_conformance::case::{Matcher, Suite};
use tegata_conformance::judge::proof::{Known, Proof, prove_data};

fn proof(suite: &Suite) -> (Proof, Vec<String>) {
    let known = Known::embedded().unwrap();
    let mut proof = prove_data(suite, &|_| {}).unwrap();
    known.explain(&mut proof);
    let problems = known.problems(&proof, &["fixture "]);
    let told = problems.iter().map(ToString::to_string).collect();
    (proof, told)
}

#[test]
fn nothing_wrong_goes_unnoticed_but_what_is_known_to() {
    let suite = Suite::embedded().unwrap();
    let (proof, problems) = proof(&suite);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!(
        proof.m0.killed, proof.m0.mutants,
        "{:?}",
        proof.m0.survivors
    );
    assert!(proof.m0.mutants > 1000, "{}", proof.m0.mutants);
    assert!(proof.m1.mutants > 5000, "{}", proof.m1.mutants);
    assert!(proof.m3.mutants > 400, "{}", proof.m3.mutants);
}

#[test]
fn a_case_that_has_become_too_weak_is_named() {
    let mut suite = Suite::embedded().unwrap();
    // The partner's case is the only one for its fixture.
    suite
        .cases
        .retain(|case| case.id == "marketo.token.partner");
    let exchange = &mut suite.cases[0].step[0].exchange[0];
    let fields = exchange.query.exact.take().unwrap();
    exchange.query.require = fields
        .into_keys()
        .map(|name| (name, Matcher::Any))
        .collect();
    let (_, problems) = proof(&suite);
    let named = "survives: fixture marketo/token-get-partner: another value of query partner_id";
    assert!(
        problems.iter().any(|problem| problem.starts_with(named)),
        "{}",
        problems.join("\n")
    );
}

#[test]
fn a_proof_is_the_same_json_each_time() {
    let mut suite = Suite::embedded().unwrap();
    suite
        .cases
        .retain(|case| case.id.starts_with("marketo.token."));
    let json = |suite| serde_json::to_string_pretty(&proof(suite).0).unwrap();
    let first = json(&suite);
    assert_eq!(first, json(&suite));
    let read: Proof = serde_json::from_str(&first).unwrap();
    assert_eq!(serde_json::to_string_pretty(&read).unwrap(), first);
}
