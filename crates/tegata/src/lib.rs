#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod base_url;
mod cache;
mod clock;
mod credential;
mod error;
mod error_code;
mod failure;
pub mod generated;
mod http_client;
mod observe;
mod policy;
mod random;
mod recent;
mod refusal;
mod registry;
mod reply;
mod seconds;
mod secret;
mod settings;
mod source;
pub mod spec;
pub mod store;
mod sync;
mod token;
mod transport;
mod twin;

pub use auth::{Auth, Authenticator};
pub use base_url::{BaseUrl, Origin};
pub use cache::{TokenCache, TokenCacheBuilder};
#[cfg(feature = "test-util")]
pub use clock::ManualClock;
pub use clock::{Clock, SharedClock, SystemClock};
pub use credential::{BasicEncoding, Credential};
pub use error::{Error, ErrorKind};
pub use error_code::ErrorCode;
pub use http_client::{HttpClient, IntoHttpClient};
pub use observe::{
    AccountHash, RenewalEvent, RenewalObserver, RenewalOutcome, Snapshot, TokenState,
};
pub use policy::RenewalPolicy;
pub use registry::Registry;
pub use reply::Reply;
pub use seconds::{ParseSecondsError, Seconds};
pub use secret::Secret;
pub use settings::Settings;
pub use source::{BoxFuture, Renewal, TokenSource};
pub use store::{FileStore, Lease, MemoryStore, TokenStore};
pub use token::{Issued, Refresh, Token};
pub use transport::{IntoRequest, Transport};

/// The HTTP client library whose requests and answers appear in this crate's API.
pub use reqwest;
