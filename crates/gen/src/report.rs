//! What became of a document: nothing is changed or left out that does not stand here.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::node::Place;
use crate::read::Files;
use crate::text::printable;

/// How many places are named for one kind of change.
const PLACES: usize = 5;

/// The report of one run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// `info.title`.
    pub title: String,
    /// The version of OpenAPI that the document says it is of.
    pub openapi: String,
    /// How many operations the document has.
    pub operations: usize,
    /// How many became methods whose parameters, body and answer are typed.
    pub typed: usize,
    /// Operations that became methods with a body or an answer that is bytes.
    pub raw: Vec<Listed>,
    /// Operations without a method.
    pub refused: Vec<Listed>,
    /// What was changed or left out, by kind.
    pub changes: BTreeMap<&'static str, Change>,
    /// The security schemes, as the document has them.
    pub schemes: Vec<Way>,
    /// What the document leaves open and a client needs.
    pub missing: Vec<String>,
}

/// An operation by name and reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Listed {
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The name of its method, or of the operation.
    pub operation: String,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub place: String,
}

/// One kind of change.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// What was done, in words.
    pub what: &'static str,
    /// How often.
    pub count: usize,
    /// The first places, with a word about each.
    pub examples: Vec<String>,
}

/// A security scheme.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Way {
    /// Its name.
    pub name: String,
    /// Its type, with the flows of OAuth.
    pub kind: String,
    /// Whether generated code can attach its credential.
    pub usable: bool,
}

/// A kind of change: its id, and what is done.
pub(crate) type Kind = (&'static str, &'static str);

impl Report {
    /// Counts one change.
    pub(crate) fn change(&mut self, kind: Kind, files: &Files, place: Place, detail: &str) {
        let change = self.changes.entry(kind.0).or_insert_with(|| Change {
            what: kind.1,
            count: 0,
            examples: Vec::new(),
        });
        change.count += 1;
        if change.examples.len() < PLACES {
            let place = files.show(place);
            change.examples.push(match detail {
                "" => place,
                detail => format!("{place}: {}", one_line(detail)),
            });
        }
    }

    /// The report as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// At most ten lines for a person.
    pub fn summary(&self) -> String {
        let methods = self.operations - self.refused.len().min(self.operations);
        let mut lines = vec![format!(
            "{}: {methods} of {} operations have a method, {} of them typed throughout",
            one_line(&self.title),
            self.operations,
            self.typed
        )];
        lines.extend(
            self.missing
                .iter()
                .take(3)
                .map(|it| one_line(&format!("missing: {it}"))),
        );
        for (name, list) in [
            ("bytes instead of types", &self.raw),
            ("no method", &self.refused),
        ] {
            if let Some(first) = list.first() {
                lines.push(format!(
                    "{name}: {}, such as {} {} ({})",
                    list.len(),
                    first.method,
                    one_line(&first.path),
                    one_line(&first.reason)
                ));
            }
        }
        let mut changes: Vec<_> = self.changes.values().collect();
        changes.sort_by_key(|it| std::cmp::Reverse(it.count));
        let room = 9 - lines.len();
        for change in changes.iter().take(room) {
            lines.push(format!("{}: {}", change.what, change.count));
        }
        if changes.len() > room {
            lines.push(format!(
                "{} further kinds of change: see the report",
                changes.len() - room
            ));
        }
        lines.join("\n")
    }
}

/// Text of a document as one short line, without what a terminal would obey.
pub(crate) fn one_line(text: &str) -> String {
    let text = printable(text);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(120) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
