//! What a recording does not show, and what it shows all the same.

use serde_json::{Value, json};
use tegata_conformance::har::Judged;

use crate::pages::status;
use crate::session::{DONE, REFUSED, SECRETS, answer, call, exchanged, issue, token};
use crate::support::{failures, har, har_as_it_is, judge, report, suite};

fn judged(entries: &[Value]) -> Judged {
    judge(suite(), &har(entries), "marketo.")
}

fn issued(value: &str) -> Value {
    exchanged("marketo", &issue(), &token(value))
}

fn done(value: &str) -> Value {
    exchanged("marketo", &call(value), &answer(200, DONE))
}

fn refused(value: &str) -> Value {
    exchanged("marketo", &call(value), &answer(200, REFUSED))
}

/// The body of whose answer the tool left out.
fn without_body(mut entry: Value) -> Value {
    entry["response"]["content"] = json!({"size": 5000, "mimeType": "application/json"});
    entry
}

/// Without the header of its credential.
fn stripped(mut entry: Value) -> Value {
    let headers = entry["request"]["headers"].as_array_mut().unwrap();
    headers.retain(|header| header["name"] != "authorization");
    entry
}

#[test]
fn an_answer_that_is_left_out_was_no_refusal_if_the_token_is_accepted_later() {
    let [_, one, two, ..] = SECRETS;
    let all = |again: &str| {
        let again = if again == two {
            done(two)
        } else {
            refused(again)
        };
        let begin = [issued(one), done(one), without_body(done(one)), done(one)];
        [&begin[..], &[refused(one), issued(two), again]].concat()
    };
    let right = judged(&all(two));
    assert_eq!(
        status(&right),
        0,
        "{:?} {:?}",
        failures(&right),
        right.not_judged()
    );
    assert_eq!(status(&judged(&all(two)[..4])), 0);
    let failed = failures(&judged(&all(one))).join("\n");
    assert!(failed.contains("refused.602#again.credential"), "{failed}");
}

#[test]
fn an_answer_that_is_left_out_may_be_a_refusal_unless_a_later_call_shows_the_token_good() {
    let [_, one, two, ..] = SECRETS;
    let hidden = || without_body(done(one));
    for entries in [
        vec![issued(one), done(one), hidden()],
        // Renewed in between, whatever is accepted then.
        vec![issued(one), hidden(), issued(two), done(one), done(two)],
        vec![issued(one), hidden(), issued(two), done(two)],
        // The same answer once more does not show it.
        vec![issued(one), hidden(), hidden()],
        vec![issued(one), hidden(), refused(one)],
    ] {
        let judged = judged(&entries);
        assert_eq!(status(&judged), 3, "{:?}", failures(&judged));
    }
    // It began before that one was answered.
    let mut entries = [issued(one), hidden(), done(one)];
    for (entry, at) in entries.iter_mut().zip([0, 100, 150]) {
        entry["startedDateTime"] = json!(format!("2026-01-01T00:00:00.{at:03}Z"));
        entry["time"] = json!(90);
    }
    let judged = judge(suite(), &har_as_it_is(&entries), "marketo.");
    assert_eq!(status(&judged), 3, "{:?}", failures(&judged));
}

#[test]
fn a_part_of_a_file_that_lacks_credentials_is_not_judged() {
    let [_, one, two, ..] = SECRETS;
    let all = [
        issued(one),
        done(one),
        done(one),
        refused(one),
        issued(two),
        done(two),
        done(two),
    ];
    for places in [&[1][..], &[1, 2], &[6], &[1, 6]] {
        let mut entries = all.clone();
        for place in places {
            entries[*place] = stripped(entries[*place].clone());
        }
        let judged = judged(&entries);
        assert_eq!(status(&judged), 3, "{places:?}: {:?}", failures(&judged));
        let notes = judged.notes.join("\n");
        let first = format!("log.entries {}", places[0]);
        assert!(
            notes.contains(&first) && notes.contains("say --complete"),
            "{notes}"
        );
        // If the user says that nothing was taken out, it is a failure.
        let report = report(suite(), &har(&entries), "marketo.use.header").unwrap();
        assert!(
            report
                .failures()
                .any(|check| check.id.ends_with("#call.credential"))
        );
    }
}

#[test]
fn a_call_that_was_sent_without_its_credential_is_part_of_no_such_file() {
    let [_, one, two, ..] = SECRETS;
    let all = [
        issued(one),
        done(one),
        done(one),
        refused(one),
        issued(two),
        done(two),
        done(two),
    ];
    let with = |place: usize, entry: Value| {
        let mut entries = all.to_vec();
        entries[place] = stripped(entry);
        entries
    };
    let unauthorized = || {
        exchanged(
            "marketo",
            &call(one),
            &answer(200, &REFUSED.replace("602", "600")),
        )
    };
    // Between others, or refused.
    for entries in [
        with(2, done(one)),
        with(1, unauthorized()),
        with(6, unauthorized()),
    ] {
        let failed = failures(&judged(&entries)).join("\n");
        assert!(failed.contains("use.header#call.credential"), "{failed}");
    }
}
