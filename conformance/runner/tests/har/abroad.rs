//! Where a token may go: not behind a redirect to another origin, nor to the host of another customer.

use serde_json::Value;
use tegata_conformance::fixture::{Answer, Recorded};
use tegata_conformance::har::Judged;

use crate::exchange::{answer as with_headers, request};
use crate::pages::status;
use crate::session::{DONE, REFUSED, answer, issue, token};
use crate::support::{entry, failures, har, judge, suite};

const ONE: &str = "https://111-aaa-111.mktorest.com";
const TWO: &str = "https://222-bbb-222.mktorest.com";
const PATH: &str = "/rest/v1/leads/describe.json";

fn at(host: &str, request: &Recorded, answer: &Answer) -> Value {
    entry(&format!("{host}{}", request.target), request, Some(answer))
}

fn called(host: &str, token: Option<&str>, answer: &Answer) -> Value {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<(&str, &str)> = bearer
        .iter()
        .map(|value| ("authorization", value.as_str()))
        .collect();
    at(host, &request("GET", PATH, &headers, ""), answer)
}

fn judged(entries: &[Value]) -> Judged {
    judge(suite(), &har(entries), "marketo.")
}

/// A token, a call, a call that is sent on, and what follows.
fn redirected(location: &str, follows: &[Value]) -> Vec<Value> {
    let moved = with_headers(307, &[("location", location)], "");
    let mut all = vec![
        at(ONE, &issue(), &token("SECRET-token-number-one")),
        called(ONE, Some("SECRET-token-number-one"), &answer(200, DONE)),
        called(ONE, Some("SECRET-token-number-one"), &moved),
    ];
    all.extend(follows.iter().cloned());
    all
}

#[test]
fn a_call_without_token_behind_a_redirect_to_another_origin_is_right() {
    let refused = answer(200, &REFUSED.replace("602", "600"));
    let there = format!("{TWO}{PATH}");
    let right = judged(&redirected(&there, &[called(TWO, None, &refused)]));
    assert_eq!(
        status(&right),
        0,
        "{:?} {:?}",
        failures(&right),
        right.not_judged()
    );
    let mut results = right.results.iter();
    let report = results.find(|(report, _)| report.case == "marketo.use.redirect");
    let mut checks = report.map(|(report, _)| report.checks.iter()).unwrap();
    assert!(checks.any(|check| check.id.ends_with("#first.leak") && check.passed));
    // Where no redirect leads, or the same origin is meant, it lacks its token.
    for location in [
        format!("{TWO}/elsewhere"),
        format!("{ONE}{PATH}"),
        "/rest/v1/x".to_owned(),
    ] {
        let wrong = judged(&redirected(&location, &[called(TWO, None, &refused)]));
        assert_eq!(status(&wrong), 1, "{location}");
    }
    let here = format!("{ONE}/rest/v1/other.json");
    let lost = at(
        ONE,
        &request("GET", "/rest/v1/other.json", &[], ""),
        &answer(200, REFUSED),
    );
    assert_eq!(status(&judged(&redirected(&here, &[lost]))), 1);
    // One redirect leads there once.
    let twice = [called(TWO, None, &refused), called(TWO, None, &refused)];
    assert_eq!(status(&judged(&redirected(&there, &twice))), 1);
}

#[test]
fn a_token_that_is_taken_along_behind_a_redirect_fails() {
    let there = format!("{TWO}{PATH}");
    let took = called(TWO, Some("SECRET-token-number-one"), &answer(200, REFUSED));
    let failed = failures(&judged(&redirected(&there, &[took]))).join("\n");
    assert!(
        failed.contains("marketo.use.redirect#first.leak"),
        "{failed}"
    );
    assert!(!failed.contains("SECRET"), "{failed}");
    // A token of its own may go there.
    let own = [
        at(TWO, &issue(), &token("SECRET-token-number-two")),
        called(TWO, Some("SECRET-token-number-two"), &answer(200, DONE)),
    ];
    let right = judged(&redirected(&there, &own));
    assert_eq!(status(&right), 0, "{:?}", failures(&right));
}

#[test]
fn behind_a_redirect_to_another_origin_no_redirect_gives_the_token_back() {
    let there = format!("{TWO}{PATH}");
    let on = with_headers(302, &[("location", "/rest/v1/other.json")], "");
    let last = at(
        TWO,
        &request("GET", "/rest/v1/other.json", &[], ""),
        &answer(200, DONE),
    );
    let right = judged(&redirected(&there, &[called(TWO, None, &on), last]));
    assert_eq!(status(&right), 0, "{:?}", failures(&right));
}

#[test]
fn a_token_of_one_customer_at_the_host_of_another_fails() {
    let all = |token_there: &str| {
        [
            at(ONE, &issue(), &token("SECRET-token-number-one")),
            called(ONE, Some("SECRET-token-number-one"), &answer(200, DONE)),
            at(TWO, &issue(), &token("SECRET-token-number-two")),
            called(TWO, Some(token_there), &answer(200, DONE)),
            called(ONE, Some("SECRET-token-number-one"), &answer(200, DONE)),
        ]
    };
    let right = judged(&all("SECRET-token-number-two"));
    assert_eq!(status(&right), 0, "{:?}", failures(&right));
    let wrong = judged(&all("SECRET-token-number-one"));
    let failed = failures(&wrong).join("\n");
    assert!(
        failed.contains("marketo.use.other-origin#elsewhere.leak"),
        "{failed}"
    );
    assert!(
        wrong.mistakes.iter().any(|mistake| mistake.entries == [3]),
        "{:?}",
        wrong.mistakes
    );
}
