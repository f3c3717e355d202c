//! A document's tree out of the events of the parser, in one pass.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::merge_keys;
use super::{Duplicate, ReadError, flow_lines, json_text, scalar};
use crate::node::{Map, Node, Place, Value};

/// Deeper documents would exhaust the stack of code that walks them.
const DEEPEST: usize = 200;

/// What aliases may copy: a few lines of YAML could stand for more than any memory holds.
const MOST_COPIED: usize = 2_000_000;

pub(super) fn tree(
    text: &str,
    file: u32,
    duplicates: &mut Vec<Duplicate>,
) -> Result<Node, ReadError> {
    if json_text::is_json(text) {
        return strict(&json_text::readable(text), file, duplicates);
    }
    let known = duplicates.len();
    strict(text, file, duplicates).or_else(|error| {
        if !error.what.starts_with("invalid indentation") {
            return Err(error);
        }
        duplicates.truncate(known);
        strict(&flow_lines::indented(text), file, duplicates)
    })
}

fn strict(text: &str, file: u32, duplicates: &mut Vec<Duplicate>) -> Result<Node, ReadError> {
    let mut tree = Tree {
        file,
        open: Vec::new(),
        anchors: HashMap::new(),
        copied: 0,
        done: None,
        duplicates,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| ReadError {
            place: tree.place(error.marker().line()),
            what: error.info().to_owned(),
        })?;
        let place = tree.place(span.start.line());
        tree.take(event, place)?;
        if tree.done.is_some() {
            break;
        }
    }
    Ok(tree.done.unwrap_or_default())
}

struct Tree<'a> {
    file: u32,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    copied: usize,
    done: Option<Node>,
    duplicates: &'a mut Vec<Duplicate>,
}

struct Open {
    place: Place,
    anchor: usize,
    kind: Kind,
}

enum Kind {
    List(Vec<Node>),
    Map(Map, Option<(String, Place)>),
}

impl Tree<'_> {
    fn place(&self, line: usize) -> Place {
        Place {
            file: self.file,
            line: u32::try_from(line).unwrap_or(u32::MAX),
        }
    }

    fn take(&mut self, event: Event<'_>, place: Place) -> Result<(), ReadError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(&text, style, tag.as_deref(), place);
                self.keep(anchor, &node);
                self.put(node)
            }
            Event::SequenceStart(anchor, _) => self.open(place, anchor, Kind::List(Vec::new())),
            Event::MappingStart(anchor, _) => self.open(place, anchor, Kind::Map(Map::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => {
                let found = self.anchors.get(&anchor).cloned();
                let (node, size) = found.ok_or_else(|| ReadError {
                    place,
                    what: "an alias to an anchor that is not complete".to_owned(),
                })?;
                self.copied += size;
                if self.copied > MOST_COPIED {
                    let what = "the aliases of this file stand for millions of values".to_owned();
                    return Err(ReadError { place, what });
                }
                self.put(node)
            }
            Event::DocumentEnd => {
                self.done.get_or_insert_default();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A key is its text as it is written, whatever YAML would take it for.
    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, place: Place) -> Node {
        let is_key = matches!(
            self.open.last(),
            Some(Open {
                kind: Kind::Map(_, None),
                ..
            })
        );
        let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
        let value = if is_key || is_text || style != ScalarStyle::Plain {
            Value::Text(text.to_owned())
        } else {
            scalar::plain(text)
        };
        Node::new(place, value)
    }

    fn open(&mut self, place: Place, anchor: usize, kind: Kind) -> Result<(), ReadError> {
        if self.open.len() >= DEEPEST {
            let what = format!("values are nested deeper than {DEEPEST} levels");
            return Err(ReadError { place, what });
        }
        self.open.push(Open {
            place,
            anchor,
            kind,
        });
        Ok(())
    }

    fn close(&mut self) -> Result<(), ReadError> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let value = match open.kind {
            Kind::List(list) => Value::List(list),
            Kind::Map(map, _) => Value::Map(merge_keys::merged(map)),
        };
        let node = Node::new(open.place, value);
        self.keep(open.anchor, &node);
        self.put(node)
    }

    fn keep(&mut self, anchor: usize, node: &Node) {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size(node)));
        }
    }

    fn put(&mut self, mut node: Node) -> Result<(), ReadError> {
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.done = Some(node),
            Some(Kind::List(list)) => list.push(node),
            Some(Kind::Map(map, key)) => match key.take() {
                None => {
                    let text = node.scalar_text().ok_or_else(|| ReadError {
                        place: node.place,
                        what: "a key that is no text".to_owned(),
                    })?;
                    *key = Some((text, node.place));
                }
                // As in JSON's readers, the last one counts.
                Some((key, place)) => {
                    if let Some(former) = map.get(&key).filter(|_| key != "<<") {
                        self.duplicates.push(Duplicate {
                            key: key.clone(),
                            first: former.place,
                            second: place,
                        });
                    }
                    // A reader looks for the name, not for the first of its members on the line below.
                    if matches!(node.value, Value::Map(_) | Value::List(_)) {
                        node.place = place;
                    }
                    map.insert(key, node);
                }
            },
        }
        Ok(())
    }
}

fn size(node: &Node) -> usize {
    let inside: usize = match &node.value {
        Value::List(list) => list.iter().map(size).sum(),
        Value::Map(map) => map.values().map(size).sum(),
        _ => 0,
    };
    inside + 1
}
