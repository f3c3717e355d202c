//! All that is wrong with one document.

use super::document::Document;
use super::finding::Finding;
use super::node::Node;
use super::place::Place;

/// All that is wrong with one document.
pub(crate) struct Findings<'d> {
    document: &'d Document,
    list: Vec<Finding>,
}

impl<'d> Findings<'d> {
    pub(crate) fn new(document: &'d Document) -> Self {
        Self {
            document,
            list: Vec::new(),
        }
    }

    /// Adds what is wrong at a node.
    pub(crate) fn at(&mut self, node: &Node<'_>, what: impl Into<String>, fix: impl Into<String>) {
        self.at_place(&node.place, what, fix);
    }

    /// Adds what is wrong at a place.
    pub(crate) fn at_place(
        &mut self,
        place: &Place,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.list.push(Finding {
            file: Some(self.document.file.clone()),
            line: self.document.line_of(place),
            place: place.to_string(),
            what: what.into(),
            fix: fix.into(),
        });
    }

    /// Nothing, or everything that is wrong, in the order of the document, each thing once.
    pub(crate) fn into_result(mut self) -> Result<(), Vec<Finding>> {
        if self.list.is_empty() {
            return Ok(());
        }
        self.list.sort();
        self.list.dedup();
        Err(self.list)
    }
}
