//! What a schema comes to: one of the few things that the encoder writes types for.

use std::collections::HashSet;

use super::flat::{Flat, Union, is_null};
use crate::lower::kinds;
use crate::names;
use crate::node::{Node, Value};
use crate::read::Files;
use crate::report::Kind;

/// Unions of one variant may lie in each other, and lead back to the first.
const DEEPEST: usize = 20;

/// One of these is every schema.
pub(super) enum Shape<'a> {
    Any,
    Bool,
    Integer(Option<&'static str>),
    Number,
    Text,
    Enum(Vec<String>),
    List(Option<&'a Node>),
    /// Members of any name, of one schema.
    Members(Option<&'a Node>),
    Object,
    Union(Vec<&'a Node>, Option<&'a Node>),
}

/// What the shape leaves out of the schema.
pub(super) type Losses = Vec<(Kind, String)>;

/// The shape of a schema. Unions beside properties are taken into the properties.
pub(super) fn shape<'a>(files: &'a Files, flat: &mut Flat<'a>, losses: &mut Losses) -> Shape<'a> {
    if let Some(why) = flat.dangling.take() {
        losses.push((kinds::REFERENCE, why));
        if flat.properties.is_empty() {
            return Shape::Any;
        }
    }
    if flat.is_false {
        losses.push((kinds::FALSE_SCHEMA, String::new()));
        return Shape::Any;
    }
    let unions = std::mem::take(&mut flat.unions);
    if let Some(shape) = of_unions(files, flat, &unions, losses, 0) {
        return shape;
    }
    if let Some(values) = flat.values.take()
        && let Some(shape) = of_values(&values, flat, losses)
    {
        return shape;
    }
    let kind = match flat.types.as_slice() {
        [] => inferred(flat),
        [one] => one,
        both if both.iter().all(|it| matches!(*it, "integer" | "number")) => "number",
        several => {
            losses.push((kinds::TYPES, several.join(", ")));
            return Shape::Any;
        }
    };
    of_kind(kind, flat, losses)
}

fn of_kind<'a>(kind: &str, flat: &Flat<'a>, losses: &mut Losses) -> Shape<'a> {
    let mut unknown = |known: &[&str]| {
        if let Some(format) = flat
            .format
            .filter(|it| !it.is_empty() && !known.contains(it))
        {
            losses.push((kinds::FORMAT, format!("{kind}, {format}")));
        }
    };
    match kind {
        "object" if !flat.properties.is_empty() => Shape::Object,
        "object" => Shape::Members(
            flat.additional
                .filter(|it| it.as_map().is_some_and(|it| !it.is_empty())),
        ),
        "array" => Shape::List(flat.items.filter(|it| it.as_list().is_none())),
        "string" | "file" => {
            unknown(&["password"]);
            Shape::Text
        }
        "boolean" => {
            unknown(&[]);
            Shape::Bool
        }
        "number" => {
            unknown(&["double"]);
            Shape::Number
        }
        "integer" => {
            const FORMATS: [&str; 8] = [
                "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
            ];
            unknown(&FORMATS);
            // What does not fit into 63 bits is a number without a sign, and bigger ones are not known.
            let is_large = flat
                .maximum
                .is_some_and(|it| it.parse::<i64>().is_err() && !it.starts_with('-'));
            let format = FORMATS.iter().find(|it| Some(**it) == flat.format).copied();
            Shape::Integer(if is_large { Some("uint64") } else { format })
        }
        "any" => Shape::Any,
        other => {
            losses.push((kinds::TYPES, format!("the type `{other}`")));
            Shape::Any
        }
    }
}

/// The type that the words of a schema without one are about.
fn inferred(flat: &Flat<'_>) -> &'static str {
    const OF_TEXTS: [&str; 9] = [
        "date",
        "date-time",
        "uuid",
        "uri",
        "email",
        "byte",
        "binary",
        "password",
        "hostname",
    ];
    if !flat.properties.is_empty() || flat.additional.is_some_and(|it| it.as_map().is_some()) {
        "object"
    } else if flat.items.is_some() {
        "array"
    } else if flat.is_text_by_limits || flat.format.is_some_and(|it| OF_TEXTS.contains(&it)) {
        "string"
    } else {
        "any"
    }
}

fn of_values<'a>(values: &[&'a Node], flat: &Flat<'a>, losses: &mut Losses) -> Option<Shape<'a>> {
    let present: Vec<&Node> = values
        .iter()
        .copied()
        .filter(|it| it.value != Value::Null)
        .collect();
    let all =
        |test: fn(&Value) -> bool| !present.is_empty() && present.iter().all(|it| test(&it.value));
    let is_text =
        flat.types == ["string"] || flat.types.is_empty() && all(|it| matches!(it, Value::Text(_)));
    if !is_text {
        losses.push((kinds::ENUM_NUMBERS, String::new()));
        return match flat.types.as_slice() {
            [] if all(|it| matches!(it, Value::Bool(_))) => Some(Shape::Bool),
            [] if all(|it| matches!(it, Value::Number(_))) => Some(Shape::Number),
            _ => None,
        };
    }
    let (mut texts, mut seen) = (Vec::new(), HashSet::new());
    for value in &present {
        let Some(text) = value.scalar_text() else {
            continue;
        };
        if value.as_text().is_none() {
            losses.push((kinds::ENUM_VALUES, text.clone()));
        }
        if seen.insert(text.clone()) {
            texts.push(text);
        }
    }
    if texts.is_empty() {
        return Some(Shape::Text);
    }
    if !names::make_variants(&texts.iter().map(String::as_str)) {
        losses.push((kinds::ENUM_NAMES, texts.join(", ")));
        return Some(Shape::Text);
    }
    Some(Shape::Enum(texts))
}

fn of_unions<'a>(
    files: &'a Files,
    flat: &mut Flat<'a>,
    unions: &[Union<'a>],
    losses: &mut Losses,
    depth: usize,
) -> Option<Shape<'a>> {
    let mut of_types = Vec::new();
    for union in unions {
        let mut variants = Vec::new();
        for variant in union.variants {
            if !is_null(variant) && says_more_than_required(variant) {
                variants.push(variant);
            }
        }
        if !variants.is_empty() {
            of_types.push((variants, union.discriminator));
        }
    }
    if of_types.is_empty() {
        return None;
    }
    if !flat.properties.is_empty() || of_types.len() > 1 {
        let mut merged = of_types
            .iter()
            .flat_map(|(variants, _)| variants)
            .map(|it| Flat::of(files, it));
        if merged
            .any(|it| it.properties.is_empty() && !it.types.is_empty() && it.types != ["object"])
        {
            losses.push((kinds::UNION_ANY, String::new()));
            return Some(Shape::Any);
        }
        losses.push((kinds::UNION_MERGED, String::new()));
        let required = flat.required.clone();
        for (variants, _) in &of_types {
            for variant in variants {
                flat.add(files, variant, &mut HashSet::new());
            }
        }
        flat.unions.clear();
        flat.required = required;
        flat.types = vec!["object"];
        return None;
    }
    let (variants, discriminator) = of_types.remove(0);
    if let [only] = variants.as_slice()
        && only.text_of("$ref").is_none()
        && depth < DEEPEST
    {
        // The other one was null: this is how many writers say that a value may be absent.
        flat.add(files, only, &mut HashSet::new());
        let inner = std::mem::take(&mut flat.unions);
        return of_unions(files, flat, &inner, losses, depth + 1);
    }
    let mut shapes = variants
        .iter()
        .map(|it| kind_of(files, it))
        .collect::<Vec<_>>();
    shapes.dedup();
    match shapes.as_slice() {
        ["text"] if variants.len() > 1 => {
            losses.push((kinds::TEXT_UNION, String::new()));
            Some(Shape::Text)
        }
        ["number"] if variants.len() > 1 => Some(Shape::Number),
        _ => Some(Shape::Union(variants, discriminator)),
    }
}

fn kind_of(files: &Files, node: &Node) -> &'static str {
    let flat = Flat::of(files, node);
    let is_text_enum = |it: &Vec<&Node>| it.iter().all(|it| it.as_text().is_some());
    match flat.types.as_slice() {
        ["string"] => "text",
        [] if flat.unions.is_empty() && flat.values.as_ref().is_some_and(is_text_enum) => "text",
        ["integer" | "number"] => "number",
        _ => "other",
    }
}

fn says_more_than_required(variant: &Node) -> bool {
    let quiet = ["required", "description", "title", "not", "example"];
    variant
        .as_map()
        .is_some_and(|it| it.keys().any(|key| !quiet.contains(&key.as_str())))
        || variant.value == Value::Bool(true)
}
