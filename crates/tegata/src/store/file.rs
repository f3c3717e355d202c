//! A token store in a file.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Lease, TokenStore};
use crate::{BoxFuture, Error, ErrorKind, Token};

/// Keeps the token of one account in a file, for all processes of one user on one machine.
///
/// * The file is replaced as a whole (written beside, synced, renamed), so a crash leaves the old or the
///   new token. If it leaves the new one beside the old, whole, whoever has the lease next puts it in its place.
/// * It has mode 0600, and its folder, if it has to be made, 0700. A file that others can read is refused.
/// * The lease is a lock on a file beside it (the name with `.lock`), which the system frees when a process
///   ends, however it ends.
/// * A file that cannot be read as a token is set aside under another name and reported, never silently
///   overwritten.
///
/// The token is not encrypted: whoever can read the user's files can use it.
#[derive(Clone)]
pub struct FileStore {
    path: PathBuf,
    #[cfg(feature = "test-util")]
    at_step: Option<fn(&'static str)>,
}

/// How often a lock that somebody else has is tried again.
const LOCK_INTERVAL: Duration = Duration::from_millis(20);

/// The layout of the file.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Record {
    format: u32,
    token: Token,
}

impl FileStore {
    /// A store in this file. Nothing is read or written yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            #[cfg(feature = "test-util")]
            at_step: None,
        }
    }

    /// Calls this after each step of a save, with the step's name, so that a test can end the process there.
    #[cfg(feature = "test-util")]
    #[must_use]
    pub fn at_each_step(mut self, hook: fn(&'static str)) -> Self {
        self.at_step = Some(hook);
        self
    }

    #[cfg(feature = "test-util")]
    fn reached(&self, step: &'static str) {
        if let Some(hook) = self.at_step {
            hook(step);
        }
    }

    #[cfg(not(feature = "test-util"))]
    #[allow(clippy::unused_self)] // As with the feature, where there is something to do.
    fn reached(&self, _: &'static str) {}

    /// Where the token is kept.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name: OsString = self.path.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    fn failed(&self, doing: &str, error: io::Error) -> Error {
        Error::store(
            format!("the token file {} cannot be {doing}", self.path.display()),
            error,
        )
    }

    fn make_folder(&self) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        private_folder(&mut builder);
        builder.create(self.folder())
    }

    fn read(&self) -> Result<Option<Token>, Error> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("opened", error)),
        };
        self.check_private(&file)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(|error| self.failed("read", error))?;
        match serde_json::from_slice(&bytes) {
            Ok(Record {
                format: FORMAT,
                token,
            }) => Ok(Some(token)),
            // Written by a later version: not ours to move away.
            Ok(Record { format, .. }) => Err(Error::new(
                ErrorKind::Store,
                format!(
                    "the token file {} has the unknown format {format}",
                    self.path.display()
                ),
            )),
            // The parser's message could repeat parts of the file.
            Err(_) => Err(self.set_aside()),
        }
    }

    fn set_aside(&self) -> Error {
        let aside = (0..1000)
            .map(|number| self.beside(&format!(".corrupt-{number}")))
            .find(|path| !path.exists())
            .unwrap_or_else(|| self.beside(".corrupt"));
        match fs::rename(&self.path, &aside) {
            Ok(()) => Error::new(
                ErrorKind::Store,
                format!(
                    "the token file {} is damaged; it was set aside as {}, and the user may have to log \
                     in again",
                    self.path.display(),
                    aside.display()
                ),
            ),
            Err(error) => self.failed("read, for it is damaged, nor set aside", error),
        }
    }

    fn write(&self, token: &Token) -> Result<(), Error> {
        let record = Record {
            format: FORMAT,
            token: token.clone(),
        };
        let bytes = serde_json::to_vec(&record)
            .map_err(|_| Error::new(ErrorKind::Store, "the token cannot be written down"))?;
        let new = self.beside(".new");
        let write = || {
            self.make_folder()?;
            // What a crash left behind may have other rights.
            remove_if_there(&new)?;
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            private_file(&mut options);
            let mut file = options.open(&new)?;
            self.reached("opened");
            file.write_all(&bytes)?;
            self.reached("written");
            file.sync_all()?;
            self.reached("synced");
            fs::rename(&new, &self.path)?;
            self.reached("renamed");
            // Only now is the new name sure to survive a power cut.
            File::open(self.folder())?.sync_all()
        };
        write().map_err(|error| {
            // It holds a token, and nobody will come back for it.
            let _ = fs::remove_file(&new);
            self.failed("written", error)
        })
    }

    /// Ends a save in the middle of which a process ended. The token that it left beside the old one may be
    /// the only one that is good.
    fn finish_save(&self) -> Result<(), Error> {
        let new = self.beside(".new");
        let is_whole = || {
            let mut file = File::open(&new).ok()?;
            self.check_private(&file).ok()?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).ok()?;
            let record: Record = serde_json::from_slice(&bytes).ok()?;
            (record.format == FORMAT).then_some(())
        };
        if is_whole().is_none() {
            return Ok(());
        }
        let finish = || {
            File::open(&new)?.sync_all()?;
            fs::rename(&new, &self.path)?;
            File::open(self.folder())?.sync_all()
        };
        finish().map_err(|error| self.failed("replaced by the newer one beside it", error))
    }

    fn try_lock(&self) -> Result<Option<File>, Error> {
        let lock = || {
            self.make_folder()?;
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false);
            private_file(&mut options);
            let file = options.open(self.beside(".lock"))?;
            match file.try_lock() {
                Ok(()) => Ok(Some(file)),
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(error)) => Err(error),
            }
        };
        let lock = lock().map_err(|error| self.failed("locked", error))?;
        if lock.is_some() {
            self.finish_save()?;
        }
        Ok(lock)
    }

    /// Runs what blocks away from the runtime's threads. Dropping the future does not stop it.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || work(&store))
            .await
            .map_err(|error| Error::store("the work on the token file was cut off", error))?
    }

    #[cfg(unix)]
    fn check_private(&self, file: &File) -> Result<(), Error> {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = file
            .metadata()
            .map_err(|error| self.failed("examined", error))?;
        let mode = metadata.permissions().mode() & 0o777;
        let rights_of_others = mode & 0o077;
        if rights_of_others == 0 {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Store,
            format!(
                "the token file {path} has mode {mode:04o}, so that others can use the token: run \
                 `chmod 600 {path}`, and consider the token known",
                path = self.path.display()
            ),
        ))
    }

    #[cfg(not(unix))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // As on Unix, where there is something to do.
    fn check_private(&self, _: &File) -> Result<(), Error> {
        Ok(())
    }
}

impl TokenStore for FileStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Token>, Error>> {
        Box::pin(self.blocking(Self::read))
    }

    fn save<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
        let token = token.clone();
        Box::pin(self.blocking(move |store| store.write(&token)))
    }

    // The system takes the lock from a process that ends, so it needs no end of its own.
    fn lease(&self, _: Duration) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async {
            loop {
                if let Some(file) = self.blocking(Self::try_lock).await? {
                    return Ok(Lease::new(move || drop(file)));
                }
                tokio::time::sleep(LOCK_INTERVAL).await;
            }
        })
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn private_file(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(unix)]
fn private_folder(builder: &mut fs::DirBuilder) {
    use std::os::unix::fs::DirBuilderExt as _;
    builder.mode(0o700);
}

#[cfg(not(unix))]
fn private_file(_: &mut OpenOptions) {}

#[cfg(not(unix))]
fn private_folder(_: &mut fs::DirBuilder) {}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::store::contract;
    use crate::{Issued, Refresh};

    fn token() -> Token {
        let refresh = Refresh::Replace {
            token: "CANARY-refresh".into(),
            lifetime: None,
        };
        let issued = Issued {
            access_token: "CANARY-access".into(),
            lifetime: None,
            refresh,
        };
        Token::new(issued, SystemTime::UNIX_EPOCH, None)
    }

    fn store() -> (tempfile::TempDir, FileStore) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = FileStore::new(folder.path().join("tokens").join("account.json"));
        (folder, store)
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let (_folder, store) = store();
        contract::check_shared(|| store.clone()).await;
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn file_and_folder_are_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, store) = store();
        drop(store.lease(Duration::from_secs(1)).await.expect("a lease"));
        store.save(&token()).await.expect("saved");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(store.path()), 0o600);
        assert_eq!(mode(&store.beside(".lock")), 0o600);
        assert_eq!(mode(store.folder()), 0o700);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, store) = store();
        store.save(&token()).await.expect("saved");
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(store.path(), fs::Permissions::from_mode(mode)).expect("set");
            let error = store.load().await.expect_err("refused");
            let text = error.to_string();
            assert!(
                text.contains("chmod 600") && text.contains(&format!("{mode:04o}")),
                "{text}"
            );
        }
    }

    #[tokio::test]
    async fn a_damaged_file_is_set_aside_and_named_but_not_shown() {
        let (_folder, store) = store();
        store.save(&token()).await.expect("saved");
        let whole = fs::read(store.path()).expect("there");
        for (number, damaged) in [&whole[..whole.len() / 2], b"", b"{\"format\":1}"]
            .iter()
            .enumerate()
        {
            fs::write(store.path(), damaged).expect("written");
            let error = store.load().await.expect_err("damaged");
            let shown = format!("{error} {error:?}");
            let aside = store.beside(&format!(".corrupt-{number}"));
            assert!(shown.contains(&aside.display().to_string()), "{shown}");
            assert!(!shown.contains("CANARY"), "{shown}");
            assert_eq!(&fs::read(aside).expect("kept"), damaged);
            assert!(store.load().await.expect("gone").is_none());
            store.save(&token()).await.expect("saved");
        }
    }

    #[tokio::test]
    async fn whoever_has_the_lease_next_ends_a_save_that_was_cut_off() {
        let (_folder, store) = store();
        store.save(&token()).await.expect("saved");
        let newer = Token::new(
            Issued {
                access_token: "CANARY-newer".into(),
                lifetime: None,
                refresh: Refresh::Keep,
            },
            SystemTime::UNIX_EPOCH,
            Some(&token()),
        );
        let saved = fs::read_to_string(store.path()).expect("there");
        let whole = saved.replace("CANARY-access", "CANARY-newer");
        let cut = &whole[..whole.len() - 1];
        for (beside, expected) in [(cut, token()), (&whole, newer)] {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            private_file(&mut options);
            let mut file = options.open(store.beside(".new")).expect("opened");
            file.write_all(beside.as_bytes()).expect("written");
            assert_eq!(store.load().await.expect("whole"), Some(token()));
            drop(store.lease(Duration::from_secs(1)).await.expect("a lease"));
            assert_eq!(store.load().await.expect("whole"), Some(expected));
        }
        assert!(!store.beside(".new").exists());
    }

    #[test]
    fn a_file_without_a_folder_lies_in_the_current_one() {
        let folder = |path: &str| FileStore::new(path).folder().to_owned();
        assert_eq!(folder("account.json"), Path::new("."));
        assert_eq!(folder("tokens/account.json"), Path::new("tokens"));
        assert_eq!(folder("/account.json"), Path::new("/"));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_that_cannot_be_opened_is_not_taken_for_none() {
        let (folder, _) = store();
        let file = folder.path().join("file");
        fs::write(&file, "no folder").expect("written");
        let store = FileStore::new(file.join("account.json"));
        let error = store.load().await.expect_err("it is no folder");
        assert!(error.to_string().contains("cannot be opened"), "{error}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_a_crash_left_behind_is_replaced_whatever_its_rights() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, store) = store();
        store.save(&token()).await.expect("saved");
        let new = store.beside(".new");
        fs::write(&new, "cut off").expect("written");
        fs::set_permissions(&new, fs::Permissions::from_mode(0o644)).expect("set");
        store.save(&token()).await.expect("saved again");
        assert!(!new.exists());
        let mode = fs::metadata(store.path()).expect("there").permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }

    #[cfg(feature = "test-util")]
    #[tokio::test]
    async fn a_save_tells_its_steps_in_their_order() {
        static STEPS: std::sync::Mutex<Vec<&'static str>> = std::sync::Mutex::new(Vec::new());
        let (_folder, store) = store();
        let store = store.at_each_step(|step| STEPS.lock().expect("not poisoned").push(step));
        store.save(&token()).await.expect("saved");
        let steps = STEPS.lock().expect("not poisoned");
        assert_eq!(*steps, ["opened", "written", "synced", "renamed"]);
    }

    #[tokio::test]
    async fn a_later_format_is_left_alone() {
        let (_folder, store) = store();
        store.save(&token()).await.expect("saved");
        let text = fs::read_to_string(store.path()).expect("there");
        let later = text.replace("\"format\":1", "\"format\":2");
        fs::write(store.path(), &later).expect("written");
        let error = store.load().await.expect_err("unknown");
        assert!(error.to_string().contains("unknown format 2"), "{error}");
        assert_eq!(
            fs::read_to_string(store.path()).expect("still there"),
            later
        );
    }

    #[tokio::test]
    async fn a_failed_write_keeps_the_old_token_and_leaves_nothing_behind() {
        let (_folder, store) = store();
        store.save(&token()).await.expect("saved");
        // A folder in the place of the new file cannot be replaced by one.
        fs::create_dir(store.beside(".new")).expect("made");
        let error = store.save(&token()).await.expect_err("fails");
        assert!(error.to_string().contains("cannot be written"), "{error}");
        let why = std::error::Error::source(&error).and_then(|why| why.downcast_ref());
        let kind = why.map(io::Error::kind).expect("an error of the system");
        // It is about what is in the way, not about what could not be made because of it.
        assert_ne!(kind, io::ErrorKind::AlreadyExists);
        assert_eq!(store.load().await.expect("still there"), Some(token()));
        fs::remove_dir(store.beside(".new")).expect("removed");
        store.save(&token()).await.expect("saved");
        assert!(!store.beside(".new").exists());
    }
}
