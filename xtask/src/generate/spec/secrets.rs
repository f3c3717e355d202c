//! A secret is a `Secret`, and goes where a `Secret` can go.

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::looks_secret;
use super::super::node::Node;
use super::walk::{Site, each_schema, sites};

const FIX: &str = "write `$ref: '#/components/schemas/Secret'`, so that it is never printed";

pub(super) fn check(document: &Document, findings: &mut Findings<'_>) {
    let schemas = document.root().at(&["components", "schemas"]);
    for (_, schema) in schemas.map(|node| node.members()).unwrap_or_default() {
        each_schema(&schema, &mut |schema| {
            check_properties(document, schema, findings);
        });
    }
    for site in sites(document) {
        check_parameters(document, &site, findings);
    }
    if let Some(secret) = document.root().at(&["components", "schemas", "Secret"])
        && secret.text_of("type") != Some("string")
    {
        findings.at(
            &secret,
            "the component `Secret` is no string",
            "write `type: string`: it is replaced by a type that holds text",
        );
    }
}

fn check_properties(document: &Document, schema: &Node<'_>, findings: &mut Findings<'_>) {
    let properties = schema.members_of("properties");
    let names: Vec<&str> = properties.iter().map(|(name, _)| name.as_str()).collect();
    for (name, property) in &properties {
        if looks_secret(name, &names) && may_leak(document, property) {
            findings.at(
                property,
                format!("`{name}` looks like a secret but is no `Secret`"),
                FIX,
            );
        }
    }
}

fn check_parameters(document: &Document, site: &Site<'_>, findings: &mut Findings<'_>) {
    let parameters = site.parameters(document);
    let names: Vec<&str> = parameters.iter().map(|one| one.name).collect();
    for one in &parameters {
        let Some(schema) = one.node.get("schema") else {
            continue;
        };
        let secret = is_secret(document, &schema, 0);
        let looks = looks_secret(one.name, &names);
        match one.place_in {
            "header" if secret || looks => findings.at(
                &one.node,
                format!("the header `{}` is a secret", one.name),
                "describe it under components.securitySchemes: credentials are attached by the shared crate",
            ),
            "path" if secret || looks => findings.at(
                &one.node,
                format!("the path parameter `{}` is a secret", one.name),
                "a secret cannot stand in a path: it would be printed; describe the call in another way",
            ),
            "query" if site.is_browser_only() && (secret || looks) => findings.at(
                &one.node,
                format!("the secret `{}` would stand in a URL that a browser shows", one.name),
                "leave it out of an operation that only a browser calls",
            ),
            _ if looks && !secret && may_leak(document, &schema) => findings.at(
                &one.node,
                format!("`{}` looks like a secret but is no `Secret`", one.name),
                FIX,
            ),
            _ => {}
        }
    }
}

/// Whether a value of this schema would be kept in a type that prints it.
fn may_leak(document: &Document, schema: &Node<'_>) -> bool {
    let single = matches!(schema.items_of("enum").as_slice(), [_]);
    !is_secret(document, schema, 0) && !single && !is_number(document, schema)
}

/// Whether the generator makes a `Secret` of it, or we trust it to: the output is looked at again.
fn is_secret(document: &Document, schema: &Node<'_>, depth: usize) -> bool {
    // Circles are found elsewhere.
    if depth > 16 {
        return false;
    }
    match schema.text_of("$ref") {
        Some("#/components/schemas/Secret") => return true,
        Some(_) => {
            return document
                .root()
                .at(&[
                    "components",
                    "schemas",
                    super::walk::schema_name(schema).unwrap_or_default(),
                ])
                .is_some_and(|target| is_secret(document, &target, depth + 1));
        }
        None => {}
    }
    let kind = schema.text_of("type");
    kind == Some("string") && schema.text_of("format") == Some("password")
        || kind == Some("array")
            && schema
                .get("items")
                .is_some_and(|items| is_secret(document, &items, depth + 1))
        || ["allOf", "oneOf", "anyOf"].iter().any(|key| {
            schema
                .items_of(key)
                .iter()
                .any(|part| is_secret(document, part, depth + 1))
        })
}

fn is_number(document: &Document, schema: &Node<'_>) -> bool {
    document
        .resolve(schema)
        .and_then(|schema| schema.text_of("type"))
        .is_some_and(|kind| matches!(kind, "integer" | "number" | "boolean"))
}
