//! Client for Answers.
//!
//! Made by tegata-gen from `answers.yaml`.
//! 15 of 15 operations have a method, 12 of them with types throughout.
//!
//! ```ignore
//! let client = Client::builder()
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Without types
//!
//! * `GET /files` (`files`): the answer is text/csv
//! * `GET /image` (`image`): the answer is image/png
//! * `GET /redirect` (`redirect`): no answer of success is documented
//!
//! # What differs from the document
//!
//! * bodies or answers without a schema, taken for any JSON: 1
//! * answers called `default` taken for the success: 1
//! * answers of errors that are no JSON: they come as errors with their status: 1
//! * successes that come with and without content: they are optional: 1
//! * further content types of answers that are not asked for: 1
//! * several types of success: 1

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
