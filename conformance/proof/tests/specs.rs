//! The comparison of specs and cases, which describe the same documents.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use tegata_conformance::case::{Provider, Suite};
use tegata_conformance::fixture::formed;
use tegata_proof::SpecRecord;
use tegata_proof::spec::{Said, Spec, check_specs, edits, fingerprint};

fn suite() -> Suite {
    Suite::embedded().unwrap()
}

/// The differences after a change to the text of a spec.
fn differences(suite: &Suite, provider: Provider, change: impl Fn(&str) -> String) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = path.join(Spec::file(provider));
    let text = std::fs::read_to_string(path).unwrap();
    let changed = change(&text);
    assert_ne!(changed, text, "nothing is changed");
    let spec = Spec::read(provider, &changed).unwrap();
    let found = Said::of(suite, provider).differences(&spec.tree);
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn the_specs_say_what_the_cases_say() {
    let findings = check_specs(&suite()).unwrap();
    let found: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_spec_that_differs_is_reported_with_its_place() {
    let suite = suite();
    for (provider, from, to, expected) in [
        (
            "marketo",
            "codes: [\"601\", \"602\"]",
            "codes: [\"601\"]",
            "specs/marketo.yaml: x-tegata-refusal.body.codes: cases renew after {\"601\", \"602\"}",
        ),
        (
            "jooto",
            "name: X-Jooto-Api-Key",
            "name: X-Jooto-Key",
            "specs/jooto.yaml: security: jooto/organizations-key: another credential",
        ),
        (
            "fujitsu-aispf",
            "seconds: 86400",
            "seconds: 43200",
            "specs/fujitsu-aispf.yaml: x-tegata-lifetimes: documents speak of {3600, 86400} seconds",
        ),
        (
            "fujitsu-aispf",
            "  /v2/tokens:",
            "  /v3/tokens:",
            "specs/fujitsu-aispf.yaml: paths./v3/tokens.post: fujitsu-aispf/v2-token: another path",
        ),
    ] {
        let found = differences(&suite, provider.parse().unwrap(), |text| {
            text.replacen(from, to, 1)
        });
        let named = found.iter().any(|one| one.starts_with(expected));
        assert!(named, "{expected}\n{}", found.join("\n"));
    }
}

#[test]
fn words_for_people_and_sources_make_no_difference() {
    let suite = suite();
    for provider in Provider::all().iter().copied() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let text = std::fs::read_to_string(path.join(Spec::file(provider))).unwrap();
        let changed = text
            .replace("summary: ", "summary: More of ")
            .replace("lines: \"", "lines: \"9");
        let (before, after) = (
            Spec::read(provider, &text).unwrap(),
            Spec::read(provider, &changed).unwrap(),
        );
        assert_ne!(before.tree, after.tree);
        assert_eq!(
            fingerprint(&before),
            fingerprint(&after),
            "{}",
            provider.name()
        );
        let found = Said::of(&suite, provider).differences(&after.tree);
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn every_change_to_a_spec_has_a_name_of_its_own_and_changes_it() {
    for provider in Provider::all().iter().copied() {
        let spec = Spec::embedded(provider).unwrap();
        let edits = edits(&spec);
        assert!(edits.len() > 150, "{}: {}", provider.name(), edits.len());
        for pair in edits.windows(2) {
            assert_ne!(pair[0].name, pair[1].name);
        }
        for edit in &edits {
            assert_ne!(edit.apply(&spec.tree), spec.tree, "{}", edit.name);
        }
    }
}

#[test]
fn the_recorded_fates_of_unnoticed_specs_are_up_to_date() {
    let problems = SpecRecord::embedded().unwrap().problems(&suite()).unwrap();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn forms_are_those_of_citations() {
    let suite = suite();
    for id in formed() {
        assert!(
            suite.registry.get(id).is_some(),
            "`{id}` of src/fixture/forms.toml is no citation"
        );
    }
}
