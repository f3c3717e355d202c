//! The path of a token file behind its links, and of the files beside it.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind};

/// More links in a row than any system follows.
const MOST_LINKS: usize = 40;

/// The file that holds the token, with the files beside it. It is resolved anew for each operation, but not
/// within one.
pub(super) struct Place {
    given: PathBuf,
    target: PathBuf,
    pub(super) accepts_forced_permissions: bool,
}

impl Place {
    /// Follows the links from this path, also to a file that does not exist yet. Two links to one file once
    /// had a lock each, and a save replaced the link by a file: the two processes sent one refresh token
    /// twice.
    pub(super) fn find(given: &Path, accepts_forced_permissions: bool) -> Result<Self, Error> {
        let (given, target) = (given.to_owned(), given.to_owned());
        let mut place = Self {
            given,
            target,
            accepts_forced_permissions,
        };
        match place.follow_links() {
            Ok(()) => Ok(place),
            Err(error) => Err(place.failed("opened", error)),
        }
    }

    fn follow_links(&mut self) -> io::Result<()> {
        for _ in 0..MOST_LINKS {
            let there = if_there(fs::symlink_metadata(&self.target))?;
            if there.is_some_and(|there| there.is_symlink()) {
                self.target = self.folder().join(fs::read_link(&self.target)?);
            } else if self.target.file_name().is_some() {
                return Ok(());
            } else {
                return Err(io::Error::other("it is not the path of a file"));
            }
        }
        Err(io::Error::other("its links go round in a circle"))
    }

    /// The file itself.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    pub(super) fn folder(&self) -> &Path {
        match self.target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    pub(super) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.target.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    pub(super) fn lock_path(&self) -> PathBuf {
        self.beside(".lock")
    }

    /// Where a record is written before it replaces the file.
    pub(super) fn new_path(&self) -> PathBuf {
        self.beside(".new")
    }

    pub(super) fn failed(&self, doing: &str, error: io::Error) -> Error {
        failed(&self.to_string(), &self.target, doing, error)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the token file {}", self.given.display())?;
        if self.target != self.given {
            write!(f, ", a link to {},", self.target.display())?;
        }
        Ok(())
    }
}

/// The error of an operation on the file or folder at this path.
pub(super) fn failed(what: &str, path: &Path, doing: &str, error: io::Error) -> Error {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, StorageFull};
    let kind = error.kind();
    let owner = match kind {
        PermissionDenied => owner(path),
        _ => String::new(),
    };
    let error = Error::store(format!("{what} cannot be {doing} ({error}{owner})"), error);
    with_transience(error, matches!(kind, StorageFull | QuotaExceeded))
}

/// The same error, with an explanation.
pub(super) fn within(what: &str, error: Error) -> Error {
    let (text, may_pass) = (format!("{what}: {error}"), error.is_transient());
    with_transience(Error::store(text, error), may_pass)
}

fn with_transience(error: Error, may_pass: bool) -> Error {
    if may_pass { error.transient() } else { error }
}

/// The result, or `None` if there is no such file.
pub(super) fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

pub(super) fn refused(why: String) -> Error {
    Error::new(ErrorKind::Store, why)
}

/// The owner. If a process of the administrator has renewed once, the file belongs to the administrator.
pub(super) fn owner(path: &Path) -> String {
    #[cfg(unix)]
    if let Ok(metadata) = fs::metadata(path) {
        let owner = std::os::unix::fs::MetadataExt::uid(&metadata);
        let path = path.display();
        return format!("; {path} belongs to the user with the id {owner}");
    }
    let _ = path;
    String::new()
}
