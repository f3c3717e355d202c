//! References of the documents, as the joined one has them.

use super::names::Names;
use crate::node::{Node, Value};
use crate::read::{Files, percent_decoded};

/// A part that can be referred to: its section in `components`, its name, and what comes after it.
pub(super) struct Part {
    pub(super) section: String,
    pub(super) name: String,
    pub(super) rest: String,
}

/// Swagger 2.0 has these at the top, and its conversion leaves them there.
const AT_THE_TOP: [(&str, &str); 2] = [("definitions", "schemas"), ("responses", "responses")];

/// The part of a document that a reference leads to, seen from a file.
pub(super) fn part(files: &Files, from: u32, reference: &str) -> Option<(u32, Part)> {
    let (file, pointer) = reference.split_once('#')?;
    let file = files.find(from, file).ok()?;
    if !files.documents().contains(&file) {
        return None;
    }
    let pointer = percent_decoded(pointer);
    let rest = pointer.strip_prefix('/')?;
    let (first, rest) = rest.split_once('/')?;
    let top = AT_THE_TOP.iter().find(|(name, _)| *name == first);
    let (section, rest) = match top {
        Some((_, section)) => (*section, rest),
        None if first == "components" => rest.split_once('/')?,
        None => return None,
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let part = Part {
        section: section.to_owned(),
        name: rest[..end].replace("~1", "/").replace("~0", "~"),
        rest: rest[end..].to_owned(),
    };
    Some((file, part))
}

/// Lets every reference into a document lead into the joined one.
pub(super) fn rewrite(files: &Files, names: &Names, node: &mut Node) {
    let from = node.place.file;
    match &mut node.value {
        Value::List(list) => list.iter_mut().for_each(|it| rewrite(files, names, it)),
        Value::Map(map) => {
            if let Some(reference) = map.get_mut("$ref")
                && let Some(text) = reference.as_text()
                && let Some(joined) = joined(files, names, from, text)
            {
                reference.value = Value::Text(joined);
            }
            map.values_mut().for_each(|it| rewrite(files, names, it));
            variants(files, names, node);
        }
        _ => {}
    }
}

fn joined(files: &Files, names: &Names, from: u32, reference: &str) -> Option<String> {
    let (file, part) = part(files, from, reference)?;
    let name = names.joined(file, &part.section, &part.name)?;
    let name = name
        .replace('~', "~0")
        .replace('/', "~1")
        .replace('%', "%25");
    let Part { section, rest, .. } = part;
    Some(format!(
        "{}#/components/{section}/{name}{rest}",
        Files::JOINED
    ))
}

/// The values that tell variants apart are their names, unless a mapping says otherwise: it does for those with another
/// name now. The references are rewritten already.
fn variants(files: &Files, names: &Names, node: &mut Node) {
    let from = node.place.file;
    let Some(map) = node.as_map_mut() else { return };
    let mut renamed = Vec::new();
    for variant in ["oneOf", "anyOf"]
        .iter()
        .filter_map(|it| map.get(*it)?.as_list())
        .flatten()
    {
        let text = variant.text_of("$ref").unwrap_or_default();
        let name = text
            .strip_prefix(Files::JOINED)
            .and_then(|it| it.strip_prefix("#/components/schemas/"));
        if let Some(former) = name.and_then(|it| names.former(variant.place.file, "schemas", it)) {
            renamed.push((former, Node::text_at(variant.place, text)));
        }
    }
    let Some(discriminator) = map.get_mut("discriminator").and_then(Node::as_map_mut) else {
        return;
    };
    if let Some(mapping) = discriminator.get_mut("mapping").and_then(Node::as_map_mut) {
        for value in mapping.values_mut() {
            let Some(text) = value.as_text() else {
                continue;
            };
            let whole = if text.contains(['#', '/']) {
                text.to_owned()
            } else {
                format!("#/components/schemas/{text}")
            };
            if let Some(joined) = joined(files, names, from, &whole) {
                value.value = Value::Text(joined);
            }
        }
    }
    if renamed.is_empty() {
        return;
    }
    let mapping = discriminator
        .entry("mapping".to_owned())
        .or_insert_with(|| Node::new(renamed[0].1.place, Value::Map(crate::node::Map::new())));
    let Some(mapping) = mapping.as_map_mut() else {
        return;
    };
    for (former, target) in renamed {
        if !mapping.values().any(|it| it.value == target.value) {
            mapping.entry(former).or_insert(target);
        }
    }
}
