//! What is missing in a recording, or looks as if it was: no mistake passes for that, and no right client is doubted.

use serde_json::{Value, json};

use crate::exchange::request;
use crate::outputs::{command, said};
use crate::session::{DONE, REFUSED, SECRETS, answer, call, entries, exchanged, issue, token};
use crate::support::har;

fn ends_with(entries: &[Value]) -> (Option<i32>, String) {
    of_text(&har(entries), &[])
}

fn of_text(har: &str, more: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = command(folder.path(), har).args(more).output().unwrap();
    (output.status.code(), said(&output))
}

#[test]
fn a_credential_doubled_once_is_the_clients_whatever_else_is() {
    for other in ["accept", "x-forwarded-for"] {
        let mut all = entries(SECRETS[2]);
        for entry in &mut all {
            let headers = entry["request"]["headers"].as_array_mut().unwrap();
            headers.push(json!({"name": other, "value": "a"}));
        }
        let headers = all[1]["request"]["headers"].as_array_mut().unwrap();
        let mut more = headers.clone();
        more.retain(|header| header["name"] != "content-type");
        headers.extend(more);
        let (code, text) = ends_with(&all);
        assert_eq!(code, Some(1), "{other}: {text}");
        assert!(text.contains("call.one-credential"), "{other}: {text}");
    }
}

/// A client that puts its token into quotation marks.
fn quoted() -> [Value; 3] {
    let [_, one, ..] = SECRETS;
    let wrong = call(&format!("\"{one}\""));
    [
        exchanged("marketo", &issue(), &token(one)),
        exchanged(
            "marketo",
            &wrong,
            &answer(200, &REFUSED.replace("602", "601")),
        ),
        exchanged("marketo", &wrong, &answer(200, DONE)),
    ]
}

#[test]
fn an_answer_without_status_hides_what_it_was() {
    for response in [
        json!(null),
        json!({}),
        json!({"status": 0}),
        json!({"status": -1, "_error": null}),
        json!({"status": 99999}),
    ] {
        let mut all = quoted();
        for entry in &mut all {
            entry["response"] = response.clone();
        }
        let (code, text) = ends_with(&all);
        assert!(matches!(code, Some(1 | 3)), "{response}: {text}");
        let mut all = entries(SECRETS[1]);
        for at in [0, 3] {
            all[at]["response"] = response.clone();
        }
        let (code, text) = ends_with(&all);
        assert_eq!(code, Some(3), "{response}: {text}");
        assert!(
            text.contains("the bodies of log.entries 0, 3 are not"),
            "{text}"
        );
    }
}

#[test]
fn a_status_with_a_fraction_is_read() {
    for (again, expected) in [(SECRETS[1], 1), (SECRETS[2], 0)] {
        let mut all = entries(again);
        for entry in &mut all {
            entry["response"]["status"] = json!(200.0);
        }
        let (code, text) = ends_with(&all);
        assert_eq!(code, Some(expected), "{text}");
    }
}

#[test]
fn an_aborted_call_hides_nothing() {
    // Tools say so in the response or beside it.
    for (response, beside) in [
        (
            json!({"status": 0, "_error": "net::ERR_ABORTED"}),
            json!(null),
        ),
        (json!({"status": -1}), json!("net::ERR_ABORTED")),
    ] {
        let mut all = entries(SECRETS[2]).to_vec();
        let mut aborted = all[1].clone();
        aborted["response"] = response;
        if !beside.is_null() {
            aborted["_failureText"] = beside;
        }
        all.insert(1, aborted);
        let (code, text) = ends_with(&all);
        assert_eq!(code, Some(0), "{text}");
    }
}

#[test]
fn base64_is_read_with_broken_lines_and_without_padding() {
    use base64::Engine as _;
    for (again, expected) in [(SECRETS[1], 1), (SECRETS[2], 0)] {
        for wraps in [true, false] {
            let mut all = entries(again);
            for entry in &mut all {
                let content = &mut entry["response"]["content"];
                let text = content["text"].as_str().unwrap();
                // Three lengths, so that each padding occurs.
                let text = format!("{text}{}", " ".repeat(usize::from(text.len() % 3 == 0)));
                let text = base64::engine::general_purpose::STANDARD.encode(text);
                let text = if wraps {
                    text.as_bytes()
                        .chunks(20)
                        .map(String::from_utf8_lossy)
                        .collect::<Vec<_>>()
                        .join("\r\n")
                } else {
                    text.trim_end_matches('=').to_owned()
                };
                *content = json!({"text": text, "encoding": "base64"});
            }
            let (code, text) = ends_with(&all);
            assert_eq!(code, Some(expected), "{text}");
        }
    }
}

#[test]
fn what_a_user_writes_is_no_mask() {
    let [_, one, two, ..] = SECRETS;
    let bodies = ["{{my.message}}", "Please wait...", "(none)", "---", "***"];
    for text in bodies {
        let of = |token: &str, body: &str| {
            let mut call = call(token);
            call.body = json!({"code": text, "notes": body})
                .to_string()
                .into_bytes();
            call.target.push_str("?search=*&text=[all]");
            call
        };
        let done = json!({"success": true, "result": [{"code": text, "error": text}]}).to_string();
        let all = |again: &str| {
            [
                exchanged("marketo", &issue(), &token(one)),
                exchanged("marketo", &of(one, text), &answer(200, &done)),
                exchanged("marketo", &of(one, text), &answer(200, REFUSED)),
                exchanged("marketo", &issue(), &token(two)),
                exchanged("marketo", &of(two, again), &answer(200, &done)),
            ]
        };
        let (code, said) = ends_with(&all(text));
        assert_eq!(code, Some(0), "{text}: {said}");
        let (code, said) = ends_with(&all("lost"));
        assert_eq!(code, Some(1), "{text}: {said}");
        assert!(said.contains("same-body"), "{text}: {said}");
    }
}

#[test]
fn one_text_for_every_token_shows_nothing_of_a_renewal() {
    for mask in [
        "REDACTED_TOKEN",
        "--REDACTED--",
        "[REDACTED sha256=abc]",
        "redacted for privacy",
        "［伏せ字］",
        "〇〇〇〇",
        "xxxx-xxxx-xxxx",
        "$MK_TOKEN",
        "TOKEN",
        "00000000-0000",
        &"x".repeat(64),
    ] {
        let mut text = har(&entries(SECRETS[1]));
        for secret in &SECRETS[1..3] {
            text = text.replace(secret, mask);
        }
        let (code, said) = of_text(&text, &[]);
        assert_eq!(code, Some(3), "{mask}: {said}");
        assert!(said.contains("    marketo.refused.602\n"), "{mask}: {said}");
    }
}

#[test]
fn a_token_that_is_issued_again_unrefused_is_no_mask() {
    let [_, one, two, ..] = SECRETS;
    let mut all = entries(two).to_vec();
    all.insert(1, exchanged("marketo", &issue(), &token(one)));
    let (code, said) = ends_with(&all);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn an_unread_entry_leaves_it_open_whether_a_client_conforms() {
    let mut all = entries(SECRETS[2]).to_vec();
    all[5]["request"].as_object_mut().unwrap().remove("method");
    let text = har(&all);
    let (code, said) = of_text(&text, &[]);
    assert_eq!(code, Some(3), "{said}");
    assert!(
        said.contains("not read: log.entries[5].request.method"),
        "{said}"
    );
    assert_eq!(of_text(&text, &["--allow-hidden"]).0, Some(0));
}

/// A recording with an entry of this host that holds half of a character.
fn with_half_a_character(again: &str, host: &str) -> String {
    let mut all = entries(again).to_vec();
    let mut odd = all[1].clone();
    let url = odd["request"]["url"].as_str().unwrap();
    odd["request"]["url"] = json!(url.replace("h.example", host));
    odd["comment"] = json!("HALF");
    all.insert(2, odd);
    har(&all).replace("HALF", "\\ud83d")
}

#[test]
fn another_servers_entry_that_is_no_json_changes_nothing() {
    for (again, expected) in [(SECRETS[1], 1), (SECRETS[2], 0)] {
        let (code, said) = of_text(&with_half_a_character(again, "other.example"), &[]);
        assert_eq!(code, Some(expected), "{said}");
        assert!(!said.contains("not read"), "{said}");
    }
}

#[test]
fn a_providers_entry_that_is_no_json_leaves_it_open() {
    let (code, said) = of_text(&with_half_a_character(SECRETS[2], "h.example"), &[]);
    assert_eq!(code, Some(3), "{said}");
    let note = "note: not read: log.entries[2], line 1 column ";
    assert!(
        said.contains(note) && said.contains("a surrogate alone"),
        "{said}"
    );
    let (code, said) = of_text(&with_half_a_character(SECRETS[1], "h.example"), &[]);
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn of_many_entries_that_cannot_be_read_only_a_few_are_named() {
    let mut all = entries(SECRETS[2]).to_vec();
    all.extend((0..1000).map(|_| json!({"request": {"method": "GET"}})));
    let (code, said) = of_text(&har(&all), &[]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("note: not read: 992 more entries"), "{said}");
    assert_eq!(said.matches("not read: log.entries[").count(), 8, "{said}");
    // Of a recording with nothing else as well.
    let (code, said) = of_text(&har(&all[6..]), &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("not read: log.entries[0].request.url"),
        "{said}"
    );
}

#[test]
fn an_export_without_its_body_hides_no_refusal() {
    let [_, one, ..] = SECRETS;
    let export = |kind: &str| {
        let target = "/bulk/v1/leads/export/1/file.json";
        let bearer = format!("Bearer {one}");
        let get = request("GET", target, &[("authorization", &bearer)], "");
        let mut export = exchanged("marketo", &get, &answer(200, ""));
        export["response"]["headers"] = json!([{"name": "Content-Type", "value": kind}]);
        export["response"]["content"] = json!({"size": 5000, "mimeType": kind});
        [
            exchanged("marketo", &issue(), &token(one)),
            exchanged("marketo", &call(one), &answer(200, DONE)),
            export,
            exchanged("marketo", &call(one), &answer(200, DONE)),
        ]
    };
    for (kind, expected) in [
        ("text/csv", 0),
        ("text/csv; charset=UTF-8", 0),
        ("application/json", 3),
    ] {
        // Without the last call, which shows that the token was good.
        let (code, said) = ends_with(&export(kind)[..3]);
        assert_eq!(code, Some(expected), "{kind}: {said}");
    }
}

#[test]
fn the_tools_name_counts_behind_the_entries_too() {
    let key = [("x-jooto-api-key", "SECRET-key")];
    let listed = request("GET", "/organizations", &key, "");
    let all = [exchanged("jooto", &listed, &answer(200, "[]"))];
    let har: Value = serde_json::from_str(&har(&all)).unwrap();
    let entries = &har["log"]["entries"];
    let creator = r#"{"name":"WebInspector","version":"537.36"}"#;
    let before = of_text(
        &format!(r#"{{"log":{{"creator":{creator},"entries":{entries}}}}}"#),
        &[],
    );
    let behind = of_text(
        &format!(r#"{{"log":{{"entries":{entries},"creator":{creator}}}}}"#),
        &[],
    );
    assert_eq!(before.0, Some(3), "{}", before.1);
    assert_eq!(behind, before);
}

#[test]
fn text_that_is_no_json_is_named_with_its_entry() {
    let all = har(&entries(SECRETS[2]));
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for (value, problem) in [
        (r#""\ud800""#, "a surrogate alone"),
        ("NaN", "such as NaN"),
        ("1e400", "a number is too large"),
        (deep.as_str(), "more than 127 levels"),
    ] {
        let text = all.replacen("\"cache\":{}", &format!("\"cache\":{value}"), 1);
        let (code, said) = of_text(&text, &[]);
        assert_eq!(code, Some(3), "{said}");
        let note = "note: not read: log.entries[0], line 1 column ";
        assert!(said.contains(note) && said.contains(problem), "{said}");
    }
}

#[test]
fn text_whose_structure_is_broken_is_named_with_its_place() {
    let all = har(&entries(SECRETS[2]));
    let broken = all.replacen("\"cache\":{}", "\"cache\":{]", 1);
    let (code, said) = of_text(&broken, &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("in or behind log.entries[0], line 1 column "),
        "{said}"
    );
    assert!(said.contains("this is no JSON (`}` is expected)"), "{said}");
    let (code, said) = of_text(&all[..all.len() / 2], &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("the file ends early"), "{said}");
}
