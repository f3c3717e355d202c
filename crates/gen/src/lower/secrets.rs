//! Which properties and parameters hold a secret: by their name, unless `x-tegata-secret` says so or denies it.

use crate::names::looks_secret;
use crate::node::{Node, Value};

/// What the property or parameter says itself.
pub(super) fn mark(node: &Node) -> Option<bool> {
    match node.get(crate::keys::SECRET.name)?.value {
        Value::Bool(it) => Some(it),
        _ => None,
    }
}

/// Whether a property or parameter of this name is a secret.
pub(super) fn is_secret(mark: Option<bool>, name: &str) -> bool {
    mark.unwrap_or_else(|| looks_secret(name))
}
