//! Mistakes that are planted in a recording of a whole session, and secrets that must not show.

use base64::Engine as _;
use tegata_conformance::fixture::Recorded;
use tegata_conformance::har::Judged;
use tegata_conformance::record::find_leak;

use crate::exchange::request;
use crate::session::{self, DONE, REFUSED, SECRETS, answer, call, exchanged, issue, token};
use crate::support::{failures, har, judge, suite};

/// A session with Marketo: a token, a call that is refused, a new token, the call once more.
fn session(again: &Recorded) -> Judged {
    let judged = judge(suite(), &har(&session::session(again)), "marketo.");
    let shown = format!("{judged:?}");
    for secret in SECRETS.into_iter().chain(["my-own-id"]) {
        let parts = [secret];
        assert_eq!(
            find_leak(shown.as_bytes(), parts),
            None,
            "{secret} is shown"
        );
    }
    judged
}

#[test]
fn a_session_without_fault_passes_and_a_refusal_in_it_is_judged() {
    let judged = session(&call(SECRETS[2]));
    assert_eq!(failures(&judged), Vec::<String>::new());
    let ids: Vec<&str> = judged
        .results
        .iter()
        .map(|(report, _)| report.case.as_str())
        .collect();
    for id in [
        "marketo.token.get",
        "marketo.use.header",
        "marketo.refused.602",
        "marketo.refused.same-body",
    ] {
        assert!(ids.contains(&id), "{id} is not among {ids:?}");
    }
}

#[test]
fn the_old_token_on_the_second_try_is_found() {
    let failed = failures(&session(&call(SECRETS[1]))).join("\n");
    assert!(
        failed.contains(
            "marketo.refused.602#again.credential: expected authorization: Bearer `[token-2]`, saw"
        ),
        "{failed}"
    );
}

#[test]
fn a_token_in_quotation_marks_and_one_in_the_url_are_found() {
    let [_, _, two, ..] = SECRETS;
    let quoted = session(&call(&format!("\"{two}\"")));
    let failed = failures(&quoted).join("\n");
    assert!(failed.contains("again.credential"), "{failed}");
    let mut twice = call(two);
    twice.target.extend(["?access_token=", two]);
    let failed = failures(&session(&twice)).join("\n");
    assert!(
        failed.contains("marketo.use.header#call.one-credential"),
        "{failed}"
    );
    assert!(
        failed.contains("marketo.use.header#call.clean-url"),
        "{failed}"
    );
}

#[test]
fn a_wrong_credential_is_found_although_the_endpoint_refused_it() {
    let [_, one, ..] = SECRETS;
    let refused = REFUSED.replace("602", "601");
    let entries = [
        exchanged("marketo", &issue(), &token(one)),
        exchanged(
            "marketo",
            &call(&format!("\"{one}\"")),
            &answer(200, &refused),
        ),
    ];
    let failed = failures(&judge(suite(), &har(&entries), "marketo.")).join("\n");
    assert!(
        failed.contains("marketo.use.header#call.credential"),
        "{failed}"
    );
    let mut wrong = issue();
    wrong.method = "DELETE".to_owned();
    let entries = [exchanged(
        "marketo",
        &wrong,
        &answer(405, "{\"error\":\"invalid_request\"}"),
    )];
    let failed = failures(&judge(suite(), &har(&entries), "marketo.")).join("\n");
    assert!(
        failed.contains("marketo.token.get#issue.method"),
        "{failed}"
    );
}

#[test]
fn no_renewal_before_the_second_try_is_found() {
    let [_, one, ..] = SECRETS;
    let entries = [
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &call(one), &answer(200, REFUSED)),
        exchanged("marketo", &call(one), &answer(200, REFUSED)),
    ];
    let failed = failures(&judge(suite(), &har(&entries), "marketo.")).join("\n");
    assert!(
        failed.contains("marketo.refused.602#renew.sent"),
        "{failed}"
    );
}

#[test]
fn a_recording_that_ends_early_fails_no_case() {
    let [_, one, ..] = SECRETS;
    let entries = [
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &call(one), &answer(200, REFUSED)),
    ];
    assert_eq!(
        failures(&judge(suite(), &har(&entries), "marketo.")),
        Vec::<String>::new()
    );
}

#[test]
fn a_token_of_aispf_in_authorization_is_found() {
    let basic = base64::engine::general_purpose::STANDARD.encode("my-own-id:SECRET-of-the-client");
    let headers = [
        ("authorization", format!("Basic {basic}")),
        (
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        ),
    ];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let issue = request(
        "POST",
        "/v2/tokens",
        &headers,
        "grant_type=client_credentials",
    );
    let bearer = format!("Bearer {}", SECRETS[1]);
    for (name, value, fails) in [
        ("x-access-token", SECRETS[1], false),
        ("X-Access-Token", SECRETS[1], false),
        ("authorization", bearer.as_str(), true),
        ("x-access-token", bearer.as_str(), true),
    ] {
        let call = request("GET", "/da/v3/async/jobs", &[(name, value)], "");
        let entries = [
            exchanged("fujitsu-aispf", &issue, &token(SECRETS[1])),
            exchanged("fujitsu-aispf", &call, &answer(200, "{}")),
        ];
        let judged = judge(suite(), &har(&entries), "fujitsu-aispf.");
        let failed = failures(&judged).join("\n");
        let found = failed.contains("fujitsu-aispf.v2.use#call.credential");
        assert_eq!(found, fails, "{name}: {failed}");
        assert_eq!(find_leak(failed.as_bytes(), SECRETS), None, "{failed}");
    }
}

#[test]
fn a_token_answer_without_a_token_type_is_found() {
    let [_, one, ..] = SECRETS;
    let bare = answer(
        200,
        &format!("{{\"access_token\":\"{one}\",\"expires_in\":3599}}"),
    );
    let entries = [exchanged("marketo", &issue(), &bare)];
    let failed = failures(&judge(suite(), &har(&entries), "marketo.")).join("\n");
    assert!(
        failed.contains("marketo.endpoint.token#issue.answer.json.token_type"),
        "{failed}"
    );
}

#[test]
fn two_accounts_side_by_side_are_no_fault() {
    let [_, one, two, ..] = SECRETS;
    let mut other = issue();
    other.target = other.target.replace("my-own-id", "another-id");
    let entries = [
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &other, &token(two)),
        exchanged("marketo", &call(one), &answer(200, DONE)),
        exchanged("marketo", &call(two), &answer(200, DONE)),
    ];
    assert_eq!(
        failures(&judge(suite(), &har(&entries), "marketo.")),
        Vec::<String>::new()
    );
}

#[test]
fn credentials_left_out_by_a_tool_are_reported_and_fail_nothing() {
    let mut entries = vec![exchanged("marketo", &call(SECRETS[1]), &answer(200, DONE))];
    entries[0]["request"]["headers"] = serde_json::json!([]);
    let judged = judge(suite(), &har(&entries), "marketo.");
    assert_eq!(failures(&judged), Vec::<String>::new());
    assert!(
        judged.notes[0].contains("no request has the header `authorization`"),
        "{:?}",
        judged.notes
    );
}
