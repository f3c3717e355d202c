//! A token store in a file.

mod contents;
mod lock;
mod place;
mod rights;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::{Lease, LeaseTerms, Record, TokenStore};
use crate::Error;
use crate::provider::BoxFuture;
use contents::Contents;
use place::{Place, within};
use write::Writer;

/// Keeps the token of one account in a file, for all processes of one user on one machine.
///
/// * The file is replaced as a whole: written beside (the name with `.new`), synced, renamed. A crash leaves
///   the old or the new token; if it leaves the new one beside the old, the next lease puts it in its place.
/// * The lease is a lock on a file beside it (the name with `.lock`), which the system frees when a process
///   ends, however it ends. It makes the new file and reserves its room, so that on a full disk or in a
///   folder that cannot be written nothing is sent that could not be saved. A save without a lease takes the
///   lock for itself.
/// * A symbolic link stays one: file, lock and new file are beside its target. A file that cannot be replaced,
///   because it is mounted by itself, is written in place, with the new one kept beside it until that is
///   synced; on Unix it is locked too, since each container has its own lock file.
/// * The file has mode 0600, and its folder, if it has to be made, 0700. A file that others can read is
///   refused, and so is a file system on which every file can be read by others.
/// * A file that cannot be read as a token is set aside (the name with `.corrupt-0` and so on) and reported,
///   never silently overwritten. [`delete`](TokenStore::delete) leaves no secret but those in files that were
///   set aside.
///
/// The token is not encrypted: anyone who can read the user's files can use it. Between machines that share a
/// folder the lock does not hold, and a file that root has replaced is root's.
#[derive(Clone)]
pub struct FileStore {
    path: PathBuf,
    accepts_forced_permissions: bool,
    at_step: fn(&'static str),
    leased: Arc<Mutex<Leased>>,
}

/// The last lease that this store or a clone of it has granted.
#[derive(Default)]
struct Leased {
    writer: Weak<Writer>,
    /// It has been dropped, and its lock is being given back.
    release: Option<JoinHandle<()>>,
}

/// How often a lock that is held is tried again.
const LOCK_INTERVAL: Duration = Duration::from_millis(20);

impl FileStore {
    /// A store in this file. Nothing is read or written yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            accepts_forced_permissions: false,
            at_step: |_| {},
            leased: Arc::default(),
        }
    }

    /// Uses a file system that gives every file rights for others, such as vfat or some shares of virtual
    /// machines.
    ///
    /// Only with this setting are tokens read and written there, readable by everyone whom the mount lets in.
    /// On other file systems it changes nothing.
    #[must_use]
    pub fn accept_forced_permissions(mut self) -> Self {
        self.accepts_forced_permissions = true;
        self
    }

    /// Calls this after each step of a save, with the step's name, so that a test can end the process there.
    ///
    /// The steps of a lease are `locked` and `reserved`. Those of a save are `opened`, `written`, `synced`
    /// and `renamed`, or `written in place` where a file cannot be renamed; without a lease the steps of one
    /// come first.
    #[cfg(feature = "test-util")]
    #[must_use]
    pub fn at_each_step(mut self, hook: fn(&'static str)) -> Self {
        self.at_step = hook;
        self
    }

    /// Where the token is kept. It may be a link.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn leased(&self) -> MutexGuard<'_, Leased> {
        self.leased.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn prepared(&self) -> Result<Result<Writer, Error>, Error> {
        let place = Place::find(&self.path, self.accepts_forced_permissions)?;
        Writer::prepare(place, self.at_step)
    }

    fn read(&self) -> Result<Option<Record>, Error> {
        let place = Place::find(&self.path, self.accepts_forced_permissions)?;
        if let Contents::Known(record) = contents::stored(&place)? {
            return Ok(record);
        }
        // Another process may be writing it where it is, or may have ended while it did.
        if let Contents::Known(Some(record)) = contents::left_beside(&place)? {
            return Ok(Some(record));
        }
        let leased = self.leased().writer.upgrade();
        let writer = leased.map_or_else(|| self.prepared().flatten().map(Arc::new), Ok);
        let doing = format!("{place} is damaged, and cannot be set aside");
        writer.map_err(|error| within(&doing, error))?.set_aside()
    }

    /// Waits for the lock, and makes sure that a save would succeed.
    async fn prepare(&self, patience: Duration) -> Result<Writer, Error> {
        let started = Instant::now();
        let release = self.leased().release.take();
        if let Some(release) = release {
            // Our own former lease is being released, which mostly takes less than the interval.
            let _ = timeout(LOCK_INTERVAL, release).await;
        }
        loop {
            match self.blocking(Self::prepared).await? {
                Ok(writer) => return Ok(writer),
                Err(in_use) if started.elapsed() >= patience => return Err(in_use),
                Err(_) => sleep(LOCK_INTERVAL).await,
            }
        }
    }

    /// Runs blocking work on the runtime's blocking threads. Dropping the future does not stop it.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || work(&store))
            .await
            .map_err(|error| Error::store("the work on the token file was cut off", error))?
    }
}

impl TokenStore for FileStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        Box::pin(self.blocking(Self::read))
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        let record = record.clone();
        Box::pin(async move {
            let leased = self.leased().writer.upgrade();
            let writer = match leased {
                Some(writer) => writer,
                None => Arc::new(self.prepare(LeaseTerms::for_a_save().patience).await?),
            };
            // The lock is held until the work is done, even if the future was dropped.
            self.blocking(move |_| writer.write(&record)).await
        })
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async move {
            let prepared = self.prepare(terms.patience).await;
            let writer = prepared.map_err(|error| within("nothing was sent", error))?;
            let writer = Arc::new(writer);
            self.leased().writer = Arc::downgrade(&writer);
            let store = self.clone();
            // The system frees the lock when a process ends, so the lease needs no expiry.
            Ok(Lease::new(move || match Handle::try_current() {
                Ok(runtime) => {
                    let release = runtime.spawn_blocking(move || drop(writer));
                    store.leased().release = Some(release);
                }
                Err(_) => drop(writer),
            }))
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
