//! Unions: by the mark that a discriminator names, or else the first variant that fits.

use std::collections::HashSet;

use serde_json::{Value as Json, json};

use super::Schemas;
use super::flat::Flat;
use super::shape::{Losses, Shape, shape};
use crate::lower::kinds;
use crate::lower::references::{Key, target, target_of};
use crate::names;
use crate::node::Node;
use crate::read::Files;

impl<'a> Schemas<'a> {
    pub(super) fn union(
        &mut self,
        node: &'a Node,
        variants: &[&'a Node],
        discriminator: Option<&'a Node>,
        name: &str,
    ) -> Json {
        if let Some(marked) = discriminator.and_then(|it| self.marked(variants, it, name)) {
            return marked;
        }
        let mut made: Vec<(usize, Json)> = Vec::new();
        let mut seen = HashSet::new();
        for (index, variant) in variants.iter().enumerate() {
            let schema = self.schema(variant, &format!("{name} variant {index}"));
            if schema.json == json!({}) {
                self.remark(kinds::UNION_ANY, node, name);
                return json!({});
            }
            if seen.insert(schema.json.to_string()) {
                // What asks for more is tried first: an object without required members takes every object.
                let asks = Flat::of(self.files, variant);
                let asks = asks
                    .properties
                    .keys()
                    .filter(|it| asks.required.contains(**it))
                    .count();
                made.push((asks, schema.json));
            }
        }
        if made.len() > 1 {
            self.remark(kinds::UNION, node, name);
        }
        made.sort_by_key(|(asks, _)| std::cmp::Reverse(*asks));
        let variants: Vec<Json> = made.into_iter().map(|(_, it)| it).collect();
        match <[Json; 1]>::try_from(variants) {
            Ok([only]) => json!({"allOf": [only]}),
            Err(variants) => json!({"oneOf": variants}),
        }
    }

    /// Objects that a member of theirs tells apart, if all are such.
    fn marked(
        &mut self,
        variants: &[&'a Node],
        discriminator: &'a Node,
        name: &str,
    ) -> Option<Json> {
        let mark = discriminator.text_of("propertyName")?;
        let mut values = Vec::new();
        for variant in variants {
            let mut flat = Flat::of(self.files, variant);
            if !matches!(
                shape(self.files, &mut flat, &mut Losses::new()),
                Shape::Object
            ) {
                return None;
            }
            let found = self.values_of(variant, &flat, discriminator, mark);
            values.extend(found.into_iter().map(|value| (value, *variant)));
        }
        self.tagged(&values, mark, name)
    }

    /// An object for each value of the mark, if they make as many names.
    pub(super) fn tagged(
        &mut self,
        values: &[(String, &'a Node)],
        mark: &str,
        name: &str,
    ) -> Option<Json> {
        let names = || values.iter().map(|(value, _)| value.as_str());
        if values.is_empty() || !names::make_variants(&names()) {
            return None;
        }
        let mut made = Vec::new();
        for (value, variant) in values {
            let mut flat = Flat::of(self.files, variant);
            shape(self.files, &mut flat, &mut Losses::new());
            flat.properties.shift_remove(mark);
            flat.required.remove(mark);
            let mut object = self.object(&flat, &format!("{name} {value}"), name);
            object["properties"][mark] = json!({"type": "string", "enum": [value]});
            match object.get_mut("required").and_then(Json::as_array_mut) {
                Some(required) => required.push(mark.into()),
                None => object["required"] = json!([mark]),
            }
            // A variant of an enum has no place for members without a name.
            object.as_object_mut()?.remove("additionalProperties");
            made.push(object);
        }
        Some(json!({"oneOf": made}))
    }

    /// The values of the mark that stand for one variant.
    fn values_of(
        &self,
        variant: &Node,
        flat: &Flat<'_>,
        discriminator: &Node,
        mark: &str,
    ) -> Vec<String> {
        let own = target(self.files, variant).ok().map(|(_, key)| key);
        let name = own.as_ref().and_then(|key| key.1.rsplit('/').next());
        let leads_here = |it: &Node| mapped(self.files, it).ok().map(|(_, key)| key);
        let mapping = discriminator.members_of("mapping");
        let own_marks = mapping.filter(|(_, it)| own.is_some() && leads_here(it) == own);
        let own_marks: Vec<String> = own_marks.map(|(value, _)| value.clone()).collect();
        if !own_marks.is_empty() {
            return own_marks;
        }
        if let Some(property) = flat.properties.get(mark)
            && let Some(values) = Flat::of(self.files, property.schema).values
            && !values.is_empty()
        {
            return values.iter().filter_map(|it| it.scalar_text()).collect();
        }
        name.map(str::to_owned).into_iter().collect()
    }
}

/// The schema that a mapping has for a mark: by its name, or by a reference.
pub(super) fn mapped<'a>(files: &'a Files, it: &Node) -> Result<(&'a Node, Key), String> {
    let text = it.as_text().unwrap_or_default();
    if text.contains(['#', '/']) {
        return target_of(files, it.place.file, text);
    }
    target_of(
        files,
        it.place.file,
        &format!("#/components/schemas/{text}"),
    )
}
