//! Changes to many files, of which all are made or none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::record::SUFFIX as RECORD;
use crate::generate::Finding;

/// What becomes of each file, by its path from the root of the repository: its new text, or nothing if it goes.
#[derive(Debug, Default)]
pub(crate) struct Changes(BTreeMap<String, Option<String>>);

impl Changes {
    /// The file has this text.
    pub(crate) fn write(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.0.insert(path.into(), Some(text.into()));
    }

    /// The file goes.
    pub(crate) fn remove(&mut self, path: impl Into<String>) {
        self.0.insert(path.into(), None);
    }

    /// The text that a file will have.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path)?.as_deref()
    }

    /// The files that have a new text.
    pub(crate) fn written(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.iter();
        all.filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// Takes over other changes.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many files change.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Makes the changes. If one cannot be made, those before it are taken back.
    pub(crate) fn apply(&self, root: &Path) -> Result<(), Finding> {
        let mut done = Done::default();
        for (path, text) in self.in_order() {
            if let Err(error) = done.one(root, path, text) {
                let left = done.take_back(root);
                return Err(failed(path, &error, &left));
            }
        }
        for folder in self.folders_left(root) {
            // One that holds something else stays.
            let _ = fs::remove_dir(folder);
        }
        Ok(())
    }

    /// A record is written before all else and removed after it: what a run that was killed has left is taken out by
    /// its record.
    fn in_order(&self) -> Vec<(&str, Option<&str>)> {
        let mut all: Vec<_> = self
            .0
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_deref()))
            .collect();
        all.sort_by_key(|(path, text)| match (path.ends_with(RECORD), text) {
            (true, Some(_)) => 0,
            (true, None) => 2,
            (false, _) => 1,
        });
        all
    }

    /// The folders of removed files, the innermost first.
    fn folders_left(&self, root: &Path) -> Vec<PathBuf> {
        let mut folders = BTreeSet::new();
        for (path, _) in self.0.iter().filter(|(_, text)| text.is_none()) {
            let above = Path::new(path).ancestors().skip(1);
            // `crates/` and the like are no folders of ours.
            folders.extend(
                above
                    .filter(|it| it.components().count() > 1)
                    .map(|it| root.join(it)),
            );
        }
        folders.into_iter().rev().collect()
    }
}

/// What was done, so that it can be taken back.
#[derive(Default)]
struct Done {
    /// The files with what they had before.
    files: Vec<(String, Option<Vec<u8>>)>,
    /// Links that were removed, with what they led to.
    links: Vec<(String, PathBuf)>,
    folders: Vec<PathBuf>,
}

impl Done {
    fn one(&mut self, root: &Path, path: &str, text: Option<&str>) -> io::Result<()> {
        let whole = root.join(path);
        if text.is_none() && whole.is_symlink() {
            // The link itself goes, wherever it leads to, and also if that is not there.
            let target = fs::read_link(&whole)?;
            fs::remove_file(&whole)?;
            self.links.push((path.to_owned(), target));
            return Ok(());
        }
        let before = match fs::read(&whole) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let Some(text) = text else {
            return match before {
                None => Ok(()),
                Some(bytes) => {
                    fs::remove_file(&whole)?;
                    self.files.push((path.to_owned(), Some(bytes)));
                    Ok(())
                }
            };
        };
        self.folder(whole.parent().unwrap_or(root))?;
        self.files.push((path.to_owned(), before));
        fs::write(&whole, text)
    }

    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = folder.ancestors().take_while(|it| !it.exists()).collect();
        for it in missing.into_iter().rev() {
            fs::create_dir(it)?;
            self.folders.push(it.to_owned());
        }
        Ok(())
    }

    /// Takes all back, and names the files for which that fails.
    fn take_back(&self, root: &Path) -> Vec<String> {
        let mut left = Vec::new();
        for (path, before) in self.files.iter().rev() {
            let whole = root.join(path);
            let result = match before {
                Some(bytes) => fs::write(&whole, bytes),
                None if whole.exists() => fs::remove_file(&whole),
                None => Ok(()),
            };
            if result.is_err() {
                left.push(path.clone());
            }
        }
        for (path, target) in &self.links {
            if link(target, &root.join(path)).is_err() {
                left.push(path.clone());
            }
        }
        for folder in self.folders.iter().rev() {
            // It is only left behind if something else was put into it.
            let _ = fs::remove_dir(folder);
        }
        left
    }
}

#[cfg(unix)]
fn link(target: &Path, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, place)
}

#[cfg(windows)]
fn link(target: &Path, place: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, place)
}

fn failed(path: &str, error: &io::Error, left: &[String]) -> Finding {
    let what = format!("cannot be written: {error}");
    if left.is_empty() {
        return Finding::of_file(
            path,
            what,
            "make room or give the rights; everything is as it was before",
        );
    }
    let fix = format!(
        "these files could not be put back either: {}",
        left.join(", ")
    );
    Finding::of_file(path, what, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_fails_takes_the_others_back() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a"), "before").unwrap();
        // A folder where a file should be.
        fs::create_dir_all(root.path().join("z/file")).unwrap();
        let mut changes = Changes::default();
        changes.write("a", "after");
        changes.write("new/inner/b", "b");
        changes.write("z/file", "c");
        let said = changes.apply(root.path()).unwrap_err().to_string();
        assert!(
            said.contains("z/file") && said.contains("as it was before"),
            "{said}"
        );
        assert_eq!(fs::read_to_string(root.path().join("a")).unwrap(), "before");
        assert!(!root.path().join("new").exists());
    }

    #[cfg(unix)]
    #[test]
    fn removed_links_are_put_back_as_links() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        fs::create_dir_all(at("z/file")).unwrap();
        for (target, place) in [("z", "folder"), ("nothing", "dangling")] {
            link(Path::new(target), &at(place)).unwrap();
        }
        let mut changes = Changes::default();
        for place in ["folder", "dangling", "z/file"] {
            changes.remove(place);
        }
        let said = changes.apply(root.path()).unwrap_err().to_string();
        assert!(said.contains("as it was before"), "{said}");
        assert_eq!(fs::read_link(at("folder")).unwrap(), Path::new("z"));
        assert_eq!(fs::read_link(at("dangling")).unwrap(), Path::new("nothing"));
    }

    #[test]
    fn a_record_comes_first_and_goes_last() {
        let paths = |text: Option<&str>| {
            let mut changes = Changes::default();
            for path in ["a", "specs/x.source.toml", "z"] {
                match text {
                    Some(text) => changes.write(path, text),
                    None => changes.remove(path),
                }
            }
            let order = changes.in_order().into_iter();
            order.map(|(path, _)| path.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(paths(Some("")), ["specs/x.source.toml", "a", "z"]);
        assert_eq!(paths(None), ["a", "z", "specs/x.source.toml"]);
    }

    #[test]
    fn what_was_made_and_removed_leaves_no_folder() {
        let root = tempfile::tempdir().unwrap();
        let mut changes = Changes::default();
        changes.write("crates/x/src/lib.rs", "");
        changes.apply(root.path()).unwrap();
        let mut back = Changes::default();
        back.remove("crates/x/src/lib.rs");
        back.remove("crates/x/never-there");
        back.apply(root.path()).unwrap();
        let left: Vec<_> = fs::read_dir(root.path().join("crates")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
