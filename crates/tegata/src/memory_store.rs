//! A token store that lives as long as the process.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{BoxFuture, Error, Token, TokenStore};

/// Keeps a token in memory. Clones share it, so that several clients of one account can.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Option<Token>>>);

impl MemoryStore {
    /// A store that holds this token.
    pub fn holding(token: Token) -> Self {
        Self(Arc::new(Mutex::new(Some(token))))
    }

    /// What it holds.
    pub fn token(&self) -> Option<Token> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl TokenStore for MemoryStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Token>, Error>> {
        Box::pin(std::future::ready(Ok(self.token())))
    }

    fn save<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Box::pin(std::future::ready(Ok(())))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemoryStore").field(&self.token()).finish()
    }
}
