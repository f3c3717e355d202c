//! Where two values differ.

use serde_json::Value as Json;

/// The paths of the members that were added, removed or changed, in this order of names. Lists differ as a whole.
pub(super) fn differences(old: &Json, new: &Json) -> Vec<String> {
    let mut found = Vec::new();
    collect("", old, new, &mut found);
    found
}

fn collect(path: &str, old: &Json, new: &Json, found: &mut Vec<String>) {
    let (Some(before), Some(after)) = (old.as_object(), new.as_object()) else {
        if old != new {
            let path = if path.is_empty() { "it" } else { path };
            found.push(format!("{path} changed"));
        }
        return;
    };
    let below = |key: &String| {
        if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        }
    };
    for (key, value) in before {
        match after.get(key) {
            Some(other) => collect(&below(key), value, other, found),
            None => found.push(format!("{} removed", below(key))),
        }
    }
    let is_new = |(key, _): &(&String, &Json)| !before.contains_key(*key);
    let added = after.iter().filter(is_new);
    found.extend(added.map(|(key, _)| format!("{} added", below(key))));
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!({"a": 1}), json!({"a": 1}), &[])]
    #[case(json!({"a": {"b": 1, "c": 2}}), json!({"a": {"b": 2, "d": 2}}), &["a.b changed", "a.c removed", "a.d added"])]
    #[case(json!([1]), json!([2]), &["it changed"])]
    #[case(json!({"a": {}}), json!({"a": 1}), &["a changed"])]
    fn a_difference_is_named_by_its_path(
        #[case] old: Json,
        #[case] new: Json,
        #[case] expected: &[&str],
    ) {
        assert_eq!(differences(&old, &new), expected);
    }
}
