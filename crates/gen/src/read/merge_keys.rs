//! Merge keys of YAML 1.1, which many writers still use: `<<: *anchor`.

use crate::node::{Map, Value};

/// The map with what its `<<` brings in. Its own members count more, and of several sources the first.
pub(super) fn merged(mut map: Map) -> Map {
    let is_merge = |value: &Value| match value {
        Value::Map(_) => true,
        Value::List(list) => !list.is_empty() && list.iter().all(|it| it.as_map().is_some()),
        _ => false,
    };
    if !map.get("<<").is_some_and(|it| is_merge(&it.value)) {
        return map;
    }
    let sources = match map.shift_remove("<<").map(|it| it.value) {
        Some(Value::Map(source)) => vec![source],
        Some(Value::List(list)) => list
            .into_iter()
            .filter_map(|it| match it.value {
                Value::Map(source) => Some(source),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    for (key, node) in sources.into_iter().flatten() {
        map.entry(key).or_insert(node);
    }
    map
}
