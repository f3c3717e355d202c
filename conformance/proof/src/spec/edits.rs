//! Specs with one thing wrong: every value that says something of the wire changed, every entry left
//! out, every name replaced.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Spec;
use tegata_conformance::citation::sha256;

/// What is for people, and what says where a fact comes from: `gen` compares that with the documents.
const NOT_OF_THE_WIRE: [&str; 11] = [
    "openapi",
    "info",
    "title",
    "summary",
    "description",
    "example",
    "scopes",
    "x-tegata-sources",
    "x-tegata-evidence",
    "x-tegata-property-evidence",
    "x-tegata-security-evidence",
];

/// Where the keys of an object are names that the wire knows.
const NAMES: [&str; 5] = ["paths", "responses", "headers", "content", "properties"];

/// Where they are names of the spec's own.
const OWN_NAMES: [&str; 4] = ["schemas", "securitySchemes", "variables", "flows"];

const METHODS: [&str; 3] = ["get", "post", "patch"];

/// One change to a spec.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecEdit {
    /// Its name: the spec, the place, and the change.
    pub name: String,
    at: Vec<String>,
    change: Change,
}

#[derive(Clone, Debug, PartialEq)]
enum Change {
    Gone,
    Named(String),
    Is(Value),
}

impl SpecEdit {
    /// The spec with the change made.
    pub fn apply(&self, tree: &Value) -> Value {
        let mut wrong = tree.clone();
        let Some((last, parents)) = self.at.split_last() else {
            return wrong;
        };
        let mut node = &mut wrong;
        for step in parents {
            node = match node {
                Value::Array(items) => {
                    match step.parse().ok().and_then(|at: usize| items.get_mut(at)) {
                        Some(item) => item,
                        None => return wrong,
                    }
                }
                other => &mut other[step.as_str()],
            };
        }
        match (node, &self.change) {
            (Value::Array(items), change) => {
                let at: usize = last.parse().unwrap_or_default();
                match change {
                    Change::Is(value) => items[at] = value.clone(),
                    _ => drop(items.remove(at)),
                }
            }
            (Value::Object(members), change) => {
                let before = members.remove(last);
                match (change, before) {
                    (Change::Is(value), _) => drop(members.insert(last.clone(), value.clone())),
                    (Change::Named(name), Some(before)) => {
                        drop(members.insert(name.clone(), before));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        wrong
    }
}

/// Every change to a spec, in the order of their names.
pub fn edits(spec: &Spec) -> Vec<SpecEdit> {
    let mut all = Collector {
        prefix: format!("spec {}", spec.provider.name()),
        schemas: names(&spec.tree["components"]["schemas"]),
        schemes: names(&spec.tree["components"]["securitySchemes"]),
        edits: Vec::new(),
    };
    all.walk(&spec.tree, &mut Vec::new());
    all.edits.sort_by(|one, other| one.name.cmp(&other.name));
    all.edits
}

/// The sha256 of all that [`edits`] changes, whatever the order of the members and the words for people.
pub fn fingerprint(spec: &Spec) -> String {
    let mut text = String::new();
    canonical(&spec.tree, &mut text);
    sha256(text.as_bytes())
}

fn canonical(node: &Value, text: &mut String) {
    match node {
        Value::Object(members) => {
            let sorted: BTreeMap<&String, &Value> = members
                .iter()
                .filter(|(name, _)| !NOT_OF_THE_WIRE.contains(&name.as_str()))
                .collect();
            text.push('{');
            for (name, value) in sorted {
                text.push_str(&Value::from(name.as_str()).to_string());
                canonical(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                canonical(item, text);
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

fn names(node: &Value) -> Vec<String> {
    let mut names: Vec<String> = node
        .as_object()
        .map(|members| members.keys().cloned().collect())
        .unwrap_or_default();
    names.sort();
    names
}

struct Collector {
    prefix: String,
    schemas: Vec<String>,
    schemes: Vec<String>,
    edits: Vec<SpecEdit>,
}

impl Collector {
    fn add(&mut self, at: &[String], change: Change) {
        let place = at.join(" ");
        let what = match &change {
            Change::Gone => "left out".to_owned(),
            Change::Named(name) => format!("named {name}"),
            Change::Is(value) => format!("is {value}"),
        };
        self.edits.push(SpecEdit {
            name: format!("{}: {place}: {what}", self.prefix),
            at: at.to_vec(),
            change,
        });
    }

    fn walk(&mut self, node: &Value, at: &mut Vec<String>) {
        let within = at.last().cloned().unwrap_or_default();
        match node {
            Value::Object(members) => {
                for (name, value) in members {
                    // A property can have any name.
                    let skipped =
                        within != "properties" && NOT_OF_THE_WIRE.contains(&name.as_str());
                    // Names of answers, which `examples` have below them, do not occur.
                    if skipped {
                        continue;
                    }
                    at.push(name.clone());
                    self.entry(&within, name, value, at);
                    self.walk(value, at);
                    at.pop();
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    at.push(index.to_string());
                    self.add(at, Change::Gone);
                    if within != "required" {
                        self.scalar(&within, value, at);
                    }
                    self.walk(value, at);
                    at.pop();
                }
            }
            _ => {}
        }
    }

    fn entry(&mut self, within: &str, name: &str, value: &Value, at: &[String]) {
        if let Some(other) = self.renamed(within, name, at) {
            self.add(at, Change::Named(other));
        } else if !OWN_NAMES.contains(&within) && !value.is_boolean() && !at.is_empty() {
            self.add(at, Change::Gone);
        }
        self.scalar(name, value, at);
    }

    /// What else an entry could be called, if its name is not a keyword.
    fn renamed(&self, within: &str, name: &str, at: &[String]) -> Option<String> {
        let outer = at.len().checked_sub(3).and_then(|outer| at.get(outer));
        if outer.is_some_and(|outer| outer == "paths") && METHODS.contains(&name) {
            return Some("put".to_owned());
        }
        let scheme = self.schemes.iter().position(|known| known == name);
        if let (Some(scheme), false) = (scheme, within == "securitySchemes") {
            let next = (scheme + 1) % self.schemes.len();
            return Some(self.schemes[next].clone());
        }
        if !NAMES.contains(&within) {
            return None;
        }
        Some(match (within, name) {
            ("paths", path) => format!("/mutant{path}"),
            ("responses", "200") => "201".to_owned(),
            ("responses", "302") => "303".to_owned(),
            ("responses", "4XX") => "499".to_owned(),
            ("responses", _) => "599".to_owned(),
            ("content", "application/json") => "application/x-www-form-urlencoded".to_owned(),
            ("content", "*/*") => "text/plain".to_owned(),
            ("content", _) => "application/json".to_owned(),
            _ => "mutant".to_owned(),
        })
    }

    fn scalar(&mut self, key: &str, value: &Value, at: &[String]) {
        let other = match value {
            Value::Bool(flag) => Value::from(!flag),
            Value::Number(_) if key == "seconds" => {
                Value::from(value.as_u64().unwrap_or_default() / 2)
            }
            Value::Number(_) => Value::from(418),
            Value::String(text) => {
                if matches!(key, "url" | "tokenUrl" | "authorizationUrl" | "refreshUrl") {
                    let host = text.replacen("https://", "https://mutant.", 1);
                    self.add(at, Change::Is(host.into()));
                }
                Value::from(self.text(key, text))
            }
            _ => return,
        };
        self.add(at, Change::Is(other));
    }

    fn text(&self, key: &str, text: &str) -> String {
        let known = match (key, text) {
            ("in", "header") => "query",
            ("in", _) => "header",
            ("type", "string") => "integer",
            ("type", "object") => "array",
            ("type", "array") => "object",
            ("type", "apiKey" | "oauth2" | "http") => "openIdConnect",
            ("type", _) => "string",
            ("scheme", _) => "digest",
            ("format", "int64") => "int32",
            ("format", _) => "byte",
            ("codes" | "transient-codes" | "denied-codes", _) => "999",
            ("url" | "tokenUrl" | "authorizationUrl" | "refreshUrl", _) => {
                return format!("{text}/mutant");
            }
            ("$ref", _) => {
                let name = text.rsplit('/').next().unwrap_or_default();
                let at = self.schemas.iter().position(|known| known == name);
                let next = at.map_or(0, |at| (at + 1) % self.schemas.len().max(1));
                let next = self.schemas.get(next).map_or("Mutant", String::as_str);
                return format!("#/components/schemas/{next}");
            }
            _ => "mutant",
        };
        known.to_owned()
    }
}
