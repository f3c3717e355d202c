//! Named fields: of a query, a header block, a body, an answer.

use serde_json::Value;

use super::{Judge, NOTHING};
use crate::case::{Fields, Matcher};

impl Judge<'_> {
    /// Checks named fields. `present` is `None` if there was no message at all.
    pub(super) fn fields(
        &mut self,
        part: &str,
        expected: &Fields,
        present: Option<&[(String, Value)]>,
    ) {
        let wanted: Vec<(String, Matcher)> = expected
            .wanted()
            .map(|(name, matcher)| (name.clone(), matcher.clone()))
            .collect();
        for (name, matcher) in &wanted {
            self.field(part, name, matcher, present);
        }
        for name in &expected.forbid {
            let found = values_of(name, present);
            let seen = match (present, found.len()) {
                (None, _) => NOTHING.to_owned(),
                (Some(_), 0) => "it is absent".to_owned(),
                (Some(_), count) => format!("it is there {count} times"),
            };
            let passed = present.is_some() && found.is_empty();
            self.check(&format!("{part}.{name}"), passed, "it is absent", &seen);
        }
        if let Some(exact) = &expected.exact {
            let names: Vec<&str> = exact.keys().map(String::as_str).collect();
            let text = if names.is_empty() {
                "no field".to_owned()
            } else {
                format!("only {}", names.join(", "))
            };
            let others: Option<Vec<&str>> = present.map(|present| {
                let others = present.iter().map(|(name, _)| name.as_str());
                others.filter(|name| !exact.contains_key(*name)).collect()
            });
            let seen = match &others {
                None => NOTHING.to_owned(),
                Some(others) if others.is_empty() => "nothing else".to_owned(),
                Some(others) => format!("also {}", others.join(", ")),
            };
            self.check(
                part,
                others.is_some_and(|others| others.is_empty()),
                &text,
                &seen,
            );
        }
    }

    fn field(
        &mut self,
        part: &str,
        name: &str,
        matcher: &Matcher,
        present: Option<&[(String, Value)]>,
    ) {
        let id = format!("{part}.{name}");
        let template = matcher.template();
        let filled = self.values.expand(&template).unwrap_or_default();
        let found = values_of(name, present);
        // A field is the same one across exchanges: `state` of two authorization URLs.
        let key = format!("{}.{name}", part.rsplit('.').next().unwrap_or(part));
        let earlier = self.earlier.get(&key).cloned().unwrap_or_default();
        let same_type = |seen: &&Value| {
            // RFC 6749 section 5.1: the type of a token is the same in upper and lower case.
            matches!(matcher, Matcher::Text(_))
                && part.ends_with("answer.json")
                && matches!(name, "token_type" | "tokenType")
                && seen
                    .as_str()
                    .is_some_and(|seen| seen.eq_ignore_ascii_case(&filled))
        };
        let passed = found.len() == 1
            && (matcher.matches(found[0], &filled, &earlier) || found.iter().all(same_type));
        let secret = self.names_secret(&template);
        let seen = match (present, found.as_slice()) {
            _ if !self.says(passed) => String::new(),
            (None, _) => NOTHING.to_owned(),
            (Some(_), []) => "it is absent".to_owned(),
            (Some(_), [one]) => match one {
                Value::String(text) => self.show(text, secret),
                other => format!("the JSON {}", kind_of(other)),
            },
            (Some(_), many) => format!("it is there {} times", many.len()),
        };
        if let (Matcher::Fresh(_), [Value::String(text)]) = (matcher, found.as_slice()) {
            self.earlier.entry(key).or_default().push(text.clone());
        }
        self.check(&id, passed, &format!("once, {matcher}"), &seen);
    }
}

fn values_of<'v>(name: &str, present: Option<&'v [(String, Value)]>) -> Vec<&'v Value> {
    present
        .unwrap_or_default()
        .iter()
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value)
        .collect()
}

fn kind_of(value: &Value) -> String {
    match value {
        Value::Number(number) => format!("number {number}"),
        Value::Bool(flag) => flag.to_string(),
        Value::Null => "null".to_owned(),
        Value::Array(_) => "array".to_owned(),
        Value::Object(_) => "object".to_owned(),
        Value::String(_) => "text".to_owned(),
    }
}

/// Text fields as JSON values.
pub(super) fn texts(fields: Vec<(String, String)>) -> Vec<(String, Value)> {
    fields
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)))
        .collect()
}
