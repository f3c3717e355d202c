//! Token sources, which providers implement.

use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

use crate::provider::Issued;
use crate::{Error, Token};

/// A boxed future, so that the traits here are dyn compatible.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The request for a token: the present one, and the reason.
#[derive(Clone, Copy, Debug)]
pub struct Renewal<'a> {
    /// The present token, which may have expired or been refused.
    pub current: Option<&'a Token>,
    /// Whether the server refused it.
    pub refused: bool,
    /// The wall time before anything is sent.
    pub now: SystemTime,
}

/// Issues and renews tokens at one token endpoint for one account.
///
/// [`TokenCache`](crate::TokenCache) calls it in a task of its own, one call at a time, with a deadline: the
/// future may be dropped at any await, and must then leave nothing inconsistent.
pub trait TokenSource: Send + Sync + 'static {
    /// Gets a new token.
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>>;

    /// Whether it can issue a token at any time by its own credentials, such as a client id and secret.
    ///
    /// If so, a token store that fails or is silent does not keep the cache from renewing: it asks this source
    /// without a current token, and says so in a warning; see
    /// [`TokenStore::is_required`](crate::TokenStore::is_required). If not, which is the default, nothing is
    /// renewed before the store has said which refresh token is the newest.
    fn is_self_sufficient(&self) -> bool {
        false
    }

    /// A number that changes when the credentials are replaced, such as
    /// [`Replaceable::replacements`](crate::provider::Replaceable::replacements) of its client secret. That the
    /// former ones were denied then counts no more: the next caller asks at once, and a renewal that is denied
    /// meanwhile asks again.
    fn credentials(&self) -> u64 {
        0
    }

    /// The setting of the token endpoint's URL, such as `base_url`, for errors about an endpoint that does not
    /// answer in time.
    fn setting(&self) -> Option<&'static str> {
        None
    }
}
