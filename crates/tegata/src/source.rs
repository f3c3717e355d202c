//! Where tokens come from: what a provider implements.

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
