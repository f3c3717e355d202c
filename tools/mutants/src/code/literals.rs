//! Names that are sent over the wire, wherever they are string literals in the code. Mutation tools leave
//! literals alone, but for an API client they matter most.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::sources::{Source, sources};
use super::{CodeError, Edit};
use tegata_conformance::case::Suite;
use tegata_conformance::fixture::RequestTemplate;

/// Every name of the fixtures' requests and answers in the code of the crates, one edit each.
///
/// # Errors
///
/// If the code cannot be read.
pub(crate) fn literal_edits(suite: &Suite, root: &Path) -> Result<Vec<Edit>, CodeError> {
    let names = wire_names(suite);
    let files = sources(root)?.into_iter();
    Ok(files.flat_map(|file| in_file(&names, &file)).collect())
}

/// The names of headers, fields and members, and the fixed values among them.
fn wire_names(suite: &Suite) -> BTreeSet<String> {
    let mut names = BTreeSet::from(["Bearer {value}".to_owned()]);
    let answers = [
        "access_token",
        "expires_in",
        "token_type",
        "error",
        "error_code",
        "error_description",
        "errors",
    ];
    names.extend(answers.map(str::to_owned));
    for file in suite.fixtures.files.values() {
        let RequestTemplate {
            query,
            headers,
            form,
            json,
            ..
        } = &file.request;
        names.extend(headers.iter().map(|header| header.name.clone()));
        for pair in query.iter().chain(form.iter().flatten()) {
            names.insert(pair.name.clone());
            if !pair.value.contains("${") {
                names.insert(pair.value.clone());
            }
        }
        let members = json.as_ref().and_then(serde_json::Value::as_object);
        names.extend(members.into_iter().flatten().map(|(name, _)| name.clone()));
    }
    names
}

fn in_file(names: &BTreeSet<String>, file: &Source) -> Vec<Edit> {
    let content = &file.code;
    let mut edits: Vec<Edit> = Vec::new();
    let mut offset = 0;
    for line in content.split_inclusive('\n') {
        let code = line.split("//").next().unwrap_or_default();
        let mut from = 0;
        while let Some((start, length)) = literal(&code[from..]) {
            let at = offset + from + start..offset + from + start + length;
            let text = &content[at.clone()];
            if names.contains(text) {
                let nth = edits
                    .iter()
                    .filter(|edit| content[edit.at.clone()] == *text);
                let name = format!("name {}: `{text}` {}", file.path, nth.count() + 1);
                edits.push(Edit {
                    name,
                    file: PathBuf::from(&file.path),
                    at,
                    by: wrong(text),
                });
            }
            from += start + length + 1;
        }
        offset += line.len();
    }
    edits
}

/// Another text of the same kind.
fn wrong(text: &str) -> String {
    match text.split_once(' ') {
        Some((_, rest)) => format!("Mutant {rest}"),
        None => "x-mutant".to_owned(),
    }
}

/// Where the first text of a line of code begins, and how long it is.
fn literal(code: &str) -> Option<(usize, usize)> {
    let start = code.find('"')? + 1;
    let length = code[start..].find('"')?;
    Some((start, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_code_are_found_and_those_in_comments_are_not() {
        let names = BTreeSet::from(["x-key".to_owned(), "code".to_owned()]);
        let content = "/// \"x-key\"\nlet a = [\"x-key\", \"other\", \"code\"]; // \"code\"\n\
            let b = \"x-key\";\n";
        let file = Source {
            path: "a.rs".to_owned(),
            code: content.to_owned(),
        };
        let edits = in_file(&names, &file);
        let found: Vec<&str> = edits.iter().map(|edit| edit.name.as_str()).collect();
        assert_eq!(
            found,
            [
                "name a.rs: `x-key` 1",
                "name a.rs: `code` 1",
                "name a.rs: `x-key` 2"
            ]
        );
        let wrong = edits[2].apply(content).unwrap();
        assert!(wrong.contains("let b = \"x-mutant\";"), "{wrong}");
    }

    #[test]
    fn the_code_of_this_workspace_has_such_names() {
        let suite = Suite::embedded().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let edits = literal_edits(&suite, &root).unwrap();
        let has = |part: &str| edits.iter().any(|edit| edit.name.contains(part));
        assert!(has("`x-access-token`"), "{edits:?}");
        assert!(has("`client_credentials`"), "{edits:?}");
    }
}
