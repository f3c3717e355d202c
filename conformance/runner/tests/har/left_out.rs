//! What is missing in a recording, or looks as if it was: no mistake passes for that, and no right client is doubted.

use serde_json::{Value, json};

use crate::exchange::request;
use crate::outputs::{judge, said};
use crate::session::{SECRETS, answer, entries, exchanged};
use crate::support::har;

fn ends_with(entries: &[Value]) -> (Option<i32>, String) {
    of_text(&har(entries), &[])
}

fn of_text(har: &str, more: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = judge(folder.path(), har, more);
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
        (r#""\ud800""#, "hex escape"),
        ("NaN", "expected"),
        ("1e400", "number out of range"),
        (deep.as_str(), "recursion limit exceeded"),
    ] {
        let text = all.replacen("\"cache\":{}", &format!("\"cache\":{value}"), 1);
        let (code, said) = of_text(&text, &[]);
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains("in or behind log.entries[0], line 1 column"),
            "{said}"
        );
        assert!(
            said.contains(problem) && !said.contains("`log` is no object"),
            "{said}"
        );
    }
}
