#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The macros that this crate shares with provider crates name it.
extern crate self as tegata;

mod client;
mod error;
mod error_code;
#[cfg(feature = "multipart")]
pub mod multipart;
pub mod oauth;
pub mod provider;
mod random;
mod request;
mod secret;
mod settings;
mod sync;
mod token;

pub use client::{Client, ClientBuilder};
pub use error::{Error, ErrorKind};
pub use error_code::ErrorCode;
pub use provider::spec::{Placement, Refusal};
pub use request::builder::RequestBuilder;
pub use request::credential::BasicEncoding;
pub use request::http_client::HttpClient;
pub use request::key_pair::KeyInUse;
pub use request::path::IntoPath;
pub use request::reply::Reply;
pub use request::response::Response;
pub use secret::Secret;
pub use settings::Settings;
pub use token::cache::TokenCache;
#[cfg(feature = "test-util")]
pub use token::clock::ManualClock;
pub use token::clock::{Clock, SharedClock, SystemClock};
pub use token::observe::{
    AccountHash, RenewalEvent, RenewalObserver, RenewalOutcome, RenewalReason, Snapshot, TokenState,
};
pub use token::policy::RenewalPolicy;
pub use token::registry::Registry;
pub use token::store;
pub use token::store::{FileStore, MemoryStore, TokenStore};
pub use token::value::Token;

/// What bodies consist of.
pub use bytes::Bytes;
/// The HTTP client library whose requests and answers appear in this crate's API.
pub use reqwest;
