//! A document in memory: values that know their file and line.

use std::fmt;

use indexmap::IndexMap;

/// Members in the order of the document.
pub type Map = IndexMap<String, Node>;

/// A value and where it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Where it was read.
    pub place: Place,
    /// What it is.
    pub value: Value,
}

/// The file, as its number among the files read, and the line, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The number of the file: 0 is the document itself.
    pub file: u32,
    /// The line, or 0 where there is none.
    pub line: u32,
}

/// What JSON knows, with numbers as they are written.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number of any size, as text.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Named members.
    Map(Map),
}

impl Node {
    /// A value at a place.
    pub fn new(place: Place, value: Value) -> Self {
        Self { place, value }
    }

    /// A text at a place.
    pub fn text_at(place: Place, text: impl Into<String>) -> Self {
        Self::new(place, Value::Text(text.into()))
    }

    /// The member of this name.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The text of the member of this name.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }

    /// Whether the member of this name is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        self.get(key)
            .is_some_and(|it| it.value == Value::Bool(true))
    }

    /// The members of the member of this name; none if it is no map.
    pub fn members_of(&self, key: &str) -> impl Iterator<Item = (&String, &Node)> {
        self.get(key).and_then(Node::as_map).into_iter().flatten()
    }

    /// The items of the member of this name; none if it is no list.
    pub fn items_of(&self, key: &str) -> &[Node] {
        self.get(key).and_then(Node::as_list).unwrap_or_default()
    }

    /// Its members.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Its members, to be changed.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Its items.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// Its text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A text, or a number or truth value as it is written.
    pub fn scalar_text(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text.clone()),
            Value::Bool(it) => Some(it.to_string()),
            _ => None,
        }
    }

    /// What a JSON pointer leads to (RFC 6901).
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        let mut node = self;
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            node = match &node.value {
                Value::Map(map) => map.get(&token)?,
                Value::List(list) => list.get(token.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(node)
    }

    /// The same, to be changed.
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Node> {
        let mut node = self;
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            node = match &mut node.value {
                Value::Map(map) => map.get_mut(&token)?,
                Value::List(list) => list.get_mut(token.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(node)
    }

    /// The value without places. A number beyond what JSON libraries hold becomes the nearest one.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(it) => Json::Bool(*it),
            Value::Number(text) => number(text),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(list) => Json::Array(list.iter().map(Node::to_json).collect()),
            Value::Map(map) => {
                let members = map.iter().map(|(key, it)| (key.clone(), it.to_json()));
                Json::Object(members.collect())
            }
        }
    }
}

fn number(text: &str) -> serde_json::Value {
    let whole = text.parse::<i64>().ok().map(serde_json::Number::from);
    let whole = whole.or_else(|| text.parse::<u64>().ok().map(serde_json::Number::from));
    let number = whole.or_else(|| serde_json::Number::from_f64(text.parse().ok()?));
    number.map_or_else(|| text.into(), serde_json::Value::Number)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)
    }
}
