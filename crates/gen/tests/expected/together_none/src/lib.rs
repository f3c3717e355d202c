//! Client for Shop.
//!
//! Made by tegata-gen from `cards.yaml, orders.json, upload.yaml`.
//! 8 of 8 operations have a method, 8 of them with types throughout.
//!
//! ```ignore
//! let client = Client::builder()
//!     // Those that the program has:
//!     .token_credential("key")
//!     .token2("key")
//!     .basic("user", "password")
//!     .upload_key("key")
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Authentication
//!
//! * `token`: http bearer
//! * `token2`: apiKey in header `X-Order-Key`
//! * `basic`: http basic
//! * `uploadKey`: apiKey in query `key`
//!
//! # Features
//!
//! The operations of each tag, with the types that they need. By default all of them are there.
//!
//! * `cards-new`: Cards (New)
//! * `orders`: orders
//! * `cards`: cards
//! * `upload`: upload
//!
//! # What differs from the document
//!
//! * formats that are texts or numbers without a type of their own: 1
//! * parts that documents describe in several ways under one name: the further ones have another: 3
//! * operations with a missing, doubled or reserved operationId: 1
//! * operations on another server: a group of their own: 3
#![allow(clippy::doc_markdown)]
#[rustfmt::skip]
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    missing_docs,
    nonstandard_style,
    unreachable_pub,
    unused,
    rustdoc::all
)]
mod generated;
/// The crate of the shared types.
pub use tegata;
pub use generated::{Client, ClientBuilder};
/// The operations of the document.
#[rustfmt::skip]
pub mod api {
    pub use super::generated::{
        Operations, UploadExampleComV1Operations, security, types,
    };
}
