//! What the task is given: a vendor's document, and perhaps an overlay.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tegata_gen::read::Files;

use super::record::{Record, RecordedFile};
use crate::generate::{Finding, sha256};

/// A document on the disk.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
}

/// An error of the generator as one of this task.
pub(crate) fn from_gen(error: &tegata_gen::Error) -> Finding {
    let text = error.to_string();
    // It ends with how to fix it.
    match text.rsplit_once("; ") {
        Some((what, fix)) => Finding::of_use(what, fix),
        None => Finding::of_use(text, "give a document of OpenAPI 2.0, 3.0, 3.1 or 3.2"),
    }
}

/// The document of a path: itself, or the only one in a folder.
pub(crate) fn find(spec: &Path) -> Result<Source, Finding> {
    let shown = spec.display();
    let kind = fs::metadata(spec).map_err(|error| {
        Finding::of_use(
            format!("`--spec {shown}` cannot be read: {error}"),
            "name a file or folder that is there",
        )
    })?;
    if kind.is_file() {
        return Ok(Source {
            path: spec.to_owned(),
        });
    }
    let entries = fs::read_dir(spec).map_err(|error| {
        Finding::of_use(
            format!("`--spec {shown}` cannot be read: {error}"),
            "give it the right permissions",
        )
    })?;
    let is_text = |path: &PathBuf| {
        let ending = path
            .extension()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        path.is_file() && ["json", "yaml", "yml"].contains(&ending)
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|it| Some(it.ok()?.path()))
        .filter(is_text)
        .collect();
    files.sort();
    files.retain(|it| is_document(it));
    match &files[..] {
        [path] => Ok(Source { path: path.clone() }),
        [] => Err(Finding::of_use(
            format!("`--spec {shown}`: no file there is an OpenAPI document"),
            "name the folder that holds it, or the file itself",
        )),
        several => {
            let names = several.iter().filter_map(|it| it.file_name()?.to_str());
            let names: Vec<&str> = names.take(5).collect();
            Err(Finding::of_use(
                format!(
                    "`--spec {shown}`: {} files there are OpenAPI documents: {}",
                    several.len(),
                    names.join(", ")
                ),
                "name one of them; each document becomes a crate of its own",
            ))
        }
    }
}

/// Whether a file says of itself that it is an OpenAPI document.
fn is_document(path: &Path) -> bool {
    let Ok(files) = Files::open(path, None) else {
        return false;
    };
    ["openapi", "swagger"]
        .iter()
        .any(|key| files.main().get(key).is_some())
}

/// The record of a document: it and all files that it refers to, by their hashes.
pub(crate) fn record(root: &Path, source: &Source, from: &str) -> Result<Record, Finding> {
    let mut files = Files::open(&source.path, None).map_err(|error| from_gen(&error))?;
    files.load_all();
    let folder = source.path.parent().unwrap_or(Path::new(""));
    let mut file = Vec::new();
    for name in files.names() {
        let bytes = fs::read(folder.join(name)).map_err(|error| {
            Finding::of_use(
                format!("{} cannot be read: {error}", name.display()),
                "give it the right permissions",
            )
        })?;
        file.push(RecordedFile {
            name: name.to_string_lossy().replace('\\', "/"),
            sha256: sha256(&bytes),
        });
    }
    Ok(Record {
        from: from.to_owned(),
        folder: inside(root, folder),
        file,
        written: BTreeMap::new(),
    })
}

/// The path of a folder from the root of the repository, if it is part of it.
fn inside(root: &Path, folder: &Path) -> Option<String> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let (root, folder) = (fs::canonicalize(root).ok()?, fs::canonicalize(folder).ok()?);
    let below = folder.strip_prefix(root).ok()?.to_str()?;
    // What cargo builds is no part of the repository.
    let is_part = !below.is_empty() && !below.starts_with("target");
    is_part.then(|| below.replace('\\', "/"))
}

/// The text of an overlay that is given.
pub(crate) fn overlay(path: &Path) -> Result<String, Finding> {
    fs::read_to_string(path).map_err(|error| {
        let what = format!("`--overlay {}` cannot be read: {error}", path.display());
        Finding::of_use(
            what,
            "name an overlay that is there, or leave it out to get a form",
        )
    })
}

/// A document's title where people read it: one line, with nothing that Markdown or a table would take for its own.
pub(crate) fn title(title: &str) -> String {
    let kept: String = title
        .chars()
        .map(|it| {
            if it.is_control() || "|`<>[]*_\\#".contains(it) {
                ' '
            } else {
                it
            }
        })
        .take(80)
        .collect();
    let title = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    if title.is_empty() {
        "An API".to_owned()
    } else {
        title
    }
}
