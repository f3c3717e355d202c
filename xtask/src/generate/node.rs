//! A value of a document that knows the keys that lead to it.

use tegata_gen::node::{Node as Read, Value};

use super::place::Place;

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    pub(crate) value: &'a Value,
    pub(crate) place: Place,
}

impl<'a> Node<'a> {
    /// The member of that name.
    pub(crate) fn get(&self, key: &str) -> Option<Node<'a>> {
        match self.value {
            Value::Map(members) => Some(self.child(key, members.get(key)?)),
            _ => None,
        }
    }

    /// The member at the end of a path of names.
    pub(crate) fn at(&self, keys: &[&str]) -> Option<Node<'a>> {
        keys.iter()
            .try_fold(self.clone(), |node, key| node.get(key))
    }

    /// The members, in the order of the document; none of a value that is no mapping.
    pub(crate) fn members(&self) -> Vec<(String, Node<'a>)> {
        let Value::Map(members) = self.value else {
            return Vec::new();
        };
        let members = members.iter();
        members
            .map(|(key, it)| (key.clone(), self.child(key, it)))
            .collect()
    }

    /// The items, in order; none of a value that is no list.
    pub(crate) fn items(&self) -> Vec<Node<'a>> {
        let Value::List(list) = self.value else {
            return Vec::new();
        };
        let items = list.iter().enumerate();
        items
            .map(|(index, it)| self.child(&index.to_string(), it))
            .collect()
    }

    fn child(&self, key: &str, read: &'a Read) -> Node<'a> {
        Node {
            value: &read.value,
            place: self.place.child(key),
        }
    }

    /// The members of the member of that name.
    pub(crate) fn members_of(&self, key: &str) -> Vec<(String, Node<'a>)> {
        self.get(key).map(|node| node.members()).unwrap_or_default()
    }

    /// The members of the value at the end of a path of names.
    pub(crate) fn members_of_path(&self, keys: &[&str]) -> Vec<(String, Node<'a>)> {
        self.at(keys).map(|node| node.members()).unwrap_or_default()
    }

    /// The items of the member of that name.
    pub(crate) fn items_of(&self, key: &str) -> Vec<Node<'a>> {
        self.get(key).map(|node| node.items()).unwrap_or_default()
    }

    /// The text itself.
    pub(crate) fn text(&self) -> Option<&'a str> {
        match self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of the member of that name.
    pub(crate) fn text_of(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.text()
    }

    /// The whole number itself, if it is not negative.
    pub(crate) fn whole(&self) -> Option<u64> {
        match self.value {
            Value::Number(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// Whether it is `true` itself.
    pub(crate) fn is_true(&self) -> bool {
        *self.value == Value::Bool(true)
    }

    /// Whether the member of that name is `true`.
    pub(crate) fn is(&self, key: &str) -> bool {
        self.get(key).is_some_and(|node| node.is_true())
    }

    /// Whether the member of that name is `false`.
    pub(crate) fn is_not(&self, key: &str) -> bool {
        self.get(key)
            .is_some_and(|node| *node.value == Value::Bool(false))
    }
}
