//! Client for Television.
//!
//! Made by tegata-gen from `device-code.yaml`.
//! 1 of 1 operations have a method, 1 of them with types throughout.
//!
//! ```ignore
//! let app = App::public(api::security::device_server(), "client id").build()?;
//! let client = Client::builder()
//!     .device(app.refresh_tokens())
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Authentication
//!
//! * `device`: oauth2: deviceAuthorization

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
