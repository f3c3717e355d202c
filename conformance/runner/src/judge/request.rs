//! One request against one exchange.

use super::fields::texts;
use super::{Judge, NOTHING};
use crate::case::Exchange;
use crate::fixture::{MAIN, Recorded};

impl Judge<'_> {
    /// Checks one request; `None` if it was not sent.
    pub(super) fn request(&mut self, expected: &Exchange, seen: Option<&Recorded>) {
        let id = |part: &str| format!("{}.{part}", expected.name);
        let shown = seen.map_or(NOTHING.to_owned(), |seen| {
            format!("{} {}", seen.method, seen.path())
        });
        self.check(&id("sent"), seen.is_some(), "a request", &shown);
        let origin = seen.map_or(NOTHING, |seen| seen.origin.as_str());
        self.check(&id("origin"), origin == MAIN, MAIN, origin);
        if let Some(method) = &expected.method {
            let found = seen.map_or(NOTHING, |seen| seen.method.as_str());
            self.check(&id("method"), found == method, method, found);
        }
        if let Some(path) = &expected.path {
            let found = seen.map_or(NOTHING, Recorded::path);
            self.check(&id("path"), found == path, path, found);
        }
        self.message(expected, seen);
        self.credential(expected, seen);
        self.body(expected, seen);
        if expected.clean_url {
            let found = seen.map(|seen| {
                self.redactor()
                    .find(&seen.target)
                    .into_iter()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            });
            let text = match &found {
                None => NOTHING.to_owned(),
                Some(names) if names.is_empty() => "none".to_owned(),
                Some(names) => names.join(", "),
            };
            let passed = found.is_some_and(|names| names.is_empty());
            self.check(
                &id("clean-url"),
                passed,
                "no secret in the request target",
                &text,
            );
        }
        if let Some(seen) = seen {
            let body = (seen.media_type(), seen.body.clone());
            self.bodies.insert(expected.name.clone(), body);
        }
    }

    fn message(&mut self, expected: &Exchange, seen: Option<&Recorded>) {
        let id = |part: &str| format!("{}.{part}", expected.name);
        if !expected.query.is_empty() {
            let query = seen.map(|seen| texts(seen.query()));
            self.fields(&id("query"), &expected.query, query.as_deref());
        }
        if !expected.headers.is_empty() {
            let headers = seen.map(|seen| {
                let lower = seen
                    .headers
                    .iter()
                    .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
                texts(lower.collect())
            });
            self.fields(&id("header"), &expected.headers, headers.as_deref());
        }
        if !expected.form.is_empty() {
            self.media_type(expected, seen, "application/x-www-form-urlencoded");
            let form = seen.map(|seen| texts(seen.form()));
            self.fields(&id("form"), &expected.form, form.as_deref());
        }
        if !expected.json.is_empty() {
            self.media_type(expected, seen, "application/json");
            let members = seen.map(|seen| match seen.json() {
                Some(serde_json::Value::Object(members)) => members.into_iter().collect(),
                _ => Vec::new(),
            });
            self.fields(&id("json"), &expected.json, members.as_deref());
        }
    }

    fn media_type(&mut self, expected: &Exchange, seen: Option<&Recorded>, wanted: &str) {
        let found = match seen {
            None => NOTHING.to_owned(),
            Some(seen) => seen
                .media_type()
                .unwrap_or_else(|| "it is absent".to_owned()),
        };
        self.check(
            &format!("{}.content-type", expected.name),
            found == wanted,
            wanted,
            &found,
        );
    }
}

/// The request that a browser would make of a URL.
pub(super) fn from_url(url: &str, origin: &str) -> Recorded {
    let (place, rest) = match url.strip_prefix(origin) {
        Some(rest)
            if !origin.is_empty() && (rest.is_empty() || rest.starts_with(['/', '?', '#'])) =>
        {
            (MAIN, rest)
        }
        _ => ("elsewhere", url),
    };
    Recorded {
        origin: place.to_owned(),
        method: "GET".to_owned(),
        target: rest.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    }
}
