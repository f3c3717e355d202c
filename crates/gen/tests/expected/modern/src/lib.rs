//! Client for Modern.
//!
//! Made by tegata-gen from `modern.yaml`.
//! 2 of 2 operations have a method, 2 of them with types throughout.
//!
//! ```ignore
//! let client = Client::builder()
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # What differs from the document
//!
//! * schemas that nothing fits, taken for any JSON: 1
//! * words of JSON Schema that are not applied: 2
//! * limits and patterns that the server checks alone: 2
//! * schemas of several types, taken for any JSON: 1
//! * webhooks and callbacks, which are for servers: 1

#![allow(clippy::doc_markdown)]

#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, missing_docs, nonstandard_style, unreachable_pub, unused, rustdoc::all)]
mod generated;

/// The crate of the shared types.
pub use tegata;

pub use generated::{Client, ClientBuilder};

/// The operations of the document.
#[rustfmt::skip]
pub mod api {
    pub use super::generated::{Operations, security, types};
}
