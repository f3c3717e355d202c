//! The head of a spec.

use super::super::document::Document;
use super::super::findings::Findings;

pub(super) fn check(document: &Document, findings: &mut Findings<'_>) {
    let Some(version) = document.root().at(&["info", "version"]) else {
        return;
    };
    let Some(text) = version.text() else { return };
    if text.is_empty() || !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        findings.at(
            &version,
            "the version holds other characters than printable ASCII, or none",
            "write one such as \"1.0\": the generated client makes a header value of it",
        );
    }
}
