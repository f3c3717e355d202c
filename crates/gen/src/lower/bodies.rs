//! Bodies: JSON and forms of any kind are typed, the rest is bytes with their content type.

use serde_json::{Value as Json, json};

use super::form::Form;
use super::references::resolved;
use super::{Lowering, Wire, kinds};
use crate::node::Node;
use crate::read::Files;

/// What a content type means for the encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    Json,
    /// JSON under another name, which is what is sent and asked for.
    JsonLike,
    Form,
    Multipart,
    Other,
}

/// What a content type is, and its schema says.
pub(super) fn media(files: &Files, kind: &str, node: &Node) -> Media {
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    match kind.as_str() {
        "application/json" => Media::Json,
        "application/x-www-form-urlencoded" => Media::Form,
        "text/json" | "application/x-json" => Media::JsonLike,
        kind if kind.ends_with("+json") => Media::JsonLike,
        kind if kind.starts_with("multipart/") => Media::Multipart,
        // Some writers say so of every answer.
        "*/*" | "application/*" if is_structured(files, node) => Media::JsonLike,
        _ => Media::Other,
    }
}

/// Whether the schema is of something that is no plain text or file.
fn is_structured(files: &Files, node: &Node) -> bool {
    let Some(schema) = node.get("schema") else {
        return false;
    };
    let schema = resolved(files, schema).unwrap_or(schema);
    let words = ["properties", "items", "allOf", "oneOf", "anyOf"];
    words.iter().any(|it| schema.get(it).is_some()) || schema.text_of("type") == Some("object")
}

/// The content types of a body or answer. OpenAPI 3.2 has references to each of them, and some writers to all together.
pub(super) fn content<'a>(files: &'a Files, node: &'a Node) -> Vec<(&'a String, &'a Node)> {
    let Some(content) = node.get("content") else {
        return Vec::new();
    };
    let content = resolved(files, content).unwrap_or(content);
    let members = content.as_map().into_iter().flatten();
    members
        .map(|(kind, it)| (kind, resolved(files, it).unwrap_or(it)))
        .collect()
}

/// Besides the body itself, the parameter that takes its content type.
type Body = (Option<Json>, Option<Json>);

impl<'a> Lowering<'a> {
    pub(super) fn body(
        &mut self,
        operation: &'a Node,
        id: &str,
        method: &str,
        wire: &mut Wire,
        raw: &mut Option<String>,
        form: &mut Option<Form>,
    ) -> Result<Body, String> {
        let Some(node) = operation.get("requestBody") else {
            return Ok((None, None));
        };
        let body =
            resolved(self.files, node).map_err(|why| format!("the body cannot be found: {why}"))?;
        let content = content(self.files, body);
        if content.is_empty() {
            return Ok((None, None));
        }
        if !body.is_true("required") {
            self.schemas.remark(kinds::OPTIONAL_BODY, body, id);
            if matches!(method, "get" | "head" | "options" | "trace") {
                return Ok((None, None));
            }
        }
        if content.len() > 1 {
            self.schemas.remark(kinds::OTHER_BODIES, body, content[1].0);
        }
        let kind_of = |(kind, it): &&(&'a String, &'a Node)| media(self.files, kind, it);
        let order = [
            Media::Json,
            Media::JsonLike,
            Media::Form,
            Media::Multipart,
            Media::Other,
        ];
        let chosen = order
            .iter()
            .find_map(|wanted| content.iter().find(|it| kind_of(it) == *wanted));
        let Some((name, node)) = chosen.copied() else {
            return Ok((None, None));
        };
        let made = match media(self.files, name, node) {
            Media::Json => self.json_body(node, id),
            Media::JsonLike => {
                wire.content_type = (!name.contains('*')).then(|| name.clone());
                self.json_body(node, id)
            }
            Media::Form => match self.form_body(node, id, wire) {
                Some(json) => json,
                None => return Ok(bytes(name, wire, raw)),
            },
            Media::Multipart => match self.multipart(name, node, id) {
                Some((made, body)) => {
                    *form = Some(made);
                    return Ok((Some(body), None));
                }
                None => return Ok(bytes(name, wire, raw)),
            },
            Media::Other => return Ok(bytes(name, wire, raw)),
        };
        let body = json!({"required": true, "content": {"application/json": {"schema": made}}});
        Ok((Some(body), None))
    }

    fn json_body(&mut self, media: &'a Node, id: &str) -> Json {
        if let Some(schema) = media.get("schema") {
            return self.schemas.schema(schema, &format!("{id} body")).or_null();
        }
        self.schemas.remark(kinds::NO_BODY_SCHEMA, media, id);
        json!({})
    }

    /// The form as JSON, which the generated code makes a form of; nothing if it has no members of its own.
    fn form_body(&mut self, media: &'a Node, id: &str, wire: &mut Wire) -> Option<Json> {
        let schema = media.get("schema")?;
        let mut deep = Vec::new();
        let mut joined = Vec::new();
        for (name, encoding) in media.members_of("encoding") {
            let style = encoding.text_of("style").unwrap_or("form");
            let explode = encoding.get("explode").map_or(style == "form", |it| {
                it.value == crate::node::Value::Bool(true)
            });
            let property = schema_of(self.files, schema, name);
            let is_list = property.is_some_and(|it| self.schemas.is_list_of_scalars(it));
            if style == "deepObject" {
                deep.push(name.clone());
            } else if is_list && !explode {
                joined.push((name.clone(), separator(style)));
            } else if is_list && encoding.get("contentType").is_none() {
                // As every list.
            } else {
                self.schemas.remark(kinds::ENCODING, encoding, name);
            }
        }
        let found = resolved(self.files, schema).unwrap_or(schema);
        let is_object = found.text_of("type") == Some("object") || found.text_of("type").is_none();
        if !is_object {
            return None;
        }
        wire.form = Some(deep);
        wire.form_joined = joined;
        Some(self.schemas.schema(schema, &format!("{id} body")).json)
    }
}

/// The property of a form.
fn schema_of<'a>(files: &'a Files, schema: &'a Node, name: &str) -> Option<&'a Node> {
    resolved(files, schema).ok()?.get("properties")?.get(name)
}

/// What a style has between the values of a list.
pub(super) fn separator(style: &str) -> &'static str {
    match style {
        "spaceDelimited" => " ",
        "pipeDelimited" => "|",
        _ => ",",
    }
}

/// A body of bytes. A type that the caller has to complete is a parameter.
fn bytes(kind: &str, wire: &mut Wire, raw: &mut Option<String>) -> Body {
    *raw = Some(format!("the body is {kind}"));
    let schema = json!({"schema": {"type": "string", "format": "binary"}});
    let body = json!({"required": true, "content": {"application/octet-stream": schema}});
    let is_open = kind.contains('*') || kind.to_lowercase().starts_with("multipart/");
    if !is_open && kind.is_ascii() && !kind.contains(|c: char| c.is_control()) {
        wire.content_type = Some(kind.to_owned());
        return (Some(body), None);
    }
    let parameter = json!({
        "name": "Content-Type",
        "in": "header",
        "required": true,
        "description": format!("The content type of the body, as in `{kind}`, with its boundary if it has one."),
        "schema": {"type": "string"},
    });
    (Some(body), Some(parameter))
}
