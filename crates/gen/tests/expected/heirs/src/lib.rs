//! Client for Heirs.
//!
//! Made by tegata-gen from `heirs.yaml`.
//! 1 of 1 operations have a method, 1 of them with types throughout.
//!
//! ```ignore
//! let client = Client::builder()
//!     .key("key")
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Authentication
//!
//! * `key`: apiKey in header `X-Key`

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
