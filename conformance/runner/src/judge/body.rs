//! The body as a whole: what it carries, and whether it is the same as before.

use serde_json::Value;

use super::{Judge, NOTHING};
use crate::case::Exchange;
use crate::fixture::Recorded;

impl Judge<'_> {
    /// Checks the body of one request.
    pub(super) fn body(&mut self, expected: &Exchange, seen: Option<&Recorded>) {
        let names_any = !expected.carries.is_empty() || !expected.carries_not.is_empty();
        let carried = seen.filter(|_| names_any).map(carried).unwrap_or_default();
        for (names, word, wanted) in [
            (&expected.carries, "carries", true),
            (&expected.carries_not, "carries-not", false),
        ] {
            for name in names {
                let value = self.values.get(name).unwrap_or_default();
                let there = carried.iter().any(|known| known == value);
                let text = |there: bool| {
                    format!(
                        "the body {} [{name}]",
                        if there { "carries" } else { "does not carry" }
                    )
                };
                let found = if seen.is_some() {
                    text(there)
                } else {
                    NOTHING.to_owned()
                };
                let id = format!("{}.{word}.{name}", expected.name);
                let passed = seen.is_some() && there == wanted;
                self.check(&id, passed, &text(wanted), &found);
            }
        }
        if let Some(same) = &expected.body {
            let earlier = self.bodies.get(&same.same_as).cloned();
            let (passed, found) = match (seen, earlier) {
                (Some(seen), Some((media, body))) => {
                    let passed = seen.media_type() == media && seen.body == body;
                    let words = if passed { "the same" } else { "another one" };
                    (passed, format!("{words}, {} bytes", seen.body.len()))
                }
                _ => (false, NOTHING.to_owned()),
            };
            let text = format!("the body and media type of {}", same.same_as);
            self.check(&format!("{}.body", expected.name), passed, &text, &found);
        }
    }
}

/// Every text in a body, at any depth.
fn carried(seen: &Recorded) -> Vec<String> {
    fn texts(value: &Value, all: &mut Vec<String>) {
        match value {
            Value::String(text) => all.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| texts(item, all)),
            Value::Object(members) => members.values().for_each(|item| texts(item, all)),
            _ => {}
        }
    }
    let mut all: Vec<String> = seen.form().into_iter().map(|(_, value)| value).collect();
    if let Some(json) = seen.json() {
        texts(&json, &mut all);
    }
    all
}
