//! Whether a value has the shape that a schema says: types and members, not limits.

use std::cell::Cell;

use serde_json::Value as Json;

use crate::lower::resolved;
use crate::node::Node;
use crate::read::Files;

/// So many schemas lead from one to the next without a part of the value between them; more are a circle.
const DEPTH: usize = 24;

/// So many schemas are looked at for one value: unions of themselves have no end otherwise.
const STEPS: usize = 20_000;

pub(super) fn value(files: &Files, schema: &Node, value: &Json) -> bool {
    let left = Cell::new(STEPS);
    let is_fine = within(files, schema, value, DEPTH, &left);
    is_fine && left.get() > 0
}

fn within(files: &Files, schema: &Node, value: &Json, depth: usize, left: &Cell<usize>) -> bool {
    let schema = resolved(files, schema).unwrap_or(schema);
    left.set(left.get().saturating_sub(1));
    if depth == 0 || left.get() == 0 {
        return false;
    }
    let same = |schema: &Node, value: &Json| within(files, schema, value, depth - 1, left);
    let part = |schema: &Node, value: &Json| within(files, schema, value, DEPTH, left);
    if value.is_null() && is_nullable(schema) {
        return true;
    }
    let all = schema.items_of("allOf");
    if !all.iter().all(|it| same(it, value)) {
        return false;
    }
    for union in ["oneOf", "anyOf"] {
        let variants = schema.items_of(union);
        if !variants.is_empty() && !variants.iter().any(|it| same(it, value)) {
            return false;
        }
    }
    let types = types(schema);
    if !types.is_empty() && !types.iter().any(|it| is_of(it, value)) {
        return false;
    }
    match value {
        Json::Object(members) => {
            let required = schema.items_of("required").iter().filter_map(Node::as_text);
            let has_all = required.into_iter().all(|it| members.contains_key(it));
            has_all
                && members.iter().all(|(name, member)| {
                    let property = schema.get("properties").and_then(|it| it.get(name));
                    let further = schema.get("additionalProperties");
                    let further = further.filter(|it| it.as_map().is_some());
                    // A member without a value reads as one that is not there.
                    member.is_null()
                        || property
                            .or(further)
                            .is_none_or(|schema| part(schema, member))
                })
        }
        Json::Array(items) => schema
            .get("items")
            .is_none_or(|schema| items.iter().all(|it| part(schema, it))),
        _ => true,
    }
}

fn is_nullable(schema: &Node) -> bool {
    schema.is_true("nullable") || schema.is_true("x-nullable")
}

/// The types of a schema; none if it does not say them.
pub(super) fn types(schema: &Node) -> Vec<&str> {
    match schema.get("type") {
        Some(it) if it.as_list().is_some() => {
            let list = it.as_list().unwrap_or_default();
            list.iter().filter_map(Node::as_text).collect()
        }
        Some(it) => it.as_text().into_iter().collect(),
        None if schema.get("properties").is_some() => vec!["object"],
        None if schema.get("items").is_some() => vec!["array"],
        None => Vec::new(),
    }
}

pub(super) fn is_of(name: &str, value: &Json) -> bool {
    match name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    }
}
