//! The diary of the processes: one line per event, by one write, so that nothing is lost with a process.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

static DIARY: OnceLock<(u64, File)> = OnceLock::new();

pub(crate) fn open(number: u64, path: &str) {
    let file = OpenOptions::new().append(true).create(true).open(path);
    let file = file.expect("the diary opens");
    assert!(DIARY.set((number, file)).is_ok(), "opened twice");
}

/// Records an event and its token.
pub(crate) fn write(what: &str, token: &str) {
    let Some((number, file)) = DIARY.get() else {
        return;
    };
    let line = format!("{} {number} {what} {token}\n", now().as_micros());
    let mut file: &File = file;
    file.write_all(line.as_bytes()).expect("written");
}

/// The time by which all processes write.
pub(crate) fn now() -> Duration {
    UNIX_EPOCH.elapsed().expect("after 1970")
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: Duration,
    pub(crate) who: u64,
    pub(crate) what: String,
    /// Session and number, as in `3-17`, or a number alone.
    pub(crate) token: String,
}

/// What all have written down, as far as it has been read.
pub(crate) struct Diary {
    path: PathBuf,
    read: u64,
    pub(crate) entries: Vec<Entry>,
}

impl Diary {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self {
            path,
            read: 0,
            entries: Vec::new(),
        }
    }

    pub(crate) fn path(&self) -> String {
        self.path.display().to_string()
    }

    pub(crate) fn read(&mut self) {
        let Ok(mut file) = File::open(&self.path) else {
            return;
        };
        file.seek(SeekFrom::Start(self.read)).expect("there");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("text");
        // The last line may still be in the making.
        let end = text.rfind('\n').map_or(0, |end| end + 1);
        self.read += end as u64;
        self.entries.extend(text[..end].lines().filter_map(entry));
    }

    /// Drops older entries, so that it does not grow without limit.
    pub(crate) fn forget_before(&mut self, time: Duration) {
        self.entries.retain(|entry| entry.at >= time);
    }
}

fn entry(line: &str) -> Option<Entry> {
    let mut words = line.split(' ');
    Some(Entry {
        at: Duration::from_micros(words.next()?.parse().ok()?),
        who: words.next()?.parse().ok()?,
        what: words.next()?.replace('_', " "),
        token: words.next()?.to_owned(),
    })
}
