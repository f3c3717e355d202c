//! The order of a recording is that of time, not that of its list.

use serde_json::{Value, json};
use tegata_conformance::fixture::Recorded;
use tegata_conformance::har::{Hidden, Judged, WhyNot};

use crate::exchange::request;
use crate::session::{DONE, REFUSED, SECRETS, answer, call, exchanged, issue, token};
use crate::support::{failures, har, har_as_it_is, judge, suite};

const OLD: &str = SECRETS[1];
const NEW: &str = SECRETS[2];

/// An entry that began so many milliseconds after the first one, and took so many.
fn at(began: u64, took: u64, mut entry: Value) -> Value {
    let (second, milli) = (began / 1000, began % 1000);
    entry["startedDateTime"] = json!(format!("2026-01-01T00:00:{second:02}.{milli:03}Z"));
    entry["time"] = json!(took);
    entry
}

fn issued(token_value: &str) -> Value {
    exchanged("marketo", &issue(), &token(token_value))
}

fn done(token: &str) -> Value {
    exchanged("marketo", &call(token), &answer(200, DONE))
}

fn refused(token: &str) -> Value {
    exchanged("marketo", &call(token), &answer(200, REFUSED))
}

/// The call with a body of its own.
fn with_body(token: &str, body: &str) -> Recorded {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    request("POST", "/rest/v1/leads/push.json", &headers, body)
}

fn judged(entries: &[Value]) -> Judged {
    judge(suite(), &har_as_it_is(entries), "marketo.")
}

fn is_judged(judged: &Judged, id: &str) -> bool {
    judged.results.iter().any(|(report, _)| report.case == id)
}

/// Two calls are under way when the token dies; one renewal, and both are sent once more.
fn two_calls_at_expiry() -> Vec<Value> {
    vec![
        at(0, 10, issued(OLD)),
        at(100, 10, refused(OLD)),
        at(103, 20, refused(OLD)),
        at(130, 5, issued(NEW)),
        at(140, 5, done(NEW)),
        at(142, 5, done(NEW)),
    ]
}

#[test]
fn two_calls_refused_at_once_and_sent_again_are_no_fault() {
    let mut entries = two_calls_at_expiry();
    let result = judged(&entries);
    assert_eq!(failures(&result), Vec::<String>::new());
    assert!(is_judged(&result, "marketo.refused.602"));
    // As a tool lists them that waits for the answers.
    entries.swap(1, 2);
    entries.swap(4, 5);
    assert_eq!(failures(&judged(&entries)), Vec::<String>::new());
}

#[test]
fn one_good_repetition_does_not_serve_every_refused_call() {
    let id = "marketo.refused.602#again.credential";
    for late in [0, 3] {
        let mut entries = two_calls_at_expiry();
        entries[5] = at(142 + late * 1000, 5, refused(OLD));
        let failed = failures(&judged(&entries)).join("\n");
        assert!(failed.contains(id), "{late}: {failed}");
    }
    // Each is sent again, and the old token is used once more.
    let mut entries = two_calls_at_expiry();
    entries.push(at(3000, 5, refused(OLD)));
    let failed = failures(&judged(&entries)).join("\n");
    assert!(failed.contains(id), "{failed}");
    // It began while the token was renewed.
    entries[6] = at(134, 900, refused(OLD));
    assert_eq!(failures(&judged(&entries)), Vec::<String>::new());
}

#[test]
fn a_refusal_is_one_whatever_else_is_in_its_body() {
    for body in [
        REFUSED.replace("\"602\"", "602"),
        REFUSED.replace("\"requestId\":\"1\",", ""),
        REFUSED.replace(
            "\"success\"",
            "\"warnings\":[],\"moreResult\":false,\"success\"",
        ),
        REFUSED.replace("\"success\"", "\"result\":[],\"success\""),
    ] {
        let refused = exchanged("marketo", &call(OLD), &answer(200, &body));
        let mut entries = [issued(OLD), refused, issued(NEW), done(OLD)];
        let judge = |entries: &[Value]| judge(suite(), &har(entries), "marketo.refused.");
        let failed = failures(&judge(&entries)).join("\n");
        let id = "marketo.refused.602#again.credential";
        assert!(failed.contains(id), "{body}: {failed}");
        entries[3] = done(NEW);
        let right = judge(&entries);
        assert_eq!(failures(&right), Vec::<String>::new(), "{body}");
        assert!(is_judged(&right, "marketo.refused.602"), "{body}");
    }
}

#[test]
fn a_renewal_that_began_before_the_second_refusal_serves_both() {
    let mut entries = two_calls_at_expiry();
    entries[2] = at(103, 60, refused(OLD));
    entries[3] = at(115, 20, issued(NEW));
    entries[5] = at(170, 5, done(NEW));
    assert_eq!(failures(&judged(&entries)), Vec::<String>::new());
}

#[test]
fn of_two_calls_refused_at_once_each_is_sent_again_with_its_own_body() {
    let posted = |token: &str, body: &str, answered: &str| {
        exchanged("marketo", &with_body(token, body), &answer(200, answered))
    };
    let mut entries = two_calls_at_expiry();
    let (one, other) = ("{\"name\":\"one\"}", "{\"name\":\"another\"}");
    entries[1] = at(100, 10, posted(OLD, one, REFUSED));
    entries[2] = at(103, 20, posted(OLD, other, REFUSED));
    // The second one comes first.
    entries[4] = at(140, 5, posted(NEW, other, DONE));
    entries[5] = at(142, 5, posted(NEW, one, DONE));
    assert_eq!(failures(&judged(&entries)), Vec::<String>::new());
    entries[5] = at(142, 5, posted(NEW, "{\"name\":\"a third\"}", DONE));
    let failed = failures(&judged(&entries)).join("\n");
    assert!(failed.contains("refused.same-body#again.body"), "{failed}");
}

#[test]
fn a_slow_call_with_the_old_token_is_not_the_one_sent_again() {
    let mut entries = two_calls_at_expiry();
    entries[2] = at(103, 900, refused(OLD));
    entries.truncate(5);
    // It is listed when its answer comes.
    entries.swap(2, 3);
    assert_eq!(failures(&judged(&entries)), Vec::<String>::new());
}

#[test]
fn a_call_that_began_while_the_token_was_renewed_is_no_fault() {
    let mut entries = two_calls_at_expiry();
    entries[2] = at(131, 20, refused(OLD));
    entries[3] = at(130, 30, issued(NEW));
    entries[4] = at(170, 5, done(NEW));
    entries[5] = at(180, 5, done(NEW));
    assert_eq!(failures(&judged(&entries)), Vec::<String>::new());
}

#[test]
fn the_old_token_after_the_renewal_is_found_wherever_it_is_listed() {
    let right = [
        at(0, 10, issued(OLD)),
        at(100, 10, refused(OLD)),
        at(200, 10, issued(NEW)),
        at(300, 10, refused(OLD)),
    ];
    for order in [[0, 1, 2, 3], [0, 3, 1, 2], [3, 2, 1, 0], [1, 3, 0, 2]] {
        let entries = order.map(|index| right[index].clone());
        let failed = failures(&judged(&entries)).join("\n");
        let id = "marketo.refused.602#again.credential";
        assert!(failed.contains(id), "{order:?}: {failed}");
    }
}

#[test]
fn a_second_try_without_a_renewal_is_found_if_it_began_after_the_refusal() {
    let mut entries = vec![
        at(0, 10, issued(OLD)),
        at(100, 50, refused(OLD)),
        at(160, 10, refused(OLD)),
    ];
    let failed = failures(&judged(&entries)).join("\n");
    assert!(
        failed.contains("marketo.refused.602#renew.sent"),
        "{failed}"
    );
    // A renewal that comes too late changes nothing.
    entries.push(at(200, 10, issued(NEW)));
    entries.push(at(300, 10, done(NEW)));
    let failed = failures(&judged(&entries)).join("\n");
    assert!(
        failed.contains("marketo.refused.602#renew.sent"),
        "{failed}"
    );
    entries.truncate(3);
    entries[2] = at(140, 10, refused(OLD));
    assert_eq!(failures(&judged(&entries)), Vec::<String>::new());
}

#[test]
fn without_times_a_refused_call_with_the_old_token_proves_nothing() {
    for (name, value) in [
        ("startedDateTime", json!("2026-01-01T00:00:00.000Z")),
        ("startedDateTime", json!("some day")),
        ("time", json!(-1)),
        ("time", Value::Null),
    ] {
        let mut entries = two_calls_at_expiry();
        entries.truncate(4);
        entries.push(at(140, 5, refused(OLD)));
        assert_ne!(failures(&judged(&entries)), Vec::<String>::new());
        for entry in &mut entries {
            entry[name] = value.clone();
            entry["timings"] = Value::Null;
        }
        let result = judged(&entries);
        let failed = failures(&result);
        assert_eq!(failed, Vec::<String>::new(), "{name}: {value}");
        // Nor is it right.
        let mut unjudged = result.unjudged.iter();
        let why = unjudged.find(|one| one.case == "marketo.refused.602");
        assert_eq!(
            why.map(|one| one.why),
            Some(WhyNot::Hidden(Hidden::Times)),
            "{name}"
        );
        let mut right = two_calls_at_expiry();
        for entry in &mut right {
            entry[name] = value.clone();
            entry["timings"] = Value::Null;
        }
        let result = judged(&right);
        assert_eq!(failures(&result), Vec::<String>::new(), "{name}: {value}");
        // Of dates that cannot be read, not even the list says which came first.
        let in_order = value != "some day";
        let is_judged = is_judged(&result, "marketo.refused.602");
        assert_eq!(is_judged, in_order, "{name}: {value}");
    }
}

#[test]
fn the_note_on_times_that_are_the_same_says_that_they_are() {
    let mut entries = [issued(OLD), refused(OLD), issued(NEW), refused(OLD)];
    for entry in &mut entries {
        *entry = at(0, 5, entry.clone());
    }
    let notes = judged(&entries).notes.join("\n");
    assert!(notes.contains("or the same"), "{notes}");
    assert!(!notes.contains("lack"), "{notes}");
}

#[test]
fn without_times_the_list_says_what_follows_what() {
    let mut entries = [issued(OLD), refused(OLD), issued(NEW), done(OLD)];
    for entry in &mut entries {
        entry["startedDateTime"] = json!("");
    }
    let failed = failures(&judged(&entries)).join("\n");
    let id = "marketo.refused.602#again.credential";
    assert!(failed.contains(id), "{failed}");
    entries[3] = done(NEW);
    let result = judged(&entries);
    assert_eq!(failures(&result), Vec::<String>::new());
    assert!(is_judged(&result, "marketo.refused.602"));
}

#[test]
fn a_time_without_the_wait_fails_no_client_that_repeats_every_call() {
    let mut entries = two_calls_at_expiry();
    for (index, entry) in entries.iter_mut().enumerate() {
        entry["time"] = json!(1);
        entry["timings"] = json!({"send": -1, "wait": -1, "receive": 1});
        if index == 3 {
            entry["startedDateTime"] = json!("2026-01-01T00:00:00.130Z");
        }
    }
    assert_eq!(failures(&judged(&entries)), Vec::<String>::new());
    // The second one began before the renewal was answered, though not by these times.
    entries[2]["startedDateTime"] = json!("2026-01-01T00:00:00.133Z");
    assert_eq!(failures(&judged(&entries)), Vec::<String>::new());
    // One that repeats none with the new token is found nevertheless.
    entries[4]["request"] = refused(OLD)["request"].clone();
    entries[4]["response"] = refused(OLD)["response"].clone();
    entries.truncate(5);
    let failed = failures(&judged(&entries)).join("\n");
    assert!(failed.contains("refused.602#again.credential"), "{failed}");
}

#[test]
fn zones_are_taken_into_account() {
    let mut entries = two_calls_at_expiry();
    entries.truncate(4);
    entries.push(at(300, 10, refused(OLD)));
    // The same instant, said in Tokyo.
    entries[4]["startedDateTime"] = json!("2026-01-01T09:00:00.300+09:00");
    let failed = failures(&judged(&entries)).join("\n");
    assert!(failed.contains("refused.602#again.credential"), "{failed}");
}

/// A right session listed backwards, with dates in another form.
fn backwards(date: impl Fn(i64) -> Value) -> Vec<Value> {
    let session = [issued(OLD), refused(OLD), issued(NEW), done(NEW)];
    let mut entries: Vec<Value> = (0_i64..)
        .zip(session)
        .map(|(index, entry)| {
            let mut entry = at(0, 5, entry);
            entry["startedDateTime"] = date(index);
            entry
        })
        .collect();
    entries.reverse();
    entries
}

#[test]
fn the_order_is_known_in_whatever_form_the_dates_are() {
    let begin = 1_795_899_600;
    let forms: [fn(i64) -> Value; 5] = [
        |second| json!(second),
        |second| json!(second * 1000),
        |second| json!((second * 1_000_000).to_string()),
        |second| json!(format!("Sat, 28 Nov 2026 21:00:{:02} GMT", second % 60)),
        |second| json!(format!("/Date({second}000)/")),
    ];
    for form in forms {
        let entries = backwards(|index| form(begin + 2 * index));
        let judged = judged(&entries);
        assert_eq!(failures(&judged), Vec::<String>::new(), "{entries:?}");
        assert!(is_judged(&judged, "marketo.refused.602"), "{entries:?}");
        assert_eq!(judged.notes, Vec::<String>::new());
    }
}

#[test]
fn where_dates_cannot_be_read_the_order_is_unknown() {
    let judged = judged(&backwards(|index| {
        json!(format!("11/28/2026, 9:0{index} PM"))
    }));
    assert_eq!(failures(&judged), Vec::<String>::new());
    let mut unjudged = judged.unjudged.iter();
    let why = unjudged.find(|one| one.case == "marketo.refused.602");
    assert_eq!(why.map(|one| one.why), Some(WhyNot::Hidden(Hidden::Times)));
    let note = "`startedDateTime` of log.entries 0, 1, 2, 3 is no date that can be read: which exchange came first";
    assert!(judged.notes[0].starts_with(note), "{:?}", judged.notes);
    // What needs no order is judged.
    assert!(is_judged(&judged, "marketo.token.get"));
}

#[test]
fn the_order_of_the_list_is_never_taken_without_a_note() {
    let session = [issued(OLD), done(OLD), done(OLD)];
    let same = judged(&session);
    assert_eq!(same.notes.len(), 1, "{:?}", same.notes);
    assert!(same.notes[0].contains("is the same in all entries"));
    let missing = session.map(|mut entry| {
        entry.as_object_mut().unwrap().remove("startedDateTime");
        entry
    });
    let missing = judged(&missing);
    assert!(
        missing.notes[0].contains("log.entries 0, 1, 2 is missing"),
        "{:?}",
        missing.notes
    );
}
