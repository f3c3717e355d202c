//! Every `x-tegata-*` of a document is one that is read where it stands: a misspelt one would be a fact that is silently not
//! used.

use crate::Error;
use crate::node::{Node, Value};
use crate::read::Files;

const OURS: &str = "x-tegata-";

const SECRET: &str = "x-tegata-secret";
const REFUSAL: &str = "x-tegata-refusal";
const PREFIX: &str = "x-tegata-prefix";
const TOKEN_ANSWER: &str = "x-tegata-token-answer";

/// Those of a scheme by which tokens are got.
const OF_OAUTH: [&str; 8] = [
    "x-tegata-client-auth",
    "x-tegata-lifetime",
    "x-tegata-parameters",
    "x-tegata-pkce",
    PREFIX,
    "x-tegata-scope-separator",
    TOKEN_ANSWER,
    "x-tegata-token-request",
];

/// Notes for people and other tools, such as where a fact was found. They are not ours to refuse.
const NOTES: [&str; 9] = [
    "x-tegata-browser-only",
    "x-tegata-deprecated",
    "x-tegata-evidence",
    "x-tegata-lifetimes",
    "x-tegata-name",
    "x-tegata-names",
    "x-tegata-property-evidence",
    "x-tegata-security-evidence",
    "x-tegata-sources",
];

/// Members that hold values of the API, of which any key is data.
const DATA: [&str; 6] = ["const", "default", "enum", "example", "examples", "value"];

/// Maps whose keys are names that the document gives.
const NAMED: [&str; 22] = [
    "$defs",
    "callbacks",
    "content",
    "definitions",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "encoding",
    "headers",
    "links",
    "mapping",
    "mediaTypes",
    "pathItems",
    "patternProperties",
    "requestBodies",
    "responses",
    "schemas",
    "scopes",
    "security",
    "variables",
    "webhooks",
    "x-webhooks",
];

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
fn known(node: &Node, at: At) -> &'static [&'static str] {
    match at {
        At::Document => &[REFUSAL],
        At::Marked => &[SECRET],
        At::Scheme if node.get("$ref").is_some() => &[],
        At::Scheme => match node.text_of("type") {
            Some("apiKey" | "http" | "openIdConnect") => &[PREFIX],
            Some("basic" | "mutualTLS") => &[],
            // Of Swagger 2.0, the type may stand in `securityDefinitions`.
            _ => &OF_OAUTH,
        },
        _ => &[],
    }
}

fn check_key(files: &Files, node: &Node, at: At, key: &str, it: &Node) -> Result<(), Error> {
    let known = known(node, at);
    let describes_schema =
        key == TOKEN_ANSWER && at != At::Scheme && node.get("properties").is_some();
    if NOTES.contains(&key) || describes_schema {
        return Ok(());
    }
    if known.contains(&key) {
        let is_fine = key != SECRET || matches!(it.value, Value::Bool(_));
        return if is_fine {
            Ok(())
        } else {
            let what = format!("`{SECRET}` is neither true nor false");
            let fix = "write `true` for a secret, `false` for what only looks like one";
            Err(Error::new(what, fix).placed(files.show(it.place)))
        };
    }
    let (what, fix) = match (place_of(key), known) {
        (Some(place), _) => (
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
    match key {
        REFUSAL => Some("the document"),
        SECRET => Some("a property or parameter"),
        PREFIX => Some("a security scheme that takes a key or token"),
        key if OF_OAUTH.contains(&key) => Some("a security scheme of the type oauth2"),
        _ => None,
    }
}

fn or(known: &[&str]) -> String {
    match known {
        [] => String::new(),
        known => format!("; known here: {}", known.join(", ")),
    }
}
