//! Client for Calendar.
//!
//! Made by tegata-gen from `authorization-code.yaml`.
//! 1 of 1 operations have a method, 1 of them with types throughout.
//!
//! ```ignore
//! let app = App::builder(api::security::login_server(), "client id", "client secret").build()?;
//! let client = Client::builder()
//!     .login(app.refresh_tokens())
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Authentication
//!
//! * `login`: oauth2: authorizationCode

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
