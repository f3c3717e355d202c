//! Schemas, as far as operations use them.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value as Json;

use super::{Changed, Comparison, Side};

const REFERENCE: &str = "#/components/schemas/";

/// So many parts of one schema are named.
const PARTS: usize = 5;

pub(super) fn schemas(old: &Side, new: &Side, comparison: &mut Comparison) {
    let (before, after) = (Used::of(old), Used::of(new));
    let mut names: Vec<&str> = after.users.keys().copied().collect();
    names.sort_unstable();
    for name in names {
        // One that is new or gone is part of what uses it.
        let (Some(old), Some(new)) = (before.schemas.get(name), after.schemas.get(name)) else {
            continue;
        };
        let mut shown = parts(old, new);
        if shown.is_empty() {
            continue;
        }
        if shown.len() > PARTS {
            let more = shown.len() - PARTS;
            shown.truncate(PARTS);
            shown.push(format!("{more} more"));
        }
        shown.push(format!("used by {}", after.users[name]));
        comparison.schemas.push(Changed {
            what: format!("`{name}`"),
            parts: shown,
            ..Changed::default()
        });
    }
}

/// The schemas of a document, each with the first operation that uses it.
struct Used<'a> {
    schemas: HashMap<&'a str, &'a Json>,
    users: HashMap<&'a str, String>,
}

impl<'a> Used<'a> {
    fn of(side: &'a Side) -> Self {
        let document = &side.lowered.document;
        let schemas = document["components"]["schemas"].as_object();
        let schemas = schemas.into_iter().flatten();
        let schemas: HashMap<&str, &Json> = schemas.map(|(name, it)| (&**name, it)).collect();
        let mut users = HashMap::new();
        for operation in &side.lowered.operations {
            let json = &document["paths"][&operation.key][operation.encoded_as];
            let user = format!("{} {}", operation.method, operation.path);
            let mut open = Vec::new();
            references(json, &mut open);
            while let Some(name) = open.pop() {
                if let (Some(schema), Entry::Vacant(entry)) = (schemas.get(name), users.entry(name))
                {
                    entry.insert(user.clone());
                    references(schema, &mut open);
                }
            }
        }
        Self { schemas, users }
    }
}

fn references<'a>(json: &'a Json, found: &mut Vec<&'a str>) {
    match json {
        Json::Object(members) => {
            if let Some(Json::String(reference)) = members.get("$ref") {
                found.extend(reference.strip_prefix(REFERENCE));
            }
            members.values().for_each(|it| references(it, found));
        }
        Json::Array(items) => items.iter().for_each(|it| references(it, found)),
        _ => {}
    }
}

/// Which properties, variants and values differ; words for people do not count.
fn parts(old: &Json, new: &Json) -> Vec<String> {
    let (old, new) = (without_words(old), without_words(new));
    if old == new {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let property = |it: &Json| -> HashMap<String, Json> {
        let members = it["properties"].as_object().into_iter().flatten();
        members
            .map(|(name, it)| (name.clone(), it.clone()))
            .collect()
    };
    let (before, after) = (property(&old), property(&new));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let how = match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) if old == new => continue,
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "removed",
            _ => "added",
        };
        parts.push(format!("property `{name}` {how}"));
    }
    let texts = |it: &Json, key: &str| -> HashSet<String> {
        let list = it[key].as_array().into_iter().flatten();
        list.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned))
            .collect()
    };
    for (key, what) in [("required", "required"), ("enum", "value")] {
        let (before, after) = (texts(&old, key), texts(&new, key));
        let mut changes: Vec<String> = Vec::new();
        changes.extend(
            after
                .difference(&before)
                .map(|it| format!("{what} `{it}` added")),
        );
        changes.extend(
            before
                .difference(&after)
                .map(|it| format!("{what} `{it}` removed")),
        );
        changes.sort_unstable();
        parts.extend(changes);
    }
    if parts.is_empty() {
        parts.push("its type".to_owned());
    }
    parts
}

fn without_words(schema: &Json) -> Json {
    match schema {
        Json::Object(members) => {
            // A property may have such a name, and a schema is no text.
            let is_word = |(key, it): &(&String, &Json)| {
                ["description", "title"].contains(&key.as_str()) && it.is_string()
            };
            let kept = members.iter().filter(|it| !is_word(it));
            let kept = kept.map(|(key, it)| (key.clone(), without_words(it)));
            Json::Object(kept.collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(without_words).collect()),
        other => other.clone(),
    }
}
