//! Client for Names.
//!
//! Made by tegata-gen from `names.yaml`.
//! 7 of 7 operations have a method, 7 of them with types throughout.
//!
//! ```ignore
//! let client = Client::builder()
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # What differs from the document
//!
//! * enums of which two values make one name: they are texts: 2
//! * properties whose name in Rust another one has: they are in `extra`: 1
//! * operations with a missing, doubled or reserved operationId: 5
//! * types with another name than their schema: 2

#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, missing_docs, nonstandard_style, unreachable_pub, unused, rustdoc::all)]
mod generated;

/// The crate of the shared types.
pub use tegata;

pub use generated::{Client, ClientBuilder};

/// The operations of the document.
pub mod api {
    pub use super::generated::{Operations, security, types};
}
