//! Client for Values.
//!
//! Made by tegata-gen from `values.yaml`.
//! 1 of 1 operations have a method, 1 of them with types throughout.
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
//! * defaults that the server applies: nothing is sent for what is left out: 4
//! * members that stand twice, of which the last counts: 1
//! * enums of numbers or truth values, of which any is taken: 1
//! * enum values of another type than their schema's, read as text: 1
//! * formats that are texts or numbers without a type of their own: 4
//! * limits and patterns that the server checks alone: 5
//! * schemas of several types, taken for any JSON: 1
//! * required properties that no schema describes: 1
//! * unions of texts and enums: they are texts: 1
//! * unions without a mark of the variant: the first that fits is taken: 1
//! * unions beside properties: the members of all variants are optional: 1

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
