//! The input of progenitor: the spec without our extensions and without browser-only operations.

use serde_norway::Value;

use super::node::key_text;

const OURS: &str = "x-tegata-";

/// The extension that marks an operation as one for browsers.
pub(crate) const BROWSER_ONLY: &str = "x-tegata-browser-only";

/// A copy for progenitor. An `x-` key left in a schema would silently undo its conversion to a
/// secret.
pub(crate) fn strip(document: &Value) -> Value {
    let mut copy = document.clone();
    if let Some(paths) = copy.get_mut("paths").and_then(Value::as_mapping_mut) {
        for item in paths.values_mut().filter_map(Value::as_mapping_mut) {
            item.retain(|_, operation| {
                operation.get(BROWSER_ONLY).and_then(Value::as_bool) != Some(true)
            });
        }
    }
    remove_ours(&mut copy);
    copy
}

fn remove_ours(value: &mut Value) {
    match value {
        Value::Mapping(mapping) => {
            mapping.retain(|key, _| !key_text(key).is_some_and(|key| key.starts_with(OURS)));
            mapping.values_mut().for_each(remove_ours);
        }
        Value::Sequence(list) => list.iter_mut().for_each(remove_ours),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_and_browser_only_operations_are_stripped() {
        let document = serde_norway::from_str(
            "
x-tegata-sources: {}
paths:
  /a:
    get: {operationId: login, x-tegata-browser-only: true}
    post:
      operationId: issue
      x-tegata-evidence: {class: rfc}
      parameters: [{name: q, x-tegata-evidence: {class: rfc}}]
",
        )
        .unwrap();
        let expected: Value = serde_norway::from_str(
            "paths: {/a: {post: {operationId: issue, parameters: [{name: q}]}}}",
        )
        .unwrap();
        assert_eq!(strip(&document), expected);
    }
}
