//! Client for Signed Orders.
//!
//! Made by tegata-gen from `key-and-signature.yaml`.
//! 2 of 2 operations have a method, 2 of them with types throughout.
//!
//! ```ignore
//! let client = Client::builder()
//!     // Those that the program has:
//!     .api_key("key")
//!     .signature("key")
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Authentication
//!
//! * `apiKey`: apiKey in header `X-Api-Key`
//! * `signature`: apiKey in header `X-Signature`

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
