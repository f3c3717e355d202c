//! Reading a spec that may be wrong anywhere: a missing value reads as null.

use serde_json::{Map, Value};

/// The methods that a path can have.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// A spec, with its operations found.
pub(super) struct View<'s> {
    pub(super) spec: &'s Value,
    pub(super) operations: Vec<Op<'s>>,
}

/// One operation.
pub(super) struct Op<'s> {
    pub(super) id: &'s str,
    pub(super) method: String,
    pub(super) path: &'s str,
    pub(super) node: &'s Value,
    /// The URL that its path is put behind.
    pub(super) server: &'s Value,
}

/// Nothing.
const NONE: &Value = &Value::Null;

impl<'s> View<'s> {
    pub(super) fn of(spec: &'s Value) -> Self {
        let mut operations = Vec::new();
        for (path, item) in members(&spec["paths"]) {
            for (method, node) in members(item) {
                if !METHODS.contains(&method.as_str()) {
                    continue;
                }
                let levels = [&node["servers"], &item["servers"], &spec["servers"]];
                let server = levels.into_iter().find(|servers| servers.is_array());
                operations.push(Op {
                    id: node["operationId"].as_str().unwrap_or_default(),
                    method: method.to_ascii_uppercase(),
                    path,
                    node,
                    server: server.map_or(NONE, |servers| &servers[0]),
                });
            }
        }
        Self { spec, operations }
    }

    pub(super) fn operation(&self, id: &str) -> Option<&Op<'s>> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The target of a reference.
    pub(super) fn resolve(&self, node: &'s Value) -> &'s Value {
        match node["$ref"]
            .as_str()
            .and_then(|path| path.strip_prefix('#'))
        {
            Some(pointer) => self.spec.pointer(pointer).unwrap_or(NONE),
            None => node,
        }
    }
}

impl Op<'_> {
    /// Its possible answers, by status.
    pub(super) fn responses(&self) -> &Map<String, Value> {
        members(&self.node["responses"])
    }
}

/// The members of an object, or none.
pub(super) fn members(node: &Value) -> &Map<String, Value> {
    static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    node.as_object().unwrap_or(&NOTHING)
}

/// The items of an array, or none.
pub(super) fn items(node: &Value) -> &[Value] {
    node.as_array().map_or(&[], Vec::as_slice)
}
