//! Where tokens are kept: what an application implements, and what it need not.

#[cfg(feature = "test-util")]
pub mod contract;
mod file;
mod memory;

use std::fmt;
use std::time::Duration;

use crate::{BoxFuture, Error, Token};

pub use file::FileStore;
pub use memory::MemoryStore;

/// Keeps the token of one account beyond the life of the process.
///
/// A refresh token that rotates is good only once, so losing the newest means that a person has to log
/// in again, and using an old one again may end the whole session. The cache therefore goes this way:
/// lease, load, adopt a newer token or exchange, save, hand out, give the lease back. If saving fails, the
/// token is used all the same and saving is tried again until it succeeds or a newer token takes its
/// place. If the store cannot be leased or loaded, nothing is renewed, unless the source
/// [needs no store](crate::TokenSource::is_self_sufficient): client credentials go on in memory, saying so.
///
/// [`MemoryStore`] and [`FileStore`] are ready to use. One of your own takes thirty lines; the module
/// `tegata::store::contract` (feature `test-util`) holds it to what is said here.
///
/// ```
/// use std::sync::Mutex;
/// use tegata::{BoxFuture, Error, Token, TokenStore};
///
/// struct InMemory(Mutex<Option<Token>>);
///
/// impl TokenStore for InMemory {
///     fn load(&self) -> BoxFuture<'_, Result<Option<Token>, Error>> {
///         Box::pin(async { Ok(self.0.lock().expect("not poisoned").clone()) })
///     }
///
///     fn save<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
///         Box::pin(async {
///             *self.0.lock().expect("not poisoned") = Some(token.clone());
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait TokenStore: Send + Sync + 'static {
    /// The token that was saved last, if any.
    fn load(&self) -> BoxFuture<'_, Result<Option<Token>, Error>>;

    /// Replaces the saved token as a whole: a crash leaves the old one or the new one. It fails if the
    /// store knows that the lease has passed to somebody else meanwhile.
    fn save<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>>;

    /// The right to renew, which one process at a time has, for at most this long. It waits for its turn;
    /// whoever waits too long drops the future.
    ///
    /// A store that no two processes share needs none, which is the default.
    fn lease(&self, longest: Duration) -> BoxFuture<'_, Result<Lease, Error>> {
        let _ = longest;
        Box::pin(std::future::ready(Ok(Lease::unneeded())))
    }

    /// Whether nothing is to be renewed while this store fails, even by a source that
    /// [needs nothing from it](crate::TokenSource::is_self_sufficient).
    ///
    /// By default such a source goes on in memory: a token is issued without a lease and used, and is saved
    /// as soon as the store works again. A store that wraps another one hands on what that says.
    fn is_required(&self) -> bool {
        false
    }
}

/// The right to renew, given back when it is dropped.
#[must_use]
pub struct Lease(Option<Box<dyn FnOnce() + Send>>);

impl Lease {
    /// A lease of which there can be any number.
    pub fn unneeded() -> Self {
        Self(None)
    }

    /// A lease that is given back by this. It is called when the lease is dropped, so it must not block:
    /// what takes time belongs into a task or thread of its own.
    pub fn new(give_back: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(give_back)))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(give_back) = self.0.take() {
            give_back();
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease(..)")
    }
}
