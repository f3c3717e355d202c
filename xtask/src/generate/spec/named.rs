//! Schemas whose property names callers need at run time.

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::{constant, is_identifier, snake};
use super::super::node::Node;
use super::api::NamedSchema;
use super::walk::each_schema;

const NAMES: &str = "x-tegata-names";

pub(super) fn all(document: &Document, findings: &mut Findings<'_>) -> Vec<NamedSchema> {
    let mut named = Vec::new();
    let section = document.root().at(&["components", "schemas"]);
    for (name, schema) in section.map(|node| node.members()).unwrap_or_default() {
        each_schema(&schema, &mut |part| {
            if let Some(mark) = part.get(NAMES) {
                named.extend(read(&name, &schema, part, &mark, findings));
            }
        });
    }
    named
}

fn read(
    name: &str,
    component: &Node<'_>,
    part: &Node<'_>,
    mark: &Node<'_>,
    findings: &mut Findings<'_>,
) -> Option<NamedSchema> {
    let properties = part.members_of("properties");
    if !mark.is_true() || properties.is_empty() || part.place != component.place {
        findings.at(
            mark,
            format!("`{NAMES}` is for a component with properties of its own"),
            "write `true` on such a component, or leave it out",
        );
        return None;
    }
    let properties: Vec<_> = properties
        .into_iter()
        .map(|(property, _)| (constant(&property), property))
        .collect();
    if let Some((_, property)) = properties
        .iter()
        .find(|(constant, _)| !is_identifier(constant))
    {
        findings.at(
            mark,
            format!("no constant can be named after the property `{property}`"),
            "leave the property or the mark out",
        );
        return None;
    }
    Some(NamedSchema {
        schema: name.to_owned(),
        module: snake(name),
        properties,
    })
}
