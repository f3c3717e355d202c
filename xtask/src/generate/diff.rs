//! A change as a unified diff.

use similar::TextDiff;

use super::write::Change;

/// The diff from the current content of the file to the new one.
pub(crate) fn unified(change: &Change) -> String {
    let old = change.old.as_deref().unwrap_or_default();
    let new = change.new.as_deref().unwrap_or_default();
    let from = header("a", &change.path, change.old.is_some());
    let to = header("b", &change.path, change.new.is_some());
    if old == new {
        // An empty file that is stale or missing has no lines to show.
        return format!("--- {from}\n+++ {to}\n");
    }
    TextDiff::from_lines(old, new)
        .unified_diff()
        .header(&from, &to)
        .to_string()
}

fn header(side: &str, path: &str, exists: bool) -> String {
    if exists {
        format!("{side}/{path}")
    } else {
        "/dev/null".to_owned()
    }
}
