//! Client for Bodies.
//!
//! Made by tegata-gen from `bodies.yaml`.
//! 11 of 11 operations have a method, 7 of them with types throughout.
//!
//! ```ignore
//! let client = Client::builder()
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Without types
//!
//! * `POST /mixed` (`mixed`): the body is multipart/related
//! * `POST /no-parts` (`no_parts`): the body is multipart/form-data
//! * `POST /anything` (`anything`): the body is */*
//! * `PUT /picture` (`picture`): the body is image/jpeg
//!
//! # What differs from the document
//!
//! * bodies or answers without a schema, taken for any JSON: 1
//! * encodings of parts of a body that are not applied: 2
//! * formats that are texts or numbers without a type of their own: 4
//! * limits and patterns that the server checks alone: 1
//! * bodies that may be left out, but have to be given: 2
//! * further content types of bodies that cannot be chosen: 1
//! * parameters of which two make one name: the second has a longer one: 1

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
