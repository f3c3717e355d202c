//! Objects: their fields, with names that make as many fields in Rust.

use std::collections::HashMap;

use serde_json::{Map as JsonMap, Value as Json, json};

use super::flat::Flat;
use super::{Schemas, secret};
use crate::lower::kinds;
use crate::names::{looks_secret, snake};

impl<'a> Schemas<'a> {
    /// The properties as an object. A property that would make the field of another one is left to `extra`.
    pub(super) fn object(&mut self, flat: &Flat<'a>, name: &str) -> Json {
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
                continue;
            }
            fields.insert(field, property);
            let is_required = flat.required.contains(property);
            properties.insert(
                (*property).to_owned(),
                self.property(it, name, property, is_required),
            );
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

    fn property(
        &mut self,
        property: &super::flat::Property<'a>,
        owner: &str,
        name: &str,
        is_required: bool,
    ) -> Json {
        if property.conflicts {
            self.remark(kinds::CONFLICT, property.schema, name);
            return json!({});
        }
        let mut schema = self.schema(property.schema, &format!("{owner} {name}"));
        if looks_secret(name) {
            if schema.is_text() {
                schema.json = secret();
            } else if schema.json["type"] == "array"
                && schema.json["items"] == json!({"type": "string"})
            {
                schema.json["items"] = secret();
            }
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
        json
    }
}
