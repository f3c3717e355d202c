//! Takes values out of a document, whatever order they are named in.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use crate::node::{Node, Place, Value};

/// Removes what the pointers lead to, from the document and its mirror.
pub(super) fn all(document: &mut Node, mirror: &mut serde_json::Value, pointers: &[String]) {
    // The deepest first, and those of one parent at once: no removal changes what another pointer leads to.
    let mut parents: BTreeMap<_, HashSet<String>> = BTreeMap::new();
    for pointer in pointers {
        let Some((parent, last)) = pointer.rsplit_once('/') else {
            *document = Node::new(Place::default(), Value::Null);
            *mirror = serde_json::Value::Null;
            return;
        };
        let depth = Reverse(parent.matches('/').count());
        let of_parent = parents.entry((depth, parent)).or_default();
        of_parent.insert(last.replace("~1", "/").replace("~0", "~"));
    }
    for ((_, parent), gone) in parents {
        match document.pointer_mut(parent).map(|it| &mut it.value) {
            Some(Value::Map(map)) => map.retain(|key, _| !gone.contains(key)),
            Some(Value::List(list)) => without(list, &gone),
            _ => {}
        }
        match mirror.pointer_mut(parent) {
            Some(serde_json::Value::Object(map)) => map.retain(|key, _| !gone.contains(key)),
            Some(serde_json::Value::Array(list)) => without(list, &gone),
            _ => {}
        }
    }
}

fn without<T>(list: &mut Vec<T>, gone: &HashSet<String>) {
    let gone: HashSet<usize> = gone.iter().filter_map(|it| it.parse().ok()).collect();
    let mut index = 0;
    list.retain(|_| {
        index += 1;
        !gone.contains(&(index - 1))
    });
}
