//! Names that go onto the wire, wherever they stand in the code as texts. Tools that mutate code
//! leave texts alone, and these are what it is all about.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{CodeError, Edit};
use crate::case::Suite;
use crate::fixture::RequestTemplate;

/// The crates whose code is ours and speaks to servers.
const CRATES: [&str; 4] = ["tegata", "fujitsu-aispf", "jooto", "marketo"];

/// Every name of the fixtures' requests and answers in the code of the crates, one edit each.
///
/// # Errors
///
/// If the code cannot be read.
pub fn literal_edits(suite: &Suite, root: &Path) -> Result<Vec<Edit>, CodeError> {
    let names = wire_names(suite);
    let mut edits = Vec::new();
    for name in CRATES {
        let mut files = Vec::new();
        list(&root.join("crates").join(name).join("src"), &mut files)?;
        files.sort();
        for path in files {
            let content = std::fs::read_to_string(&path)
                .map_err(|error| CodeError(format!("{}: {error}", path.display())))?;
            let file = path.strip_prefix(root).unwrap_or(&path).to_owned();
            edits.extend(in_file(&names, &file, &content));
        }
    }
    Ok(edits)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CodeError> {
    let fail = |error: std::io::Error| CodeError(format!("{}: {error}", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && path.file_stem().is_some_and(|stem| stem != "tests")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// The names of headers, fields and members, and the fixed values among them.
fn wire_names(suite: &Suite) -> BTreeSet<String> {
    let mut names = BTreeSet::from(["Bearer {value}".to_owned()]);
    let answers = [
        "access_token",
        "expires_in",
        "token_type",
        "error",
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

fn in_file(names: &BTreeSet<String>, file: &Path, content: &str) -> Vec<Edit> {
    // Tests come last in every file.
    let end = content.find("#[cfg(test)]").unwrap_or(content.len());
    let mut edits: Vec<Edit> = Vec::new();
    let mut offset = 0;
    for line in content[..end].split_inclusive('\n') {
        let code = line.split("//").next().unwrap_or_default();
        let mut from = 0;
        while let Some((start, length)) = literal(&code[from..]) {
            let at = offset + from + start..offset + from + start + length;
            let text = &content[at.clone()];
            if names.contains(text) {
                let nth = edits
                    .iter()
                    .filter(|edit| content[edit.at.clone()] == *text);
                let name = format!("name {}: `{text}` {}", file.display(), nth.count() + 1);
                edits.push(Edit {
                    name,
                    file: file.to_owned(),
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
    fn names_in_code_are_found_and_those_in_comments_and_tests_are_not() {
        let names = BTreeSet::from(["x-key".to_owned(), "code".to_owned()]);
        let content = "/// \"x-key\"\nlet a = [\"x-key\", \"other\", \"code\"]; // \"code\"\n\
            let b = \"x-key\";\n#[cfg(test)]\nmod tests { \"x-key\" }\n";
        let edits = in_file(&names, Path::new("a.rs"), content);
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
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let edits = literal_edits(&suite, &root).unwrap();
        let has = |part: &str| edits.iter().any(|edit| edit.name.contains(part));
        assert!(has("`x-access-token`"), "{edits:?}");
        assert!(has("`client_credentials`"), "{edits:?}");
    }
}
