//! Which properties and parameters hold a secret: by their name, unless `x-tegata-secret` says so or denies it.

use crate::Error;
use crate::names::looks_secret;
use crate::node::{Node, Value};
use crate::read::Files;

const KEY: &str = "x-tegata-secret";

/// What the property or parameter says itself.
pub(super) fn mark(node: &Node) -> Option<bool> {
    match node.get(KEY)?.value {
        Value::Bool(it) => Some(it),
        _ => None,
    }
}

/// Whether a property or parameter of this name is a secret.
pub(super) fn is_secret(mark: Option<bool>, name: &str) -> bool {
    mark.unwrap_or_else(|| looks_secret(name))
}

/// Refuses marks that would be no marks.
///
/// # Errors
/// Names the first that is misspelt, or neither `true` nor `false`, or stands where none is read.
pub(crate) fn check(files: &Files) -> Result<(), Error> {
    files
        .trees()
        .try_for_each(|tree| walk(files, tree, Around::Other))
}

/// What is around a value.
#[derive(Clone, Copy, PartialEq)]
enum Around {
    Properties,
    Parameters,
    Marked,
    Other,
}

fn walk(files: &Files, node: &Node, around: Around) -> Result<(), Error> {
    if let Some(items) = node.as_list() {
        let inside = match around {
            Around::Parameters => Around::Marked,
            _ => Around::Other,
        };
        return items.iter().try_for_each(|it| walk(files, it, inside));
    }
    for (key, it) in node.as_map().into_iter().flatten() {
        let wrong =
            |what: String, fix: &str| Err(Error::new(what, fix).placed(files.show(it.place)));
        let is_name = matches!(around, Around::Properties | Around::Parameters);
        if !is_name && key == KEY {
            if around != Around::Marked {
                let what = format!("`{KEY}` is not read here");
                return wrong(what, "write it into a property or parameter itself");
            }
            if !matches!(it.value, Value::Bool(_)) {
                let what = format!("`{KEY}` is neither true nor false");
                return wrong(
                    what,
                    "write `true` for a secret, `false` for what only looks like one",
                );
            }
        } else if around == Around::Marked && is_misspelt(key) {
            return wrong(format!("`{key}` is not known here"), "use x-tegata-secret");
        }
        let inside = match (around, key.as_str()) {
            (Around::Properties | Around::Parameters, _) => Around::Marked,
            (_, "properties") => Around::Properties,
            (_, "parameters") => Around::Parameters,
            _ => Around::Other,
        };
        walk(files, it, inside)?;
    }
    Ok(())
}

/// Notes for people, such as where a fact was found, are not ours to refuse.
fn is_misspelt(key: &str) -> bool {
    let notes = ["evidence", "-name", "-names"];
    key.starts_with("x-tegata-") && !notes.iter().any(|it| key.ends_with(it))
}
