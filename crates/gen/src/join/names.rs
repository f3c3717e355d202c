//! The parts of all documents under names of which each is one part's: equal parts of one name are one.

use std::collections::{HashMap, HashSet};

use super::operations::Document;
use super::references::part;
use super::shape;
use crate::names::Taken;
use crate::node::{Map, Node, Place, Value};
use crate::read::Files;

/// A part of a document: its section and name.
type Key = (String, String);

/// What each part is called in the joined document.
#[derive(Debug, Default)]
pub(super) struct Names {
    joined: HashMap<(u32, String, String), String>,
    former: HashMap<(u32, String, String), String>,
    /// Whose part a joined one is.
    owners: Vec<(u32, Key, String)>,
    /// Parts with another name than in their document.
    pub(super) kept_apart: Vec<(Place, String)>,
}

/// A part with the parts of its document that it refers to.
struct Part {
    key: Key,
    place: Place,
    text: String,
    refers_to: Vec<Key>,
}

/// The joined parts by the name in their documents and their text, and those that they refer to by their joined names.
#[derive(Default)]
struct Known {
    by_text: HashMap<(Key, String), Vec<usize>>,
    /// For each, the joined numbers of what it refers to.
    refers_to: Vec<Vec<Option<usize>>>,
    names: Vec<String>,
    taken: HashMap<String, Taken>,
}

impl Names {
    pub(super) fn of(files: &Files, trees: &[(u32, Node)]) -> Self {
        let all: Vec<(u32, Vec<Part>)> = trees
            .iter()
            .map(|(file, tree)| (*file, parts(files, *file, tree)))
            .collect();
        let mut known = Known::default();
        // A name that is made up must not be one that a later document has.
        let mut given: HashSet<&Key> = HashSet::new();
        for part in all.iter().flat_map(|(_, parts)| parts) {
            if given.insert(&part.key) {
                let (section, name) = &part.key;
                known.taken.entry(section.clone()).or_default().unique(name);
            }
        }
        let mut met = HashSet::new();
        let mut names = Self::default();
        for (file, parts) in &all {
            names.add(*file, parts, &mut known, &mut met);
        }
        names
    }

    /// The joined name of a part.
    pub(super) fn joined(&self, file: u32, section: &str, name: &str) -> Option<&str> {
        let key = (file, section.to_owned(), name.to_owned());
        self.joined.get(&key).map(String::as_str)
    }

    /// The name that a part has in its document, if it differs from the joined one.
    pub(super) fn former(&self, file: u32, section: &str, joined: &str) -> Option<String> {
        let key = (file, section.to_owned(), joined.to_owned());
        self.former.get(&key).filter(|it| *it != joined).cloned()
    }

    /// The joined `components`, out of documents whose references are rewritten.
    pub(super) fn components(&self, documents: &[Document]) -> Map {
        let trees: HashMap<u32, &Node> = documents.iter().map(|it| (it.file, &it.tree)).collect();
        let mut sections = Map::new();
        for (file, (section, name), joined) in &self.owners {
            let found = trees.get(file).and_then(|it| of(it, section, name));
            let Some(found) = found else { continue };
            let all = sections
                .entry(section.clone())
                .or_insert_with(|| Node::new(found.place, Value::Map(Map::new())));
            if let Some(all) = all.as_map_mut() {
                all.insert(joined.clone(), found.clone());
            }
        }
        sections
    }

    /// Takes the parts of one document in. A part is one that is known if their texts are equal, and so is everything that
    /// they refer to: what is not equal is found by following the references backwards.
    fn add<'a>(
        &mut self,
        file: u32,
        parts: &'a [Part],
        known: &mut Known,
        met: &mut HashSet<&'a Key>,
    ) {
        let mut equal: HashMap<&Key, Vec<usize>> = HashMap::new();
        let mut referrers: HashMap<&Key, Vec<usize>> = HashMap::new();
        for (index, part) in parts.iter().enumerate() {
            let same = known.by_text.get(&(part.key.clone(), part.text.clone()));
            equal.insert(&part.key, same.cloned().unwrap_or_default());
            for target in &part.refers_to {
                referrers.entry(target).or_default().push(index);
            }
        }
        let mut waiting: Vec<usize> = (0..parts.len()).collect();
        while let Some(index) = waiting.pop() {
            let part = &parts[index];
            let Some(same) = equal.get(&part.key).filter(|it| !it.is_empty()) else {
                continue;
            };
            let fits = |it: &usize| {
                let targets = part.refers_to.iter().zip(&known.refers_to[*it]);
                targets
                    .into_iter()
                    .all(|(target, other)| match (equal.get(target), other) {
                        (Some(same), Some(other)) => same.contains(other),
                        (None, None) => true,
                        _ => false,
                    })
            };
            let kept: Vec<usize> = same.iter().copied().filter(fits).collect();
            if kept.len() < same.len() {
                equal.insert(&part.key, kept);
                waiting.extend(referrers.get(&part.key).into_iter().flatten());
            }
        }
        let mut numbers: HashMap<&Key, usize> = HashMap::new();
        let mut new = Vec::new();
        for part in parts {
            let (section, name) = &part.key;
            let number = if let Some(same) = equal[&part.key].first() {
                *same
            } else {
                let is_first = met.insert(&part.key);
                let taken = known.taken.entry(section.clone()).or_default();
                let joined = if is_first {
                    name.clone()
                } else {
                    taken.unique(name)
                };
                if !is_first {
                    self.kept_apart.push((part.place, format!("`{joined}`")));
                }
                self.owners.push((file, part.key.clone(), joined.clone()));
                known.names.push(joined);
                new.push(part);
                known.names.len() - 1
            };
            numbers.insert(&part.key, number);
            let joined = &known.names[number];
            let key = |name: &String| (file, section.clone(), name.clone());
            self.joined.insert(key(name), joined.clone());
            self.former.insert(key(joined), name.clone());
        }
        for part in new {
            let targets = part.refers_to.iter().map(|it| numbers.get(it).copied());
            known.refers_to.push(targets.collect());
            let number = numbers[&part.key];
            let key = (part.key.clone(), part.text.clone());
            known.by_text.entry(key).or_default().push(number);
        }
    }
}

/// All parts of a document.
fn parts(files: &Files, file: u32, tree: &Node) -> Vec<Part> {
    let mut parts = Vec::new();
    let components = tree.members_of("components");
    let sections = components
        .map(|(section, it)| (section.clone(), it))
        .chain(tree.get("definitions").map(|it| ("schemas".to_owned(), it)))
        .chain(tree.get("responses").map(|it| ("responses".to_owned(), it)));
    for (section, all) in sections {
        for (name, node) in all.as_map().into_iter().flatten() {
            let mut refers_to = Vec::new();
            let mut refer = |it: &Node| {
                let reference = it.text_of("$ref")?;
                match part(files, it.place.file, reference) {
                    Some((of, part)) if of == file => {
                        let text = format!("#{}/{}{}", part.section, part.name, part.rest);
                        refers_to.push((part.section, part.name));
                        Some(text)
                    }
                    // What is in a file of its own is the same only if the file is.
                    _ => {
                        let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
                        let found = files.find(it.place.file, path).ok();
                        Some(format!("{found:?}#{pointer}"))
                    }
                }
            };
            let text = shape::text(node, &mut refer);
            parts.push(Part {
                key: (section.clone(), name.clone()),
                place: node.place,
                text,
                refers_to,
            });
        }
    }
    parts
}

fn of<'a>(tree: &'a Node, section: &str, name: &str) -> Option<&'a Node> {
    let component = tree
        .get("components")
        .and_then(|it| it.get(section)?.get(name));
    component.or_else(|| {
        let top = if section == "schemas" {
            "definitions"
        } else {
            section
        };
        tree.get(top)?.get(name)
    })
}
