//! The token cache as it is in `tegata`, source for source, with two modules exchanged: `sync`, so that a
//! scheduler decides at every step which task runs, and `random`, so that a run can be repeated.

// Modules that the cache does not use are left out, and so are their callers.
#[allow(dead_code)]
#[path = "../../src"]
mod real {
    pub(crate) mod error;
    pub(crate) mod error_code;
    pub(crate) mod secret;

    pub(crate) mod provider {
        pub(crate) mod error_ext;
        pub mod spec;
    }

    pub(crate) mod request {
        pub(crate) mod auth;
        pub(crate) mod authenticator;
        pub(crate) mod credential;
        pub(crate) mod credential_text;
        pub(crate) mod replaceable;
    }

    pub(crate) mod token {
        mod backoff;
        pub(crate) mod cache;
        pub(crate) mod clock;
        mod current;
        mod decision;
        mod flight;
        mod login;
        pub(crate) mod observe;
        pub(crate) mod policy;
        mod renewal;
        mod saving;
        mod shared;
        pub(crate) mod source;
        pub mod store;
        mod task;
        pub(crate) mod value;
    }
}
mod random;
pub mod sync;

use real::{request, token};

/// As in `tegata`.
pub mod provider {
    pub use crate::real::provider::error_ext::ErrorExt;
    pub use crate::real::provider::spec;
    pub use crate::real::request::auth::Auth;
    pub use crate::real::request::authenticator::Authenticator;
    pub use crate::real::request::credential::Credential;
    pub use crate::real::request::credential_text::check_credential;
    pub use crate::real::request::replaceable::Replaceable;
    pub use crate::real::token::cache::TokenCacheBuilder;
    pub use crate::real::token::observe::Reporter;
    pub use crate::real::token::source::{BoxFuture, Renewal, TokenSource};
    pub use crate::real::token::value::{Issued, Refresh};
}

pub use real::error::{Error, ErrorKind};
pub use real::error_code::ErrorCode;
pub use real::request::credential::BasicEncoding;
pub use real::secret::Secret;
pub use real::token::cache::TokenCache;
pub use real::token::clock::{Clock, ManualClock, SharedClock, SystemClock};
pub use real::token::observe::{
    AccountHash, RenewalEvent, RenewalObserver, RenewalOutcome, RenewalReason, Snapshot, TokenState,
};
pub use real::token::policy::RenewalPolicy;
pub use real::token::store::{self, FileStore, MemoryStore, TokenStore};
pub use real::token::value::Token;

/// The header that a credential adds to a request.
///
/// # Panics
/// If it adds none.
pub fn sent(credential: &provider::Credential) -> String {
    let url = "https://example.com".parse().expect("a URL");
    let mut request = reqwest::Request::new(reqwest::Method::GET, url);
    credential.attach(&mut request);
    let header = request.headers()["authorization"].to_str().expect("ASCII");
    header.to_owned()
}
