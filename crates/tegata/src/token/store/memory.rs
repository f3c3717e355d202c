//! A token store that lives as long as the process.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{Lease, LeaseTerms, Record, TokenStore};
use crate::provider::BoxFuture;
use crate::{Error, ErrorKind, Token};

/// Keeps a token in memory. Clones share it, for several clients of one account.
#[derive(Clone)]
pub struct MemoryStore(Arc<Shared>);

struct Shared {
    record: Mutex<Option<Record>>,
    lease: Arc<Semaphore>,
}

impl MemoryStore {
    /// A store that holds this token.
    pub fn holding(token: Token) -> Self {
        let store = Self::default();
        *store.record() = Some(Record::new(token));
        store
    }

    /// The token that it holds.
    pub fn token(&self) -> Option<Token> {
        self.record().as_ref()?.token().cloned()
    }

    fn record(&self) -> MutexGuard<'_, Option<Record>> {
        self.0.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        let lease = Arc::new(Semaphore::new(1));
        Self(Arc::new(Shared {
            record: Mutex::default(),
            lease,
        }))
    }
}

impl TokenStore for MemoryStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        let record = self.record().clone();
        Box::pin(std::future::ready(Ok(record)))
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        *self.record() = Some(record.clone());
        Box::pin(std::future::ready(Ok(())))
    }

    // Its holder lives in this process, so a lease needs no expiry.
    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async move {
            let turn = Arc::clone(&self.0.lease).acquire_owned();
            let turn = timeout(terms.patience, turn).await.map_err(|_| {
                Error::new(
                    ErrorKind::Store,
                    "another client of this process has the lease",
                )
                .transient()
            })?;
            let turn = turn.map_err(|error| Error::store("the lease is gone", error))?;
            Ok(Lease::new(move || drop(turn)))
        })
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemoryStore").field(&self.token()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract;

    #[tokio::test(start_paused = true)]
    async fn it_keeps_the_contract() {
        let store = MemoryStore::default();
        contract::check_shared(|| store.clone()).await;
    }
}
