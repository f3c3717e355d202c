//! The store.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use redis::Cmd;
use tegata::{BoxFuture, Error, ErrorKind, Lease, Token, TokenStore};
use tokio::sync::Semaphore;

use crate::builder::RedisStoreBuilder;
use crate::failure::Failure;
use crate::keys::Keys;
use crate::record::{Record, Unknown};
use crate::server::Server;
use crate::settings::{Settings, Unavailable};
use crate::{lease, random, ttl};

/// Keeps the token of one account in Redis, for any number of processes on any number of machines.
///
/// * A token is saved by one script that checks the right to do so and replaces the record as a whole: the
///   lease must still be the caller's, or, without a lease, the record still the one that was loaded.
/// * The lease is a key with the owner's random name and a number that counts up, and with an expiry: if
///   its owner dies, it ends by itself. It is given back only by its owner.
/// * A connection is made when it is first needed, and anew when it has broken. Stores made of one another
///   ([`for_account`](Self::for_account), [`Clone`]) share it.
/// * What is no record of this store is reported and never overwritten.
///
/// Errors name the Redis key, never the URL.
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) server: Arc<Server>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) keys: Keys,
    /// Whose turn it is in this process: nobody asks the server for a lease that a neighbour has.
    pub(crate) turn: Arc<Semaphore>,
    seen: Mutex<Seen>,
}

/// What is known from earlier calls.
#[derive(Default)]
struct Seen {
    /// The lease that is out.
    lease: Option<Arc<str>>,
    record: LastRecord,
    /// The token of the record, kept only to go on with while the server is away.
    token: Option<Token>,
}

#[derive(Clone, Default)]
enum LastRecord {
    #[default]
    NotLoaded,
    None,
    Stamped(String),
    /// There is one that cannot be read, so it must not be overwritten either.
    Unreadable,
}

impl RedisStore {
    /// A store at this server: `redis://[user:password@]host[:port][/database]`, or `rediss://` with the
    /// feature `rustls`. Of the URL nothing is ever printed.
    pub fn builder(url: impl AsRef<str>) -> RedisStoreBuilder {
        RedisStoreBuilder::of_url(url.as_ref())
    }

    /// A store that connects by this client.
    pub fn with_client(client: redis::Client) -> RedisStoreBuilder {
        RedisStoreBuilder::of_client(client)
    }

    pub(crate) fn new(server: Arc<Server>, settings: Arc<Settings>, keys: Keys) -> Self {
        Self(Arc::new(Inner {
            server,
            settings,
            keys,
            turn: Arc::new(Semaphore::new(1)),
            seen: Mutex::default(),
        }))
    }

    /// The store of another account, with the same settings and over the same connection.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if a name is empty.
    pub fn for_account(&self, provider: &str, account: &str) -> Result<Self, Error> {
        let keys = Keys::new(&self.0.settings.namespace, provider, account)?;
        let (server, settings) = (Arc::clone(&self.0.server), Arc::clone(&self.0.settings));
        Ok(Self::new(server, settings, keys))
    }

    /// The Redis key of the record with the token.
    pub fn key(&self) -> &str {
        &self.0.keys.token
    }

    /// Waits until this process has no lease: until it was dropped and the server has taken it back. For
    /// the end of a process whose runtime ends with it, after
    /// [`TokenCache::shutdown`](tegata::TokenCache::shutdown): otherwise others may have to wait until the
    /// lease runs out.
    pub async fn released(&self) {
        drop(self.0.turn.acquire().await);
    }
}

impl TokenStore for RedisStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Token>, Error>> {
        Box::pin(self.0.load())
    }

    fn save<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.0.save(token))
    }

    fn lease(&self, longest: Duration) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(lease::take(&self.0, longest))
    }

    fn is_required(&self) -> bool {
        self.0.settings.unavailable == Unavailable::Fail
    }
}

impl Inner {
    async fn load(&self) -> Result<Option<Token>, Error> {
        let mut command = Cmd::new();
        command.arg("GET").arg(&self.keys.token);
        let stored: Option<Vec<u8>> = match self.server.ask(&command).await {
            Ok(stored) => stored,
            Err(failure) => return self.load_while_away(&failure),
        };
        let read = stored
            .as_deref()
            .map(|stored| self.read(stored))
            .transpose();
        let mut seen = self.seen();
        match read {
            Ok(Some((stamp, token))) => {
                seen.record = LastRecord::Stamped(stamp);
                seen.token = self.to_go_on_with(&token);
                Ok(Some(token))
            }
            Ok(None) => {
                seen.record = LastRecord::None;
                seen.token = None;
                Ok(None)
            }
            Err(why) => {
                seen.record = LastRecord::Unreadable;
                Err(self.unreadable(&why))
            }
        }
    }

    fn load_while_away(&self, failure: &Failure) -> Result<Option<Token>, Error> {
        let known = self.seen().token.clone();
        if !failure.away || known.is_none() {
            return Err(self.failed(failure, &self.keys.token, "loaded"));
        }
        tracing::warn!(
            target: "tegata", key = self.keys.token, why = %failure.text,
            "going on with the token in memory, for Redis is away"
        );
        Ok(known)
    }

    /// Stamp and token of a record, or why it has none, to follow "the token".
    fn read(&self, stored: &[u8]) -> Result<(String, Token), String> {
        let record = Record::parse(stored).map_err(|unknown| match unknown {
            Unknown::Foreign => "cannot be loaded, for what lies there was not written by this store; it \
                                 was left alone: move it away (`RENAME`), or give this store another \
                                 namespace"
                .to_owned(),
            Unknown::Format(format) => {
                format!("has the unknown format {format}: a later version of this crate wrote it")
            }
        })?;
        let token = self.settings.sealer.open(record.token, &self.keys.token)?;
        // The parser's message could repeat parts of the token.
        let token = serde_json::from_slice(&token).map_err(|_| {
            "is damaged; it was left alone: move it away (`RENAME`), after which the user may have to log \
             in again"
                .to_owned()
        })?;
        let version = record.version;
        tracing::debug!(target: "tegata", key = self.keys.token, version, "token loaded");
        Ok((record.stamp.to_owned(), token))
    }

    async fn save(&self, token: &Token) -> Result<(), Error> {
        let (lease, last) = {
            let seen = self.seen();
            (seen.lease.clone(), seen.record.clone())
        };
        let expected = match &last {
            LastRecord::NotLoaded if lease.is_some() => "*",
            LastRecord::NotLoaded | LastRecord::None => "",
            LastRecord::Stamped(stamp) => stamp,
            LastRecord::Unreadable => {
                return Err(self.unreadable(
                    "cannot be saved, for there is one that could not be read and may be somebody's",
                ));
            }
        };
        let stamp = random::hex(8)?;
        let written =
            serde_json::to_vec(token).map_err(|_| self.unreadable("cannot be written down"))?;
        let written = self.settings.sealer.seal(written, &self.keys.token)?;
        let lifetime = ttl::of(token, self.settings.ttl, SystemTime::now())
            .map_or_else(String::new, |ttl| ttl::millis(ttl).to_string());
        let mut command = Cmd::new();
        command
            .arg("EVAL")
            .arg(include_str!("scripts/save.lua"))
            .arg(2)
            .arg(&self.keys.token)
            .arg(&self.keys.lease)
            .arg(lease.as_deref().unwrap_or_default())
            .arg(expected)
            .arg(&stamp)
            .arg(lifetime)
            .arg(written);
        let (outcome, version): (String, u64) = self
            .server
            .ask(&command)
            .await
            .map_err(|failure| self.failed(&failure, &self.keys.token, "saved"))?;
        let why = match outcome.as_str() {
            "saved" => {
                tracing::debug!(target: "tegata", key = self.keys.token, version, "token saved");
                let mut seen = self.seen();
                seen.record = LastRecord::Stamped(stamp);
                seen.token = self.to_go_on_with(token);
                return Ok(());
            }
            "lost" => {
                "was not saved, for the lease was lost: it ran out or the server forgot it, and somebody \
                 else may have renewed the token since. It can be saved under a new lease, if no newer one \
                 has been"
            }
            "moved" => {
                "was not saved, for somebody else has saved one since it was last loaded: load that first"
            }
            _ => {
                return Err(self.unreadable(
                    "was not saved, for what lies there was not written by this version of this store; it \
                     was left alone: move it away (`RENAME`), or give this store another namespace",
                ));
            }
        };
        Err(self.unreadable(why).transient())
    }

    /// A lease is out, or, while the server is away, only the turn in this process.
    pub(crate) fn begin_lease(&self, lease: Option<&Arc<str>>) {
        let mut seen = self.seen();
        if lease.is_some() {
            // Under a lease it matters only what is loaded under it.
            seen.record = LastRecord::NotLoaded;
        }
        seen.lease = lease.cloned();
    }

    pub(crate) fn end_lease(&self, lease: &str) {
        let mut seen = self.seen();
        if seen.lease.as_deref() == Some(lease) {
            seen.lease = None;
        }
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

    fn unreadable(&self, why: &str) -> Error {
        let text = format!("the token at the Redis key `{}` {why}", self.keys.token);
        Error::new(ErrorKind::Store, text)
    }

    fn to_go_on_with(&self, token: &Token) -> Option<Token> {
        (self.settings.unavailable == Unavailable::GoOn).then(|| token.clone())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // It is whole at every point.
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
