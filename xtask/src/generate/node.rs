//! A value of a document that knows its place.

use serde_norway::Value;

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
        let (_, value) = self
            .value
            .as_mapping()?
            .iter()
            .find(|(name, _)| key_text(name).as_deref() == Some(key))?;
        Some(Node {
            value,
            place: self.place.child(key),
        })
    }

    /// The member at the end of a path of names.
    pub(crate) fn at(&self, keys: &[&str]) -> Option<Node<'a>> {
        keys.iter()
            .try_fold(self.clone(), |node, key| node.get(key))
    }

    /// The members, in the order of the document; none of a value that is no mapping.
    pub(crate) fn members(&self) -> Vec<(String, Node<'a>)> {
        let Some(mapping) = self.value.as_mapping() else {
            return Vec::new();
        };
        mapping
            .iter()
            .filter_map(|(name, value)| {
                let key = key_text(name)?;
                let place = self.place.child(&key);
                Some((key, Node { value, place }))
            })
            .collect()
    }

    /// The items, in order; none of a value that is no list.
    pub(crate) fn items(&self) -> Vec<Node<'a>> {
        let Some(list) = self.value.as_sequence() else {
            return Vec::new();
        };
        list.iter()
            .enumerate()
            .map(|(index, value)| Node {
                value,
                place: self.place.child(&index.to_string()),
            })
            .collect()
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
        self.value.as_str()
    }

    /// The text of the member of that name.
    pub(crate) fn text_of(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.text()
    }

    /// Whether the member of that name is `true`.
    pub(crate) fn is(&self, key: &str) -> bool {
        self.get(key).and_then(|node| node.value.as_bool()) == Some(true)
    }
}

/// A key as text; YAML reads an unquoted `200` as a number.
pub(crate) fn key_text(key: &Value) -> Option<String> {
    match key {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unquoted_status_is_found_by_its_text() {
        let value: Value = serde_norway::from_str("responses: {200: {description: d}}").unwrap();
        let root = Node {
            value: &value,
            place: Place::default(),
        };
        let node = root.at(&["responses", "200"]).unwrap();
        assert_eq!(node.text_of("description"), Some("d"));
        assert_eq!(node.place.to_string(), "responses.200");
    }
}
