//! The documents in a folder, among files that they refer to and others.

use std::path::{Path, PathBuf};

use super::read;
use crate::error::Error;

const ENDINGS: [&str; 3] = ["json", "yaml", "yml"];

/// The documents in a folder, by their names.
pub(crate) fn documents_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |error: std::io::Error| {
        let what = format!("{} cannot be read: {error}", folder.display());
        Error::new(what, "give a folder that you may read")
    };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let ending = path
            .extension()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        if ENDINGS.contains(&ending) && path.is_file() && is_document(&path)? {
            found.push(path);
        }
    }
    if found.is_empty() {
        let what = format!("{} has no OpenAPI document in it", folder.display());
        return Err(Error::new(
            what,
            "give a folder with documents in JSON or YAML",
        ));
    }
    found.sort();
    Ok(found)
}

/// A file that cannot be read as a whole is one only if it looks like one: its error is said when it is opened.
fn is_document(path: &Path) -> Result<bool, Error> {
    let text = std::fs::read(path).map_err(|error| {
        let what = format!("{} cannot be read: {error}", path.display());
        Error::new(what, "give a folder with files that you may read")
    })?;
    let text = String::from_utf8_lossy(&text);
    let is_root = |key: &str| text.contains(key);
    if !is_root("openapi") && !is_root("swagger") {
        return Ok(false);
    }
    Ok(match read(&text, 0, &mut Vec::new()) {
        Ok(tree) => tree.get("openapi").is_some() || tree.get("swagger").is_some(),
        Err(_) => true,
    })
}
