//! The store.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tegata::provider::ErrorExt as _;
use tegata::store::{BoxFuture, Lease, LeaseTerms, Record};
use tegata::{Error, ErrorKind, TokenStore};
use tokio::sync::{Semaphore, watch};

use crate::builder::RedisStoreBuilder;
use crate::failure::Failure;
use crate::keys::Keys;
use crate::seen::Seen;
use crate::server::Server;
use crate::settings::{Settings, Unavailable};
use crate::{lease, random};

/// Keeps the token of one account in Redis, for any number of processes on any number of machines.
///
/// * A record is saved by one script that checks the right to do so and replaces the record as a whole: the
///   lease must still be the caller's or, without a lease, the record still the one that was loaded. It is
///   never replaced by one with a lower [version](Record::version). A save whose answer was lost can be done
///   again.
/// * The lease is a key with the owner's random name and a number that counts up, and with an expiry, after
///   which it ends by itself if its owner dies. It is given back only by its owner, who tries a few times;
///   after that a warning says for how long other processes have to wait.
/// * A connection is made when it is first needed, and again after it has broken. Stores made from one another
///   ([`for_account`](Self::for_account), [`Clone`]) share it.
/// * A value that is not a record of this store is reported and never overwritten.
///
/// Errors name the Redis key, never the URL.
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

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

impl RedisStore {
    /// A store at this server: `redis://[user:password@]host[:port][/database]`, or `rediss://` with the
    /// feature `rustls`, or `redis+unix:///path[?db=database]`. The URL is never printed, except for the path
    /// of an unusable socket.
    pub fn builder(url: impl AsRef<str>) -> RedisStoreBuilder {
        RedisStoreBuilder::of_url(url.as_ref())
    }

    /// A store that connects as this client does: to its address, with its TLS certificates, user and database.
    /// The client's library name (`CLIENT SETINFO`) is not sent.
    pub fn with_client(client: redis::Client) -> RedisStoreBuilder {
        RedisStoreBuilder::of_client(client)
    }

    pub(crate) fn new(
        server: Arc<Server>,
        settings: Arc<Settings>,
        keys: Keys,
    ) -> Result<Self, Error> {
        Ok(Self(Arc::new(Inner {
            server,
            settings,
            keys,
            turn: Arc::new(Semaphore::new(1)),
            leases: watch::Sender::new(0),
            name: random::hex(8)?,
            turns: AtomicU64::new(0),
            hasher: RandomState::new(),
            seen: Mutex::default(),
        })))
    }

    /// The store of another account, with the same settings and over the same connection.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if a name is empty.
    pub fn for_account(&self, provider: &str, account: &str) -> Result<Self, Error> {
        let keys = Keys::new(&self.0.settings.namespace, provider, account)?;
        let (server, settings) = (Arc::clone(&self.0.server), Arc::clone(&self.0.settings));
        Self::new(server, settings, keys)
    }

    /// The Redis key of the record with the token.
    pub fn key(&self) -> &str {
        &self.0.keys.token
    }

    /// Waits until this process has no lease: until it was dropped and released, or five tries to release it
    /// have failed. Call it at the end of a process, after
    /// [`TokenCache::shutdown`](tegata::TokenCache::shutdown): otherwise other processes may have to wait until
    /// the lease ends by itself.
    pub async fn released(&self) {
        let mut leases = self.0.leases.subscribe();
        // It fails only without a sender, which this store holds.
        let _ = leases.wait_for(|leases| *leases == 0).await;
    }
}

impl TokenStore for RedisStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        Box::pin(self.0.load())
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.0.save(record))
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(lease::take(&self.0, terms))
    }

    /// A record of this store that cannot be read, because it is damaged or its key is missing, is replaced all
    /// the same. Values of other programs and of later versions of this store are left alone.
    fn delete(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async {
            let lease = lease::take(&self.0, lease::FOR_A_SAVE).await?;
            self.0.delete().await?;
            drop(lease);
            Ok(())
        })
    }

    fn is_required(&self) -> bool {
        self.0.settings.unavailable == Unavailable::Fail
    }
}

impl Inner {
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

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("key", &self.0.keys.token)
            .field("unavailable", &self.0.settings.unavailable)
            .field("sealer", &self.0.settings.sealer)
            .finish_non_exhaustive()
    }
}
