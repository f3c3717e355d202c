//! A spec as it was read: its hash and its values.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use tegata_gen::node::{Node as Read, Value};
use tegata_gen::read;

use super::finding::Finding;
use super::names;
use super::node::Node;
use super::place::Place;

/// Files in `specs/` that are no spec.
const OTHERS: [&str; 1] = ["redocly"];

const VERSION: &str = "write the spec in OpenAPI 3.0.3 (`openapi: 3.0.3`)";

/// One spec.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) provider: String,
    /// Path below the root of the repository.
    pub(crate) file: String,
    pub(crate) sha256: String,
    pub(super) read: Read,
}

impl Document {
    /// Reads `specs/<provider>.yaml` and checks that it is a spec of a version we generate from.
    pub(crate) fn load(root: &Path, provider: &str) -> Result<Self, Vec<Finding>> {
        let file = format!("specs/{provider}.yaml");
        let text = fs::read_to_string(root.join(&file)).map_err(|error| {
            let fix = "give it the right permissions and UTF-8 text";
            let what = format!("cannot be read: {error}");
            vec![Finding::of_file(&file, what, fix)]
        })?;
        let document = Self {
            provider: provider.to_owned(),
            sha256: sha256(text.as_bytes()),
            read: values(&file, &text)?,
            file,
        };
        document.check_version().map_err(|finding| vec![finding])?;
        Ok(document)
    }

    /// The whole document.
    pub(crate) fn root(&self) -> Node<'_> {
        Node {
            value: &self.read.value,
            place: Place::default(),
        }
    }

    /// What a node is, with a local reference followed; nothing when the reference dangles.
    pub(crate) fn resolve<'a>(&'a self, node: &Node<'a>) -> Option<Node<'a>> {
        let mut node = node.clone();
        // A chain of bare references is short; the bound ends a circle, which is refused elsewhere.
        for _ in 0..16 {
            let Some(reference) = node.get("$ref") else {
                return Some(node);
            };
            let keys: Vec<&str> = reference.text()?.strip_prefix("#/")?.split('/').collect();
            node = self.root().at(&keys)?;
        }
        None
    }

    /// The line of a place, or of the innermost known place around it.
    pub(crate) fn line_of(&self, place: &Place) -> Option<usize> {
        let mut found = None;
        let mut read = &self.read;
        for key in &place.keys {
            let child = match &read.value {
                Value::Map(members) => members.get(key),
                Value::List(items) => key.parse().ok().and_then(|it: usize| items.get(it)),
                _ => None,
            };
            let Some(child) = child else { break };
            found = usize::try_from(child.place.line).ok();
            read = child;
        }
        found
    }

    fn check_version(&self) -> Result<(), Finding> {
        let root = self.root();
        let refuse = |what: String, key: &str| {
            let line = self.line_of(&Place::default().child(key));
            Err(Finding::of_file(&self.file, what, VERSION).on_line(line))
        };
        if self.read.as_map().is_none() {
            return refuse("no mapping of keys to values".to_owned(), "");
        }
        if let Some(swagger) = root.text_of("swagger") {
            return refuse(format!("Swagger {swagger} is not supported"), "swagger");
        }
        match root.get("openapi").map(|node| node.value) {
            Some(Value::Text(version)) if version.starts_with("3.0.") => Ok(()),
            Some(Value::Text(version)) => {
                refuse(format!("OpenAPI {version} is not supported"), "openapi")
            }
            Some(_) => refuse("`openapi` is no version".to_owned(), "openapi"),
            None => refuse("the key `openapi` is missing".to_owned(), ""),
        }
    }
}

/// The values of a text in which no key stands twice.
fn values(file: &str, text: &str) -> Result<Read, Vec<Finding>> {
    let on_line = |line: u32, what: String, fix: &str| {
        Finding::of_file(file, what, fix).on_line(usize::try_from(line).ok())
    };
    let mut doubled = Vec::new();
    let read = read::read(text, 0, &mut doubled).map_err(|error| {
        let what = format!("no valid YAML: {}", error.what);
        vec![on_line(error.place.line, what, "fix it at that place")]
    })?;
    let refuse = |it: &read::Duplicate| {
        let what = format!("the key `{}` stands on line {} too", it.key, it.first.line);
        on_line(it.second.line, what, "remove one of the two")
    };
    if doubled.is_empty() {
        Ok(read)
    } else {
        Err(doubled.iter().map(refuse).collect())
    }
}

/// The providers asked for, or all, sorted by name.
pub(crate) fn providers(root: &Path, asked: &[String]) -> Result<Vec<String>, Vec<Finding>> {
    let present = present(root).map_err(|finding| vec![finding])?;
    if asked.is_empty() {
        return Ok(present);
    }
    let mut chosen = asked.to_vec();
    chosen.sort();
    chosen.dedup();
    let unknown: Vec<_> = chosen
        .iter()
        .filter(|name| !present.contains(name))
        .map(|name| {
            Finding::of_use(
                format!("no provider `{name}`: there is no specs/{name}.yaml"),
                format!(
                    "{}there are: {}",
                    names::did_you_mean(name, present.iter()),
                    present.join(", ")
                ),
            )
        })
        .collect();
    if unknown.is_empty() {
        Ok(chosen)
    } else {
        Err(unknown)
    }
}

fn present(root: &Path) -> Result<Vec<String>, Finding> {
    let entries = fs::read_dir(root.join("specs")).map_err(|error| {
        Finding::of_file(
            "specs/",
            format!("cannot be read: {error}"),
            "run `cargo xtask` inside the repository",
        )
    })?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            Some(
                entry
                    .file_name()
                    .to_str()?
                    .strip_suffix(".yaml")?
                    .to_owned(),
            )
        })
        .filter(|name| !OTHERS.contains(&name.as_str()) && !name.ends_with(".overlay"))
        .collect();
    names.sort();
    if let Some(name) = names.iter().find(|name| !is_name(name)) {
        return Err(Finding::of_file(
            format!("specs/{name}.yaml"),
            format!("`{name}` is no name of a provider"),
            "use small letters, digits and `-`, as in the name of its crate",
        ));
    }
    if names.is_empty() {
        return Err(Finding::of_file(
            "specs/",
            "holds no spec",
            "write one as specs/<provider>.yaml",
        ));
    }
    Ok(names)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// The hash as lower-case hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a text does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
impl Document {
    /// The document that this text is, whatever its version.
    pub(super) fn of_text(text: &str) -> Self {
        Self {
            provider: "example".to_owned(),
            file: "example.yaml".to_owned(),
            sha256: sha256(text.as_bytes()),
            read: values("example.yaml", text).unwrap(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const TEXT: &str = "\
---
# a comment
openapi: 3.0.3
info:
  description: |
    paths:
      /trap: 1

  title: t
paths:
  /a/{id}:
    get:
      parameters:
      - name: id
        in: path
      - {name: q, in: query}
      responses:
        '200': {description: d}
        \"4XX\":
          content:
            '*/*': {}
list:
  -
    deep: 1
";

    #[rstest]
    #[case(&["openapi"], Some(3))]
    #[case(&["info", "title"], Some(9))]
    #[case(&["paths"], Some(10))]
    #[case(&["paths", "/a/{id}", "get"], Some(12))]
    #[case(&["paths", "/a/{id}", "get", "parameters", "0", "in"], Some(15))]
    #[case(&["paths", "/a/{id}", "get", "parameters", "1", "in"], Some(16))]
    #[case(&["paths", "/a/{id}", "get", "responses", "200", "description"], Some(18))]
    #[case(&["paths", "/a/{id}", "get", "responses", "4XX", "content", "*/*"], Some(21))]
    #[case(&["list", "0", "deep"], Some(24))]
    #[case(&["nothing"], None)]
    #[case(&[], None)]
    fn the_line_of_a_place_is_found(#[case] keys: &[&str], #[case] line: Option<usize>) {
        let place = keys
            .iter()
            .fold(Place::default(), |place, key| place.child(key));
        assert_eq!(Document::of_text(TEXT).line_of(&place), line, "{place}");
    }

    #[test]
    fn a_missing_place_is_shown_at_its_parent() {
        let place = Place::default().child("info").child("version");
        assert_eq!(Document::of_text(TEXT).line_of(&place), Some(4));
    }

    #[test]
    fn an_unquoted_status_is_found_by_its_text() {
        let document = Document::of_text("responses: {200: {description: d}}");
        let node = document.root().at(&["responses", "200"]).unwrap();
        assert_eq!(node.text_of("description"), Some("d"));
        assert_eq!(node.place.to_string(), "responses.200");
    }
}
