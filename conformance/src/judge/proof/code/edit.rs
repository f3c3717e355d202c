//! One change to one file.

use std::ops::Range;
use std::path::PathBuf;

/// One change to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What it is called.
    pub name: String,
    /// The file, below the root.
    pub file: PathBuf,
    /// The bytes that are replaced.
    pub at: Range<usize>,
    /// By what.
    pub by: String,
}

impl Edit {
    /// The content of the file with the change made.
    pub fn apply(&self, content: &str) -> Option<String> {
        let (before, after) = (content.get(..self.at.start)?, content.get(self.at.end..)?);
        Some(format!("{before}{}{after}", self.by))
    }
}
