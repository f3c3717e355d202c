//! The lifetimes that a provider states.

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::{constant, is_identifier};
use super::api::Lifetime;
use super::cited::Cited;
use super::evidence;
use super::known_keys::known_keys;

pub(super) fn read(
    document: &Document,
    cited: &Cited,
    findings: &mut Findings<'_>,
) -> Vec<Lifetime> {
    let mut lifetimes = Vec::new();
    for (name, node) in document.root().members_of("x-tegata-lifetimes") {
        known_keys(
            &node,
            &["x-tegata-evidence", "seconds"],
            "a lifetime",
            findings,
        );
        let evidence = evidence::own(&node, cited, findings);
        let constant = format!("{}_LIFETIME", constant(&name));
        let seconds = node.get("seconds").and_then(|node| node.whole());
        match seconds.filter(|seconds| *seconds > 0 && is_identifier(&constant)) {
            Some(seconds) => lifetimes.push(Lifetime {
                name,
                constant,
                seconds,
                evidence,
            }),
            None => findings.at(
                &node,
                format!("`{name}` is no lifetime"),
                "write `access-token: {seconds: 3600, x-tegata-evidence: …}` with a whole number above 0",
            ),
        }
    }
    lifetimes
}
