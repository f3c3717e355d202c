//! Masks that a tool put in the place of values, such as `[REDACTED]` and `***`.
//!
//! Two masks look alike, whatever they stand for. Each is replaced by a text of its own, so that none is taken for a
//! value that was sent twice.
//!
//! What a user writes may look like a mask: `{{my.message}}`, `(none)`, `Please wait...`. So in a call they are looked
//! for where credentials are, and never in its body.

use std::collections::BTreeSet;

use serde_json::Value;

use super::entry::LeftOut;
use crate::fixture::{Answer, Recorded, join_pairs, query_pairs};

/// The longest mask.
const LONGEST: usize = 60;
/// Words that stand for a value without any mark round them.
const WORDS: [&str; 11] = [
    "anonymized",
    "censored",
    "filtered",
    "hidden",
    "masked",
    "obfuscated",
    "redacted",
    "removed",
    "sanitized",
    "scrubbed",
    "stripped",
];
/// What names of fields with credentials have in them.
const CREDENTIALS: [&str; 6] = ["code", "key", "password", "secret", "token", "auth"];
/// What stands round a mask, whatever is in between.
const BRACKETS: [(char, char); 7] = [
    ('[', ']'),
    ('<', '>'),
    ('{', '}'),
    ('(', ')'),
    ('［', '］'),
    ('【', '】'),
    ('〔', '〕'),
];
/// The members of an answer that say whether it is a refusal.
const CODES: [&str; 4] = ["/code", "/error", "/error/code", "/errors/0/code"];

/// Replaces the masks of an entry, and notes where they stood. A request that asks for a token, or for a login, has
/// no values but those of the client and its provider.
pub(super) fn replace(
    index: usize,
    asks_for_access: bool,
    request: &mut Recorded,
    answer: Option<&mut Answer>,
    left_out: &mut LeftOut,
) {
    let mut masks = Masks {
        index,
        asks_for_access,
        count: 0,
        found: BTreeSet::new(),
    };
    for (name, value) in &mut request.headers {
        let place = format!("header.{}", name.to_ascii_lowercase());
        masks.header(&place, value);
    }
    if let Some((path, query)) = request.target.split_once('?')
        && let Some(query) = masks.fields("query", query)
    {
        request.target = format!("{path}?{query}");
    }
    masks.body("body", &mut request.body, &mut left_out.request_body);
    if let Some(answer) = answer {
        left_out.answer_body |= hides_a_code(&answer.body);
        masks.body("answer", &mut answer.body, &mut left_out.answer_body);
    }
    left_out.masked.append(&mut masks.found);
}

fn hides_a_code(body: &[u8]) -> bool {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut codes = CODES
        .iter()
        .filter_map(|place| json.pointer(place)?.as_str());
    codes.any(is_mask)
}

/// Whether a text stands for a value that a tool did not want to show.
pub(super) fn is_mask(text: &str) -> bool {
    let text = text.trim();
    // Quotation marks are the client's: a tool puts its mask between them.
    if text.is_empty() || text.starts_with(['"', '\'']) || text.chars().count() > LONGEST {
        return text.contains("***") || text.contains("•••");
    }
    is_word(text) || is_whole_mask(text) || is_partly_hidden(text)
}

/// The same where a credential stands: none has such words in it, or a text in brackets, or only one character.
fn is_masked_credential(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.starts_with(['"', '\'']) {
        return is_mask(text);
    }
    let in_brackets = BRACKETS.iter().any(|(open, close)| {
        text.starts_with(*open) && text.ends_with(*close) && text.chars().count() > 4
    });
    let mut parts = text.split(|one: char| !one.is_alphanumeric());
    is_mask(text) || is_repeated(text) || in_brackets || parts.any(is_word)
}

/// Whether a field of this name may hold a credential.
fn is_credential_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    CREDENTIALS.iter().any(|part| name.contains(part))
}

fn is_word(text: &str) -> bool {
    WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// Whether there is nothing of the value in it.
fn is_whole_mask(text: &str) -> bool {
    is_repeated(text) || is_bracketed(text)
}

/// A few equal marks, or a row of one letter X.
fn is_repeated(text: &str) -> bool {
    let mut all = text.chars();
    let first = all.next().unwrap_or_default();
    let count = text.chars().count();
    let marks = "*•●·█▇▒#…".contains(first);
    let weak = "xX-_.?".contains(first) && count >= 3;
    (marks || weak) && all.all(|other| other == first)
}

/// Words in brackets or between marks of one kind.
fn is_bracketed(text: &str) -> bool {
    const PAIRS: [(&str, &str); 10] = [
        ("[", "]"),
        ("<", ">"),
        ("(", ")"),
        ("${", "}"),
        ("{{", "}}"),
        ("{", "}"),
        ("***", "***"),
        ("*", "*"),
        ("__", "__"),
        ("%", "%"),
    ];
    let inner = PAIRS.iter().find_map(|(open, close)| {
        let inner = text.strip_prefix(open)?.strip_suffix(close)?;
        Some(inner.trim_matches(['[', ']', '<', '>', '{', '}', '*', '_', ' ']))
    });
    let known = |one: char| one.is_alphanumeric() || " _-.:,[]<>".contains(one);
    inner.is_some_and(|inner| {
        inner.chars().filter(|one| one.is_alphabetic()).count() >= 3 && inner.chars().all(known)
    })
}

/// A value of which only the beginning or the end is shown. No token has such marks in it.
fn is_partly_hidden(text: &str) -> bool {
    ["***", "•••", "…", "..."]
        .iter()
        .any(|marks| text.contains(marks))
}

struct Masks {
    index: usize,
    asks_for_access: bool,
    count: usize,
    found: BTreeSet<String>,
}

impl Masks {
    /// A text that occurs nowhere else.
    fn unique(&mut self) -> String {
        self.count += 1;
        format!("masked-{}-{}", self.index, self.count)
    }

    fn note(&mut self, part: &str, name: &str) -> String {
        self.found.insert(format!("{part}.{name}"));
        self.unique()
    }

    fn header(&mut self, place: &str, value: &mut String) {
        let masked = match value.split_once(' ') {
            // The scheme of a credential often stays.
            Some((scheme, rest)) if is_scheme(scheme) && is_masked_credential(rest) => {
                Some(format!("{scheme} {}", self.unique()))
            }
            _ if is_mask(value) && !is_header_of_marks(place, value) => Some(self.unique()),
            _ => None,
        };
        if let Some(masked) = masked {
            *value = masked;
            self.found.insert(place.to_owned());
        }
    }

    /// The fields of a query or form, if any is masked.
    fn fields(&mut self, part: &str, text: &str) -> Option<String> {
        let mut pairs = query_pairs(text);
        let mut any = false;
        for (name, value) in &mut pairs {
            let masked = if is_credential_name(name) {
                is_masked_credential(value)
            } else {
                self.asks_for_access && is_mask(value)
            };
            if masked {
                *value = self.note(part, name);
                any = true;
            }
        }
        any.then(|| join_pairs(&pairs))
    }

    fn body(&mut self, part: &str, body: &mut Vec<u8>, is_left_out: &mut bool) {
        let Ok(text) = std::str::from_utf8(body) else {
            return;
        };
        if !text.is_empty() && text.len() <= LONGEST && is_whole_mask(text.trim()) {
            *is_left_out = true;
            body.clear();
            return;
        }
        if !self.asks_for_access {
            return;
        }
        if let Ok(mut json @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
            let before = self.found.len() + self.count;
            self.json(part, "", &mut json);
            if self.found.len() + self.count > before {
                *body = json.to_string().into_bytes();
            }
            return;
        }
        // Anything else that has fields is a form; masks in other texts hide nothing that is asked for.
        if text.contains('=')
            && !text.contains(['\n', '<'])
            && let Some(masked) = self.fields(part, text)
        {
            *body = masked.into_bytes();
        }
    }

    fn json(&mut self, part: &str, name: &str, value: &mut Value) {
        match value {
            Value::String(text) if is_credential_name(name) && is_masked_credential(text) => {
                *text = self.note(part, name);
            }
            Value::String(text) if is_mask(text) => *text = self.note(part, name),
            Value::Array(items) => {
                for item in items {
                    self.json(part, name, item);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    self.json(part, name, value);
                }
            }
            _ => {}
        }
    }
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// `Accept: *` and the like.
fn is_header_of_marks(place: &str, value: &str) -> bool {
    value == "*" && place != "header.authorization"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::MAIN;

    #[test]
    fn the_usual_masks_are_known() {
        for mask in [
            "[REDACTED]",
            "<hidden>",
            "***",
            "*",
            "********",
            "•••••",
            "XXXX-".trim_end_matches('-'),
            "[Filtered]",
            "<redacted: 32 characters>",
            "{{access_token}}",
            "${TOKEN}",
            "__REDACTED__",
            "***REDACTED***",
            "[REDACTED] [REDACTED]",
            "redacted",
            "eyJhbGci...Zk3",
            "abcd****",
            "…",
        ] {
            assert!(is_mask(mask), "{mask}");
        }
    }

    #[test]
    fn values_are_no_masks() {
        for value in [
            "",
            "token",
            "x",
            "1",
            "cdf01657-110d-4155-99a7-f986b2ff13a0:int",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_~+/==",
            "\"[REDACTED]\"",
            "[1]",
            "client_credentials",
            "https://a.example/callback",
            "Access token expired",
        ] {
            assert!(!is_mask(value), "{value}");
        }
    }

    #[test]
    fn each_mask_gets_a_text_of_its_own_and_its_place_is_noted() {
        let mut request = Recorded {
            origin: MAIN.to_owned(),
            method: "POST".to_owned(),
            target: "/a?client_secret=%5BREDACTED%5D&b=c".to_owned(),
            headers: vec![
                ("Authorization".to_owned(), "Bearer ***".to_owned()),
                ("accept".to_owned(), "*".to_owned()),
            ],
            body: b"code=***&state=***&a=b".to_vec(),
        };
        let mut answer = Answer {
            status: 200,
            reason: None,
            headers: Vec::new(),
            body: br#"{"access_token":"***","list":[{"id":"[ID]"}],"n":1}"#.to_vec(),
            cut_after: None,
            raw: None,
        };
        let mut left_out = LeftOut::default();
        replace(7, true, &mut request, Some(&mut answer), &mut left_out);
        assert_eq!(request.target, "/a?client_secret=masked-7-2&b=c");
        assert_eq!(request.headers[0].1, "Bearer masked-7-1");
        assert_eq!(request.headers[1].1, "*");
        assert_eq!(request.body, b"code=masked-7-3&state=masked-7-4&a=b");
        let places: Vec<&str> = left_out.masked.iter().map(String::as_str).collect();
        assert_eq!(
            places,
            [
                "answer.access_token",
                "body.code",
                "body.state",
                "header.authorization",
                "query.client_secret"
            ]
        );
        assert!(!left_out.answer_body && !left_out.request_body);
    }

    #[test]
    fn a_masked_code_or_body_leaves_the_answer_unread() {
        for body in [r#"{"errors":[{"code":"[HIDDEN]"}]}"#, "[REDACTED]"] {
            let mut request = Recorded {
                origin: MAIN.to_owned(),
                method: "GET".to_owned(),
                target: "/".to_owned(),
                headers: Vec::new(),
                body: Vec::new(),
            };
            let mut answer = Answer {
                status: 200,
                reason: None,
                headers: Vec::new(),
                body: body.as_bytes().to_vec(),
                cut_after: None,
                raw: None,
            };
            let mut left_out = LeftOut::default();
            replace(0, false, &mut request, Some(&mut answer), &mut left_out);
            assert!(left_out.answer_body, "{body}");
        }
    }
}
