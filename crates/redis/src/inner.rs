//! The state of a store, which its clones share.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tegata::provider::ErrorExt as _;
use tegata::{Error, ErrorKind};
use tokio::sync::{Semaphore, watch};

use crate::failure::Failure;
use crate::keys::Keys;
use crate::random;
use crate::seen::Seen;
use crate::server::Server;
use crate::settings::Settings;

pub(crate) struct Inner {
    pub(crate) server: Arc<Server>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) keys: Keys,
    /// The turn within this process, so that the server is not asked for a lease that another task here has.
    pub(crate) turn: Arc<Semaphore>,
    /// How many leases have not been given back yet.
    pub(crate) leases: watch::Sender<usize>,
    /// A random name, 16 digits long, with which the names of its leases and records begin.
    name: String,
    turns: AtomicU64,
    /// Its keys are random, so that a hash says nothing about what was hashed.
    hasher: RandomState,
    seen: Mutex<Seen>,
}

impl Inner {
    pub(crate) fn new(
        server: Arc<Server>,
        settings: Arc<Settings>,
        keys: Keys,
    ) -> Result<Self, Error> {
        Ok(Self {
            server,
            settings,
            keys,
            turn: Arc::new(Semaphore::new(1)),
            leases: watch::Sender::new(0),
            name: random::hex(8)?,
            turns: AtomicU64::new(0),
            hasher: RandomState::new(),
            seen: Mutex::default(),
        })
    }

    /// The owner name of the next lease, higher than all before.
    pub(crate) fn next_owner(&self) -> String {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        format!("{}{turn:016}", self.name)
    }

    /// The stamp of this text, the same however often the save is tried.
    pub(crate) fn stamp(&self, written: &[u8]) -> String {
        format!("{}{:016x}", self.name, self.hasher.hash_one(written))
    }

    pub(crate) fn failed(&self, failure: &Failure, key: &str, done: &str) -> Error {
        let what = if key == self.keys.lease {
            "lease"
        } else {
            "token"
        };
        let text = format!(
            "the {what} at the Redis key `{key}` cannot be {done}: {}",
            failure.text
        );
        let error = Error::new(ErrorKind::Store, text);
        if failure.away {
            error.transient()
        } else {
            error
        }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        // It is consistent at every point.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
