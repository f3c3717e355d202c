//! A value that a schema allows, always the same one.

use serde_json::{Map as JsonMap, Value as Json, json};

use super::fits;
use crate::lower::resolved;
use crate::node::Node;
use crate::read::Files;

/// So many values an answer has at most; optional ones are left out beyond that.
const VALUES: usize = 1000;

/// So deep it is at most.
const DEPTH: usize = 24;

pub(super) fn of(files: &Files, schema: &Node) -> Json {
    let mut sampler = Sampler {
        files,
        left: VALUES,
        open: Vec::new(),
    };
    sampler.value(schema).unwrap_or(Json::Null)
}

struct Sampler<'a> {
    files: &'a Files,
    left: usize,
    /// The schemas that the value is inside of, to know those that contain themselves.
    open: Vec<&'a Node>,
}

impl<'a> Sampler<'a> {
    /// None where there is no end, or no room.
    fn value(&mut self, schema: &'a Node) -> Option<Json> {
        let name = reference_name(schema);
        let schema = resolved(self.files, schema).unwrap_or(schema);
        let is_open = self.open.iter().any(|it| std::ptr::eq(*it, schema));
        if is_open || self.open.len() >= DEPTH || self.left == 0 {
            return None;
        }
        self.left -= 1;
        self.open.push(schema);
        let value = self.inside(schema, name);
        self.open.pop();
        value
    }

    fn inside(&mut self, schema: &'a Node, name: Option<&'a str>) -> Option<Json> {
        if let Some(given) = given(self.files, schema) {
            return Some(given);
        }
        let mut members = JsonMap::new();
        let mut other = None;
        for part in schema.items_of("allOf") {
            match self.value(part)? {
                Json::Object(more) => members.extend(more),
                value => other = other.or(Some(value)),
            }
            self.discriminate(&mut members, part, name);
        }
        if let Some(variant) = self.variant(schema) {
            match variant {
                Json::Object(more) => members.extend(more),
                value => other = other.or(Some(value)),
            }
        }
        let kind = fits::types(schema).into_iter().find(|it| *it != "null");
        match kind {
            Some("object") => self.members(schema, &mut members)?,
            _ if !members.is_empty() => self.members(schema, &mut members)?,
            Some("array") => {
                let item = schema.get("items").and_then(|it| self.value(it));
                return Some(Json::Array(item.into_iter().collect()));
            }
            Some(scalar) => return other.or_else(|| Some(self::scalar(scalar, schema))),
            None if other.is_some() => return other,
            None => {}
        }
        Some(Json::Object(members))
    }

    /// The first variant of a union that is possible.
    fn variant(&mut self, schema: &'a Node) -> Option<Json> {
        let variants = ["oneOf", "anyOf"].map(|it| schema.items_of(it));
        let mut variants = variants.into_iter().flatten();
        variants.find_map(|variant| {
            let is_null = variant.text_of("type") == Some("null");
            let mut value = self.value(variant).filter(|_| !is_null)?;
            if let Some(members) = value.as_object_mut() {
                tag(schema, members, reference_name(variant));
            }
            Some(value)
        })
    }

    /// Says which variant it is where a part of it tells variants apart.
    fn discriminate(&self, members: &mut JsonMap<String, Json>, part: &Node, name: Option<&str>) {
        let part = resolved(self.files, part).unwrap_or(part);
        tag(part, members, name);
    }

    fn members(&mut self, schema: &'a Node, members: &mut JsonMap<String, Json>) -> Option<()> {
        let required = schema.items_of("required").iter();
        let required: Vec<&str> = required.filter_map(Node::as_text).collect();
        for (name, property) in schema.members_of("properties") {
            let is_required = required.contains(&name.as_str());
            if members.contains_key(name) || (property.is_true("writeOnly") && !is_required) {
                continue;
            }
            match self.value(property) {
                Some(value) => drop(members.insert(name.clone(), value)),
                None if is_required => return None,
                None => {}
            }
        }
        Some(())
    }
}

/// Sets the member that tells variants apart to the value of this one.
fn tag(schema: &Node, members: &mut JsonMap<String, Json>, variant: Option<&str>) {
    let (Some(discriminator), Some(variant)) = (schema.get("discriminator"), variant) else {
        return;
    };
    let Some(property) = discriminator.text_of("propertyName") else {
        return;
    };
    let mapping = discriminator.members_of("mapping");
    let last = |it: &Node| it.as_text().and_then(|it| it.rsplit('/').next()) == Some(variant);
    let mapped = mapping
        .filter(|(_, it)| last(it))
        .map(|(name, _)| name.as_str());
    let value = mapped.into_iter().next().unwrap_or(variant);
    members.insert(property.to_owned(), value.into());
}

fn reference_name(schema: &Node) -> Option<&str> {
    schema.text_of("$ref")?.rsplit('/').next()
}

/// What the schema itself gives: an example, a default or a value of an enum, if it is of its type.
fn given(files: &Files, schema: &Node) -> Option<Json> {
    let list = |key: &str| schema.items_of(key).first();
    let all = [
        schema.get("example"),
        list("examples"),
        schema.get("const"),
        list("enum"),
        schema.get("default"),
    ];
    let kind = fits::types(schema).into_iter().find(|it| *it != "null");
    let values = all.into_iter().flatten().filter_map(|node| {
        let value = node.to_json();
        match (kind, &value) {
            (_, Json::Null) => None,
            // Texts that are numbers, and numbers that are texts, are common in examples.
            (Some("string"), Json::Number(_) | Json::Bool(_)) => {
                node.scalar_text().map(Json::String)
            }
            (Some("integer" | "number" | "boolean"), Json::String(text)) => {
                serde_json::from_str(text).ok()
            }
            _ => Some(value),
        }
    });
    let is_allowed = |value: &Json| {
        let mut values = schema.items_of("enum").iter();
        let is_listed = schema.get("enum").is_none() || values.any(|it| it.to_json() == *value);
        is_listed && fits::value(files, schema, value)
    };
    values.into_iter().find(is_allowed)
}

fn scalar(kind: &str, schema: &Node) -> Json {
    match kind {
        "string" => text(schema).into(),
        "boolean" => true.into(),
        "integer" | "number" => number(kind, schema),
        _ => json!({}),
    }
}

fn number(kind: &str, schema: &Node) -> Json {
    let limit = |key: &str| {
        let text = schema.get(key).and_then(Node::scalar_text)?;
        text.parse::<f64>().ok()
    };
    let least = limit("minimum").or_else(|| limit("exclusiveMinimum").map(|it| it + 1.0));
    let most = limit("maximum").or_else(|| limit("exclusiveMaximum").map(|it| it - 1.0));
    let mut value = 1.0_f64;
    if let Some(least) = least.filter(|it| value < *it) {
        value = least.ceil();
    }
    if let Some(most) = most.filter(|it| value > *it) {
        value = most.floor();
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a limit of a document, and any number will do"
    )]
    match kind {
        "integer" => json!(value as i64),
        _ => json!(value),
    }
}

fn text(schema: &Node) -> String {
    let text = match schema.text_of("format") {
        Some("date-time") => "2026-01-02T03:04:05Z",
        Some("date") => "2026-01-02",
        Some("time") => "03:04:05Z",
        Some("duration") => "PT1S",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("email") => "user@example.com",
        Some("uri" | "url") => "https://example.com/",
        Some("hostname") => "example.com",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        Some("byte") => "AA==",
        _ => "text",
    };
    let least = schema.get("minLength").and_then(Node::scalar_text);
    let least = least.and_then(|it| it.parse().ok()).unwrap_or(0_usize);
    // A longer one than that is no limit of a real field.
    format!("{text:x<width$}", width = least.min(256))
}
