//! Every case that a recording can decide: its reference run passes, and each mutant of a
//! check that is judged fails that check.

use std::collections::BTreeMap;

use tegata_conformance::case::{Case, FieldPlace, Mutant, Mutation, Suite};
use tegata_conformance::judge::{derived_mutants, mutate, reference};

use crate::support::{Decided, decided, har_of, judge, report, suite};

/// Fields whose value the client was given: any may be right.
const GIVEN: [&str; 9] = [
    "client_id",
    "client_secret",
    "clientId",
    "clientSecret",
    "code",
    "organization_id",
    "partner_id",
    "redirect_uri",
    "refresh_token",
];
/// The request that is left is a right one of another kind, which another case describes.
const ANOTHER_KIND: [(&str, &str); 6] = [
    ("marketo.token.partner", "Drop(Query, \"partner_id\")"),
    ("marketo.token.partner", "Rename(Query, \"partner_id\""),
    ("marketo.token.post-form", "BodyToQuery"),
    ("marketo.token.post-query", "Method(\"GET\")"),
    ("marketo.use.query", "Drop(Query, \"access_token\")"),
    ("marketo.use.query", "Rename(Query, \"access_token\""),
];

/// The value of a field that no document has is taken for a secret, wherever it stands: here in the name of a field,
/// which is then missing as well, so that the case fails by an earlier exchange.
const BY_ANOTHER_CHECK: (&str, &str) = ("jooto.refresh.rotated", "Rename(Form, \"grant_type\"");

/// Whether no recording can show what the mutant changes.
fn unjudgeable(suite: &Suite, case: &Case, mutant: &Mutant, har: &str) -> bool {
    let values = suite.fixtures.values(case.provider);
    let issues = har.contains("/tokens") || har.contains("/token") || har.contains("/login");
    let shown = format!("{:?}", mutant.mutation);
    let other = ANOTHER_KIND
        .iter()
        .any(|(id, change)| case.id == *id && shown.starts_with(change));
    other
        || match &mutant.mutation {
            // What is missing may have been cut off, and a refused request may have been wrong.
            Mutation::StopBefore | Mutation::OtherOrigin | Mutation::AnswerStatus(_) => true,
            Mutation::Set(FieldPlace::Header, _, _)
            | Mutation::Drop(FieldPlace::Header, _)
            | Mutation::Rename(FieldPlace::Header, _, _)
            | Mutation::SwapHeader(_, _) => !issues || case.given.tokens.is_some(),
            Mutation::Set(_, name, value) => value == "MUTANT" && GIVEN.contains(&name.as_str()),
            // A secret that occurs nowhere else is not known to be one.
            Mutation::Add(_, _, value) => {
                let known = values.expand(value).unwrap();
                value.contains("${") && !har.contains(&known)
            }
            _ => false,
        }
}

/// The ids of the checks that a recording of a right run is judged by.
fn ids(decided: &Decided) -> Vec<String> {
    let Decided { case, report, .. } = decided;
    let failed: Vec<String> = report.failures().map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let prefix = format!("{}#", case.id);
    let id = |id: &str| id.strip_prefix(&prefix).unwrap().to_owned();
    report.checks.iter().map(|check| id(&check.id)).collect()
}

#[test]
fn every_recorded_reference_run_passes_its_checks() {
    let mut count = BTreeMap::new();
    for decided in decided() {
        assert!(!ids(decided).is_empty(), "{}", decided.case.id);
        *count.entry(decided.case.provider.name()).or_insert(0) += 1;
    }
    // Most cases ask about later times, outcomes or answers that the suite chooses.
    println!("{count:?}");
    assert!(count["fujitsu-aispf"] >= 20, "{count:?}");
    assert!(count["jooto"] >= 15, "{count:?}");
    assert!(count["marketo"] >= 15, "{count:?}");
}

#[test]
fn every_mutant_of_a_check_that_is_judged_fails_that_check() {
    let suite = suite();
    let (mut total, mut alive) = (0, Vec::new());
    for decided in decided() {
        let ids = ids(decided);
        let Decided { case, run, .. } = decided;
        let har = har_of(case, run);
        let mutants = case
            .mutants
            .iter()
            .cloned()
            .chain(derived_mutants(suite, case));
        for mutant in mutants.filter(|mutant| ids.contains(&mutant.killed_by)) {
            if unjudgeable(suite, case, &mutant, &har) {
                continue;
            }
            let mut changed = run.clone();
            mutate(case, &mutant, &mut changed).unwrap();
            total += 1;
            let id = format!("{}#{}", case.id, mutant.killed_by);
            let (other, change) = BY_ANOTHER_CHECK;
            let by_any = case.id == other && format!("{:?}", mutant.mutation).starts_with(change);
            let killed = report(suite, &har_of(case, &changed), &case.id)
                .is_some_and(|report| report.failures().any(|check| by_any || check.id == id));
            if !killed {
                alive.push(format!(
                    "{id} survives {:?} on {}",
                    mutant.mutation, mutant.on
                ));
            }
        }
    }
    println!("{total} mutants, {} alive", alive.len());
    assert!(total >= 100, "{total}");
    assert!(
        alive.is_empty(),
        "{} of {total}:\n{}",
        alive.len(),
        alive.join("\n")
    );
}

#[test]
fn each_case_is_either_judged_or_named_with_a_reason() {
    let suite = suite();
    let case = suite.case("marketo.use.header").unwrap();
    let run = reference(suite, case, None).unwrap();
    let judged = judge(suite, &har_of(case, &run), "");
    assert_eq!(
        judged.results.len() + judged.unjudged.len(),
        suite.cases.len()
    );
    let why = |id: &str| {
        let one = judged.unjudged.iter().find(|one| one.case == id);
        one.map(|one| one.why.to_string()).unwrap_or_default()
    };
    assert!(why("jooto.key.header").contains("no exchange with this provider"));
    assert!(
        why("marketo.refused.602").contains("does not occur"),
        "{}",
        why("marketo.refused.602")
    );
    assert!(why("marketo.endpoint.602").contains("some time later"));
    assert!(why("marketo.endpoint.601").contains("only the suite sends"));
    assert!(why("marketo.token.special-characters").contains("the suite chooses"));
}
