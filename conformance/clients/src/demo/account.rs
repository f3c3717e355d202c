//! An exchange in one line, without its secrets.

use std::collections::BTreeMap;

use serde_json::Value;

use tegata_emulator::LogEntry;

/// The headers that carry credentials.
const CREDENTIALS: [&str; 4] = [
    "authorization",
    "x-api-key",
    "x-access-token",
    "x-jooto-api-key",
];

/// The parameters whose values are secret, and what they are called.
const SECRETS: [(&str, &str); 9] = [
    ("client_secret", "secret"),
    ("clientSecret", "secret"),
    ("refresh_token", "refresh"),
    ("refreshToken", "refresh"),
    ("access_token", "token"),
    ("code", "code"),
    ("state", "state"),
    ("partner_id", "partner"),
    ("api_key", "key"),
];

/// Gives every secret a name: `[token 1]` is the first token that was seen, wherever it turns up again.
#[derive(Default)]
pub(super) struct Names {
    known: BTreeMap<(&'static str, String), usize>,
    seen: BTreeMap<&'static str, usize>,
}

impl Names {
    fn name(&mut self, kind: &'static str, value: &str) -> String {
        let seen = &mut self.seen;
        let number = *self
            .known
            .entry((kind, value.to_owned()))
            .or_insert_with(|| {
                let count = seen.entry(kind).or_default();
                *count += 1;
                *count
            });
        format!("[{kind} {number}]")
    }

    /// `POST /v2/tokens  authorization: Basic [client 1]  grant_type=client_credentials  -> 200`
    pub(super) fn account(&mut self, entry: &LogEntry) -> String {
        let mut parts = vec![format!("{} {}", entry.method, entry.path)];
        for (name, value) in &entry.headers {
            if CREDENTIALS.contains(&name.as_str()) {
                parts.push(format!("{name}: {}", self.credential(name, value)));
            }
        }
        let query = entry.query.as_deref().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            parts.push(self.parameter("?", &name, &value));
        }
        for (name, value) in entry.form.iter().flatten() {
            parts.push(self.parameter("", name, value));
        }
        if let Ok(Value::Object(fields)) = serde_json::from_str(&entry.body) {
            for (name, value) in &fields {
                parts.push(self.parameter("", name, value.as_str().unwrap_or("…")));
            }
        }
        let status = entry
            .status
            .map_or_else(|| "nothing".to_owned(), |status| status.to_string());
        format!("{}  -> {status}", parts.join("  "))
    }

    fn credential(&mut self, header: &str, value: &str) -> String {
        match (header, value.split_once(' ')) {
            ("authorization", Some((scheme @ "Basic", pair))) => {
                format!("{scheme} {}", self.name("client", pair))
            }
            ("authorization", Some((scheme, token))) => {
                format!("{scheme} {}", self.name("token", token))
            }
            ("x-access-token" | "authorization", _) => self.name("token", value),
            _ => self.name("key", value),
        }
    }

    fn parameter(&mut self, place: &str, name: &str, value: &str) -> String {
        match SECRETS.iter().find(|(secret, _)| *secret == name) {
            Some((_, kind)) => format!("{place}{name}={}", self.name(kind, value)),
            None => format!("{place}{name}={value}"),
        }
    }
}
