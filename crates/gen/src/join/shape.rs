//! What decides whether two parts are equal: everything but words for people and the order of members.

use std::fmt::Write as _;

use crate::node::{Node, Value};

/// Members that only describe.
const WORDS: [&str; 8] = [
    "description",
    "summary",
    "title",
    "example",
    "examples",
    "externalDocs",
    "x-example",
    "x-examples",
];

/// Members whose own keys are names.
const NAMED: [&str; 10] = [
    "$defs",
    "content",
    "definitions",
    "headers",
    "mapping",
    "patternProperties",
    "properties",
    "responses",
    "scopes",
    "variables",
];

/// The part as text, with references as `refer` writes them.
pub(super) fn text(node: &Node, refer: &mut impl FnMut(&Node) -> Option<String>) -> String {
    let mut out = String::new();
    write(node, false, refer, &mut out);
    out
}

/// The part as text, with references as they are.
pub(super) fn text_of(node: &Node) -> String {
    text(node, &mut |_| None)
}

fn write(
    node: &Node,
    are_names: bool,
    refer: &mut impl FnMut(&Node) -> Option<String>,
    out: &mut String,
) {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
        Value::Number(text) => out.push_str(text),
        Value::Text(text) => drop(write!(out, "{text:?}")),
        Value::List(list) => {
            out.push('[');
            for it in list {
                write(it, false, refer, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Map(map) => {
            let mut members: Vec<(&String, &Node)> = map.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (key, it) in members {
                if !are_names && WORDS.contains(&key.as_str()) {
                    continue;
                }
                let _ = write!(out, "{key:?}:");
                let is_reference = key == "$ref" && !are_names;
                match is_reference.then(|| refer(node)).flatten() {
                    Some(reference) => drop(write!(out, "{reference:?}")),
                    None => write(it, !are_names && NAMED.contains(&key.as_str()), refer, out),
                }
                out.push(',');
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("{type: string, title: A}", "{title: B, type: string}", true)]
    #[case("{properties: {title: {type: string}}}", "{properties: {}}", false)]
    #[case("{required: [a, b]}", "{required: [b, a]}", false)]
    #[case("{maximum: 1}", "{maximum: '1'}", false)]
    #[case("{a: ['b,', c]}", "{a: [b, ',c']}", false)]
    fn words_for_people_do_not_count(#[case] one: &str, #[case] other: &str, #[case] same: bool) {
        let text = |it| text_of(&crate::read::read(it, 0, &mut Vec::new()).expect("YAML"));
        assert_eq!(text(one) == text(other), same);
    }
}
