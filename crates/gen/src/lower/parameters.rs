//! Parameters: each becomes one argument of one name, and travels as the document says.

mod credentials;

use std::collections::{HashMap, HashSet};

use serde_json::{Value as Json, json};

use super::bodies::separator;
use super::references::resolved;
use super::secrets::{is_secret, mark};
use super::{Lowering, Wire, kinds, template_names};
use crate::names::{snake, unique};
use crate::node::Node;

/// Names that the generated methods need.
const RESERVED: [&str; 3] = ["header_map", "body", "self_"];

/// A mark of arguments that are secrets for the caller, and texts for the encoder.
pub(super) const SECRET: &str = "x-secret";

/// Headers that the client sets, whatever an operation takes.
const MANAGED: [&str; 4] = ["accept", "content-type", "host", "content-length"];

impl<'a> Lowering<'a> {
    /// The path with the names that the arguments have, and the parameters for the encoder.
    pub(super) fn parameters(
        &mut self,
        path: &str,
        operation: &'a Node,
        declared: &[&'a Node],
        id: &str,
        has_body: bool,
        wire: &mut Wire,
    ) -> Result<(String, Vec<Json>), String> {
        let mut taken: HashSet<String> = HashSet::new();
        if has_body {
            taken.extend(["body".to_owned(), "content_type".to_owned()]);
        }
        taken.insert("header_map".to_owned());
        let (path, mut made) = self.path_parameters(path, operation, declared, id, &mut taken)?;
        for node in declared
            .iter()
            .filter(|it| it.text_of("in") != Some("path"))
        {
            made.extend(self.parameter(node, id, &mut taken, wire)?);
        }
        Ok((path, made))
    }

    /// The parameters of the operation and those of its path that it does not have itself.
    pub(super) fn declared(
        &self,
        operation: &'a Node,
        item: &'a Node,
    ) -> Result<Vec<&'a Node>, String> {
        let mut found: Vec<&Node> = Vec::new();
        let mut at: HashMap<(String, String), usize> = HashMap::new();
        for node in item
            .items_of("parameters")
            .iter()
            .chain(operation.items_of("parameters"))
        {
            let node = resolved(self.files, node)
                .map_err(|why| format!("a parameter cannot be found: {why}"))?;
            let part = |key: &str| node.text_of(key).unwrap_or_default().to_owned();
            let key = (part("in"), part("name"));
            if key.1.is_empty() {
                continue;
            }
            if let Some(index) = at.get(&key) {
                found[*index] = node;
            } else {
                at.insert(key, found.len());
                found.push(node);
            }
        }
        Ok(found)
    }

    fn path_parameters(
        &mut self,
        path: &str,
        operation: &'a Node,
        declared: &[&'a Node],
        id: &str,
        taken: &mut HashSet<String>,
    ) -> Result<(String, Vec<Json>), String> {
        let mut made = Vec::new();
        let mut rest = path;
        let mut whole = String::new();
        let mut seen = HashSet::new();
        let names = template_names(path);
        for name in &names {
            if !seen.insert(name) {
                return Err(format!("the path has `{name}` twice"));
            }
            let node = declared
                .iter()
                .find(|it| it.text_of("in") == Some("path") && it.text_of("name") == Some(name));
            // The name of a path parameter does not travel, so it may be any.
            let argument = unique(&snake(name), taken);
            let schema = if let Some(node) = node {
                if !node.is_true("required") {
                    self.schemas.remark(kinds::OPTIONAL_PATH, node, name);
                }
                self.scalar(node, id, name)
            } else {
                self.schemas.remark(kinds::UNDECLARED, operation, name);
                json!({"type": "string"})
            };
            let mut json =
                json!({"name": argument, "in": "path", "required": true, "schema": schema});
            if let Some(node) = node {
                json = described(node, json);
            }
            made.push(json);
            let (before, after) = rest.split_once('{').unwrap_or((rest, ""));
            let after = after.split_once('}').map_or("", |(_, after)| after);
            whole.extend([before, "{", &argument, "}"]);
            rest = after;
        }
        whole.push_str(rest);
        for node in declared
            .iter()
            .filter(|it| it.text_of("in") == Some("path"))
        {
            let name = node.text_of("name").unwrap_or_default();
            if !names.iter().any(|it| it == name) {
                self.schemas.remark(kinds::UNUSED_PATH, node, name);
            }
        }
        if !whole.starts_with('/') {
            whole.insert(0, '/');
        }
        Ok((whole, made))
    }

    /// The arguments that one query, header or cookie parameter becomes.
    fn parameter(
        &mut self,
        node: &'a Node,
        id: &str,
        taken: &mut HashSet<String>,
        wire: &mut Wire,
    ) -> Result<Vec<Json>, String> {
        let name = node.text_of("name").unwrap_or_default();
        match node.text_of("in") {
            Some("header") if MANAGED.contains(&&*name.to_lowercase()) => {
                if name.eq_ignore_ascii_case("accept") && !wire.may_be_empty {
                    // Some services choose their version by it, and say which in the parameter alone.
                    wire.accept = only_value(node).or(wire.accept.take());
                }
                self.schemas.remark(kinds::PARAMETER_MANAGED, node, name);
                Ok(Vec::new())
            }
            Some("header") => {
                if name.parse::<HeaderName>().is_err() {
                    return self.left_out(node, name);
                }
                let schema = self.scalar(node, id, name);
                let mut made = self.argument(node, name, "header", &schema, taken, wire);
                if schema == json!({"type": "string"}) && self.is_secret_header(node, name) {
                    made[SECRET] = true.into();
                }
                Ok(vec![made])
            }
            Some("query") => self.query(node, name, id, taken, wire),
            _ => self.left_out(node, name),
        }
    }

    /// A parameter that cannot be sent is left out if the operation works without it.
    fn left_out(&mut self, node: &'a Node, name: &str) -> Result<Vec<Json>, String> {
        let place = node.text_of("in").unwrap_or("nowhere");
        if node.is_true("required") {
            return Err(format!(
                "the parameter `{name}` in {place} cannot be sent, and is required"
            ));
        }
        self.schemas.remark(kinds::PARAMETER_LEFT_OUT, node, name);
        Ok(Vec::new())
    }

    fn query(
        &mut self,
        node: &'a Node,
        name: &str,
        id: &str,
        taken: &mut HashSet<String>,
        wire: &mut Wire,
    ) -> Result<Vec<Json>, String> {
        let style = node.text_of("style").unwrap_or("form");
        let is_deep = style == "deepObject";
        let explode = match node.get("explode").map(|it| &it.value) {
            Some(crate::node::Value::Bool(it)) => *it,
            _ => style == "form",
        };
        let Some(schema) = node.get("schema") else {
            self.schemas.remark(kinds::PARAMETER_TEXT, node, name);
            let text = json!({"type": "string"});
            return Ok(vec![self.argument(node, name, "query", &text, taken, wire)]);
        };
        let hint = format!("{id} {name}");
        if let Some(members) = self.schemas.scalar_members(schema)
            && (is_deep || explode)
            && !members.is_empty()
        {
            self.schemas.remark(kinds::PARAMETER_SPLIT, node, name);
            let mut made = Vec::new();
            for (member, of) in members {
                let sent = if is_deep {
                    format!("{name}[{member}]")
                } else {
                    member.to_owned()
                };
                let schema = self.schemas.schema(of, &format!("{hint} {member}")).json;
                let mut json = self.argument(node, &sent, "query", &schema, taken, wire);
                json["required"] = false.into();
                made.push(json);
            }
            return Ok(made);
        }
        if is_deep && self.schemas.is_list_of_scalars(schema) {
            // OpenAPI leaves lists open. What reads objects in brackets reads lists in brackets.
            let json = self.schemas.schema(schema, &hint).json;
            let sent = format!("{name}[]");
            return Ok(vec![
                self.argument(node, &sent, "query", &json, taken, wire),
            ]);
        }
        if is_deep {
            return self.left_out(node, name);
        }
        let json = if self.schemas.is_scalar(schema) {
            let mut json = self.schemas.schema(schema, &hint).json;
            let secret = super::schema::secret();
            // Swagger has no schema beside its parameter.
            let mark = mark(node).or_else(|| mark(schema));
            if json == json!({"type": "string"}) && is_secret(mark, name) {
                json = secret;
            } else if json == secret && mark == Some(false) {
                json = json!({"type": "string"});
            }
            json
        } else if self.schemas.is_list_of_scalars(schema) {
            if !explode {
                wire.joined.push((name.to_owned(), separator(style)));
            }
            self.schemas.schema(schema, &hint).json
        } else {
            self.schemas.remark(kinds::PARAMETER_TEXT, node, name);
            json!({"type": "string"})
        };
        Ok(vec![self.argument(node, name, "query", &json, taken, wire)])
    }

    /// A schema whose value is one word; texts are the caller's to write for everything else.
    fn scalar(&mut self, node: &'a Node, id: &str, name: &str) -> Json {
        match node.get("schema") {
            Some(schema) if self.schemas.is_scalar(schema) => {
                let json = self.schemas.schema(schema, &format!("{id} {name}")).json;
                // A secret is not printed, and so cannot be written into a path or header by the encoder.
                if json == super::schema::secret() {
                    json!({"type": "string"})
                } else {
                    json
                }
            }
            _ => {
                self.schemas.remark(kinds::PARAMETER_TEXT, node, name);
                json!({"type": "string"})
            }
        }
    }

    fn argument(
        &mut self,
        node: &'a Node,
        name: &str,
        place: &str,
        schema: &Json,
        taken: &mut HashSet<String>,
        wire: &mut Wire,
    ) -> Json {
        let mut argument = name.to_owned();
        if taken.contains(&snake(name)) || RESERVED.contains(&snake(name).as_str()) {
            self.schemas.remark(kinds::PARAMETER_NAME, node, name);
            let free = unique(&format!("{}_{place}", snake(name)), &mut taken.clone());
            argument = if place == "header" {
                free.replace('_', "-")
            } else {
                free
            };
            wire.renamed.push((argument.clone(), name.to_owned()));
            for (joined, _) in &mut wire.joined {
                if joined == name {
                    joined.clone_from(&argument);
                }
            }
        }
        taken.insert(snake(&argument));
        let required = node.is_true("required");
        described(
            node,
            json!({"name": argument, "in": place, "required": required, "schema": schema}),
        )
    }
}

fn described(node: &Node, mut json: Json) -> Json {
    if let Some(description) = node.text_of("description") {
        json["description"] = description.into();
    }
    json
}

/// The value that a parameter has where nothing is said: its default, or its only one.
fn only_value(parameter: &Node) -> Option<String> {
    let schema = parameter.get("schema")?;
    let only = match schema.items_of("enum") {
        [only] => Some(only),
        _ => None,
    };
    let value = schema.get("default").or(schema.get("const")).or(only)?;
    value.as_text().map(str::to_owned)
}

/// The grammar of a header's name (RFC 9110, section 5.1).
pub(super) struct HeaderName;

impl std::str::FromStr for HeaderName {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let is_token = |it: u8| it.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&it);
        if !name.is_empty() && name.bytes().all(is_token) {
            Ok(Self)
        } else {
            Err(())
        }
    }
}
