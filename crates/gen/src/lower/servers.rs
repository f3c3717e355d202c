//! The servers: an operation on another one than the document's belongs to a group of its own.

use std::collections::HashMap;

use super::{Lowering, kinds};
use crate::names;
use crate::node::Node;

/// A server that operations are on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Server {
    /// Its URL, with variables in braces.
    pub(crate) url: String,
    /// The name of the type with its operations.
    pub(crate) group: String,
}

/// All servers, in the order in which they are met; the document's own is the first.
#[derive(Debug, Default)]
pub(super) struct Servers {
    pub(super) all: Vec<Server>,
    by_url: HashMap<String, usize>,
    /// How many servers of a host there are.
    hosts: HashMap<String, usize>,
}

impl Servers {
    /// The document's own server, which comes first, whether or not an operation is on it.
    pub(super) fn of(root: &Node) -> Self {
        let mut servers = Self::default();
        servers.index(&first(root).unwrap_or_default());
        servers
    }

    fn index(&mut self, url: &str) -> usize {
        if let Some(index) = self.by_url.get(url) {
            return *index;
        }
        let index = self.all.len();
        // The document's own counts among those of its host.
        let group = self.group(url);
        let group = if index == 0 {
            "Operations".to_owned()
        } else {
            group
        };
        self.by_url.insert(url.to_owned(), index);
        self.all.push(Server {
            url: url.to_owned(),
            group,
        });
        index
    }

    fn group(&mut self, url: &str) -> String {
        let name = names::pascal(url.split("://").last().unwrap_or_default());
        let count = self.hosts.entry(name.clone()).or_default();
        *count += 1;
        match *count {
            1 => format!("{name}Operations"),
            count => format!("{name}Operations{count}"),
        }
    }
}

fn first(node: &Node) -> Option<String> {
    let server = node.items_of("servers").first()?;
    Some(server.text_of("url")?.trim_end_matches('/').to_owned())
}

impl<'a> Lowering<'a> {
    /// The index of the server of an operation.
    pub(super) fn server(&mut self, operation: &'a Node, item: &'a Node) -> usize {
        let Some(own) = first(operation).or_else(|| first(item)) else {
            return 0;
        };
        let index = self.servers.index(&own);
        if index > 0 {
            self.schemas.remark(kinds::SERVER, operation, &own);
        }
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_met_again_has_its_index_and_name() {
        let mut servers = Servers::default();
        let urls = [
            "https://a.example",
            "http://a.example",
            "https://b.example",
            "https://a-example",
            "//b.example",
        ];
        let indices = urls.map(|it| servers.index(it));
        assert_eq!(indices, [0, 1, 2, 3, 4]);
        assert_eq!(urls.map(|it| servers.index(it)), indices);
        let groups: Vec<&str> = servers.all.iter().map(|it| it.group.as_str()).collect();
        let expected = [
            "Operations",
            "AExampleOperations2",
            "BExampleOperations",
            "AExampleOperations3",
            "BExampleOperations2",
        ];
        assert_eq!(groups, expected);
        assert_eq!(servers.hosts["AExample"], 3);
    }
}
