#![doc = include_str!("../README.md")]

mod builder;
mod client;
mod credentials;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, missing_docs, unreachable_pub, unused, rustdoc::all)]
mod generated;
mod legacy;

pub use builder::ClientBuilder;
pub use client::Client;
pub use credentials::{ApiKey, Credentials, LegacyOAuth, OAuth2};
pub use legacy::LegacyFields;
/// The crate of the shared types, for custom stores, observers and settings.
pub use tegata;
pub use tegata::reqwest::{Method, StatusCode};
pub use tegata::{
    BasicEncoding, Error, ErrorKind, FileStore, IntoPath, KeyInUse, MemoryStore, RenewalPolicy,
    Reply, RequestBuilder, Response, Secret, Settings, Token, TokenCache, TokenStore,
};

/// The operations of `specs/fujitsu-aispf.yaml`, as they were generated.
pub mod api {
    pub use crate::generated::{AuthOperations, security, types};
}

#[doc = include_str!("generated/evidence.md")]
pub mod evidence {}

#[cfg(test)]
mod tests;
