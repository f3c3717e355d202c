//! Which cases may be marked `live`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use rstest::rstest;
use tegata_suite::case::{Case, Role, Suite, check_live};

fn suite() -> Suite {
    Suite::embedded().unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn assert_finds(suite: &Suite, case: &Case, part: &str) {
    let findings: Vec<String> = check_live(suite, case)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(
        findings.iter().any(|finding| finding.contains(part)),
        "{findings:?}"
    );
}

#[test]
fn the_marked_cases_are_harmless_and_each_provider_has_some() {
    let suite = suite();
    for provider in ["fujitsu-aispf.", "jooto.", "marketo."] {
        let marked = suite
            .cases
            .iter()
            .filter(|case| case.live && case.id.starts_with(provider));
        assert!(marked.count() >= 2, "{provider}");
    }
    let findings: Vec<_> = suite
        .cases
        .iter()
        .flat_map(|case| check_live(&suite, case))
        .collect();
    assert!(findings.is_empty(), "{findings:?}");
}

#[rstest]
#[case("fujitsu-aispf.endpoint.v2-wrong-secret", "it sends `wrong-secret`")]
#[case("fujitsu-aispf.endpoint.old-key", "it sends `old-key`")]
#[case("fujitsu-aispf.endpoint.v2-hour", "clock cannot be set")]
#[case("jooto.endpoint.login", "nothing is left of it without the login")]
#[case("jooto.endpoint.code-once", "it sends a code twice")]
#[case("jooto.use.bearer", "it judges no endpoint")]
#[case(
    "marketo.refused.same-body",
    "POST /rest/v1/leads.json is neither a read"
)]
#[case("marketo.use.accounts", "it chooses credentials")]
fn a_case_that_could_do_harm_may_not_be_marked(#[case] id: &str, #[case] part: &str) {
    let suite = suite();
    let mut case = suite.case(id).unwrap().clone();
    assert!(check_live(&suite, &case).is_empty(), "it is not marked");
    case.live = true;
    assert_finds(&suite, &case, part);
}

/// A code is good once, and one variable holds one.
#[test]
fn one_case_of_a_provider_at_the_most_takes_a_login() {
    let suite = suite();
    let live = suite.cases.iter().filter(|case| case.live);
    let taking: Vec<&str> = live
        .filter(|case| {
            let mut exchanges = case.exchanges();
            exchanges.any(|exchange| exchange.respond.starts_with("jooto/login."))
        })
        .map(|case| case.id.as_str())
        .collect();
    assert_eq!(taking, ["jooto.endpoint.refresh"]);
}

#[test]
fn a_code_of_another_session_is_not_used_up() {
    let suite = suite();
    let mut case = suite.case("jooto.endpoint.refresh").unwrap().clone();
    case.step[0].exchange.remove(0);
    assert_finds(&suite, &case, "`code`, which nothing before has captured");
}

#[test]
fn a_refresh_token_of_another_session_is_not_used_up() {
    let suite = suite();
    let mut case: Case = suite
        .case("fujitsu-aispf.endpoint.v1-rotation")
        .unwrap()
        .clone();
    assert!(case.live && check_live(&suite, &case).is_empty());
    case.step[0].exchange.remove(0);
    assert_finds(&suite, &case, "which nothing before has captured");
    case.role = Role::Client;
    assert!(!check_live(&suite, &case).is_empty());
}
