//! The components as a whole: their names, and that none contains itself.

use std::collections::BTreeMap;

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::pascal;
use super::super::node::Node;

pub(super) fn check(document: &Document, findings: &mut Findings<'_>) {
    let Some(components) = document.root().get("components") else {
        return;
    };
    for (section, members) in components.members() {
        for (name, node) in members.members() {
            if !is_name(&name) {
                findings.at(
                    &node,
                    format!("`{name}` is no name of a component"),
                    "use letters, digits, `.`, `-` and `_`",
                );
            }
            if reaches_itself(&components, &section, &name) {
                findings.at(
                    &node,
                    format!("`{name}` is made of itself"),
                    "break the circle of `$ref`s; a property may refer back, the thing itself may not",
                );
            }
        }
        if section == "schemas" {
            one_type_each(&members, findings);
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

fn one_type_each(schemas: &Node<'_>, findings: &mut Findings<'_>) {
    let mut types = BTreeMap::new();
    for (name, node) in schemas.members() {
        if let Some(first) = types.insert(pascal(&name), name.clone()) {
            findings.at(
                &node,
                format!(
                    "`{name}` and `{first}` become the same type, `{}`",
                    pascal(&name)
                ),
                "give one of them another name",
            );
        }
    }
}

/// Whether a component reaches itself without passing through a property or the items of a list.
///
/// The generator would follow such a circle until the stack is full.
fn reaches_itself(components: &Node<'_>, section: &str, name: &str) -> bool {
    let home = format!("#/components/{section}/");
    let mut seen: Vec<String> = Vec::new();
    let mut next = vec![name.to_owned()];
    while let Some(current) = next.pop() {
        let Some(node) = components.at(&[section, &current]) else {
            continue;
        };
        let mut made_of = Vec::new();
        collect(&node, &mut made_of);
        for target in made_of
            .iter()
            .filter_map(|target| target.strip_prefix(&home))
        {
            if target == name {
                return true;
            }
            if !seen.iter().any(|one| one == target) {
                seen.push(target.to_owned());
                next.push(target.to_owned());
            }
        }
    }
    false
}

fn collect<'a>(node: &Node<'a>, targets: &mut Vec<&'a str>) {
    targets.extend(node.text_of("$ref"));
    for key in ["allOf", "oneOf", "anyOf"] {
        for part in node.items_of(key) {
            collect(&part, targets);
        }
    }
    if let Some(part) = node.get("not") {
        collect(&part, targets);
    }
}
