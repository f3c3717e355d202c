//! The store.

use std::fmt;
use std::sync::Arc;

use tegata::store::{BoxFuture, Lease, LeaseTerms, Record};
use tegata::{Error, TokenStore};

use crate::inner::Inner;
use crate::keys::Keys;
use crate::lease;
use crate::server::Server;
use crate::settings::{Settings, Unavailable};

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

impl RedisStore {
    pub(crate) fn new(
        server: Arc<Server>,
        settings: Arc<Settings>,
        keys: Keys,
    ) -> Result<Self, Error> {
        let inner = Inner::new(server, settings, keys)?;
        Ok(Self(Arc::new(inner)))
    }

    /// The store of another account, with the same settings and over the same connection.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](tegata::ErrorKind::Configuration) if a name is empty.
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

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("key", &self.0.keys.token)
            .field("unavailable", &self.0.settings.unavailable)
            .field("sealer", &self.0.settings.sealer)
            .finish_non_exhaustive()
    }
}
