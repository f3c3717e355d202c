//! Replacing a token file so that no crash, full disk or mount loses a token.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::contents::{Contents, left_beside, must_be_a_file, stored, to_bytes};
use super::lock::Lock;
use super::place::{self, Place, if_there, refused};
use super::rights::{make_private, private_file, private_folder, set_mode};
use crate::store::Record;
use crate::{Error, Token};

/// Room for the next record: at least a page, at most more than any token needs.
const ROOM: (u64, u64) = (4096, 1 << 20);

/// Holds the lock and reserved room for a record. The room is reserved in advance, since a full disk is too
/// late to notice once the refresh token is spent.
pub(super) struct Writer {
    place: Place,
    at_step: fn(&'static str),
    new: Mutex<Option<NewFile>>,
    _lock: Lock,
}

/// The file beside the token file.
struct NewFile {
    file: File,
    /// The record in it, once that is synced: it may be the only copy.
    synced: Vec<u8>,
}

impl Writer {
    /// Takes the lock and finds out whether a save would succeed. The inner error says which process has the
    /// lock.
    pub(super) fn prepare(
        place: Place,
        at_step: fn(&'static str),
    ) -> Result<Result<Self, Error>, Error> {
        let target =
            if_there(open_to_write(&place)).map_err(|error| place.failed("written", error))?;
        private_folder(DirBuilder::new().recursive(true))
            .create(place.folder())
            .map_err(|error| folder_failed(&place, error))?;
        let lock = match Lock::try_take(&place, target)? {
            Ok(lock) => lock,
            Err(in_use) => return Ok(Err(in_use)),
        };
        at_step("locked");
        let writer = Self {
            place,
            at_step,
            new: Mutex::default(),
            _lock: lock,
        };
        writer.finish_save()?;
        writer.reserve()?;
        at_step("reserved");
        Ok(Ok(writer))
    }

    /// Replaces the record.
    pub(super) fn write(&self, record: &Record) -> Result<(), Error> {
        let bytes = to_bytes(record)?;
        let mut new = self.new_file();
        // It may have been deleted, or belong to a process whose lock file was deleted.
        if !new
            .as_ref()
            .is_some_and(|new| is_at(&new.file, &self.place.new_path()))
        {
            *new = None;
        }
        let file = match &mut *new {
            Some(file) => file,
            none => none.insert(self.create()?),
        };
        // This may be another try to move the only copy into place, so that copy is not overwritten.
        if file.synced != bytes {
            let filled = self.fill(file, &bytes);
            filled.map_err(|error| self.place.failed("written", error))?;
            file.synced.clone_from(&bytes);
            (self.at_step)("synced");
        }
        self.put_in_place(&bytes)?;
        *new = None;
        Ok(())
    }

    /// Moves a damaged token file out of the way.
    pub(super) fn set_aside(&self) -> Result<Option<Record>, Error> {
        let _no_save = self.new_file();
        // Another process may have saved in between.
        if let Contents::Known(record) = stored(&self.place)? {
            return Ok(record);
        }
        let aside = (0..1000)
            .map(|number| self.place.beside(&format!(".corrupt-{number}")))
            .find(|path| !path.exists())
            .unwrap_or_else(|| self.place.beside(".corrupt"));
        let moved = fs::rename(self.place.target(), &aside);
        let doing = "read, for it is damaged, nor set aside";
        moved.map_err(|error| self.place.failed(doing, error))?;
        Err(refused(format!(
            "{} is damaged; it was set aside as {}, and the user may have to log in again",
            self.place,
            aside.display()
        )))
    }

    fn new_file(&self) -> MutexGuard<'_, Option<NewFile>> {
        self.new.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Completes a save that was interrupted by the end of a process or a disk failure: it may hold the only
    /// valid token.
    fn finish_save(&self) -> Result<(), Error> {
        let Contents::Known(Some(left)) = left_beside(&self.place)? else {
            return Ok(());
        };
        if let Contents::Known(Some(stored)) = stored(&self.place)?
            && age(&stored) >= age(&left)
        {
            return Ok(());
        }
        let sync = File::open(self.place.new_path()).and_then(|file| file.sync_all());
        sync.map_err(|error| self.place.failed("written", error))?;
        self.put_in_place(&to_bytes(&left)?)
    }

    /// Makes the new file, full of blanks.
    fn reserve(&self) -> Result<(), Error> {
        let present = fs::metadata(self.place.target()).map_or(0, |metadata| metadata.len());
        let room = (2 * present).clamp(ROOM.0, ROOM.1);
        let mut new = self.new_file();
        let file = &mut new.insert(self.create()?).file;
        pad(file, room)
            .and_then(|()| file.sync_all())
            .map_err(|error| folder_failed(&self.place, error))
    }

    fn create(&self) -> Result<NewFile, Error> {
        let create = || {
            // A file left by a crash may have other rights.
            remove_if_there(&self.place)?;
            let mut options = OpenOptions::new();
            private_file(options.write(true).create_new(true)).open(self.place.new_path())
        };
        let file = create().map_err(|error| folder_failed(&self.place, error))?;
        make_private(&self.place, &self.place.new_path()).inspect_err(|_| {
            let _ = remove_if_there(&self.place);
        })?;
        let synced = Vec::new();
        Ok(NewFile { file, synced })
    }

    /// Overwrites the reserved room in place, so that its blocks are kept.
    fn fill(&self, new: &mut NewFile, bytes: &[u8]) -> io::Result<()> {
        new.synced.clear();
        (self.at_step)("opened");
        overwrite(&mut new.file, bytes)?;
        (self.at_step)("written");
        new.file.sync_all()
    }

    /// Replaces the token file by the new one, which is complete and synced.
    fn put_in_place(&self, bytes: &[u8]) -> Result<(), Error> {
        match fs::rename(self.place.new_path(), self.place.target()) {
            Ok(()) => (self.at_step)("renamed"),
            // A file that is mounted by itself cannot be replaced.
            Err(error) => self.write_in_place(bytes, &error)?,
        }
        // Only the sync of the folder makes the new name survive a power cut.
        sync_folder(&self.place);
        Ok(())
    }

    /// Writes over the token file itself, while the new one stays beside it.
    fn write_in_place(&self, bytes: &[u8], why: &io::Error) -> Result<(), Error> {
        let doing = format!("replaced ({why}), nor written where it is");
        let failed = |error| self.place.failed(&doing, error);
        let mut file = open_to_write(&self.place).map_err(failed)?;
        make_private(&self.place, self.place.target())?;
        let mut write = || {
            sync_folder(&self.place);
            // The room is reserved first; blanks after a record are harmless.
            let present = file.seek(SeekFrom::End(0))?;
            pad(&mut file, (bytes.len() as u64).saturating_sub(present))?;
            file.sync_all()?;
            overwrite(&mut file, bytes)?;
            (self.at_step)("written in place");
            file.sync_all()
        };
        write().map_err(failed)?;
        // A file that stays is no newer than the token file, so the next lease removes it.
        let _ = remove_if_there(&self.place);
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let is_of_no_use =
            |new: &NewFile| new.synced.is_empty() && is_at(&new.file, &self.place.new_path());
        if self.new_file().as_ref().is_some_and(is_of_no_use) {
            let _ = remove_if_there(&self.place);
        }
    }
}

/// The order of records by age: by version, and where versions are equal by time.
fn age(record: &Record) -> (u64, Option<SystemTime>) {
    let issued_at = record.token().map(Token::issued_at);
    (record.version(), record.deleted_at().or(issued_at))
}

/// Whether this is the file at this path.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let id = |metadata: io::Result<fs::Metadata>| metadata.map(|m| (m.dev(), m.ino())).ok();
        let id_of_file = id(file.metadata());
        id_of_file.is_some() && id_of_file == id(fs::symlink_metadata(path))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

fn pad(file: &mut File, length: u64) -> io::Result<()> {
    io::copy(&mut io::repeat(b' ').take(length), file).map(drop)
}

fn overwrite(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)
}

/// Opens the token file where it is. A file that is mounted by itself may be for reading only while the
/// folder around it is not.
fn open_to_write(place: &Place) -> io::Result<File> {
    let path = place.target();
    let open = || OpenOptions::new().write(true).open(path);
    must_be_a_file(path)?;
    open().or_else(|error| match error.kind() {
        // Its owner may have made it so; the file that replaces it will not be.
        io::ErrorKind::PermissionDenied => set_mode(path, 0o600).and_then(|()| open()),
        _ => Err(error),
    })
}

fn remove_if_there(place: &Place) -> io::Result<()> {
    if_there(fs::remove_file(place.new_path())).map(drop)
}

fn folder_failed(place: &Place, error: io::Error) -> Error {
    let name = format!("the folder {}", place.folder().display());
    place::failed(&name, place.folder(), "written", error)
}

/// Where folders can be synced: not everywhere can they be opened.
fn sync_folder(place: &Place) {
    let _ = File::open(place.folder()).and_then(|folder| folder.sync_all());
}
