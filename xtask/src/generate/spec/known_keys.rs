//! Keys that an extension does not have.

use super::super::findings::Findings;
use super::super::names::did_you_mean;
use super::super::node::Node;

/// Refuses the keys of one of our own objects that are not among these.
pub(super) fn known_keys(node: &Node<'_>, known: &[&str], name: &str, findings: &mut Findings<'_>) {
    for (key, child) in node.members() {
        if !known.contains(&key.as_str()) {
            findings.at(
                &child,
                format!("unknown key `{key}` in {name}"),
                format!(
                    "{}the keys are {}",
                    did_you_mean(&key, known),
                    known.join(", ")
                ),
            );
        }
    }
}
