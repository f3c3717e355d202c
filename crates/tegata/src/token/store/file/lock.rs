//! The lock beside a token file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;
use std::process;

use super::contents::must_be_a_file;
use super::place::{self, Place, refused};
use super::rights::private_file;
use crate::Error;

/// Holds the lock until it is dropped. The system frees it when a process ends, however it ends.
pub(super) struct Lock {
    file: File,
    /// Two containers that mount the same file have a lock file each, so the token file is locked too.
    _target: Option<File>,
}

impl Lock {
    /// Takes the lock, with the token file if there is one. The inner error says which process has it.
    pub(super) fn try_take(
        place: &Place,
        target: Option<File>,
    ) -> Result<Result<Self, Error>, Error> {
        let path = place.lock_path();
        let take = || {
            must_be_a_file(&path)?;
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let mut file = private_file(&mut options).open(&path)?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Ok(Err(is_held(place, &path, &mut file))),
                Err(TryLockError::Error(error)) => return Err(error),
                Ok(()) => {}
            }
            // The process id is only for the error of waiting processes, so a full disk must not prevent
            // locking.
            let _ = file.set_len(0);
            let _ = write!(file, "{}", process::id());
            // Elsewhere a lock keeps others from reading.
            if let Some(target) = target.as_ref().filter(|_| cfg!(unix))
                && let Err(TryLockError::WouldBlock) = target.try_lock()
            {
                return Ok(Err(is_held(place, place.target(), &mut io::empty())));
            }
            Ok(Ok(Self {
                file,
                _target: target,
            }))
        };
        take().map_err(|error| {
            let doing = format!("locked by {}", path.display());
            place::failed(&place.to_string(), &path, &doing, error)
        })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The lock may next be held by a program that writes no process id.
        let _ = self.file.set_len(0);
    }
}

fn is_held(place: &Place, lock: &Path, noted: &mut dyn io::Read) -> Error {
    let mut holder = String::new();
    let _ = noted.read_to_string(&mut holder);
    let holder = match holder.parse::<u32>() {
        Ok(id) if id == process::id() => {
            format!("another client of this process, or process {id} of another container,")
        }
        Ok(id) => format!("process {id}"),
        Err(_) => "another process".to_owned(),
    };
    let lock = lock.display();
    refused(format!("{place} is in use: {holder} has the lock {lock}")).transient()
}
