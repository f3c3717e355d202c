//! The proof that the suite can fail.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

use tegata_conformance::case::{Provider, Suite};
use tegata_conformance::report::proof::Proof;
use tegata_proof::spec::{Spec, edits};
use tegata_proof::{Known, SpecFate, SpecRecord, prove_data};

fn proof(suite: &Suite) -> (Proof, Vec<String>) {
    let known = Known::embedded().unwrap();
    let mut proof = prove_data(suite, &|_| {}).unwrap();
    known.explain(&mut proof);
    let problems = known.problems(&proof, &["fixture ", "spec "]);
    let messages = problems.iter().map(ToString::to_string).collect();
    (proof, messages)
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
    assert!(proof.m3.mutants > 1200, "{}", proof.m3.mutants);
    // Fixtures and specs each by themselves: many of the one do not make up for few of the other.
    for part in ["fixture ", "spec "] {
        let (tried, alive) = of_part(&proof, part);
        assert!(
            alive * 1000 <= tried * 30,
            "{part}: {alive} of {tried} survive"
        );
    }
}

/// How many mutants of a part there are that are mistakes, and how many of them survive.
fn of_part(proof: &Proof, part: &str) -> (usize, usize) {
    let survivors = proof.m3.survivors.iter();
    let of_part: Vec<_> = survivors.filter(|one| one.name.starts_with(part)).collect();
    let equivalent = of_part.iter().filter(|one| one.equivalent).count();
    let specs = spec_mutants();
    let tried = if part == "spec " {
        specs
    } else {
        proof.m3.mutants - specs
    };
    (tried - equivalent, of_part.len() - equivalent)
}

/// How many changes to the specs count.
fn spec_mutants() -> usize {
    let specs = Provider::all().iter().copied().map(Spec::embedded);
    let all = specs.map(|spec| edits(&spec.unwrap()).len());
    let record = SpecRecord::embedded().unwrap();
    let unbuilt = record
        .fates
        .values()
        .filter(|fate| **fate == SpecFate::Unbuilt);
    all.sum::<usize>() - unbuilt.count()
}

#[test]
fn a_case_that_has_become_too_weak_is_named() {
    let mut suite = Suite::embedded().unwrap();
    // No spec and no document knows this body: only the case does.
    suite
        .cases
        .retain(|case| case.id == "fujitsu-aispf.key.second-same-body");
    suite.cases[0].step[0].exchange[0].json.exact = None;
    let (_, problems) = proof(&suite);
    let named = "survives: fixture fujitsu-aispf/key-post: json another name of n";
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

#[test]
fn each_mutant_of_a_case_is_shown_with_the_check_that_kills_it() {
    let output = Command::new(env!("CARGO_BIN_EXE_tegata-proof"))
        .args(["prove", "jooto.key.header", "--all"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("killed\tjooto.key.header#call.credential\tcall\t{\"rename\":"),
        "{said}"
    );
    assert!(!said.contains("SURVIVED"), "{said}");
}
