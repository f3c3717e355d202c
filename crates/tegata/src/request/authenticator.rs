//! The trait of everything that hands out credentials.

use crate::Error;
use crate::provider::spec::Scheme;
use crate::provider::{BoxFuture, Credential};

/// Hands out a credential and finds another when the server refuses it.
///
/// [`TokenCache`](crate::TokenCache) is the one for tokens; a provider with several keys implements its own.
pub trait Authenticator: Send + Sync + 'static {
    /// The scheme of its credentials.
    fn scheme(&self) -> Scheme;

    /// A credential that is good now, without waiting.
    fn cached(&self) -> Option<Credential>;

    /// A credential that is good now, which may have to be fetched first.
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>>;

    /// Another credential than this one, which the server has just refused.
    fn replace<'a>(&'a self, refused: &'a Credential) -> BoxFuture<'a, Result<Credential, Error>>;

    /// The server accepted this credential after it had refused another; or it refused another, and this
    /// one is to be tried by the next call, because the request cannot be sent twice.
    fn accepted(&self, credential: &Credential) {
        let _ = credential;
    }

    /// Whether [`replace`](Self::replace) may be called once more if this replacement is refused as well,
    /// because it was not issued by the server but found, such as in a store.
    fn may_replace_again(&self, _replacement: &Credential) -> bool {
        false
    }

    /// The error if the last replacement is refused as well.
    fn exhausted(&self) -> &'static str {
        "the server refused the credential, and the renewed one as well"
    }
}
