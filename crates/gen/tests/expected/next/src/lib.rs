//! Client for Next.
//!
//! Made by tegata-gen from `next.yaml`.
//! 5 of 7 operations have a method, 5 of them with types throughout.
//!
//! ```ignore
//! let app = App::builder(api::security::device_discovered_server().await?, "client id", "client secret").build()?;
//! let client = Client::builder()
//!     .device(app.refresh_tokens())
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Authentication
//!
//! * `device`: oauth2: deviceAuthorization, metadata
//! * `certificate`: mutualTLS, which cannot be attached
//!
//! # Without a method
//!
//! * `NO METHOD /next` (`broken`): no request can have its method
//! * `CONNECT /next` (`tunnel`): no request can have its method
//!
//! # What differs from the document
//!
//! * operations with a missing, doubled or reserved operationId: 1

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
