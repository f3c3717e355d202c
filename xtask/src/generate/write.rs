//! From generated text to files: what would change, and the change itself.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::finding::Finding;

/// The generated files of one provider, by name.
pub(crate) struct Output {
    pub(crate) provider: String,
    pub(crate) files: BTreeMap<String, String>,
}

/// A file that is not as it should be.
pub(crate) struct Change {
    /// Path below the root of the repository.
    pub(crate) path: String,
    /// The current content.
    pub(crate) old: Option<String>,
    /// The new content; nothing when the file is stale.
    pub(crate) new: Option<String>,
}

/// The changes after which a provider's folder holds exactly its output.
pub(crate) fn changes(root: &Path, output: &Output) -> Result<Vec<Change>, Finding> {
    let home = format!("crates/{}", output.provider);
    if !root.join(&home).join("src").is_dir() {
        return Err(Finding::of_file(
            format!("specs/{}.yaml", output.provider),
            format!("there is no crate {home}/ to hold the generated code"),
            "create the crate, or give the spec the name of its crate",
        ));
    }
    let folder = format!("{home}/src/generated");
    let old = read(root, &folder)?;
    let mut changes = Vec::new();
    for (name, new) in &output.files {
        if old.get(name) != Some(new) {
            changes.push(Change {
                path: format!("{folder}/{name}"),
                old: old.get(name).cloned(),
                new: Some(new.clone()),
            });
        }
    }
    for (name, text) in old {
        if !output.files.contains_key(&name) {
            changes.push(Change {
                path: format!("{folder}/{name}"),
                old: Some(text),
                new: None,
            });
        }
    }
    Ok(changes)
}

/// Why the changes could not be made.
pub(crate) enum Failure {
    /// Everything is as it was.
    Untouched(Finding),
    /// Some files are new already.
    Partly(Finding),
}

/// Makes the changes: all new files are complete beside the old ones before the first is replaced.
pub(crate) fn apply(root: &Path, changes: &[Vec<Change>]) -> Result<(), Failure> {
    let mut staged = Vec::new();
    for change in changes.iter().flatten() {
        let Some(new) = &change.new else { continue };
        if let Err(error) = stage(&root.join(&change.path), new, &mut staged) {
            discard(&staged);
            return Err(Failure::Untouched(unwritable(&change.path, &error)));
        }
    }
    for change in changes.iter().flatten() {
        let path = root.join(&change.path);
        let result = match &change.new {
            Some(_) => fs::rename(temporary(&path), &path),
            None => remove(&path),
        };
        if let Err(error) = result {
            discard(&staged);
            return Err(Failure::Partly(unwritable(&change.path, &error)));
        }
    }
    Ok(())
}

fn stage(path: &Path, text: &str, staged: &mut Vec<PathBuf>) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let temporary = temporary(path);
    staged.push(temporary.clone());
    fs::write(temporary, text)
}

/// Removes the remaining staged files; the error that led here is the one to report.
fn discard(staged: &[PathBuf]) {
    for path in staged {
        let _ = fs::remove_file(path);
    }
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    path.with_file_name(name)
}

fn remove(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}

fn read(root: &Path, folder: &str) -> Result<BTreeMap<String, String>, Finding> {
    let entries = match fs::read_dir(root.join(folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(unreadable(folder, &error)),
    };
    let mut files = BTreeMap::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let text = if path.is_dir() {
            String::new()
        } else {
            let bytes =
                fs::read(&path).map_err(|error| unreadable(&format!("{folder}/{name}"), &error))?;
            String::from_utf8_lossy(&bytes).into_owned()
        };
        files.insert(name, text);
    }
    Ok(files)
}

fn unreadable(path: &str, error: &io::Error) -> Finding {
    Finding::of_file(
        path,
        format!("cannot be read: {error}"),
        "give it the right permissions, or remove it",
    )
}

fn unwritable(path: &str, error: &io::Error) -> Finding {
    Finding::of_file(
        path,
        format!("cannot be written: {error}"),
        "check the permissions and the space on the disk, then run it again",
    )
}
