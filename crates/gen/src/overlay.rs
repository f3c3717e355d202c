//! OpenAPI Overlay 1.0 and 1.1: changes to a document that its vendor need not know of.

mod remove;

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
    apply(files, &name, &text_of(path)?)
}

/// Applies an overlay to the one of several documents that its `extends` names; says whether it names one.
///
/// # Errors
/// As [`apply_file`], and if it names another file than one of the documents.
pub(crate) fn apply_to_extended(files: &mut Files, path: &Path) -> Result<bool, Error> {
    let (name, text) = (path.display().to_string(), text_of(path)?);
    // What is no overlay is said when it is applied.
    let overlay = crate::read::read(&text, 0, &mut Vec::new()).unwrap_or_default();
    let Some(extends) = overlay.get("extends") else {
        return Ok(false);
    };
    let file = extends.as_text().unwrap_or_default().rsplit('/').next();
    let document = file.and_then(|it| files.document_called(it)).ok_or_else(|| {
        let fix = "give the file name of one of them, or leave `extends` out to change all of them as one";
        Error::at(&name, extends.place, "`extends` names none of the documents", fix)
    })?;
    apply_to(files, document, &name, &text).map(|()| true)
}

fn text_of(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| {
        let what = format!("{} cannot be read: {error}", path.display());
        Error::new(what, "give the path of an overlay")
    })
}

/// Applies an overlay that is at hand as text; its name is for messages.
///
/// # Errors
/// As [`apply_file`].
pub fn apply(files: &mut Files, name: &str, text: &str) -> Result<(), Error> {
    apply_to(files, 0, name, text)
}

fn apply_to(files: &mut Files, document: u32, name: &str, text: &str) -> Result<(), Error> {
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
    let rules = Rules {
        // 1.0 appends whatever is given; since 1.1 lists are joined.
        joins_lists: !version.is_some_and(|it| it.starts_with("1.0")),
    };
    let failed = |place, what: String, fix: &str| Error::at(name, place, what, fix);
    known(&overlay, &OF_OVERLAYS).map_err(|(place, what, fix)| failed(place, what, &fix))?;
    let actions = overlay.get("actions").unwrap_or(&overlay);
    let all = actions.as_list().filter(|it| !it.is_empty());
    let all = all.ok_or_else(|| {
        let what = "`actions` is no list with an action in it".to_owned();
        failed(
            actions.place,
            what,
            "write `actions:`, and each action below it as `- target: …`",
        )
    })?;
    // One mirror for all queries, to which the same changes are made.
    let mut mirror = files.tree(document).map(Node::to_json).unwrap_or_default();
    for action in all {
        known(action, &OF_ACTIONS).map_err(|(place, what, fix)| failed(place, what, &fix))?;
        let fix = "compare the target with the document; each action has to match";
        let Some(tree) = files.tree_mut(document) else {
            continue;
        };
        one(tree, &mut mirror, action, rules).map_err(|what| failed(action.place, what, fix))?;
    }
    Ok(())
}

const OF_OVERLAYS: [&str; 4] = ["overlay", "info", "extends", "actions"];
const OF_ACTIONS: [&str; 5] = ["target", "description", "update", "copy", "remove"];

/// What the version of the overlay decides.
#[derive(Clone, Copy)]
struct Rules {
    /// Whether a list is joined to a target that is a list, and is not its next item.
    joins_lists: bool,
}

/// A key that is misspelt would be a change that is silently not made.
fn known(node: &Node, keys: &[&str]) -> Result<(), (Place, String, String)> {
    let all = node.as_map().ok_or_else(|| {
        let fix = format!("write a map with {}", keys.join(", "));
        (node.place, "this is no map".to_owned(), fix)
    })?;
    let mut unknown = all.iter();
    let unknown = unknown.find(|(key, _)| !keys.contains(&key.as_str()) && !key.starts_with("x-"));
    match unknown {
        None => Ok(()),
        Some((key, it)) => {
            let fix = format!("use one of {}", keys.join(", "));
            Err((it.place, format!("`{key}` is not known here"), fix))
        }
    }
}

fn one(
    document: &mut Node,
    mirror: &mut serde_json::Value,
    action: &Node,
    rules: Rules,
) -> Result<(), String> {
    let target = action
        .text_of("target")
        .ok_or("the action has no `target`")?;
    let pointers = query(mirror, target)?;
    if pointers.is_empty() {
        return Err(format!("the target `{target}` matches nothing"));
    }
    match action.get("remove").map(|it| &it.value) {
        None | Some(Value::Bool(false)) => {}
        Some(Value::Bool(true)) => {
            remove::all(document, mirror, &pointers);
            return Ok(());
        }
        Some(_) => return Err("`remove` is neither true nor false".to_owned()),
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
            if matches!(node.value, Value::Map(_)) && !matches!(update.value, Value::Map(_)) {
                return Err(format!(
                    "`{target}` is an object, and what it is updated with is none"
                ));
            }
            match (&mut node.value, &update.value) {
                (Value::List(list), Value::List(_)) if !rules.joins_lists => {
                    list.push(update.clone());
                }
                _ => merge(node, &update),
            }
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
pub(crate) fn merge(node: &mut Node, update: &Node) {
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
