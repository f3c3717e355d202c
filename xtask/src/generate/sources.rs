//! The cited documents, if a folder with them is available.

use std::fs;
use std::path::PathBuf;

use super::document::sha256;
use super::finding::Finding;

/// A folder with the cited documents.
pub(crate) struct Sources {
    folder: PathBuf,
}

/// A document as it was found: its hash and its number of lines.
pub(crate) struct Source {
    pub(crate) sha256: String,
    pub(crate) lines: usize,
}

impl Sources {
    pub(crate) fn open(folder: PathBuf) -> Result<Self, Finding> {
        if folder.is_dir() {
            Ok(Self { folder })
        } else {
            Err(Finding::of_use(
                format!(
                    "the folder of the sources, `{}`, does not exist",
                    folder.display()
                ),
                "name it with `--sources DIR` or TEGATA_SOURCES, or leave both out",
            ))
        }
    }

    /// Reads one document.
    pub(crate) fn read(&self, file: &str) -> Result<Source, String> {
        let bytes = fs::read(self.folder.join(file)).map_err(|error| error.to_string())?;
        Ok(Source {
            sha256: sha256(&bytes),
            lines: String::from_utf8_lossy(&bytes).lines().count(),
        })
    }
}
