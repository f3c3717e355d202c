#![doc = include_str!("../README.md")]

mod app;
mod authorization;
mod client;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, missing_docs, unreachable_pub, unused, rustdoc::all)]
mod generated;
mod organization;

pub use app::{App, AppBuilder};
pub use authorization::Authorization;
pub use client::{Client, ClientBuilder};
pub use organization::OrganizationId;
/// The crate of the shared types, for custom stores, observers and settings.
pub use tegata;
pub use tegata::oauth::AuthorizationCode;
pub use tegata::reqwest::{Method, StatusCode};
pub use tegata::{
    Error, ErrorKind, FileStore, IntoPath, MemoryStore, RenewalPolicy, Reply, RequestBuilder,
    Response, Secret, Settings, Token, TokenCache, TokenStore,
};

/// The operations of `specs/jooto.yaml`, as they were generated.
pub mod api {
    pub use crate::generated::{ApiOperations, OauthOperations, security, types};
}

#[doc = include_str!("generated/evidence.md")]
pub mod evidence {}

#[cfg(test)]
mod tests;
