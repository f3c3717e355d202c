//! Request bodies: one content type, one named schema, and forms that can be encoded.

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::node::Node;
use super::walk::{each_schema, schema_name, sites};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

pub(super) fn check(document: &Document, findings: &mut Findings<'_>) {
    for site in sites(document) {
        let Some(body) = site.node.get("requestBody") else {
            continue;
        };
        if site.is_browser_only() {
            findings.at(
                &body,
                "a browser sends no body with a link",
                "leave the body out",
            );
            continue;
        }
        if let Some(body) = document.resolve(&body) {
            check_one(document, &body, findings);
        }
    }
}

fn check_one(document: &Document, body: &Node<'_>, findings: &mut Findings<'_>) {
    if !body.is("required") {
        findings.at(
            body,
            "the body is not said to be required, but the generated method always sends one",
            "write `required: true`",
        );
    }
    let Some(content) = body.get("content") else {
        return;
    };
    let types = content.members();
    let [(name, media)] = types.as_slice() else {
        several(&content, types.len(), findings);
        return;
    };
    match essence(name) {
        FORM => {
            if let Some(schema) = named_schema(media, findings) {
                check_form(document, &schema, findings);
            }
        }
        JSON => {
            named_schema(media, findings);
        }
        other => findings.at(
            media,
            format!("a request body of type `{other}` is not supported"),
            format!("write {JSON} or {FORM}"),
        ),
    }
}

/// The media type without its parameters.
pub(super) fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// Refuses content of no type or of many.
pub(super) fn several(content: &Node<'_>, count: usize, findings: &mut Findings<'_>) {
    if count == 0 {
        findings.at(content, "no content type", "name the one that is used");
    } else {
        findings.at(
            content,
            format!("{count} content types"),
            "keep one: the generator makes one type of a body",
        );
    }
}

/// The component that a body is, or a finding that it is none.
pub(super) fn named_schema<'a>(media: &Node<'a>, findings: &mut Findings<'_>) -> Option<Node<'a>> {
    const FIX: &str = "move the schema to components.schemas and refer to it: the generator confuses \
        bodies without a name";
    let Some(schema) = media.get("schema") else {
        findings.at(media, "the body has no schema", FIX);
        return None;
    };
    if schema.get("$ref").is_none() {
        findings.at(&schema, "the schema of the body is written inline", FIX);
        return None;
    }
    Some(schema)
}

fn check_form(document: &Document, schema: &Node<'_>, findings: &mut Findings<'_>) {
    let Some(name) = schema_name(schema) else {
        return;
    };
    let Some(schema) = document.root().at(&["components", "schemas", name]) else {
        return;
    };
    let mut fields = Vec::new();
    each_schema(&schema, &mut |part| {
        fields.extend(part.members_of("properties"));
    });
    for (name, field) in fields {
        let kind = document
            .resolve(&field)
            .and_then(|field| field.text_of("type"));
        if matches!(kind, Some("array" | "object")) {
            findings.at(
                &field,
                format!("the form field `{name}` is no scalar"),
                "describe it as a string: a form holds names and values, nothing nested",
            );
        }
    }
}
