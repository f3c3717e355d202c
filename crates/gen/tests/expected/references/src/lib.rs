//! Client for References.
//!
//! Made by tegata-gen from `main.yaml`.
//! 7 of 8 operations have a method, 7 of them with types throughout.
//!
//! ```ignore
//! let client = Client::builder()
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Without a method
//!
//! * `GET /lost` (`lost`): a parameter cannot be found: nothing stands at `#/components/parameters/Nowhere`
//!
//! # What differs from the document
//!
//! * references that lead nowhere, taken for any JSON: 3

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
