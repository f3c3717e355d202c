//! Objects: their fields, with names that make as many fields in Rust.

use std::collections::HashMap;

use serde_json::{Map as JsonMap, Value as Json, json};

use super::flat::Flat;
use super::{Schemas, secret};
use crate::lower::kinds;
use crate::lower::secrets::is_secret;
use crate::names::snake;

impl<'a> Schemas<'a> {
    /// The properties as an object, which is the type `owner` or a variant of it. A property that would make the field of another one is left to `extra`.
    pub(super) fn object(&mut self, flat: &Flat<'a>, name: &str, owner: &str) -> Json {
        let mut properties = JsonMap::new();
        let mut required = Vec::new();
        let mut fields: HashMap<String, &str> = HashMap::new();
        let mut has_extra = flat
            .additional
            .is_some_and(|it| it.as_map().is_some_and(|it| !it.is_empty()));
        for (property, it) in &flat.properties {
            let field = snake(property);
            if let Some(other) = fields.get(&field) {
                self.remark(
                    kinds::FIELDS,
                    it.schema,
                    &format!("`{property}` beside `{other}`"),
                );
                has_extra = true;
                if is_secret(it.secret, property) {
                    self.hide(owner, "extra");
                }
                continue;
            }
            fields.insert(field, property);
            let is_required = flat.required.contains(property);
            let (json, prints) = self.property(it, name, property, is_required);
            if prints {
                self.hide(owner, property);
            } else if is_secret(it.secret, property) {
                // Should the type come to hold any JSON.
                self.hidden.entry(owner.to_owned()).or_default();
            }
            properties.insert((*property).to_owned(), json);
            if is_required {
                required.push(Json::from(*property));
            }
        }
        let described = |it: &&&str| !flat.properties.contains_key(**it);
        if let Some(first) = flat.required.iter().filter(described).min()
            && let Some((_, any)) = flat.properties.first()
        {
            self.remark(kinds::REQUIRED, any.schema, first);
        }
        let mut object = json!({"type": "object", "properties": properties});
        if !required.is_empty() {
            object["required"] = required.into();
        }
        // The encoder calls the map of other members `extra`.
        if has_extra && !fields.contains_key("extra") {
            object["additionalProperties"] = json!({});
        }
        object
    }

    fn hide(&mut self, owner: &str, property: &str) {
        let properties = self.hidden.entry(owner.to_owned()).or_default();
        properties.insert(property.to_owned());
    }

    /// The schema of a property, and whether it is of a secret and of a type that would print it.
    fn property(
        &mut self,
        property: &super::flat::Property<'a>,
        owner: &str,
        name: &str,
        is_required: bool,
    ) -> (Json, bool) {
        let is_secret = is_secret(property.secret, name);
        if property.conflicts {
            self.remark(kinds::CONFLICT, property.schema, name);
            return (json!({}), is_secret);
        }
        let mut schema = self.schema(property.schema, &format!("{owner} {name}"));
        let is_text = |it: &Json| *it == json!({"type": "string"}) || *it == secret();
        let of = if is_secret {
            secret()
        } else {
            json!({"type": "string"})
        };
        let mut prints = false;
        if is_text(&schema.json) {
            if is_secret || property.secret.is_some() {
                schema.json = of;
            }
        } else if schema.json["type"] == "array" && is_text(&schema.json["items"]) {
            if is_secret || property.secret.is_some() {
                schema.json["items"] = of;
            }
        } else {
            // Whether there is a secret is none.
            let is_bool = schema.json["type"] == "boolean";
            prints = is_secret && (!is_bool || property.secret.is_some());
        }
        // An optional field takes null as it is, but the encoder makes no option of lists and maps: null would not be
        // read, and an empty one could not be sent.
        let is_list = matches!(schema.json["type"].as_str(), Some("array" | "object"));
        schema.nullable |= is_list && !is_required;
        let mut json = if is_required || is_list {
            schema.or_null()
        } else {
            schema.json
        };
        if let Some(description) = property.schema.text_of("description")
            && let Some(map) = json.as_object_mut()
            && !map.contains_key("$ref")
        {
            map.insert("description".to_owned(), description.into());
        }
        (json, prints)
    }
}
