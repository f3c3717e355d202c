//! The token cache as it is in `tegata`, source for source, with two modules exchanged: `sync`, so that a
//! scheduler decides at every step who goes on, and `random`, so that a run can be repeated.

// Modules of the same crate that the cache has no use for are left out, and with them their callers.
#[allow(dead_code)]
#[path = "../../src"]
mod real {
    pub(crate) mod auth;
    pub(crate) mod cache;
    pub(crate) mod clock;
    pub(crate) mod credential;
    pub(crate) mod error;
    pub(crate) mod error_code;
    pub(crate) mod observe;
    pub(crate) mod policy;
    pub(crate) mod recent;
    pub(crate) mod secret;
    pub(crate) mod source;
    pub mod spec;
    pub mod store;
    pub(crate) mod token;
}
mod random;
pub mod sync;

use real::{observe, policy, recent, token};

pub use real::auth::{Auth, Authenticator};
pub use real::cache::{TokenCache, TokenCacheBuilder};
pub use real::clock::{Clock, ManualClock, SharedClock, SystemClock};
pub use real::credential::{BasicEncoding, Credential};
pub use real::error::{Error, ErrorKind};
pub use real::error_code::ErrorCode;
pub use real::observe::{
    AccountHash, RenewalEvent, RenewalObserver, RenewalOutcome, Snapshot, TokenState,
};
pub use real::policy::RenewalPolicy;
pub use real::secret::Secret;
pub use real::source::{BoxFuture, Renewal, TokenSource};
pub use real::spec;
pub use real::store::{self, FileStore, Lease, MemoryStore, TokenStore};
pub use real::token::{Issued, Refresh, Token};

/// The header that a credential adds to a request.
///
/// # Panics
/// If it adds none.
pub fn sent(credential: &Credential) -> String {
    let url = "https://example.com".parse().expect("a URL");
    let mut request = reqwest::Request::new(reqwest::Method::GET, url);
    credential.attach(&mut request);
    let header = request.headers()["authorization"].to_str().expect("ASCII");
    header.to_owned()
}
