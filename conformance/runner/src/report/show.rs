//! How recorded text is shown: secrets by their names, random values and ports the same in every
//! run, and nothing that may be a user's secret.

use serde_json::Value;

use super::{Check, Part, SubjectKind};
use crate::case::{Case, Suite, capture_state};
use crate::fixture::{Redactor, Values, form_decode, percent_decode};
use crate::judge::{Transcript, captures};

/// The most characters of a body that are shown.
const LIMIT: usize = 2000;

/// Headers whose values are words of the protocol.
const USUAL_HEADERS: [&str; 10] = [
    "accept",
    "accept-encoding",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "host",
    "pragma",
    "retry-after",
    "user-agent",
];

/// Shows the record of one run of one case.
pub(super) struct Shown {
    redactors: Vec<Redactor>,
    /// Address of a listener, and its name in reports.
    hosts: Vec<(String, &'static str)>,
    /// Whether the requests hold a user's own values, and not those of the suite.
    foreign_requests: bool,
    /// Whether the answers are.
    foreign_answers: bool,
    /// Texts that may be shown in any place.
    plain: Vec<String>,
}

impl Shown {
    /// For the values that the run began with and those that came up in it.
    pub(super) fn of(
        suite: &Suite,
        kind: SubjectKind,
        case: &Case,
        transcript: &Transcript,
    ) -> Self {
        let begin = &transcript.values;
        let mut values = begin.clone();
        let mut redactors = vec![values.redactor(), case_redactor(suite, case)];
        for (step, record) in case.step.iter().zip(&transcript.steps) {
            if let Some(url) = record.url() {
                capture_state(&mut values, &url);
                redactors.push(values.redactor());
            }
            for (exchange, answer) in step.exchange.iter().zip(&record.answers) {
                if let (Some(expected), Some(answer)) = (&exchange.answer, answer) {
                    for (name, value) in captures(expected, answer) {
                        values.set(&name, &value);
                    }
                    redactors.push(values.redactor());
                }
            }
        }
        let mut hosts = Vec::new();
        for (name, shown) in [
            ("origin", "main.invalid"),
            ("other-origin", "other.invalid"),
        ] {
            let host = begin
                .get(name)
                .and_then(|origin| origin.split_once("://"))
                .map(|(_, host)| host.to_owned());
            hosts.extend(host.map(|host| (host, shown)));
        }
        Self {
            redactors,
            hosts,
            foreign_requests: kind == SubjectKind::Recording,
            foreign_answers: kind != SubjectKind::Client,
            plain: plain(suite, case),
        }
    }

    /// A text with secrets and addresses replaced.
    pub(super) fn text(&self, text: &str) -> String {
        let mut shown = self
            .redactors
            .iter()
            .fold(text.to_owned(), |text, redactor| redactor.redact(&text));
        for (host, name) in &self.hosts {
            shown = shown.replace(host.as_str(), name);
            shown = shown.replace(&host.replace(':', "%3A"), name);
            shown = shown.replace(&host.replace(':', "%3a"), name);
        }
        shown
    }

    /// The task. The author of a recording did something similar, not this very task.
    pub(super) fn task(&self, task: &str) -> String {
        let stands_for = if self.foreign_requests {
            "stands for "
        } else {
            ""
        };
        format!("{stands_for}{}", self.text(task))
    }

    /// What a check saw. The value of a field may be a user's secret or personal data.
    pub(super) fn seen(&self, part: Part, field: Option<&str>, check: &Check) -> String {
        let value = check.seen.strip_prefix('`');
        match (field, value.and_then(|value| value.strip_suffix('`'))) {
            // The expected text comes from the suite itself.
            (Some(name), Some(value)) if !check.expected.contains(&check.seen) => {
                let foreign = if part == Part::Answer {
                    self.foreign_answers
                } else {
                    self.foreign_requests
                };
                format!("`{}`", self.value(name, value, foreign))
            }
            _ => self.text(&check.seen),
        }
    }

    /// The headers of a request.
    pub(super) fn request_headers(&self, headers: &[(String, String)]) -> Vec<(String, String)> {
        self.headers(headers, self.foreign_requests)
    }

    /// The headers of an answer.
    pub(super) fn answer_headers(&self, headers: &[(String, String)]) -> Vec<(String, String)> {
        self.headers(headers, self.foreign_answers)
    }

    fn headers(&self, headers: &[(String, String)], foreign: bool) -> Vec<(String, String)> {
        let shown = |name: &str, value: &str| {
            let usual = USUAL_HEADERS
                .iter()
                .any(|usual| name.eq_ignore_ascii_case(usual));
            self.value(name, value, foreign && !usual)
        };
        headers
            .iter()
            .map(|(name, value)| (self.text(name), shown(name, value)))
            .collect()
    }

    /// The value of a header or field. One that stands where a secret belongs, and is none that we
    /// know, is shown by its length only; so is a user's own value.
    fn value(&self, name: &str, value: &str, foreign: bool) -> String {
        let shown = self.text(value);
        let name = name.to_ascii_lowercase();
        let plain = self.plain.iter().any(|plain| plain == value);
        let kept = if foreign {
            is_harmless(&name, value)
        } else {
            !is_sensitive(&name)
        };
        if plain || kept {
            return shown;
        }
        match shown.split_once(' ') {
            Some((scheme, rest))
                if name.ends_with("authorization")
                    && ["bearer", "basic"].contains(&scheme.to_ascii_lowercase().as_str()) =>
            {
                format!("{scheme} {}", masked(rest))
            }
            _ => masked(&shown),
        }
    }

    /// A request target.
    pub(super) fn target(&self, target: &str) -> String {
        match target.split_once('?') {
            None => self.text(target),
            Some((path, query)) => format!("{}?{}", self.text(path), self.pairs(query)),
        }
    }

    /// A query or form as it was encoded.
    fn pairs(&self, text: &str) -> String {
        let pairs = text.split('&').map(|pair| match pair.split_once('=') {
            None if self.foreign_requests => masked(&self.text(pair)),
            None => self.text(pair),
            Some((name, value)) => {
                let plain = form_decode(value);
                let decoded = form_decode(name);
                let shown = if self.plain.contains(&plain) {
                    self.text(value)
                } else {
                    self.value(&decoded, value, self.foreign_requests)
                };
                format!("{}={shown}", self.text(name))
            }
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    /// The body of a request.
    pub(super) fn request_body(&self, media_type: Option<&str>, body: &[u8]) -> Option<String> {
        self.body(media_type, body, true, self.foreign_requests)
    }

    /// The body of an answer.
    pub(super) fn answer_body(&self, media_type: Option<&str>, body: &[u8]) -> Option<String> {
        let foreign = self.foreign_answers;
        self.body(media_type, body, foreign, foreign)
    }

    fn body(
        &self,
        media_type: Option<&str>,
        body: &[u8],
        guarded: bool,
        foreign: bool,
    ) -> Option<String> {
        if body.is_empty() {
            return None;
        }
        let Ok(text) = std::str::from_utf8(body) else {
            return Some(format!("({} bytes that are no text)", body.len()));
        };
        let shown = match serde_json::from_str::<Value>(text) {
            _ if !guarded => self.text(text),
            Ok(json) if json.is_object() || json.is_array() => {
                let safe = self.json("", &json, foreign);
                if safe == json {
                    self.text(text)
                } else {
                    self.text(&safe.to_string())
                }
            }
            _ if media_type == Some("application/x-www-form-urlencoded") => self.pairs(text),
            // It may hold anything.
            _ if foreign => format!("({} bytes of text)", text.len()),
            _ => self.text(text),
        };
        let count = shown.chars().count();
        if count <= LIMIT {
            return Some(shown);
        }
        let cut: String = shown.chars().take(LIMIT / 4).collect();
        Some(format!("{cut}… ({} bytes in all)", body.len()))
    }

    /// JSON with the members replaced that may hold a secret.
    fn json(&self, name: &str, json: &Value, foreign: bool) -> Value {
        match json {
            Value::String(text) => {
                let known = self.text(text);
                let shown = self.value(name, text, foreign);
                // A renamed value needs no redaction here: the whole text is redacted later.
                Value::String(if shown == known { text.clone() } else { shown })
            }
            Value::Array(items) => items
                .iter()
                .map(|item| self.json(name, item, foreign))
                .collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, item)| (name.clone(), self.json(name, item, foreign)))
                .collect(),
            other => other.clone(),
        }
    }
}

/// The case's own values, where a run began with others.
fn case_redactor(suite: &Suite, case: &Case) -> Redactor {
    let values: Values = crate::case::case_values(suite, case);
    values.redactor()
}

/// Values of the suite that are no secrets.
fn plain(suite: &Suite, case: &Case) -> Vec<String> {
    let file = suite.fixtures.values.get(&case.provider);
    file.into_iter()
        .flat_map(|file| file.plain.values().cloned())
        .collect()
}

/// Whether a header or field of this name may hold a secret.
fn is_sensitive(name: &str) -> bool {
    const HARMLESS: [&str; 5] = [
        "token_type",
        "grant_type",
        "response_type",
        "code_challenge_method",
        "x-csrf-token-name",
    ];
    const PARTS: [&str; 10] = [
        "auth",
        "token",
        "secret",
        "key",
        "password",
        "cookie",
        "session",
        "assertion",
        "verifier",
        "signature",
    ];
    !HARMLESS.contains(&name)
        && (matches!(name, "code" | "state" | "sid" | "jwt")
            || PARTS.iter().any(|part| name.contains(part)))
}

/// Whether a text from elsewhere may be shown: words of protocols, and nothing from a user.
fn is_harmless(name: &str, text: &str) -> bool {
    const WORDS: [&str; 4] = ["grant_type", "response_type", "token_type", "error"];
    let word = text.len() <= 32
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    // Codes of errors are numbers; a code of the code flow is not.
    let number = text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let bearer = name == "token_type" && text.eq_ignore_ascii_case("bearer");
    text.is_empty() || bearer || (word && WORDS.contains(&name)) || (number && name == "code")
}

/// A text in which only the names of known secrets and punctuation are left.
fn masked(text: &str) -> String {
    let mut shown = String::new();
    let mut run = String::new();
    let mut inside = false;
    let flush = |run: &mut String, shown: &mut String| {
        if !run.is_empty() {
            shown.push_str(&length(run));
            run.clear();
        }
    };
    for part in percent_decode(text).chars() {
        match part {
            '[' => {
                flush(&mut run, &mut shown);
                inside = true;
                shown.push(part);
            }
            ']' if inside => {
                inside = false;
                shown.push(part);
            }
            _ if inside => shown.push(part),
            '"' | '\'' | ':' | ' ' | '%' => {
                flush(&mut run, &mut shown);
                shown.push(part);
            }
            _ => run.push(part),
        }
    }
    flush(&mut run, &mut shown);
    shown
}

fn length(text: &str) -> String {
    match text.chars().count() {
        1 => "(1 character)".to_owned(),
        count => format!("({count} characters)"),
    }
}
