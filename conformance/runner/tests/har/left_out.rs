//! What is missing in a recording, or looks as if it was: no mistake passes for that, and no right client is doubted.

use serde_json::{Value, json};

use crate::outputs::{judge, said};
use crate::session::{SECRETS, entries};
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
