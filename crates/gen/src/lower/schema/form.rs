//! Forms of several parts: objects of which some properties are files.

use serde_json::{Value as Json, json};

use super::Schemas;
use super::flat::Flat;
use super::shape::{Losses, Shape, shape};
use crate::lower::form::{Form, Part};
use crate::names::snake;
use crate::node::Node;

/// A file, in words that the encoder has a type for.
pub(crate) const FILE_FORMAT: &str = "x-tegata-part";

impl<'a> Schemas<'a> {
    /// The form, as a type of its own; nothing if it has no properties. The content types are those that the document has
    /// for parts.
    pub(crate) fn form(
        &mut self,
        node: &'a Node,
        hint: &str,
        content_type: &dyn Fn(&str) -> Option<&'a str>,
    ) -> Option<Form> {
        let mut flat = Flat::of(self.files, node);
        let mut losses = Losses::new();
        let Shape::Object = shape(self.files, &mut flat, &mut losses) else {
            return None;
        };
        self.count(node, losses);
        let name = self.name(hint, node.place);
        let mut object = self.object(&flat, &name, &name);
        let mut parts = Vec::new();
        for (property, json) in object["properties"].as_object_mut()? {
            let kind = content_type(property);
            let schema = flat.properties.get(property.as_str())?.schema;
            let is_file = self.make_file(schema, kind, json);
            parts.push(Part {
                field: snake(property),
                name: property.clone(),
                is_file,
                content_type: kind
                    .filter(|it| !it.contains(['*', ',']))
                    .map(str::to_owned),
            });
        }
        if let Some(description) = flat.description {
            object["description"] = description.into();
        }
        let has_extra = object.get("additionalProperties").is_some();
        self.done.insert(name.clone(), object);
        Some(Form {
            name,
            parts,
            has_extra,
        })
    }

    /// Makes the schema that of a file, or of several, if it is; says whether it is.
    fn make_file(&self, schema: &'a Node, content_type: Option<&str>, json: &mut Json) -> bool {
        let flat = Flat::of(self.files, schema);
        let is_list = flat.items.is_some();
        let of = flat.items.unwrap_or(schema);
        if !is_file(self.files, of, content_type) {
            return false;
        }
        let file = json!({"type": "string", "format": FILE_FORMAT});
        let mut made = if is_list {
            json!({"type": "array", "items": file})
        } else {
            file
        };
        for key in ["description", "nullable"] {
            if let Some(it) = json.get(key).filter(|_| is_list || key == "description") {
                made[key] = it.clone();
            }
        }
        *json = made;
        true
    }
}

fn is_file(files: &crate::read::Files, node: &Node, content_type: Option<&str>) -> bool {
    let flat = Flat::of(files, node);
    let found = crate::lower::resolved(files, node).unwrap_or(node);
    let is_of_text =
        |it: &str| it.starts_with("text/") || it.contains("json") || it.contains("xml");
    let is_plain = matches!(flat.types.as_slice(), [] | ["string"])
        && flat.properties.is_empty()
        && flat.unions.is_empty()
        && flat.values.is_none();
    flat.format == Some("binary")
        || flat.types.contains(&"file")
        || is_plain
            && found.get("contentEncoding").is_none()
            && !matches!(flat.format, Some("byte" | "base64"))
            && (found.get("contentMediaType").is_some()
                || content_type.is_some_and(|it| !is_of_text(it)))
}
