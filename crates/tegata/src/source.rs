//! Where tokens come from and where they are kept: what a provider or an application implements.

use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

use crate::{Error, Issued, Token};

/// A boxed future, so that the traits here can be used as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why and from what a token is to be issued.
#[derive(Clone, Copy, Debug)]
pub struct Renewal<'a> {
    /// The token there is, which may have expired or been refused.
    pub current: Option<&'a Token>,
    /// Whether the server refused it.
    pub refused: bool,
    /// The wall time before anything is sent.
    pub now: SystemTime,
}

/// Issues and renews tokens at one token endpoint for one account.
///
/// [`TokenCache`](crate::TokenCache) calls it in a task of its own, one call at a time, with a deadline:
/// a future that is dropped at an await must leave nothing half done.
pub trait TokenSource: Send + Sync + 'static {
    /// Gets a new token.
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>>;
}

/// Keeps the token of one account beyond the life of the process: a hook to load and save it.
///
/// A refresh token that rotates is good only once, so losing the newest means that a person has to log
/// in again. The cache therefore saves a renewed token before anybody is given it. If saving fails, the
/// token is used all the same and saving is tried again until it succeeds or a newer token takes its
/// place.
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

    /// Replaces the saved token as a whole.
    fn save<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>>;
}
