//! `specs/NAME.source.toml`: which files of a vendor a crate is generated from. The files themselves need not be in
//! the repository: they are known by their hashes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::generate::{Finding, sha256};

/// The record of one provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// Where its vendor publishes the document.
    #[serde(default)]
    pub(crate) from: String,
    /// The folder of the document, from the root of the repository, if it is part of it.
    pub(crate) folder: Option<String>,
    /// The document, and then the files that it refers to.
    pub(crate) file: Vec<RecordedFile>,
    /// The files that were written once and are for people to change, by path from the root, with their hashes: so
    /// `cargo xtask remove` knows what was made or changed by hand.
    #[serde(default)]
    pub(crate) written: BTreeMap<String, String>,
}

/// A file by its hash.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordedFile {
    /// Its path from the folder of the document.
    pub(crate) name: String,
    /// Of its bytes, in lower-case hexadecimal digits.
    pub(crate) sha256: String,
}

/// How the names of records end.
pub(crate) const SUFFIX: &str = ".source.toml";

/// The record's path from the root of the repository.
pub(crate) fn path(name: &str) -> String {
    format!("specs/{name}{SUFFIX}")
}

/// The providers that have a record, sorted by name.
pub(crate) fn names(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join("specs")).into_iter().flatten();
    let names = entries.filter_map(Result::ok).filter_map(|entry| {
        let name = entry.file_name().to_str()?.strip_suffix(SUFFIX)?.to_owned();
        Some(name)
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

impl Record {
    /// Reads the record of a provider.
    pub(crate) fn load(root: &Path, name: &str) -> Result<Self, Finding> {
        let file = path(name);
        let wrong = |what: String| {
            let fix = "write it as `cargo xtask new` does: specs/README.md has an example";
            Finding::of_file(&file, what, fix)
        };
        let text = fs::read_to_string(root.join(&file))
            .map_err(|error| wrong(format!("cannot be read: {error}")))?;
        let record: Self =
            toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?;
        for it in &record.file {
            let leads_out = Path::new(&it.name)
                .components()
                .any(|part| !matches!(part, std::path::Component::Normal(_)));
            if it.name.is_empty() || leads_out {
                return Err(wrong(format!(
                    "the file `{}` is not below the document's folder",
                    it.name
                )));
            }
        }
        if record.file.is_empty() {
            return Err(wrong("it names no file".to_owned()));
        }
        Ok(record)
    }

    /// The record as it is kept.
    pub(crate) fn text(&self, name: &str) -> String {
        let mut text = format!(
            "# The vendor's document that crates/{name} is generated from. It may be anywhere: `cargo xtask gen` knows it\n\
             # by its hash, and looks for it in the folder that `--documents` or TEGATA_DOCUMENTS names.\n"
        );
        let _ = writeln!(text, "from = {}", quoted(&self.from));
        if let Some(folder) = &self.folder {
            let _ = writeln!(text, "folder = {}", quoted(folder));
        }
        for file in &self.file {
            let (name, hash) = (quoted(&file.name), &file.sha256);
            let _ = write!(text, "\n[[file]]\nname = {name}\nsha256 = \"{hash}\"\n");
        }
        if !self.written.is_empty() {
            text.push_str("\n# What `cargo xtask remove` takes out without a word, as long as it is as it was written.\n[written]\n");
        }
        for (path, hash) in &self.written {
            let _ = writeln!(text, "{} = \"{hash}\"", quoted(path));
        }
        text
    }

    /// The document itself.
    pub(crate) fn document(&self) -> &RecordedFile {
        &self.file[0]
    }

    /// Where the document lies: in the repository, or in or below one of these folders.
    pub(crate) fn find(&self, root: &Path, folders: &[PathBuf]) -> Result<PathBuf, String> {
        let mut candidates: Vec<PathBuf> = Vec::new();
        candidates.extend(self.folder.as_ref().map(|it| root.join(it)));
        candidates.extend(folders.iter().cloned());
        let mut differs = None;
        for folder in &candidates {
            match self.compare(folder) {
                Ok(()) => return Ok(folder.join(&self.document().name)),
                Err(Some(why)) => differs = Some(why),
                Err(None) => {}
            }
        }
        // Files that are called otherwise are found by their hash, as long as they refer to no other.
        if self.file.len() == 1 {
            let mut entries = folders
                .iter()
                .flat_map(|it| fs::read_dir(it).into_iter().flatten());
            let found = entries.find_map(|entry| {
                let path = entry.ok()?.path();
                let is_it =
                    path.is_file() && hash_of(&path).as_ref() == Some(&self.document().sha256);
                is_it.then_some(path)
            });
            if let Some(path) = found {
                return Ok(path);
            }
        }
        let document = self.document();
        let short = document.sha256.get(..12).unwrap_or(&document.sha256);
        Err(differs.unwrap_or_else(|| {
            format!(
                "the vendor's {} (sha256 {short}…) is not at hand",
                document.name
            )
        }))
    }

    /// Whether a folder has all files as they were recorded; an error without words says that the document is not
    /// there.
    fn compare(&self, folder: &Path) -> Result<(), Option<String>> {
        if !folder.join(&self.document().name).is_file() {
            return Err(None);
        }
        for file in &self.file {
            match hash_of(&folder.join(&file.name)) {
                Some(hash) if hash == file.sha256 => {}
                Some(_) => {
                    let what = "is there, and is not the one that was recorded: its hash differs";
                    return Err(Some(format!("the vendor's {} {what}", file.name)));
                }
                None => {
                    return Err(Some(format!(
                        "the vendor's {} is not beside the document",
                        file.name
                    )));
                }
            }
        }
        Ok(())
    }
}

fn hash_of(path: &Path) -> Option<String> {
    fs::read(path).ok().map(|bytes| sha256(&bytes))
}

/// A text as TOML has it.
pub(crate) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(files: &[(&str, &str)]) -> Record {
        let file = |(name, text): &(&str, &str)| RecordedFile {
            name: (*name).to_owned(),
            sha256: sha256(text.as_bytes()),
        };
        Record {
            from: "a \"page\"\nof two lines".to_owned(),
            folder: None,
            file: files.iter().map(file).collect(),
            written: BTreeMap::new(),
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let mut record = record(&[("a b.yaml", "1"), ("more/c.yaml", "2")]);
        record.written = [("crates/acme/README.md".to_owned(), sha256(b"3"))].into();
        let read: Record = toml::from_str(&record.text("acme")).unwrap();
        assert_eq!(read, record);
    }

    #[test]
    fn a_document_is_found_by_its_hash_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let record = record(&[("a.yaml", "text")]);
        let none = record.find(folder.path(), &folders).unwrap_err();
        assert!(none.contains("is not at hand"), "{none}");
        fs::write(folder.path().join("other.yaml"), "text").unwrap();
        let found = record.find(folder.path(), &folders).unwrap();
        assert_eq!(found, folder.path().join("other.yaml"));
    }

    #[test]
    fn a_document_that_changed_is_not_the_recorded_one() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.yaml"), "text").unwrap();
        fs::write(folder.path().join("b.yaml"), "changed").unwrap();
        let folders = [folder.path().to_owned()];
        let both = record(&[("a.yaml", "text"), ("b.yaml", "b")]);
        let said = both.find(folder.path(), &folders).unwrap_err();
        assert!(
            said.contains("b.yaml") && said.contains("its hash differs"),
            "{said}"
        );
        let alone = record(&[("a.yaml", "text")]).find(folder.path(), &folders);
        assert_eq!(alone.unwrap(), folder.path().join("a.yaml"));
    }
}
