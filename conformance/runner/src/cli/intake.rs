//! What `judge` keeps of a file.

use std::io::Read;

use crate::har::{Beside, Entry, HarError, Places, Unread, read_har};

/// The most entries that are kept; a recording of that size is better judged in parts.
const MOST: usize = 50_000;

/// How many entries that could not be read are named.
const NAMED: usize = 8;

/// The entries of a file that concern a provider, so that a day of browsing fits into memory.
#[derive(Default)]
pub(super) struct Intake {
    pub(super) entries: Vec<Entry>,
    /// How many entries the file has.
    pub(super) count: usize,
    /// The first that could not be read and may concern a provider, and how many there are.
    unread: Vec<Unread>,
    all_unread: usize,
    /// How many were too many.
    dropped: usize,
}

impl Intake {
    /// Reads a file, and the bodies beside it.
    pub(super) fn of(file: impl Read, places: &Places, beside: &Beside) -> Result<Self, HarError> {
        let mut intake = Self::default();
        let wanted = |url: &str| places.concern(url);
        intake.count = read_har(file, wanted, |read| match read {
            Ok(_) if intake.entries.len() >= MOST => intake.dropped += 1,
            Ok(mut entry) => {
                beside.read(&mut entry);
                intake.entries.push(entry);
            }
            Err(problem) => {
                intake.all_unread += 1;
                if intake.unread.len() < NAMED {
                    intake.unread.push(problem);
                }
            }
        })?;
        Ok(intake)
    }

    /// Whether something was not read that may be a mistake.
    pub(super) fn is_partial(&self) -> bool {
        self.dropped > 0 || self.all_unread > 0
    }

    /// What was not read, with the reasons for the first few.
    pub(super) fn notes(&self) -> Vec<String> {
        let fix = "export it again, or take it out if it is of no provider";
        let unread = self.unread.iter();
        let mut notes: Vec<String> = unread
            .map(|problem| format!("not read: {problem}; {fix}"))
            .collect();
        let more = self.all_unread - self.unread.len();
        if more > 0 {
            notes.push(format!("not read: {more} more entries"));
        }
        if self.dropped > 0 {
            notes.push(format!(
                "not read: the last {} entries, which are too many",
                self.dropped
            ));
        }
        notes
    }
}
