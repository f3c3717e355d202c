//! The names of the values that a check compares with.

use std::collections::BTreeSet;

use serde_json::Value;

use super::bind::Placed;
use crate::case::{Credential, Exchange, Matcher};

/// The names in a fixture's answer, each with the member that holds it, as the case calls them.
pub(super) fn names_in(
    placed: Placed<'_>,
    member: &str,
    template: &Value,
    names: &mut Vec<(String, String)>,
) {
    match template {
        Value::String(text) => {
            for name in placeholders(text) {
                let bound = placed
                    .with
                    .get(&name)
                    .or_else(|| placed.file.variables.get(&name));
                let name = bound.cloned().unwrap_or(name);
                names.push((member.to_owned(), name));
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| names_in(placed, member, item, names)),
        Value::Object(members) => {
            for (member, value) in members {
                names_in(placed, member, value, names);
            }
        }
        _ => {}
    }
}

/// The names that a template has in it.
pub(super) fn placeholders(template: &str) -> Vec<String> {
    let parts = template.split("${").skip(1);
    let names: BTreeSet<&str> = parts.filter_map(|part| part.split('}').next()).collect();
    names.into_iter().map(str::to_owned).collect()
}

/// The header in which a credential stands.
pub(super) fn header_of(credential: &Credential) -> Option<&str> {
    match credential {
        Credential::Absent | Credential::Query(..) => None,
        Credential::Header(name, _) => Some(name),
        Credential::Bearer(_) | Credential::Basic(..) | Credential::BasicForm(..) => {
            Some("authorization")
        }
    }
}

/// The names whose values make up a credential.
pub(super) fn names_of(credential: &Credential) -> Vec<&String> {
    match credential {
        Credential::Absent => Vec::new(),
        Credential::Bearer(name) | Credential::Header(_, name) | Credential::Query(_, name) => {
            vec![name]
        }
        Credential::Basic(id, secret) | Credential::BasicForm(id, secret) => vec![id, secret],
    }
}

/// The names whose values a check compares with, and whether it asks for exactly these.
pub(super) fn wanted(exchange: &Exchange, part: &str) -> (Vec<String>, bool) {
    if part == "credential" {
        let names = exchange
            .credential
            .as_ref()
            .map(names_of)
            .unwrap_or_default();
        return (names.into_iter().cloned().collect(), true);
    }
    let (kind, name) = part.split_once('.').unwrap_or((part, ""));
    let fields = match kind {
        "query" => &exchange.query,
        "header" => &exchange.headers,
        "form" => &exchange.form,
        "json" => &exchange.json,
        _ => return (Vec::new(), true),
    };
    let matcher = fields
        .wanted()
        .find(|(known, _)| *known == name)
        .map(|(_, matcher)| matcher);
    let template = matcher.map(Matcher::template).unwrap_or_default();
    (
        placeholders(&template),
        matches!(matcher, Some(Matcher::Text(_))),
    )
}
