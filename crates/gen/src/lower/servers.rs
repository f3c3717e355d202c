//! The servers: an operation on another one than the document's belongs to a group of its own.

use super::{Lowering, kinds};
use crate::node::Node;

/// A server that operations are on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Server {
    /// Its URL, with variables in braces.
    pub(crate) url: String,
}

impl<'a> Lowering<'a> {
    /// The index of the server of an operation.
    pub(super) fn server(&mut self, operation: &'a Node, item: &'a Node) -> usize {
        let root = self.files.main();
        let first = |node: &Node| {
            let server = node.items_of("servers").first()?;
            Some(server.text_of("url")?.trim_end_matches('/').to_owned())
        };
        let common = first(root).unwrap_or_default();
        let own = first(operation).or_else(|| first(item));
        if let Some(own) = own.as_ref().filter(|it| **it != common) {
            self.schemas.remark(kinds::SERVER, operation, own);
        }
        // The document's own server comes first, whether or not an operation is on it.
        for url in [Some(common.clone()), own.clone()].into_iter().flatten() {
            if !self.servers.iter().any(|it| it.url == url) {
                self.servers.push(Server { url });
            }
        }
        let url = own.unwrap_or(common);
        self.servers
            .iter()
            .position(|it| it.url == url)
            .unwrap_or_default()
    }
}
