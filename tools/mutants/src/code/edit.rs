//! One change to one file.

use std::ops::Range;
use std::path::PathBuf;

/// One change to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// Its name.
    pub(crate) name: String,
    /// The file, below the root.
    pub(crate) file: PathBuf,
    /// The bytes that are replaced.
    pub(crate) at: Range<usize>,
    /// The replacement.
    pub(crate) by: String,
}

impl Edit {
    /// The content of the file with the change made.
    pub(crate) fn apply(&self, content: &str) -> Option<String> {
        let (before, after) = (content.get(..self.at.start)?, content.get(self.at.end..)?);
        Some(format!("{before}{}{after}", self.by))
    }
}
