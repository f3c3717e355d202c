//! The documents that a spec cites.

use std::collections::BTreeMap;

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::did_you_mean;
use super::super::node::Node;
use super::super::sources::Sources;
use super::known_keys::known_keys;

const SHAPE: &str = "write `<source id>: {file: <file name>, sha256: <64 hexadecimal digits>}`";

/// The sources that a spec declares, each with its number of lines where that was verified.
pub(super) struct Cited {
    sources: BTreeMap<String, Option<usize>>,
}

impl Cited {
    /// Checks that a source is declared and has those lines.
    pub(super) fn check(
        &self,
        source: &Node<'_>,
        lines: (usize, usize),
        findings: &mut Findings<'_>,
    ) {
        let id = source.text().unwrap_or_default();
        match self.sources.get(id) {
            None => findings.at(
                source,
                format!("`{id}` is no source of this document"),
                format!(
                    "{}declare it under x-tegata-sources, or use another evidence class",
                    did_you_mean(id, self.sources.keys())
                ),
            ),
            Some(&Some(last)) if lines.1 > last => findings.at(
                source,
                format!(
                    "`{id}` has {last} lines, the citation ends at line {}",
                    lines.1
                ),
                "cite the lines that say it",
            ),
            Some(_) => {}
        }
    }
}

pub(super) fn read(
    document: &Document,
    folder: Option<&Sources>,
    findings: &mut Findings<'_>,
) -> Cited {
    let mut sources = BTreeMap::new();
    for (id, node) in document.root().members_of("x-tegata-sources") {
        let lines = source(&node, folder, findings);
        sources.insert(id, lines);
    }
    Cited { sources }
}

fn source(node: &Node<'_>, folder: Option<&Sources>, findings: &mut Findings<'_>) -> Option<usize> {
    known_keys(node, &["file", "sha256"], "a source", findings);
    let file = node
        .text_of("file")
        .filter(|file| !file.contains(['/', '\\']));
    let sha256 = node.text_of("sha256").filter(|hash| is_sha256(hash));
    let (Some(file), Some(sha256)) = (file, sha256) else {
        findings.at(node, "no file name and hash of a source", SHAPE);
        return None;
    };
    match folder?.read(file) {
        Err(error) => {
            findings.at(
                node,
                format!("the source {file} cannot be read: {error}"),
                "put it into the folder of the sources, or fix the name",
            );
            None
        }
        Ok(source) if source.sha256 != sha256 => {
            findings.at(
                node,
                format!(
                    "the source {file} has changed: its sha256 is {}",
                    source.sha256
                ),
                "read what changed, check every citation of it, then write the new hash",
            );
            None
        }
        Ok(source) => Some(source.lines),
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
