//! A spec as it was read: its text, its hash and its values.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_norway::Value;
use sha2::{Digest, Sha256};

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
    pub(crate) value: Value,
    text: String,
}

impl Document {
    /// Reads `specs/<provider>.yaml` and checks that it is a spec of a version we generate from.
    pub(crate) fn load(root: &Path, provider: &str) -> Result<Self, Finding> {
        let file = format!("specs/{provider}.yaml");
        let text = fs::read_to_string(root.join(&file)).map_err(|error| {
            Finding::of_file(
                &file,
                format!("cannot be read: {error}"),
                "give it the right permissions and UTF-8 text",
            )
        })?;
        let value = serde_norway::from_str(&text).map_err(|error| {
            Finding::of_file(
                &file,
                format!("no valid YAML: {error}"),
                "fix it at that place",
            )
            .on_line(error.location().map(|location| location.line()))
        })?;
        let document = Self {
            provider: provider.to_owned(),
            sha256: sha256(text.as_bytes()),
            file,
            value,
            text,
        };
        document.check_version()?;
        Ok(document)
    }

    /// The whole document.
    pub(crate) fn root(&self) -> Node<'_> {
        Node {
            value: &self.value,
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

    /// The line of a place.
    pub(crate) fn line_of(&self, place: &Place) -> Option<usize> {
        place.line_in(&self.text)
    }

    fn check_version(&self) -> Result<(), Finding> {
        let root = self.root();
        let refuse = |what: String, key: &str| {
            let line = self.line_of(&Place::default().child(key));
            Err(Finding::of_file(&self.file, what, VERSION).on_line(line))
        };
        if !self.value.is_mapping() {
            return refuse("no mapping of keys to values".to_owned(), "");
        }
        if let Some(swagger) = root.text_of("swagger") {
            return refuse(format!("Swagger {swagger} is not supported"), "swagger");
        }
        match root.get("openapi").map(|node| node.value) {
            Some(Value::String(version)) if version.starts_with("3.0.") => Ok(()),
            Some(Value::String(version)) => {
                refuse(format!("OpenAPI {version} is not supported"), "openapi")
            }
            Some(_) => refuse("`openapi` is no version".to_owned(), "openapi"),
            None => refuse("the key `openapi` is missing".to_owned(), ""),
        }
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
