//! A token store that lives as long as the process.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::{Lease, TokenStore};
use crate::{BoxFuture, Error, ErrorKind, Token};

/// Keeps a token in memory. Clones share it, so that several clients of one account can.
#[derive(Clone)]
pub struct MemoryStore(Arc<Shared>);

struct Shared {
    token: Mutex<Option<Token>>,
    lease: Arc<Semaphore>,
}

impl MemoryStore {
    /// A store that holds this token.
    pub fn holding(token: Token) -> Self {
        let store = Self::default();
        store.set(token);
        store
    }

    /// What it holds.
    pub fn token(&self) -> Option<Token> {
        self.0
            .token
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, token: Token) {
        *self.0.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        let lease = Arc::new(Semaphore::new(1));
        Self(Arc::new(Shared {
            token: Mutex::default(),
            lease,
        }))
    }
}

impl TokenStore for MemoryStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Token>, Error>> {
        Box::pin(std::future::ready(Ok(self.token())))
    }

    fn save<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
        self.set(token.clone());
        Box::pin(std::future::ready(Ok(())))
    }

    // Whoever holds it lives in this process, so it needs no end of its own.
    fn lease(&self, _: Duration) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async {
            let turn = Arc::clone(&self.0.lease).acquire_owned().await;
            let turn = turn.map_err(|error| {
                Error::new(ErrorKind::Store, "the lease is gone").with_source(error)
            })?;
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
