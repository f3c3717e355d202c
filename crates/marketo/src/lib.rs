#![doc = include_str!("../README.md")]

mod builder;
mod client;
mod envelope;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, missing_docs, unreachable_pub, unused, rustdoc::all)]
mod generated;
mod instance;
mod tokens;

pub use builder::ClientBuilder;
pub use client::Client;
pub use envelope::Envelope;
/// The crate of the shared types, for custom stores, observers and settings.
pub use tegata;
pub use tegata::reqwest::{Method, StatusCode};
pub use tegata::{
    Error, ErrorKind, FileStore, IntoPath, MemoryStore, RenewalPolicy, Reply, RequestBuilder,
    Response, Secret, Settings, Token, TokenCache, TokenStore,
};
pub use tokens::TokenRequest;

/// The operations of `specs/marketo.yaml`, as they were generated.
pub mod api {
    pub use crate::generated::{IdentityOperations, RestOperations, security, types};
}

#[doc = include_str!("generated/evidence.md")]
pub mod evidence {}
