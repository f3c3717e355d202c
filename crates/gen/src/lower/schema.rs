//! Schemas as the encoder takes them: objects, texts with values, lists, maps and unions, each with a name that no other
//! has, and nothing of which it would have to make a name or merge two schemas itself.

mod flat;
mod form;
mod heirs;
mod object;
mod shape;
mod union;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use serde_json::{Map as JsonMap, Value as Json, json};

use super::kinds;
use super::references::{Key, target};
use crate::names::{self, Taken};
use crate::node::{Node, Place, Value};
use crate::read::Files;
use crate::report::{Kind, Report};
use flat::Flat;
pub(crate) use form::FILE_FORMAT;
use heirs::Heirs;
use shape::{Losses, Shape, shape};

/// A schema as the encoder takes it.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    /// Without `nullable`.
    pub(crate) json: Json,
    /// Whether null stands for it as well.
    pub(crate) nullable: bool,
}

/// All schemas that operations need, made as they are asked for.
pub(crate) struct Schemas<'a> {
    pub(crate) files: &'a Files,
    pub(crate) report: Report,
    taken: Taken,
    known: HashMap<Key, Schema>,
    waiting: VecDeque<(String, &'a Node)>,
    done: JsonMap<String, Json>,
    /// What was counted before: schemas are looked at from several sides.
    counted: HashSet<(&'static str, usize)>,
    /// Types that hold secrets, and which of their properties would print them.
    pub(crate) hidden: BTreeMap<String, BTreeSet<String>>,
    /// Names that the encoder gives to other types.
    avoid: HashSet<String>,
    heirs: Option<Heirs<'a>>,
}

/// All definitions.
pub(crate) struct Finished {
    pub(crate) schemas: JsonMap<String, Json>,
    pub(crate) hidden: BTreeMap<String, BTreeSet<String>>,
    pub(crate) report: Report,
}

impl<'a> Schemas<'a> {
    pub(crate) fn new(files: &'a Files, report: Report, avoid: &[String]) -> Self {
        Self {
            files,
            report,
            taken: avoid.iter().cloned().collect(),
            known: HashMap::new(),
            waiting: VecDeque::new(),
            done: JsonMap::new(),
            counted: HashSet::new(),
            hidden: BTreeMap::new(),
            avoid: avoid.iter().cloned().collect(),
            heirs: None,
        }
    }

    /// Counts a change at a value, once.
    pub(crate) fn remark(&mut self, kind: Kind, node: &Node, detail: &str) {
        if self
            .counted
            .insert((kind.0, std::ptr::from_ref(node).addr()))
        {
            self.report.change(kind, self.files, node.place, detail);
        }
    }

    /// The schema of a place that is called `hint`, if it needs a name and has none.
    pub(crate) fn schema(&mut self, node: &'a Node, hint: &str) -> Schema {
        if let Some(reference) = alias(node) {
            let nullable = Flat::of(self.files, node).nullable;
            let mut found = self.referred(reference, hint);
            found.nullable |= nullable;
            return found;
        }
        let mut flat = Flat::of(self.files, node);
        let mut losses = Losses::new();
        let shape = shape(self.files, &mut flat, &mut losses);
        self.count(node, losses);
        let json = if let Some(json) = self.inline(&shape, node, hint) {
            json
        } else {
            let name = self.name(hint, node.place);
            self.waiting.push_back((name.clone(), node));
            reference_to(&name)
        };
        Schema {
            json,
            nullable: flat.nullable,
        }
    }

    /// All definitions, after everything was asked for.
    pub(crate) fn finish(mut self) -> Finished {
        while let Some((name, node)) = self.waiting.pop_front() {
            let json = self.definition(&name, node);
            self.done.insert(name, json);
        }
        Finished {
            schemas: self.done,
            hidden: self.hidden,
            report: self.report,
        }
    }

    /// A definition that any of these fits.
    pub(crate) fn one_of(&mut self, place: Place, hint: &str, types: &[Json]) -> Json {
        let name = self.name(hint, place);
        self.done.insert(name.clone(), json!({"oneOf": types}));
        reference_to(&name)
    }

    /// Whether a value of the schema is one word in a URL or header.
    pub(crate) fn is_scalar(&self, node: &Node) -> bool {
        is_word(&self.shape_of(node))
    }

    /// Whether a value of the schema is a list of words.
    pub(crate) fn is_list_of_scalars(&self, node: &Node) -> bool {
        matches!(self.shape_of(node), Shape::List(Some(of)) if self.is_scalar(of))
    }

    /// The members of an object that are words each. The object of a union counts, where the union has one.
    pub(crate) fn scalar_members(&self, node: &'a Node) -> Option<Vec<(&'a str, &'a Node)>> {
        let mut flat = Flat::of(self.files, node);
        let of_all = shape(self.files, &mut flat, &mut Losses::new());
        if let Shape::Union(variants, _) = &of_all {
            let mut flats = variants.iter().map(|it| Flat::of(self.files, it));
            flat = flats.find(|it| !it.properties.is_empty() && it.unions.is_empty())?;
        } else if !matches!(of_all, Shape::Object) {
            return None;
        }
        let members: Vec<_> = flat
            .properties
            .iter()
            .map(|(name, it)| (*name, it.schema))
            .collect();
        members
            .iter()
            .all(|(_, it)| self.is_scalar(it))
            .then_some(members)
    }

    fn shape_of<'n>(&self, node: &'n Node) -> Shape<'n>
    where
        'a: 'n,
    {
        let mut flat = Flat::of(self.files, node);
        shape(self.files, &mut flat, &mut Losses::new())
    }

    fn referred(&mut self, reference: &'a Node, hint: &str) -> Schema {
        let (node, key) = match self.named(reference) {
            Ok(found) => found,
            Err(why) => {
                self.remark(kinds::REFERENCE, reference, &why);
                let json = json!({});
                return Schema {
                    json,
                    nullable: true,
                };
            }
        };
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let mut flat = Flat::of(self.files, node);
        let mut losses = Losses::new();
        let shape = shape(self.files, &mut flat, &mut losses);
        let is_plain = matches!(
            shape,
            Shape::Any
                | Shape::Bool
                | Shape::Integer(_)
                | Shape::Number
                | Shape::Text
                | Shape::Members(None)
        );
        self.count(node, losses);
        let json = if is_plain {
            self.inline(&shape, node, hint).unwrap_or_else(|| json!({}))
        } else {
            let wanted = name_of(&key).map_or_else(|| hint.to_owned(), str::to_owned);
            let name = self.name(&wanted, node.place);
            self.waiting.push_back((name.clone(), node));
            reference_to(&name)
        };
        let nullable = flat.nullable;
        let schema = Schema { json, nullable };
        self.known.insert(key, schema.clone());
        schema
    }

    /// What a reference leads to, through schemas that are nothing but another one.
    fn named(&self, reference: &'a Node) -> Result<(&'a Node, Key), String> {
        let mut found = target(self.files, reference)?;
        let mut seen = HashSet::new();
        while let Some(next) = alias(found.0) {
            if !seen.insert(found.1.clone()) {
                return Err("the schema is only itself".to_owned());
            }
            found = target(self.files, next)?;
        }
        Ok(found)
    }

    /// The schema itself, where it needs no name.
    fn inline(&mut self, shape: &Shape<'a>, node: &'a Node, hint: &str) -> Option<Json> {
        Some(match shape {
            Shape::Any => json!({}),
            Shape::Bool => json!({"type": "boolean"}),
            Shape::Number => json!({"type": "number"}),
            Shape::Integer(None) => json!({"type": "integer"}),
            Shape::Integer(Some(format)) => json!({"type": "integer", "format": format}),
            Shape::Text if node.text_of("format") == Some("password") => secret(),
            Shape::Text => json!({"type": "string"}),
            Shape::Members(None) => json!({"type": "object"}),
            Shape::Members(Some(of)) => {
                let of = self.schema(of, &format!("{hint} value"));
                json!({"type": "object", "additionalProperties": of.or_null()})
            }
            Shape::List(None) => json!({"type": "array", "items": {}}),
            Shape::List(Some(of)) => {
                let of = self.schema(of, &format!("{hint} item"));
                json!({"type": "array", "items": of.or_null()})
            }
            Shape::Enum(_) | Shape::Object | Shape::Union(..) => return None,
        })
    }

    fn definition(&mut self, name: &str, node: &'a Node) -> Json {
        let mut flat = Flat::of(self.files, node);
        let shape = shape(self.files, &mut flat, &mut Losses::new());
        let mut json = match &shape {
            Shape::Enum(values) => json!({"type": "string", "enum": values}),
            Shape::Object => self
                .with_heirs(node, &flat, name)
                .unwrap_or_else(|| self.object(&flat, name, name)),
            Shape::Union(variants, discriminator) => {
                self.union(node, variants, *discriminator, name)
            }
            other => self.inline(other, node, name).unwrap_or_else(|| json!({})),
        };
        if let Some(description) = flat.description
            && let Some(map) = json.as_object_mut()
        {
            map.insert("description".to_owned(), description.into());
        }
        json
    }

    fn name(&mut self, wanted: &str, place: Place) -> String {
        let name = names::pascal(wanted);
        let made = self.taken.unique(&name);
        if made != name {
            let why = if self.avoid.contains(&name) {
                "the encoder needs the name"
            } else {
                "two have one name"
            };
            let detail = format!("`{made}`: {why}");
            self.report
                .change(kinds::RENAMED, self.files, place, &detail);
        }
        made
    }

    /// Counts what the shape loses, and the words that have no shape at all.
    fn count(&mut self, node: &'a Node, losses: Losses) {
        for (kind, detail) in losses {
            self.remark(kind, node, &detail);
        }
        let Some(map) = node.as_map() else { return };
        for (key, value) in map {
            let kind = match key.as_str() {
                "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf"
                | "minLength" | "maxLength" | "pattern" | "minItems" | "maxItems"
                | "uniqueItems" | "minProperties" | "maxProperties" => kinds::LIMITS,
                "default" => kinds::DEFAULTS,
                "additionalProperties" if value.value == Value::Bool(false) => kinds::LIMITS,
                "not"
                | "if"
                | "then"
                | "else"
                | "prefixItems"
                | "patternProperties"
                | "dependentRequired"
                | "dependentSchemas"
                | "unevaluatedProperties"
                | "unevaluatedItems"
                | "contains"
                | "propertyNames"
                | "$dynamicRef" => kinds::KEYWORDS,
                _ => continue,
            };
            self.remark(kind, node, key);
        }
    }
}

impl Schema {
    /// With `nullable`, where null differs from what is left out.
    pub(crate) fn or_null(self) -> Json {
        let mut json = self.json;
        if !self.nullable || json.as_object().is_none_or(JsonMap::is_empty) {
            return json;
        }
        if json.get("$ref").is_some() {
            return json!({"allOf": [json], "nullable": true});
        }
        if let Some(map) = json.as_object_mut() {
            map.insert("nullable".to_owned(), true.into());
        }
        json
    }
}

pub(crate) fn secret() -> Json {
    json!({"type": "string", "format": "password"})
}

fn reference_to(name: &str) -> Json {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The name that a pointer ends in, if it is one that a person chose for the schema.
fn name_of(key: &Key) -> Option<&str> {
    let (parent, name) = key.1.rsplit_once('/')?;
    let parent = parent.rsplit_once('/').map_or(parent, |(_, it)| it);
    matches!(
        parent,
        "schemas" | "definitions" | "$defs" | "responses" | "requestBodies"
    )
    .then_some(name)
}

/// Whether a word says something about the type, and not only that null is fine.
fn is_of_type(key: &str, node: &Node) -> bool {
    match key {
        "type" => node.text_of("type") != Some("null"),
        "$ref"
        | "properties"
        | "allOf"
        | "oneOf"
        | "anyOf"
        | "items"
        | "enum"
        | "const"
        | "additionalProperties" => true,
        _ => false,
    }
}

/// The value that is nothing but a reference, perhaps wrapped into a list of one.
fn alias(node: &Node) -> Option<&Node> {
    let own = [
        "properties",
        "additionalProperties",
        "items",
        "enum",
        "const",
    ];
    if own.iter().any(|it| node.get(it).is_some()) {
        return None;
    }
    let lists: Vec<&Node> = ["allOf", "oneOf", "anyOf"]
        .iter()
        .filter_map(|it| node.get(it))
        .collect();
    match (node.get("$ref"), lists.as_slice()) {
        (Some(_), []) => Some(node),
        (None, [list]) => {
            let says = |it: &&Node| {
                it.as_map()
                    .is_some_and(|map| map.keys().any(|key| is_of_type(key, it)))
            };
            let mut parts = list.as_list()?.iter().filter(says);
            let (first, more) = (parts.next()?, parts.next());
            if more.is_none() { alias(first) } else { None }
        }
        _ => None,
    }
}

/// Whether a value of the shape is one word in a URL or header.
fn is_word(shape: &Shape<'_>) -> bool {
    matches!(
        shape,
        Shape::Bool | Shape::Integer(_) | Shape::Number | Shape::Text | Shape::Enum(_)
    )
}
