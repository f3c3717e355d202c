//! Strategies from the schemas of a spec: what they allow, and what they forbid. They are read when
//! the test runs, so a changed spec changes what is generated.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::text;
use crate::types::{any_json, any_object};

/// The schemas of one spec.
pub(crate) struct Spec {
    schemas: Map<String, Value>,
}

/// A value that a schema forbids, and why.
pub(crate) type Negated = (&'static str, Value);

impl Spec {
    /// The spec of a file.
    pub(crate) fn load(path: &Path) -> Self {
        let text = std::fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let spec: Value = serde_norway::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let schemas = spec["components"]["schemas"].as_object().cloned();
        Self {
            schemas: schemas.unwrap_or_default(),
        }
    }

    /// That of a provider, in this workspace.
    pub(crate) fn of(provider: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
        Self::load(&root.join(format!("{provider}.yaml")))
    }

    /// The names of the schemas that are objects.
    pub(crate) fn objects(&self) -> Vec<&str> {
        let is = |schema: &Value| schema["type"] == "object" || schema["oneOf"].is_array();
        let named = self.schemas.iter().filter(|(_, schema)| is(schema));
        named.map(|(name, _)| name.as_str()).collect()
    }

    /// What a schema allows.
    pub(crate) fn positive(&self, name: &str) -> BoxedStrategy<Value> {
        self.allowed(self.schema(name))
    }

    /// What a schema forbids, each value wrong in one way.
    pub(crate) fn negated(&self, name: &str) -> BoxedStrategy<Negated> {
        let shapes: Vec<_> = shapes(self.schema(name))
            .map(|s| self.forbidden(s))
            .collect();
        prop::strategy::Union::new(shapes).boxed()
    }

    fn schema(&self, name: &str) -> &Value {
        self.schemas
            .get(name)
            .unwrap_or_else(|| panic!("no schema {name}"))
    }

    fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match schema["$ref"].as_str() {
            Some(path) => self.schema(path.rsplit('/').next().unwrap_or(path)),
            None => schema,
        }
    }

    fn allowed(&self, schema: &Value) -> BoxedStrategy<Value> {
        let schema = self.resolve(schema);
        if let Some(alternatives) = schema["oneOf"].as_array() {
            let all: Vec<_> = alternatives.iter().map(|one| self.allowed(one)).collect();
            return prop::strategy::Union::new(all).boxed();
        }
        if let Some(values) = schema["enum"].as_array() {
            return prop::sample::select(values.clone()).boxed();
        }
        match schema["type"].as_str() {
            Some("string") => text().prop_map(Value::from).boxed(),
            Some("integer" | "number") => any::<i64>().prop_map(Value::from).boxed(),
            Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
            Some("array") => {
                // An empty list is not written.
                let item = self.allowed(&schema["items"]);
                prop::collection::vec(item, 1..3)
                    .prop_map(Value::from)
                    .boxed()
            }
            Some("object") => self.object(schema),
            Some(other) => panic!("schemas of type {other} are not known here: add them"),
            None => any_json().boxed(),
        }
    }

    fn object(&self, schema: &Value) -> BoxedStrategy<Value> {
        let required = required(schema);
        let mut members: Vec<BoxedStrategy<Option<(String, Value)>>> = Vec::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let name = name.clone();
            let needed = required.contains(&name.as_str());
            let value = self
                .allowed(property)
                .prop_map(move |value| (name.clone(), value));
            members.push(if needed {
                value.prop_map(Some).boxed()
            } else {
                prop::option::of(value).boxed()
            });
        }
        let known = members.prop_map(|members| members.into_iter().flatten().collect());
        if schema["additionalProperties"] == true {
            let both = |(known, mut more): (Map<String, Value>, Map<String, Value>)| {
                more.extend(known);
                Value::Object(more)
            };
            return (known, any_object()).prop_map(both).boxed();
        }
        known.prop_map(Value::Object).boxed()
    }

    /// An object without a member that is required, or with one of a wrong type, null, or none of
    /// the values that there are.
    fn forbidden(&self, schema: &Value) -> BoxedStrategy<Negated> {
        let mut ways: Vec<(&'static str, String, Option<Value>)> = Vec::new();
        let required = required(schema);
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let property = self.resolve(property);
            let mut wrong = |why, value| ways.push((why, name.clone(), value));
            if required.contains(&name.as_str()) {
                wrong("missing", None);
                wrong("null", Some(Value::Null));
            }
            match property["type"].as_str() {
                Some("string") => wrong("type", Some(json!({"not": "text"}))),
                Some("boolean") => wrong("type", Some(json!("no flag"))),
                Some("integer" | "number") => wrong("type", Some(json!(["no", "number"]))),
                Some(_) => wrong("type", Some(json!("no list and no object"))),
                None => {}
            }
            if property["enum"].is_array() {
                wrong("enum", Some(json!("none-of-them")));
            }
        }
        if ways.is_empty() {
            ways.push(("type", String::new(), None));
        }
        let change =
            |(value, (why, name, wrong)): (Value, (&'static str, String, Option<Value>))| {
                let mut value = value;
                match (&mut value, wrong) {
                    (Value::Object(members), None) if !name.is_empty() => {
                        members.remove(&name);
                    }
                    (Value::Object(members), Some(wrong)) => {
                        members.insert(name, wrong);
                    }
                    (other, _) => *other = json!("no object"),
                }
                (why, value)
            };
        (self.object(schema), prop::sample::select(ways))
            .prop_map(change)
            .boxed()
    }
}

/// The alternatives of a schema, or the schema.
fn shapes(schema: &Value) -> impl Iterator<Item = &Value> {
    let alternatives = schema["oneOf"].as_array();
    let single = alternatives.is_none().then_some(schema);
    alternatives.into_iter().flatten().chain(single)
}

fn required(schema: &Value) -> Vec<&str> {
    let names = schema["required"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).collect()
}
