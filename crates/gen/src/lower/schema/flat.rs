//! A schema with all that `$ref` and `allOf` bring to it, in the words of OpenAPI 3.0 and 3.1 alike.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::lower::references::{Key, target};
use crate::lower::secrets::mark;
use crate::node::{Node, Value};
use crate::read::Files;

/// All that one schema says.
#[derive(Default)]
pub(super) struct Flat<'a> {
    pub(super) types: Vec<&'a str>,
    pub(super) nullable: bool,
    pub(super) properties: IndexMap<&'a str, Property<'a>>,
    pub(super) required: HashSet<&'a str>,
    /// The schema of members that are not named.
    pub(super) additional: Option<&'a Node>,
    pub(super) items: Option<&'a Node>,
    /// `enum` and `const`.
    pub(super) values: Option<Vec<&'a Node>>,
    pub(super) format: Option<&'a str>,
    pub(super) maximum: Option<&'a str>,
    pub(super) unions: Vec<Union<'a>>,
    pub(super) description: Option<&'a str>,
    pub(super) is_text_by_limits: bool,
    pub(super) is_false: bool,
    pub(super) dangling: Option<String>,
}

/// A property, and whether two parts of the schema describe it.
#[derive(Clone, Copy)]
pub(super) struct Property<'a> {
    pub(super) schema: &'a Node,
    pub(super) conflicts: bool,
    /// What one of them says of its being a secret.
    pub(super) secret: Option<bool>,
}

/// `oneOf` or `anyOf`.
#[derive(Clone, Copy)]
pub(super) struct Union<'a> {
    pub(super) variants: &'a [Node],
    pub(super) discriminator: Option<&'a Node>,
}

impl<'a> Flat<'a> {
    pub(super) fn of(files: &'a Files, node: &'a Node) -> Self {
        let mut flat = Self::default();
        flat.add(files, node, &mut HashSet::new());
        flat
    }

    /// Adds what another schema says, which holds as well.
    pub(super) fn add(&mut self, files: &'a Files, node: &'a Node, added: &mut HashSet<Key>) {
        if node.value == Value::Bool(false) {
            self.is_false = true;
        }
        if node.text_of("$ref").is_some() {
            match target(files, node) {
                // A second time it adds nothing, and a schema may contain itself.
                Ok((found, key)) => {
                    if added.insert(key) {
                        self.add(files, found, added);
                    }
                }
                Err(why) => self.dangling = Some(why),
            }
        }
        for part in node.items_of("allOf") {
            self.add(files, part, added);
        }
        self.add_types(node);
        self.add_members(files, node);
        for key in ["oneOf", "anyOf"] {
            let variants = node.items_of(key);
            if !variants.is_empty() {
                self.nullable |= variants.iter().any(is_null);
                let discriminator = node.get("discriminator");
                self.unions.push(Union {
                    variants,
                    discriminator,
                });
            }
        }
        self.description = node.text_of("description").or(self.description);
    }

    fn add_types(&mut self, node: &'a Node) {
        let named = match node.get("type").map(|it| &it.value) {
            Some(Value::Text(one)) => vec![one.as_str()],
            Some(Value::List(list)) => list.iter().filter_map(Node::as_text).collect(),
            _ => Vec::new(),
        };
        self.nullable |= node.is_true("nullable") || node.is_true("x-nullable");
        for kind in named {
            if kind == "null" {
                self.nullable = true;
            } else if !self.types.contains(&kind) {
                self.types.push(kind);
            }
        }
        let values = match (node.get("const"), node.get("enum").and_then(Node::as_list)) {
            (Some(only), _) => Some(vec![only]),
            (None, Some(list)) if !list.is_empty() => Some(list.iter().collect()),
            _ => None,
        };
        if let Some(values) = values {
            // Two lists: what both allow. The shorter one is nearer to that.
            if self
                .values
                .as_ref()
                .is_none_or(|it| it.len() > values.len())
            {
                self.nullable |=
                    values.iter().any(|it| it.value == Value::Null) && values.len() > 1;
                self.values = Some(values);
            }
        }
        self.format = node.text_of("format").or(self.format);
        if let Some(Value::Number(text)) = node.get("maximum").map(|it| &it.value) {
            self.maximum = Some(text);
        }
        let of_texts = [
            "minLength",
            "maxLength",
            "pattern",
            "contentEncoding",
            "contentMediaType",
        ];
        self.is_text_by_limits |= of_texts.iter().any(|it| node.get(it).is_some());
    }

    fn add_members(&mut self, files: &'a Files, node: &'a Node) {
        for (name, schema) in node.members_of("properties") {
            let before = self.properties.get(name.as_str()).copied();
            let conflicts =
                before.is_some_and(|it| it.conflicts || conflict(files, it.schema, schema));
            let secret = mark(schema).or(before.and_then(|it| it.secret));
            // Of two that agree, the one that says more.
            let more = before.filter(|it| !conflicts && weight(it.schema) > weight(schema));
            let property = Property {
                schema: more.map_or(schema, |it| it.schema),
                conflicts,
                secret,
            };
            self.properties.insert(name, property);
        }
        self.required
            .extend(node.items_of("required").iter().filter_map(Node::as_text));
        // Swagger's writers put `required: true` into the property itself.
        let own = node
            .members_of("properties")
            .filter(|(_, it)| it.is_true("required"));
        self.required.extend(own.map(|(name, _)| name.as_str()));
        if let Some(additional) = node.get("additionalProperties")
            && additional.value != Value::Bool(false)
        {
            self.additional = Some(additional);
        }
        if let Some(items) = node.get("items") {
            self.items = Some(items);
        }
    }
}

/// How much a schema says, roughly.
fn weight(schema: &Node) -> usize {
    let words = [
        "$ref",
        "type",
        "properties",
        "items",
        "enum",
        "oneOf",
        "anyOf",
        "allOf",
        "format",
    ];
    words.iter().filter(|it| schema.get(it).is_some()).count()
}

/// Whether two schemas of one property say different types.
fn conflict(files: &Files, one: &Node, other: &Node) -> bool {
    if one == other || weight(one) == 0 || weight(other) == 0 {
        return false;
    }
    let kind = |node: &Node| -> Option<String> {
        let node = if node.text_of("$ref").is_some() {
            target(files, node).ok()?.0
        } else {
            node
        };
        let is_object = node.get("properties").is_some() || node.get("allOf").is_some();
        node.text_of("type")
            .map(str::to_owned)
            .or_else(|| is_object.then(|| "object".to_owned()))
    };
    match (kind(one), kind(other)) {
        (Some(one), Some(other)) => one != other,
        _ => true,
    }
}

/// The variant that only says that there may be nothing.
pub(super) fn is_null(variant: &Node) -> bool {
    let only_null = |it: &Node| match &it.value {
        Value::Text(text) => text == "null",
        Value::List(list) => list.len() == 1 && list[0].as_text() == Some("null"),
        Value::Null => true,
        _ => false,
    };
    variant.get("type").is_some_and(only_null)
        || variant
            .get("const")
            .is_some_and(|it| it.value == Value::Null)
        || variant.items_of("enum").len() == 1 && variant.items_of("enum")[0].value == Value::Null
}
