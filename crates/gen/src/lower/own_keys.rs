//! Every `x-tegata-*` of a document is one that is read where it stands: a misspelt one would be a fact that is silently not
//! used.

use crate::Error;
use crate::keys::{self, DATA, NAMED, NOTES, PREFIX, SECRET, TOKEN_ANSWER};
use crate::node::{Node, Value};
use crate::read::Files;

const OURS: &str = "x-tegata-";

/// Refuses keys that are not known where they stand, and marks of secrets that are neither `true` nor `false`.
///
/// # Errors
/// Names the first, with its line and the keys that are known there.
pub(crate) fn check(files: &Files) -> Result<(), Error> {
    files.trees().enumerate().try_for_each(|(index, tree)| {
        let is_document = |file| files.documents().contains(&file);
        let at = match u32::try_from(index) {
            Ok(0) => At::Document,
            Ok(file) if is_document(file) => At::Document,
            _ => At::Other,
        };
        walk(files, tree, at)
    })
}

/// Whether a key is read in a security scheme.
pub(crate) fn is_of_scheme(key: &str) -> bool {
    of_tokens().contains(&key)
}

/// What a value is.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Document,
    /// A property or parameter.
    Marked,
    Scheme,
    /// Maps and lists of those.
    Properties,
    Parameters,
    Schemes,
    /// A map or list of maps whose keys are names.
    Names,
    Other,
}

fn walk(files: &Files, node: &Node, at: At) -> Result<(), Error> {
    if let Some(items) = node.as_list() {
        let inside = match at {
            At::Parameters => At::Marked,
            At::Names => At::Names,
            _ => At::Other,
        };
        return items.iter().try_for_each(|it| walk(files, it, inside));
    }
    let at = match at {
        At::Other | At::Marked if is_scheme(node) => At::Scheme,
        at => at,
    };
    for (key, it) in node.as_map().into_iter().flatten() {
        let inside = match at {
            At::Properties | At::Parameters => At::Marked,
            At::Schemes => At::Scheme,
            At::Names => At::Other,
            _ if key.starts_with(OURS) => {
                check_key(files, node, at, key, it)?;
                continue;
            }
            _ => match key.as_str() {
                key if DATA.contains(&key) => continue,
                "properties" => At::Properties,
                "parameters" => At::Parameters,
                "securitySchemes" | "securityDefinitions" => At::Schemes,
                key if NAMED.contains(&key) => At::Names,
                _ => At::Other,
            },
        };
        walk(files, it, inside)?;
    }
    Ok(())
}

/// Whether it is a security scheme, wherever it stands: no schema has such a type.
fn is_scheme(node: &Node) -> bool {
    match node.text_of("type") {
        Some("apiKey") => node.get("in").is_some(),
        Some("oauth2" | "openIdConnect" | "mutualTLS") => true,
        Some("http") => node.get("scheme").is_some(),
        _ => false,
    }
}

/// The keys that are read in a value.
fn known(node: &Node, at: At) -> Vec<&'static str> {
    match at {
        At::Document => keys::read_in(keys::Place::Document),
        At::Marked => keys::read_in(keys::Place::Marked),
        At::Scheme if node.get("$ref").is_some() => Vec::new(),
        At::Scheme => match node.text_of("type") {
            Some("apiKey" | "http") => keys::read_in(keys::Place::ApiKey),
            Some("basic" | "mutualTLS") => Vec::new(),
            // Of Swagger 2.0, the type may stand in `securityDefinitions`.
            _ => of_tokens(),
        },
        _ => Vec::new(),
    }
}

/// The prefix is among them, so that its reader can say what is wrong with it there.
fn of_tokens() -> Vec<&'static str> {
    let mut keys = keys::read_in(keys::Place::Tokens);
    keys.push(PREFIX.name);
    keys.sort_unstable();
    keys
}

fn check_key(files: &Files, node: &Node, at: At, key: &str, it: &Node) -> Result<(), Error> {
    let known = known(node, at);
    let describes_schema =
        key == TOKEN_ANSWER.name && at != At::Scheme && node.get("properties").is_some();
    if NOTES.contains(&key) || describes_schema {
        return Ok(());
    }
    if known.contains(&key) {
        let is_fine = key != SECRET.name || matches!(it.value, Value::Bool(_));
        return if is_fine {
            Ok(())
        } else {
            let what = format!("`{}` is neither true nor false", SECRET.name);
            let fix = "write `true` for a secret, `false` for what only looks like one";
            Err(Error::new(what, fix).placed(files.show(it.place)))
        };
    }
    let (what, fix) = match (place_of(key), &*known) {
        (Some(place), known) => (
            format!("`{key}` is not read here"),
            format!("write it into {place} itself{}", or(known)),
        ),
        (None, []) => (
            format!("`{key}` is not known here"),
            "leave it out: no key of tegata-gen is read here".to_owned(),
        ),
        (None, known) => (
            format!("`{key}` is not known here"),
            format!("use one of {}", known.join(", ")),
        ),
    };
    Err(Error::new(what, fix).placed(files.show(it.place)))
}

/// Where a key is read.
fn place_of(key: &str) -> Option<&'static str> {
    let key = keys::ALL.into_iter().find(|it| it.name == key)?;
    Some(match key.place {
        keys::Place::Document => "the document",
        keys::Place::Marked => "a property or parameter",
        keys::Place::ApiKey => "a security scheme that takes a key or token",
        keys::Place::Tokens => "a security scheme of the type oauth2 or openIdConnect",
    })
}

fn or(known: &[&str]) -> String {
    match known {
        [] => String::new(),
        known => format!("; known here: {}", known.join(", ")),
    }
}
