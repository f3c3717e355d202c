//! Helpers to inspect requests on the wire.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tegata_emulator::LogEntry;

/// Every place in which some credential of some provider can travel.
const PLACES: [&str; 4] = [
    "x-api-key",
    "x-access-token",
    "x-jooto-api-key",
    "authorization",
];

/// The one credential of a request, as `place: value`.
#[track_caller]
pub fn credential(entry: &LogEntry) -> String {
    let mut found: Vec<String> = Vec::new();
    for place in PLACES {
        let values = entry.header(place).into_iter();
        found.extend(values.map(|value| format!("{place}: {value}")));
    }
    for (name, value) in pairs(entry.query.as_deref().unwrap_or_default()) {
        if name == "access_token" {
            found.push(format!("?access_token: {value}"));
        }
    }
    match found.as_slice() {
        [only] => only.clone(),
        _ => panic!("not exactly one credential: {found:?}"),
    }
}

/// The one value of a header.
#[track_caller]
pub fn header<'a>(entry: &'a LogEntry, name: &str) -> &'a str {
    let values = entry.header(name);
    match values.as_slice() {
        [only] => only,
        _ => panic!("{name} is there {} times", values.len()),
    }
}

/// The fields of a form body.
#[track_caller]
pub fn form(entry: &LogEntry) -> Vec<(&str, &str)> {
    let form = entry.form.as_ref().expect("a form body");
    let pairs = form.iter();
    pairs.map(|(n, v)| (n.as_str(), v.as_str())).collect()
}

/// The fields of the query.
pub fn query(entry: &LogEntry) -> Vec<(String, String)> {
    pairs(entry.query.as_deref().unwrap_or_default())
}

/// The body, read as JSON.
#[track_caller]
pub fn json(entry: &LogEntry) -> serde_json::Value {
    assert_eq!(header(entry, "content-type"), "application/json");
    serde_json::from_str(&entry.body).expect("a JSON body")
}

/// The text in `Authorization: Basic`, before base64.
#[track_caller]
pub fn basic(entry: &LogEntry) -> String {
    let value = header(entry, "authorization");
    let encoded = value.strip_prefix("Basic ").expect("HTTP Basic");
    let decoded = BASE64_STANDARD.decode(encoded).expect("base64");
    String::from_utf8(decoded).expect("UTF-8")
}

/// Method, target and body: what must be the same when a request is sent again.
pub fn sent(entry: &LogEntry) -> (&str, &str, Option<&str>, &str, Vec<&str>) {
    let content_type = entry.header("content-type");
    let query = entry.query.as_deref();
    (&entry.method, &entry.path, query, &entry.body, content_type)
}

/// The statuses that were answered.
pub fn statuses(entries: &[LogEntry]) -> Vec<u16> {
    entries.iter().filter_map(|entry| entry.status).collect()
}

/// Decodes form-encoded pairs, by hand: the tests do not ask the code under test.
pub fn pairs(encoded: &str) -> Vec<(String, String)> {
    encoded
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || {
                    let digit = rest.next().map(char::from);
                    let digit = digit.and_then(|digit| digit.to_digit(16));
                    digit.expect("two hexadecimal digits after %")
                };
                let value = digit() * 16 + digit();
                u8::try_from(value).expect("two digits make a byte")
            }
            other => other,
        });
    }
    String::from_utf8(bytes).expect("UTF-8")
}
