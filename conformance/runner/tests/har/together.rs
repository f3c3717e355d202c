//! Which exchanges belong together, and what did not take place.

use serde_json::Value;
use tegata_conformance::case::{Case, case_values};
use tegata_conformance::har::{Hidden, Judged, WhyNot};
use tegata_conformance::judge::reference;
use tegata_conformance::report::Verdict;

use crate::exchange::request;
use crate::session::{DONE, REFUSED, SECRETS, answer, call, exchanged, issue, token};
use crate::support::{entries_of, failures, har, judge, suite};

fn why(judged: &Judged, id: &str) -> Option<WhyNot> {
    let mut all = judged.unjudged.iter();
    all.find(|one| one.case == id).map(|one| one.why)
}

/// A token, a call, another token, a call that is refused, a third token, the call once more.
fn two_grants(again: &str) -> [Value; 6] {
    let [_, one, two, ..] = SECRETS;
    let three = "SECRET-token-number-three";
    [
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &call(one), &answer(200, DONE)),
        exchanged("marketo", &issue(), &token(two)),
        exchanged("marketo", &call(two), &answer(200, REFUSED)),
        exchanged("marketo", &issue(), &token(three)),
        exchanged("marketo", &call(again), &answer(200, DONE)),
    ]
}

#[test]
fn a_call_belongs_to_the_grant_whose_token_it_carries() {
    let suite = suite();
    let right = judge(
        suite,
        &har(&two_grants("SECRET-token-number-three")),
        "marketo.",
    );
    assert_eq!(failures(&right), Vec::<String>::new());
    let position = |judged: &Judged, id: &str| {
        let mut results = judged.results.iter();
        results.position(|(report, _)| report.case == id).unwrap()
    };
    let at = position(&right, "marketo.refused.602");
    assert_eq!(right.entries[at], [2, 3, 4, 5]);
    for token in [SECRETS[2], "SECRET-of-nowhere-at-all"] {
        let wrong = judge(suite, &har(&two_grants(token)), "marketo.");
        let failed = failures(&wrong).join("\n");
        assert!(failed.contains("refused.602#again.credential"), "{failed}");
    }
}

#[test]
fn a_good_token_from_before_the_recording_is_of_another_account() {
    let stored = exchanged("marketo", &call("SECRET-stored-before"), &answer(200, DONE));
    let mut entries = two_grants("SECRET-token-number-three").to_vec();
    // While the first token is good, and between a renewal and the call sent again.
    entries.insert(5, stored.clone());
    entries.insert(2, stored);
    let right = judge(suite(), &har(&entries), "marketo.");
    assert_eq!(failures(&right), Vec::<String>::new());
    let mut results = right.results.iter();
    assert!(results.any(|(report, _)| report.case == "marketo.refused.602"));
    entries[7] = exchanged("marketo", &call(SECRETS[2]), &answer(200, REFUSED));
    let wrong = judge(suite(), &har(&entries), "marketo.");
    let failed = failures(&wrong).join("\n");
    assert!(failed.contains("refused.602#again.credential"), "{failed}");
}

#[test]
fn many_calls_of_another_account_hide_no_call_sent_again() {
    let mut other = issue();
    other.target = other.target.replace("my-own-id", "another-id");
    let between = "SECRET-token-of-another";
    for (again, fails) in [("SECRET-token-number-three", false), (SECRETS[2], true)] {
        let mut entries = two_grants(again).to_vec();
        let many = (0..300).map(|_| exchanged("marketo", &call(between), &answer(200, DONE)));
        entries.splice(5..5, many);
        entries.insert(0, exchanged("marketo", &other, &token(between)));
        let judged = judge(suite(), &har(&entries), "marketo.refused.602");
        assert_eq!(failures(&judged).is_empty(), !fails, "{again}");
        assert_eq!(judged.results.len(), 1, "{again}");
    }
}

#[test]
fn a_call_sent_again_behind_too_many_others_is_not_judged() {
    let mut other = issue();
    other.target = other.target.replace("my-own-id", "another-id");
    let anothers = "SECRET-token-of-another";
    let called = exchanged("marketo", &call(anothers), &answer(200, DONE));
    let mut entries = two_grants(SECRETS[2]).to_vec();
    entries.splice(5..5, vec![called; 16 * 256]);
    entries.insert(0, exchanged("marketo", &other, &token(anothers)));
    let (id, too_far) = ("marketo.refused.602", WhyNot::Hidden(Hidden::TooFar));
    let judged = judge(suite(), &har(&entries), id);
    assert_eq!(why(&judged, id), Some(too_far));
    assert_eq!(judged.not_judged().len(), 1);
    let mut notes = judged.notes.iter();
    assert!(notes.any(|one| one.contains("a mistake behind them is not seen")));
    // Among fewer it is found, and fails.
    entries.drain(6..4000);
    let judged = judge(suite(), &har(&entries), id);
    assert_ne!(failures(&judged), Vec::<String>::new());
    assert_eq!(why(&judged, id), None);
}

#[test]
fn a_byte_order_mark_before_a_body_changes_nothing() {
    let mut entries = two_grants("SECRET-token-number-three");
    for entry in &mut entries {
        let text = &mut entry["response"]["content"]["text"];
        *text = format!("\u{feff}{}", text.as_str().unwrap()).into();
    }
    let judged = judge(suite(), &har(&entries), "marketo.");
    assert_eq!(failures(&judged), Vec::<String>::new());
    let mut results = judged.results.iter();
    assert!(results.any(|(report, _)| report.case == "marketo.refused.602"));
}

#[test]
fn a_renewal_of_another_account_is_not_taken_for_ones_own() {
    let [_, one, two, ..] = SECRETS;
    let (others, renewed) = ("SECRET-token-of-another", "SECRET-token-number-nine");
    let mut other = issue();
    other.target = other.target.replace("my-own-id", "another-id");
    let entries = [
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &other, &token(two)),
        exchanged("marketo", &call(one), &answer(200, REFUSED)),
        exchanged("marketo", &call(two), &answer(200, REFUSED)),
        exchanged("marketo", &other, &token(others)),
        exchanged("marketo", &call(others), &answer(200, DONE)),
        exchanged("marketo", &issue(), &token(renewed)),
        exchanged("marketo", &call(renewed), &answer(200, DONE)),
    ];
    let judged = judge(suite(), &har(&entries), "marketo.");
    assert_eq!(failures(&judged), Vec::<String>::new());
}

/// The entries of a login and the exchange of its code, with values of their own.
fn login(case: &Case, mark: &str, redirect_uri: &str) -> Vec<Value> {
    let suite = suite();
    let mut values = case_values(suite, case);
    for name in ["code", "token-1", "refresh-1", "state"] {
        values.set(name, &format!("{mark}-SECRET-{name}-{mark}"));
    }
    values.set("redirect-uri", redirect_uri);
    let run = reference(suite, case, Some(values.clone())).unwrap();
    let mut entries = entries_of(case, &run);
    let location = format!(
        "{redirect_uri}?code={}&state=x",
        values.get("code").unwrap_or_default()
    );
    entries[0]["response"] = serde_json::json!({
        "status": 302,
        "headers": [{"name": "Location", "value": location}],
    });
    entries
}

#[test]
fn two_logins_side_by_side_are_kept_apart_by_their_codes() {
    let suite = suite();
    let case = suite.case("jooto.callback.exchange").unwrap();
    let one = login(case, "one", "https://one.example/callback");
    let other = login(case, "other", "https://other.example/back");
    let mixed = [&one[0], &other[0], &one[1], &other[1], &other[2], &one[2]];
    let judged = judge(suite, &har(&mixed.map(Clone::clone)), "jooto.");
    assert_eq!(failures(&judged), Vec::<String>::new());
    // With the redirect URI of the other one.
    let mut wrong = mixed.map(Clone::clone);
    let body = wrong[2]["request"]["postData"]["text"].as_str().unwrap();
    wrong[2]["request"]["postData"]["text"] = body
        .replace("one.example%2Fcallback", "other.example%2Fback")
        .into();
    let judged = judge(suite, &har(&wrong), "jooto.");
    let failed = failures(&judged).join("\n");
    let id = "jooto.callback.exchange#exchange.form.redirect_uri";
    assert!(failed.contains(id), "{failed}");
}

#[test]
fn a_code_that_no_answer_shows_is_of_the_login_with_its_redirect_uri() {
    let suite = suite();
    let case = suite.case("jooto.callback.exchange").unwrap();
    let mut one = login(case, "one", "https://one.example/callback");
    let mut other = login(case, "other", "https://other.example/back");
    for login in [&mut one, &mut other] {
        // A page with a form, whose answer leads on to the client.
        login[0]["response"] = serde_json::json!({"status": 200, "headers": []});
    }
    let mut mixed = [&one[0], &other[0], &one[1], &one[2], &other[1], &other[2]].map(Clone::clone);
    let judged = judge(suite, &har(&mixed), "jooto.callback.exchange");
    assert_eq!(failures(&judged), Vec::<String>::new());
    assert_eq!(judged.results.len(), 1, "{judged:?}");
    // With the redirect URI of the other one.
    let body = mixed[2]["request"]["postData"]["text"].as_str().unwrap();
    mixed[2]["request"]["postData"]["text"] = body
        .replace("one.example%2Fcallback", "other.example%2Fback")
        .into();
    let judged = judge(suite, &har(&mixed), "jooto.callback.exchange");
    let failed = failures(&judged).join("\n");
    assert!(failed.contains("exchange.form.redirect_uri"), "{failed}");
}

#[test]
fn a_login_that_a_page_returns_to_is_one_login() {
    let suite = suite();
    let case = suite.case("jooto.callback.exchange").unwrap();
    let one = login(case, "one", "https://one.example/callback");
    let mut first = one[0].clone();
    first["response"] = serde_json::json!({"status": 302, "headers": []});
    let returned = [&first, &one[0], &one[1], &one[2]].map(Clone::clone);
    let id = "jooto.authorize.state-is-new";
    let failed = |entries: &[Value]| failures(&judge(suite, &har(entries), id));
    assert_eq!(failed(&returned), Vec::<String>::new());
    // The same state once more, after its code was exchanged.
    let again = [&first, &one[1], &one[2], &one[0]].map(Clone::clone);
    assert!(failed(&again).join("\n").contains("second-url.query.state"));
}

#[test]
fn a_case_whose_point_is_missing_did_not_take_place() {
    let suite = suite();
    let mut quoted = two_grants("SECRET-token-number-three");
    let bad = format!("\"{}\"", SECRETS[1]);
    quoted[1] = exchanged("marketo", &call(&bad), &answer(200, DONE));
    let judged = judge(suite, &har(&quoted), "marketo.");
    assert_ne!(failures(&judged), Vec::<String>::new());
    for id in [
        "marketo.use.other-origin",
        "marketo.use.redirect",
        "marketo.identity.redirect",
        "marketo.refused.twice",
        "marketo.refused.same-token",
    ] {
        assert_eq!(why(&judged, id), Some(WhyNot::NotThere), "{id}");
    }
    let said = WhyNot::NotThere.to_string();
    assert!(said.contains("did not take place"), "{said}");
}

#[test]
fn the_same_token_once_more_is_another_case_than_a_new_one() {
    let suite = suite();
    let [_, one, ..] = SECRETS;
    let refused = REFUSED.replace("602", "601");
    let entries = [
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &call(one), &answer(200, &refused)),
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &call(one), &answer(200, DONE)),
    ];
    let judged = judge(suite, &har(&entries), "marketo.refused.");
    assert_eq!(failures(&judged), Vec::<String>::new());
    let ids: Vec<&str> = judged
        .results
        .iter()
        .map(|(report, _)| report.case.as_str())
        .collect();
    assert!(ids.contains(&"marketo.refused.same-token"), "{ids:?}");
    assert!(
        !ids.iter().any(|id| id.starts_with("marketo.refused.601")),
        "{ids:?}"
    );
}

#[test]
fn one_mistake_is_shown_once_with_every_case_that_it_breaks() {
    let [_, one, two, ..] = SECRETS;
    let quoted = call(&format!("\"{one}\""));
    let entries = [
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &quoted, &answer(200, REFUSED)),
        exchanged("marketo", &issue(), &token(two)),
        exchanged("marketo", &call(two), &answer(200, DONE)),
    ];
    let judged = judge(suite(), &har(&entries), "marketo.");
    let failed = judged.results.iter();
    let failed = failed.filter(|(report, _)| report.verdict == Verdict::Fail);
    let [mistake] = judged.mistakes.as_slice() else {
        panic!("{:?}", judged.mistakes);
    };
    assert_eq!(mistake.entries, [1]);
    assert!(
        failed
            .clone()
            .all(|(report, _)| mistake.cases.contains(&report.case))
    );
    assert!(failed.count() > 1, "{mistake:?}");
    assert_eq!(mistake.seen.len(), 1, "{mistake:?}");
}

#[test]
fn two_different_mistakes_are_both_shown() {
    let [_, one, two, ..] = SECRETS;
    let mut in_url = call(two);
    in_url.target.extend(["?access_token=", two]);
    let entries = [
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &call(&format!("\"{one}\"")), &answer(200, DONE)),
        exchanged("marketo", &issue(), &token(two)),
        exchanged("marketo", &in_url, &answer(200, DONE)),
    ];
    let judged = judge(suite(), &har(&entries), "marketo.use.header");
    let at: Vec<_> = judged
        .mistakes
        .iter()
        .map(|one| one.entries.clone())
        .collect();
    assert_eq!(at, [vec![1], vec![3]], "{:?}", judged.mistakes);
}

#[test]
fn a_client_with_one_key_is_not_asked_for_a_second() {
    let with = |key: &str, status: u16| {
        let call = request("GET", "/da/example", &[("x-api-key", key)], "");
        let error = r#"{"error":{"code":"401","title":"Unauthorized","message":"no"}}"#;
        let body = if status == 401 { error } else { "{}" };
        exchanged("fujitsu-aispf", &call, &answer(status, body))
    };
    let judge = |entries: &[Value]| judge(suite(), &har(entries), "fujitsu-aispf.key.");
    let once = judge(&[with("SECRET-key-one", 401), with("SECRET-key-one", 401)]);
    assert_eq!(failures_of_should(&once), "");
    let again = "fujitsu-aispf.key.second-after-refusal#again.credential";
    let two = [
        with("SECRET-key-one", 401),
        with("SECRET-key-one", 401),
        with("SECRET-key-two", 200),
    ];
    let failed = failures_of_should(&judge(&two));
    assert!(failed.contains(again), "{failed}");
}

/// The failed checks of all cases, also of those that only should pass.
fn failures_of_should(judged: &Judged) -> String {
    let failed = judged.mistakes.iter().flat_map(|one| &one.seen);
    let failed = failed.flat_map(|wrong| &wrong.checks).cloned();
    failed.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_name_of_a_scheme_may_be_written_in_any_case() {
    let [_, one, two, ..] = SECRETS;
    let with = |scheme: &str, token: &str| {
        let mut call = call(token);
        call.headers[0].1 = format!("{scheme} {token}");
        call
    };
    for scheme in ["bearer", "BEARER", "bEaReR", "Bearer  "] {
        let entries = [
            exchanged("marketo", &issue(), &token(one)),
            exchanged("marketo", &with(scheme, one), &answer(200, REFUSED)),
            exchanged("marketo", &issue(), &token(two)),
            exchanged("marketo", &with(scheme, two), &answer(200, DONE)),
        ];
        let judged = judge(suite(), &har(&entries), "marketo.");
        assert_eq!(failures(&judged), Vec::<String>::new(), "{scheme}");
        let mut results = judged.results.iter();
        assert!(results.any(|(report, _)| report.case == "marketo.refused.602"));
    }
    // At Jooto the token may be from before the recording, so it is known from the call alone.
    let call = request(
        "GET",
        "/organizations/1",
        &[("authorization", "bearer SECRET-token-of-jooto")],
        "",
    );
    let judged = judge(
        suite(),
        &har(&[exchanged("jooto", &call, &answer(200, "{}"))]),
        "jooto.use.bearer",
    );
    assert_eq!(failures(&judged), Vec::<String>::new());
    assert_eq!(judged.results.len(), 1, "{judged:?}");
    for scheme in ["Token", "bearer:", "bearer \""] {
        let entries = [
            exchanged("marketo", &issue(), &token(one)),
            exchanged("marketo", &with(scheme, one), &answer(200, DONE)),
        ];
        let failed = failures(&judge(suite(), &har(&entries), "marketo.use.header"));
        assert!(failed.join("\n").contains("call.credential"), "{failed:?}");
    }
}
