#![doc = include_str!("../README.md")]

mod builder;
mod client;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, missing_docs, unreachable_pub, unused, rustdoc::all)]
mod generated;
mod instance;
mod tokens;

pub use builder::ClientBuilder;
pub use client::Client;
pub use tegata::{
    Error, ErrorKind, FileStore, MemoryStore, RenewalPolicy, Secret, Settings, Token, TokenCache,
    TokenStore,
};
pub use tokens::TokenRequest;

/// The operations of `specs/marketo.yaml`, as they were generated.
pub mod api {
    pub use crate::generated::{IdentityOperations, RestOperations, security, types};
}

#[doc = include_str!("generated/evidence.md")]
pub mod evidence {}
