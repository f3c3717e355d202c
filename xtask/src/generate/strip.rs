//! The input of progenitor: the spec without our extensions and without browser-only operations.

use serde_json::Value as Json;

use super::document::Document;

const OURS: &str = "x-tegata-";

/// The extension that marks an operation as one for browsers.
pub(crate) const BROWSER_ONLY: &str = "x-tegata-browser-only";

/// A copy for progenitor. An `x-` key left in a schema would silently undo its conversion to a
/// secret.
pub(crate) fn strip(document: &Document) -> Json {
    let mut copy = document.read.to_json();
    for (_, item) in copy["paths"].as_object_mut().into_iter().flatten() {
        if let Some(item) = item.as_object_mut() {
            item.retain(|_, operation| operation[BROWSER_ONLY] != true);
        }
    }
    remove_ours(&mut copy);
    copy
}

fn remove_ours(value: &mut Json) {
    match value {
        Json::Object(members) => {
            members.retain(|key, _| !key.starts_with(OURS));
            members.values_mut().for_each(remove_ours);
        }
        Json::Array(list) => list.iter_mut().for_each(remove_ours),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn extensions_and_browser_only_operations_are_stripped() {
        let document = Document::of_text(
            "
x-tegata-sources: {}
paths:
  /a:
    get: {operationId: login, x-tegata-browser-only: true}
    post:
      operationId: issue
      x-tegata-evidence: {class: rfc}
      parameters: [{name: q, x-tegata-evidence: {class: rfc}}]
",
        );
        let expected = json!({"paths": {"/a": {"post": {"operationId": "issue", "parameters": [{"name": "q"}]}}}});
        assert_eq!(strip(&document), expected);
    }
}
