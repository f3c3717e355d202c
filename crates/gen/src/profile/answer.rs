//! The answer of an operation: an example of the document that keeps to its own schema, or one that is made of the schema.

use serde::Serialize;
use serde_json::Value as Json;

use super::{fits, sample};
use crate::lower::resolved;
use crate::node::Node;
use crate::read::Files;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Answer {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Where it comes from.
    from: &'static str,
    /// The file and line of the example.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

/// The answer of success: of the lowest 2xx, or else of `default`.
pub(super) fn of(files: &Files, operation: &Node) -> Answer {
    let Some((status, node)) = success(operation) else {
        return Answer::empty(200);
    };
    let node = resolved(files, node).unwrap_or(node);
    let Some((kind, media)) = content(node) else {
        return Answer::empty(status);
    };
    let media = resolved(files, media).unwrap_or(media);
    let schema = media.get("schema");
    let is_json = kind.to_lowercase().contains("json") || is_any_json(files, &kind, schema);
    for example in examples(files, node, media, &kind) {
        let value = example.to_json();
        let json = if is_json {
            as_json(files, value, schema)
        } else {
            value.is_string().then_some(value)
        };
        if let Some(value) = json {
            return Answer {
                from: "example",
                source: Some(files.show(example.place)),
                ..Answer::with(status, &kind, is_json, value)
            };
        }
    }
    let value = match schema {
        Some(schema) if is_json => sample::of(files, schema),
        _ if is_json => Json::Object(serde_json::Map::new()),
        _ => "example".into(),
    };
    Answer::with(status, &kind, is_json, value)
}

impl Answer {
    fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: None,
            json: None,
            text: None,
            from: "schema",
            source: None,
        }
    }

    fn with(status: u16, kind: &str, is_json: bool, value: Json) -> Self {
        let text = value.as_str().map(str::to_owned).filter(|_| !is_json);
        Self {
            // A pattern of types is none that can be sent.
            content_type: Some(match kind.contains('*') {
                true if is_json => "application/json".to_owned(),
                true => "application/octet-stream".to_owned(),
                false => kind.to_owned(),
            }),
            json: is_json.then_some(value),
            text,
            ..Self::empty(status)
        }
    }
}

fn success(operation: &Node) -> Option<(u16, &Node)> {
    let answers = || operation.members_of("responses");
    let number = |status: &str| {
        let exact = status.parse().ok().filter(|it| (200..300).contains(it));
        exact.or_else(|| status.eq_ignore_ascii_case("2XX").then_some(200))
    };
    let successes = answers().filter_map(|(status, node)| Some((number(status)?, node)));
    let default = || answers().find(|(status, _)| *status == "default");
    successes
        .min_by_key(|(status, _)| *status)
        .or_else(|| default().map(|(_, node)| (200, node)))
}

/// The content that a client reads: JSON before others.
fn content(answer: &Node) -> Option<(String, &Node)> {
    let all = || answer.members_of("content");
    let is_json = |kind: &str| kind.to_lowercase().contains("json");
    let found = all()
        .find(|(kind, _)| is_json(kind))
        .or_else(|| all().next());
    found.map(|(kind, media)| (kind.clone(), media))
}

/// Some writers say `*/*` of every answer.
fn is_any_json(files: &Files, kind: &str, schema: Option<&Node>) -> bool {
    let Some(schema) = schema.filter(|_| kind.contains('*')) else {
        return false;
    };
    let schema = resolved(files, schema).unwrap_or(schema);
    let words = ["properties", "items", "allOf", "oneOf", "anyOf"];
    words.iter().any(|it| schema.get(it).is_some())
}

/// The examples of an answer, those of the content before those of its schema, and those of Swagger 2.0.
fn examples<'a>(files: &'a Files, answer: &'a Node, media: &'a Node, kind: &str) -> Vec<&'a Node> {
    let mut found: Vec<&Node> = media.get("example").into_iter().collect();
    let named = media.members_of("examples").map(|(_, it)| it);
    found.extend(named.filter_map(|it| resolved(files, it).ok()?.get("value")));
    found.extend(answer.get("examples").and_then(|it| it.get(kind)));
    if let Some(schema) = media.get("schema") {
        let schema = resolved(files, schema).unwrap_or(schema);
        found.extend(schema.get("example"));
        found.extend(schema.items_of("examples"));
    }
    found
}

/// The value, if the schema allows it. Some writers give JSON as text.
fn as_json(files: &Files, value: Json, schema: Option<&Node>) -> Option<Json> {
    let is_fine = |value: &Json| schema.is_none_or(|it| fits::value(files, it, value));
    if is_fine(&value) {
        return Some(value);
    }
    let parsed: Json = serde_json::from_str(value.as_str()?).ok()?;
    is_fine(&parsed).then_some(parsed)
}
