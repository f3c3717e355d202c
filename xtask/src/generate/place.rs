//! A place in a document: the keys that lead to it.

use std::fmt;

/// The keys from the root of a document down to a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) keys: Vec<String>,
}

impl Place {
    /// The place of a member.
    pub(crate) fn child(&self, key: &str) -> Self {
        let mut keys = self.keys.clone();
        keys.push(key.to_owned());
        Self { keys }
    }

    /// The last key.
    pub(crate) fn last(&self) -> &str {
        self.keys.last().map_or("", String::as_str)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.keys.join("."))
    }
}
