//! Client for Secrets.
//!
//! Made by tegata-gen from `secrets.yaml`.
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
//! * properties that parts of a schema describe in two ways, taken for any JSON: 1
//! * properties whose name in Rust another one has: they are in `extra`: 1
//! * unions without a mark of the variant: the first that fits is taken: 1

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
