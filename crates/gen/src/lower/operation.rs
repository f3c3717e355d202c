//! One operation: its method's name, and its parts put together.

use serde_json::{Value as Json, json};

use super::form::Form;
use super::parameters::SECRET;
use super::{Alternative, Lowering, Requirement, Scopes, is_empty, kinds, made_up, text};
use crate::names::snake;
use crate::node::{Node, Place};

/// What generated code has to know of an operation besides its types.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// The name of its method.
    pub(crate) id: String,
    /// The HTTP method.
    pub(crate) method: String,
    /// The method under which the encoder has it.
    pub(crate) encoded_as: &'static str,
    /// The path in the lowered document.
    pub(crate) key: String,
    /// The path that requests have.
    pub(crate) path: String,
    pub(crate) summary: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) tags: Vec<String>,
    /// The index of its server.
    pub(crate) server: usize,
    /// What it takes: one of these, or nothing.
    pub(crate) security: Vec<Alternative>,
    pub(crate) requirement: Requirement,
    /// What its token has to be good for: one of these, by the scheme of the token.
    pub(crate) scopes: Vec<Scopes>,
    /// Arguments that are secrets, and that the encoder takes for texts.
    pub(crate) secrets: Vec<String>,
    pub(crate) wire: Wire,
    /// What is sent in place of its body, if that is a form of several parts.
    pub(crate) form: Option<Form>,
    /// What it answers when it fails.
    pub(crate) failures: Vec<Failure>,
    pub(crate) place: Place,
    /// Why its body or answer is bytes, if it is.
    pub(crate) raw: Option<String>,
}

/// Whether an operation can be called by this method.
pub(crate) fn is_method(method: &str) -> bool {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-_".contains(&it);
    // A proxy would take this for a wish to be a tunnel.
    let is_tunnel = method.eq_ignore_ascii_case("connect");
    !method.is_empty() && method.bytes().all(is_plain) && !is_tunnel
}

/// The method of an operation.
#[derive(Clone, Copy)]
pub(super) struct Method<'a> {
    /// The one under which the encoder has it.
    pub(super) encoded: &'static str,
    /// Another one, which the request then gets.
    other: Option<&'a str>,
}

impl<'a> Method<'a> {
    pub(super) fn known(method: &'static str) -> Self {
        Self {
            encoded: method,
            other: None,
        }
    }

    /// A method that the encoder does not know, if a request can have it. It may have a body, as a `POST` does.
    pub(super) fn any(method: &'a str) -> Option<Self> {
        is_method(method).then_some(Self {
            encoded: "post",
            other: Some(method),
        })
    }

    pub(super) fn sent(self) -> String {
        self.other
            .map_or_else(|| self.encoded.to_uppercase(), str::to_owned)
    }

    /// In the names of what has no name.
    fn name(self) -> String {
        self.other.unwrap_or(self.encoded).to_lowercase()
    }
}

/// A documented answer that is no success.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    /// The status, as `404`, `4XX` or `default`.
    pub(crate) status: String,
    /// The schema for the encoder.
    pub(crate) schema: Json,
}

/// What is changed in a request after the encoder has made it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Wire {
    /// A method that the encoder does not know.
    pub(crate) method: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) accept: Option<String>,
    /// The answer is handed on as it comes.
    pub(crate) is_bytes: bool,
    /// A success without content is the absence of its value.
    pub(crate) may_be_empty: bool,
    /// The JSON becomes a form. These members of it are written with brackets.
    pub(crate) form: Option<Vec<String>>,
    /// Members of the form of which one joins all values, and by what.
    pub(crate) form_joined: Vec<(String, &'static str)>,
    /// Query parameters of which one joins all values, and by what.
    pub(crate) joined: Vec<(String, &'static str)>,
    /// Parameters that the encoder calls differently: its name, and the right one.
    pub(crate) renamed: Vec<(String, String)>,
}

/// Names that the encoder or the code around it needs, and methods that every type has by value: those come before ours.
const RESERVED: [&str; 14] = [
    "pre",
    "post",
    "exec",
    "new",
    "api_version",
    "baseurl",
    "client",
    "inner",
    "transport",
    "clone",
    "fmt",
    "new_with_client",
    "into",
    "try_into",
];

/// Each tag once.
fn tags(operation: &Node) -> Vec<String> {
    let mut tags = Vec::new();
    for it in operation.items_of("tags") {
        tags.extend(it.scalar_text().filter(|it| !tags.contains(it)));
    }
    tags
}

/// Takes the marks off, and returns the names of the arguments that had one.
fn secret_arguments(parameters: &mut [Json]) -> Vec<String> {
    let name = |it: &mut Json| {
        it.as_object_mut()?.remove(SECRET)?;
        it["name"].as_str().map(snake)
    };
    parameters.iter_mut().filter_map(name).collect()
}

impl<'a> Lowering<'a> {
    /// The operation for the encoder under its path, or why there can be none.
    pub(super) fn operation(
        &mut self,
        path: &str,
        method: Method<'_>,
        node: &'a Node,
        item: &'a Node,
        security: Vec<Alternative>,
    ) -> Result<(String, Json, Operation), String> {
        let id = self.id(path, &method.name(), node);
        let mut wire = Wire {
            method: method.other.map(str::to_owned),
            ..Wire::default()
        };
        let mut raw = None;
        let mut form = None;
        let (body, content_type) =
            self.body(node, &id, method.encoded, &mut wire, &mut raw, &mut form)?;
        let (responses, failures) = self.answers(node, &id, &mut wire, &mut raw);
        let has_body = body.is_some();
        let declared = self.declared(node, item)?;
        let declared = self.without_credentials(declared, &security)?;
        let (path, mut parameters) =
            self.parameters(path, node, &declared, &id, has_body, &mut wire)?;
        parameters.extend(content_type);
        let secrets = secret_arguments(&mut parameters);
        if node.get("callbacks").is_some_and(|it| !is_empty(it)) {
            self.schemas.remark(kinds::WEBHOOKS, node, "callbacks");
        }
        let mut json = json!({
            "operationId": id,
            "parameters": parameters,
            "responses": responses,
        });
        if let Some(body) = body {
            json["requestBody"] = body;
        }
        let path = match method.other {
            // What follows the mark is not sent, and tells it from the others of this path.
            Some(method) => format!("{path}#{method}"),
            None => path,
        };
        let sent = path.split(['#', '?']).next().unwrap_or_default().to_owned();
        let operation = Operation {
            id,
            method: method.sent(),
            encoded_as: method.encoded,
            key: path.clone(),
            path: sent,
            summary: text(node, "summary"),
            description: text(node, "description"),
            tags: tags(node),
            server: self.server(node, item),
            security,
            requirement: self.requirement(node),
            scopes: self.scopes(node),
            secrets,
            wire,
            form,
            failures,
            place: node.place,
            raw,
        };
        Ok((path, json, operation))
    }

    fn id(&mut self, path: &str, method: &str, node: &Node) -> String {
        let given = text(node, "operationId");
        let name = given
            .as_deref()
            .map_or_else(|| made_up(method, path), snake);
        let name = if RESERVED.contains(&name.as_str()) {
            format!("{name}_{}", snake(method))
        } else {
            name
        };
        let made = self.names.unique(&name);
        if given.is_none_or(|it| snake(&it) != made) {
            self.schemas.remark(kinds::OPERATION_ID, node, &made);
        }
        made
    }
}
