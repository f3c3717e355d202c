//! The operations of a document, and what belongs to each.

use super::super::document::Document;
use super::super::node::Node;
use super::super::strip::BROWSER_ONLY;

/// The methods of HTTP that OpenAPI knows.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// An operation and its place.
pub(crate) struct Site<'a> {
    pub(crate) path: String,
    /// Lower case.
    pub(crate) method: String,
    pub(crate) item: Node<'a>,
    pub(crate) node: Node<'a>,
}

/// A parameter of an operation, its reference followed.
pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    pub(super) place_in: &'a str,
    pub(super) node: Node<'a>,
}

/// All operations, in the order of the document.
pub(crate) fn sites(document: &Document) -> Vec<Site<'_>> {
    let mut sites = Vec::new();
    for (path, item) in document.root().members_of("paths") {
        for (method, node) in item.members() {
            if METHODS.contains(&method.as_str()) {
                sites.push(Site {
                    path: path.clone(),
                    method,
                    item: item.clone(),
                    node,
                });
            }
        }
    }
    sites
}

impl<'a> Site<'a> {
    pub(crate) fn is_browser_only(&self) -> bool {
        self.node.is(BROWSER_ONLY)
    }

    /// The parameters of the path and of the operation; the operation's win.
    pub(super) fn parameters(&self, document: &'a Document) -> Vec<Parameter<'a>> {
        let own = self.node.items_of("parameters");
        let shared = self.item.items_of("parameters");
        let own: Vec<_> = own
            .iter()
            .filter_map(|node| parameter(document, node))
            .collect();
        let mut all: Vec<_> = shared
            .iter()
            .filter_map(|node| parameter(document, node))
            .filter(|one| {
                !own.iter()
                    .any(|other| (other.name, other.place_in) == (one.name, one.place_in))
            })
            .collect();
        all.extend(own);
        all
    }
}

fn parameter<'a>(document: &'a Document, node: &Node<'a>) -> Option<Parameter<'a>> {
    let node = document.resolve(node)?;
    Some(Parameter {
        name: node.text_of("name")?,
        place_in: node.text_of("in")?,
        node,
    })
}

/// A schema and all schemas inside it; references are not followed.
pub(super) fn each_schema<'a>(schema: &Node<'a>, visit: &mut dyn FnMut(&Node<'a>)) {
    visit(schema);
    for key in ["allOf", "oneOf", "anyOf"] {
        for child in schema.items_of(key) {
            each_schema(&child, visit);
        }
    }
    for key in ["not", "items", "additionalProperties"] {
        if let Some(child) = schema.get(key) {
            each_schema(&child, visit);
        }
    }
    for (_, child) in schema.members_of("properties") {
        each_schema(&child, visit);
    }
}

/// The name of the component schema that a node refers to.
pub(super) fn schema_name<'a>(schema: &Node<'a>) -> Option<&'a str> {
    schema
        .text_of("$ref")?
        .strip_prefix("#/components/schemas/")
}
