//! Which refresh token a client sends.

use serde_json::Value;
use tegata_conformance::har::Judged;

use crate::exchange::{answer, request};
use crate::pages::{back, exchange, login, status};
use crate::session::exchanged;
use crate::support::{failures, har, har_as_it_is, judge, suite};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// A refresh that brings the token of this name, and a refresh token unless it is empty.
fn refresh(sent: &str, token: &str, issued: &str) -> Value {
    let body = format!(
        "grant_type=refresh_token&refresh_token=SECRET-refresh-{sent}&client_id=my-own-id&\
         client_secret=SECRET-of-the-client"
    );
    let mut more = format!(
        "{{\"access_token\":\"SECRET-token-{token}\",\"token_type\":\"Bearer\",\"expires_in\":3600"
    );
    if !issued.is_empty() {
        more = format!("{more},\"refresh_token\":\"SECRET-refresh-{issued}\"");
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let sent = request("POST", "/oauth2/token", &form, &body);
    exchanged("jooto", &sent, &answer(200, &JSON, &format!("{more}}}")))
}

fn call(token: &str, status: u16) -> Value {
    let bearer = format!("Bearer SECRET-token-{token}");
    let sent = request("GET", "/organizations/1", &[("authorization", &bearer)], "");
    let body = if status == 200 {
        "{\"id\":1}"
    } else {
        "{\"error\":\"invalid_token\"}"
    };
    exchanged("jooto", &sent, &answer(status, &JSON, body))
}

/// A login, and two renewals of which the second one is given.
fn renewed(first_issues: &str, second: Value) -> Vec<Value> {
    vec![
        login("one", &back("one")),
        exchange("one"),
        call("one", 200),
        call("one", 401),
        refresh("one", "two", first_issues),
        call("two", 200),
        call("two", 401),
        second,
        call("three", 200),
    ]
}

fn judged(entries: &[Value]) -> Judged {
    judge(suite(), &har(entries), "jooto.")
}

/// Each case in which this part of an exchange is wrong.
fn wrong(judged: &Judged, part: &str) -> Vec<String> {
    let all = judged.mistakes.iter().flat_map(|mistake| &mistake.seen);
    let checks = all.flat_map(|wrong| &wrong.checks);
    let of_part = checks.filter(|check| check.ends_with(part));
    of_part
        .filter_map(|check| Some(check.split_once('#')?.0.to_owned()))
        .collect()
}

#[test]
fn an_old_refresh_token_is_wrong_once_a_newer_one_was_issued() {
    let right = judged(&renewed("two", refresh("two", "three", "three")));
    assert_eq!(status(&right), 0, "{:?}", failures(&right));
    let mut results = right.results.iter();
    assert!(results.any(|(report, _)| report.case == "jooto.refresh.rotated"));
    let judged = judged(&renewed("two", refresh("one", "three", "three")));
    let failed = failures(&judged).join("\n");
    assert!(
        failed.contains("jooto.refresh.rotated#refresh-again.form.refresh_token"),
        "{failed}"
    );
    // A case that begins with the refused call sees it, too.
    let broken = wrong(&judged, "#refresh.form.refresh_token");
    assert!(
        broken
            .iter()
            .any(|case| case == "jooto.refused.refreshed@rfc"),
        "{broken:?}"
    );
}

#[test]
fn an_old_refresh_token_stays_good_if_none_was_issued() {
    let right = judged(&renewed("", refresh("one", "three", "")));
    // The vendor's document has the endpoint send one: this is no fault of the client.
    let mut failed = failures(&right).into_iter();
    assert!(failed.all(|check| check.contains("jooto.endpoint.refresh#")));
    let mut results = right.results.iter();
    assert!(results.any(|(report, _)| report.case == "jooto.refresh.kept"));
    let wrong = judged(&renewed("", refresh("nowhere", "three", "")));
    let failed = failures(&wrong).join("\n");
    assert!(
        failed.contains("jooto.refresh.kept#refresh-again.form.refresh_token"),
        "{failed}"
    );
}

#[test]
fn two_refreshes_at_once_may_send_the_same_refresh_token() {
    let at = |ms: u32, mut entry: Value| {
        entry["startedDateTime"] = format!("2026-01-01T00:00:00.{ms:03}Z").into();
        entry["time"] = 50.into();
        entry
    };
    // Two processes; the second one's renewal is the later one, and both go on with what it brought.
    let all = |last: &str| {
        [
            at(0, login("one", &back("one"))),
            at(100, exchange("one")),
            at(200, call("one", 401)),
            at(210, call("one", 401)),
            at(300, refresh("one", "two", "two")),
            at(310, refresh("one", "other", "other")),
            at(400, call("two", 200)),
            at(410, call("other", 200)),
            at(500, call("two", 401)),
            at(600, refresh(last, "three", "three")),
            at(700, call("three", 200)),
        ]
    };
    let judge = |last: &str| judge(suite(), &har_as_it_is(&all(last)), "jooto.");
    let right = judge("other");
    assert_eq!(status(&right), 0, "{:?}", failures(&right));
    assert_eq!(wrong(&right, ".form.refresh_token"), Vec::<String>::new());
    let failed = failures(&judge("one")).join("\n");
    assert!(
        failed.contains("jooto.refresh.rotated#refresh-again.form.refresh_token"),
        "{failed}"
    );
}
