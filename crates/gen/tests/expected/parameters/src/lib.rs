//! Client for Parameters.
//!
//! Made by tegata-gen from `parameters.yaml`.
//! 11 of 12 operations have a method, 10 of them with types throughout.
//!
//! ```ignore
//! let client = Client::builder()
//!     // Those that the program has:
//!     .key("key")
//!     .signature("key")
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Authentication
//!
//! * `key`: apiKey in header `X-Key`
//! * `signature`: apiKey in header `X-Signature`
//!
//! # Without types
//!
//! * `POST /upload` (`upload`): the body is application/octet-stream
//!
//! # Without a method
//!
//! * `GET /cookie` (`cookie`): the parameter `session` in cookie cannot be sent, and is required
//!
//! # What differs from the document
//!
//! * path parameters that are said to be optional: 1
//! * optional parameters that cannot be sent: 2
//! * parameters that the client sets itself, such as credentials: 2
//! * parameters of which two make one name: the second has a longer one: 5
//! * objects as query parameters, of which each member is one: 2
//! * parameters whose value is written by the caller, as text: 3
//! * operations on another server: a group of their own: 1
//! * path parameters that nothing declares, taken for texts: 1
//! * path parameters that the path lacks: 1

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
    pub use super::generated::{Operations, UploadExampleComV1Operations, security, types};
}
