//! OpenAPI Overlay 1.0, and `copy` of 1.1: changes to a document that its vendor need not know of.

use std::path::Path;

use serde_json_path::{JsonPath, NormalizedPath};

use crate::error::Error;
use crate::node::{Node, Place, Value};
use crate::read::Files;

/// Applies an overlay to the document. Each action has to change something.
///
/// # Errors
/// If the file cannot be read, is no overlay, or has an action whose target matches nothing, with its line.
pub fn apply_file(files: &mut Files, path: &Path) -> Result<(), Error> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new(
            format!("{name} cannot be read: {error}"),
            "give the path of an overlay",
        )
    })?;
    apply(files, &name, &text)
}

/// Applies an overlay that is at hand as text; its name is for messages.
///
/// # Errors
/// As [`apply_file`].
pub fn apply(files: &mut Files, name: &str, text: &str) -> Result<(), Error> {
    let number = files.add_overlay(name);
    let overlay = crate::read::read(text, number, &mut Vec::new())
        .map_err(|error| Error::at(name, error.place, error.what, "make it JSON or YAML"))?;
    let version = overlay.get("overlay").and_then(Node::scalar_text);
    if !version.as_deref().is_some_and(|it| it.starts_with("1.")) {
        let what = "this is no overlay of a version 1: `overlay` is missing or another";
        return Err(Error::at(
            name,
            overlay.place,
            what,
            "begin it with `overlay: 1.0.0`",
        ));
    }
    // One mirror for all queries, to which the same changes are made.
    let mut mirror = files.main().to_json();
    for action in overlay.items_of("actions") {
        let failed = |what: String| {
            Error::at(
                name,
                action.place,
                what,
                "compare the target with the document; each action has to match",
            )
        };
        one(files.main_mut(), &mut mirror, action).map_err(failed)?;
    }
    Ok(())
}

fn one(document: &mut Node, mirror: &mut serde_json::Value, action: &Node) -> Result<(), String> {
    let target = action
        .text_of("target")
        .ok_or("the action has no `target`")?;
    let pointers = query(mirror, target)?;
    if pointers.is_empty() {
        return Err(format!("the target `{target}` matches nothing"));
    }
    if action.is_true("remove") {
        // Of a list, the last first, so that the others keep their index.
        for pointer in pointers.iter().rev() {
            remove(document, mirror, pointer);
        }
        return Ok(());
    }
    let update = match (action.get("update"), action.text_of("copy")) {
        (Some(update), _) => update.clone(),
        (None, Some(source)) => {
            let sources = query(mirror, source)?;
            let [source] = sources.as_slice() else {
                return Err(format!(
                    "`copy` has to match one value, and `{source}` matches {}",
                    sources.len()
                ));
            };
            document.pointer(source).cloned().unwrap_or_default()
        }
        (None, None) => {
            return Err("the action has neither `update`, `copy` nor `remove: true`".to_owned());
        }
    };
    for pointer in &pointers {
        if let Some(node) = document.pointer_mut(pointer) {
            merge(node, &update);
            if let Some(copy) = mirror.pointer_mut(pointer) {
                *copy = node.to_json();
            }
        }
    }
    Ok(())
}

fn query(mirror: &serde_json::Value, path: &str) -> Result<Vec<String>, String> {
    let parsed =
        JsonPath::parse(path).map_err(|error| format!("`{path}` is no JSONPath: {error}"))?;
    let located = parsed.query_located(mirror);
    let mut pointers: Vec<String> = located
        .locations()
        .map(NormalizedPath::to_json_pointer)
        .collect();
    let mut seen = std::collections::HashSet::new();
    pointers.retain(|it| seen.insert(it.clone()));
    Ok(pointers)
}

/// Maps are merged, lists get further items, and everything else is replaced.
fn merge(node: &mut Node, update: &Node) {
    match (&mut node.value, &update.value) {
        (Value::Map(map), Value::Map(new)) => {
            for (key, value) in new {
                match map.get_mut(key) {
                    Some(old)
                        if matches!(
                            (&old.value, &value.value),
                            (Value::Map(_), Value::Map(_)) | (Value::List(_), Value::List(_))
                        ) =>
                    {
                        merge(old, value);
                    }
                    _ => {
                        map.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::List(list), Value::List(new)) => list.extend(new.iter().cloned()),
        (Value::List(list), _) => list.push(update.clone()),
        _ => *node = update.clone(),
    }
}

fn remove(document: &mut Node, mirror: &mut serde_json::Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else {
        *document = Node::new(Place::default(), Value::Null);
        *mirror = serde_json::Value::Null;
        return;
    };
    let last = last.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent).map(|it| &mut it.value) {
        Some(Value::Map(map)) => drop(map.shift_remove(&last)),
        Some(Value::List(list)) => {
            if let Some(index) = last.parse::<usize>().ok().filter(|it| *it < list.len()) {
                list.remove(index);
            }
        }
        _ => {}
    }
    match mirror.pointer_mut(parent) {
        Some(serde_json::Value::Object(map)) => drop(map.remove(&last)),
        Some(serde_json::Value::Array(list)) => {
            if let Some(index) = last.parse::<usize>().ok().filter(|it| *it < list.len()) {
                list.remove(index);
            }
        }
        _ => {}
    }
}
