//! Specs with one thing wrong.

use std::path::{Path, PathBuf};

use super::{CodeError, Edit};
use crate::case::Provider;

/// What a line of a spec says, and what it says instead: the words before the value, the value or
/// `*` for any, and its replacement.
const RULES: [(&str, &str, &str); 14] = [
    ("- name: ", "*", "mutant"),
    ("name: ", "X-", "X-Mutant"),
    ("required: ", "true", "false"),
    ("in: ", "query", "header"),
    ("in: ", "header", "query"),
    ("type: ", "string", "integer"),
    ("type: ", "integer", "string"),
    ("security: ", "[]", "[{Mutant: []}]"),
    ("statuses: ", "*", "[418]"),
    ("codes: ", "*", "[\"999\"]"),
    ("seconds: ", "*", "1"),
    ("enum: ", "*", "[mutant]"),
    ("required: ", "[", "[]"),
    ("scheme: ", "*", "digest"),
];

const METHODS: [&str; 3] = ["get:", "post:", "patch:"];

/// Every line of the specs that says something about the wire, one edit each.
///
/// # Errors
///
/// If a spec cannot be read.
pub fn spec_edits(root: &Path) -> Result<Vec<Edit>, CodeError> {
    let mut edits = Vec::new();
    for provider in Provider::ALL {
        let file = PathBuf::from(format!("specs/{}.yaml", provider.name()));
        let path = root.join(&file);
        let content = std::fs::read_to_string(&path)
            .map_err(|error| CodeError(format!("{}: {error}", path.display())))?;
        edits.extend(in_spec(provider.name(), &file, &content));
    }
    Ok(edits)
}

fn in_spec(provider: &str, file: &Path, content: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut offset = 0;
    // Which operation or schema the line belongs to.
    let mut within = String::new();
    for line in content.split_inclusive('\n') {
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        let name = text.trim_end_matches(':');
        if indent == 2 && text.starts_with('/') {
            name.clone_into(&mut within);
        } else if indent == 4 && text.ends_with(':') {
            let outer = within.split(' ').next().unwrap_or_default();
            within = format!("{outer} {name}");
        }
        if let Some((start, end, by)) = change(text, indent) {
            let from = offset + line.find(text).unwrap_or_default();
            let base = format!("spec {provider} {}: `{text}`", within.trim());
            let nth = edits
                .iter()
                .filter(|edit| edit.name.starts_with(&base))
                .count();
            edits.push(Edit {
                name: format!("{base} {}", nth + 1),
                file: file.to_owned(),
                at: from + start..from + end,
                by,
            });
        }
        offset += line.len();
    }
    edits
}

/// What part of a line is replaced, and by what.
fn change(text: &str, indent: usize) -> Option<(usize, usize, String)> {
    if indent == 2 && text.starts_with('/') && text.ends_with(':') {
        return Some((0, 1, "/mutant/".to_owned()));
    }
    if indent == 4 && METHODS.contains(&text) {
        return Some((0, text.len() - 1, "put".to_owned()));
    }
    RULES.iter().find_map(|(words, value, by)| {
        let rest = text.strip_prefix(words)?;
        let suits = match *value {
            "*" => !rest.is_empty(),
            "X-" | "[" => rest.starts_with(value),
            exact => rest == exact,
        };
        suits.then(|| (words.len(), text.len(), (*by).to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = "paths:\n  /token:\n    get:\n      parameters:\n        - name: grant_type\n          in: query\n          required: true\n          schema:\n            type: string\n";

    #[test]
    fn each_line_that_says_something_is_changed_by_itself() {
        let edits = in_spec("x", Path::new("specs/x.yaml"), SPEC);
        let names: Vec<&str> = edits.iter().map(|edit| edit.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "spec x /token: `/token:` 1",
                "spec x /token get: `get:` 1",
                "spec x /token get: `- name: grant_type` 1",
                "spec x /token get: `in: query` 1",
                "spec x /token get: `required: true` 1",
                "spec x /token get: `type: string` 1",
            ]
        );
        let wrong = edits[2].apply(SPEC).unwrap();
        assert!(
            wrong.contains("        - name: mutant\n          in: query"),
            "{wrong}"
        );
        assert!(edits[0].apply(SPEC).unwrap().contains("  /mutant/token:\n"));
        assert!(edits[1].apply(SPEC).unwrap().contains("    put:\n"));
    }

    #[test]
    fn the_specs_of_this_workspace_say_a_good_deal() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let edits = spec_edits(&root).unwrap();
        for part in ["X-Access-Token", "grant_type", "/oauth/token", "statuses"] {
            let has = edits.iter().any(|edit| edit.name.contains(part));
            assert!(has, "{part}");
        }
    }
}
