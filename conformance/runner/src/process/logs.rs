//! Log files that the command writes, searched for secrets like its output.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// The placeholder for the case's id in a path.
const CASE: &str = "{case}";
/// The most bytes that are read of one file for one case.
const MOST: u64 = 64 * 1024 * 1024;

/// A log file by its path, in which `{case}` stands for the case's id.
#[derive(Debug)]
pub struct LogFile {
    path: String,
    found: AtomicBool,
}

impl LogFile {
    /// The file of a path.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            found: AtomicBool::new(false),
        }
    }

    /// The path as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether each case has a file of its own. Otherwise cases must be run one after the other,
    /// for it to be clear whose lines are whose.
    pub fn is_by_case(&self) -> bool {
        self.path.contains(CASE)
    }

    /// Whether the file was there after any case.
    pub fn was_found(&self) -> bool {
        self.found.load(Ordering::Relaxed)
    }

    fn of(&self, case: &str) -> PathBuf {
        self.path.replace(CASE, case).into()
    }

    /// How much of it there is already.
    pub(super) fn length(&self, case: &str) -> u64 {
        std::fs::metadata(self.of(case)).map_or(0, |data| data.len())
    }

    /// The text added since; the whole file if it has become shorter.
    pub(super) fn since(&self, case: &str, length: u64) -> Option<String> {
        let mut file = File::open(self.of(case)).ok()?;
        let now = file.metadata().ok()?.len();
        self.found.store(true, Ordering::Relaxed);
        let from = if now < length { 0 } else { length };
        file.seek(SeekFrom::Start(from)).ok()?;
        let mut bytes = Vec::new();
        file.take(MOST).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_added_is_read_unless_the_file_began_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        let log = LogFile::new(path.to_str().unwrap());
        assert_eq!((log.length("a"), log.since("a", 0)), (0, None));
        assert!(!log.was_found());
        std::fs::write(&path, "before").unwrap();
        let length = log.length("a");
        std::fs::write(&path, "before, after").unwrap();
        assert_eq!(log.since("a", length).unwrap(), ", after");
        std::fs::write(&path, "new").unwrap();
        assert_eq!(log.since("a", length).unwrap(), "new");
        assert!(log.was_found());
    }

    #[test]
    fn a_case_may_have_a_file_of_its_own() {
        let log = LogFile::new("logs/{case}.txt");
        assert!(log.is_by_case());
        assert_eq!(log.of("a.b@c"), PathBuf::from("logs/a.b@c.txt"));
    }
}
