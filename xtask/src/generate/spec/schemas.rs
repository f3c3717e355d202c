//! Schemas: what the generator would misread without an error.

use std::collections::{BTreeMap, BTreeSet};

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::{did_you_mean, snake};
use super::super::node::Node;
use super::walk::{each_schema, schema_name, sites};

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

pub(super) fn check(document: &Document, findings: &mut Findings<'_>) {
    let root = document.root();
    let schemas = root
        .at(&["components", "schemas"])
        .map(|node| node.members())
        .unwrap_or_default();
    for (_, schema) in &schemas {
        each_schema(schema, &mut |schema| check_one(schema, findings));
    }
    for site in sites(document) {
        for parameter in site.parameters(document) {
            if let Some(schema) = parameter.node.get("schema") {
                each_schema(&schema, &mut |schema| check_one(schema, findings));
            }
        }
    }
    for name in answered(document) {
        if let Some(schema) = root.at(&["components", "schemas", name]) {
            each_schema(&schema, &mut |schema| check_answered(schema, findings));
        }
    }
}

fn check_one(schema: &Node<'_>, findings: &mut Findings<'_>) {
    if let Some(kind) = schema.get("type")
        && let Some(text) = kind.text()
        && !TYPES.contains(&text)
    {
        findings.at(
            &kind,
            format!("`{text}` is no type of a schema"),
            format!(
                "{}the types are {}",
                did_you_mean(text, TYPES),
                TYPES.join(", ")
            ),
        );
    }
    let properties = schema.members_of("properties");
    if !properties.is_empty() {
        for required in schema.items_of("required") {
            let name = required.text().unwrap_or_default();
            if !properties.iter().any(|(property, _)| property == name) {
                let names = properties.iter().map(|(property, _)| property);
                findings.at(
                    &required,
                    format!("`{name}` is required but no property"),
                    format!(
                        "{}describe it under `properties`",
                        did_you_mean(name, names)
                    ),
                );
            }
        }
    }
    let mut fields = BTreeMap::new();
    for (name, node) in properties {
        if let Some(first) = fields.insert(snake(&name), name.clone()) {
            findings.at(
                &node,
                format!(
                    "`{name}` and `{first}` become the same field, `{}`",
                    snake(&name)
                ),
                "the generator cannot distinguish them; leave one of them out",
            );
        }
    }
    if schema.text_of("type") == Some("boolean")
        && let Some(values) = schema.get("enum")
    {
        findings.at(
            &values,
            "the generator ignores the values of a boolean",
            "leave `enum` out",
        );
    }
}

/// An answer may hold more than was known when the spec was written.
fn check_answered(schema: &Node<'_>, findings: &mut Findings<'_>) {
    if let Some(values) = schema.get("enum") {
        findings.at(
            &values,
            "an answer with a value that is not listed here could not be read",
            "leave `enum` out of what a server answers and say the values in the description",
        );
    }
    if let Some(additional) = schema.get("additionalProperties")
        && schema.is_not("additionalProperties")
    {
        findings.at(
            &additional,
            "an answer with a property that is not listed here could not be read",
            "leave `additionalProperties: false` out of what a server answers",
        );
    }
}

/// The component schemas that answers are made of.
fn answered(document: &Document) -> BTreeSet<&str> {
    let mut next = Vec::new();
    for site in sites(document) {
        for (_, response) in site.node.members_of("responses") {
            let Some(response) = document.resolve(&response) else {
                continue;
            };
            for (_, media) in response.members_of("content") {
                next.extend(media.get("schema").as_ref().and_then(schema_name));
            }
        }
    }
    let mut reached = BTreeSet::new();
    while let Some(name) = next.pop() {
        if !reached.insert(name) {
            continue;
        }
        if let Some(schema) = document.root().at(&["components", "schemas", name]) {
            each_schema(&schema, &mut |schema| next.extend(schema_name(schema)));
        }
    }
    reached
}
