//! Client for Ledger.
//!
//! Made by tegata-gen from `client-credentials.yaml`.
//! 2 of 2 operations have a method, 2 of them with types throughout.
//!
//! ```ignore
//! let app = App::builder(api::security::basic_login_server(), "client id", "client secret").build()?;
//! let app = App::builder(api::security::post_login_server(), "client id", "client secret").build()?;
//! let client = Client::builder()
//!     // Those that the program has:
//!     .basic_login(app.client_credentials())
//!     .post_login(app.client_credentials())
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Authentication
//!
//! * `basicLogin`: oauth2: clientCredentials
//! * `postLogin`: oauth2: clientCredentials

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
