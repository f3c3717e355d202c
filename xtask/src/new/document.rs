//! A vendor's document as it stands in its files: values with the JSON pointers that lead to them.

use std::path::Path;

use tegata_gen::node::{Node, Value};
use tegata_gen::read::Files;

/// The files of a document.
pub(crate) struct Document {
    files: Files,
}

/// A value, and where it stands.
#[derive(Clone)]
pub(crate) struct Spot<'a> {
    document: &'a Document,
    file: u32,
    /// The JSON pointer (RFC 6901) in its file.
    pointer: String,
    node: &'a Node,
}

/// So many references lead to each other at most.
const LONGEST_CHAIN: usize = 32;

impl Document {
    /// Reads a document and the files that it refers to.
    pub(crate) fn open(path: &Path) -> Result<Self, tegata_gen::Error> {
        let mut files = Files::open(path, None)?;
        files.load_all();
        Ok(Self { files })
    }

    /// The whole document.
    pub(crate) fn root(&self) -> Spot<'_> {
        Spot {
            document: self,
            file: 0,
            pointer: String::new(),
            node: self.files.main(),
        }
    }
}

impl<'a> Spot<'a> {
    /// The member of this name; a reference is followed.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        let node = self.node.get(key)?;
        Some(self.below(key, node).resolved())
    }

    /// The members, with references followed.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'a str, Self)> + '_ {
        let map = self.node.as_map().into_iter().flatten();
        map.map(|(key, node)| (key.as_str(), self.below(key, node).resolved()))
    }

    /// The items, with references followed.
    pub(crate) fn items(&self) -> impl Iterator<Item = Self> + '_ {
        let list = self.node.as_list().unwrap_or_default();
        list.iter()
            .enumerate()
            .map(|(at, node)| self.below(&at.to_string(), node).resolved())
    }

    /// The text of a member.
    pub(crate) fn text_of(&self, key: &str) -> Option<&'a str> {
        self.node.text_of(key)
    }

    /// The value itself.
    pub(crate) fn node(&self) -> &'a Node {
        self.node
    }

    /// Whether it is an object or a list.
    pub(crate) fn is_compound(&self) -> bool {
        matches!(self.node.value, Value::Map(_) | Value::List(_))
    }

    /// Where it stands: the number of its file, and the JSON pointer.
    pub(crate) fn place(&self) -> (u32, &str) {
        (self.file, &self.pointer)
    }

    fn below(&self, key: &str, node: &'a Node) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Self {
            document: self.document,
            file: self.file,
            pointer: format!("{}/{key}", self.pointer),
            node,
        }
    }

    /// What a reference leads to; itself where there is none, or where it leads nowhere.
    fn resolved(self) -> Self {
        let mut spot = self.clone();
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = spot.node.text_of("$ref") else {
                return spot;
            };
            match spot.follow(reference) {
                Some(next) => spot = next,
                None => return self,
            }
        }
        self
    }

    fn follow(&self, reference: &str) -> Option<Self> {
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let files = &self.document.files;
        let file = files.find(self.file, file).ok()?;
        let node = files.tree(file)?.pointer(pointer)?;
        Some(Self {
            document: self.document,
            file,
            pointer: pointer.to_owned(),
            node,
        })
    }
}
