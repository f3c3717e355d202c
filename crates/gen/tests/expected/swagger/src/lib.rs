//! Client for Swagger 😀.
//!
//! Made by tegata-gen from `swagger.json`.
//! 4 of 4 operations have a method, 4 of them with types throughout.
//!
//! ```ignore
//! let app = App::builder(api::security::code_server(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let client = Client::builder()
//!     // Those that the program has:
//!     .basic("user", "password")
//!     .code(app.refresh_tokens())
//!     .key("key")
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Authentication
//!
//! * `basic`: http basic
//! * `code`: oauth2: authorizationCode
//! * `key`: apiKey in query `key`
//!
//! # What differs from the document
//!
//! * answers called `default` taken for the success: 1
//! * limits and patterns that the server checks alone: 1
//! * successes that come with and without content: they are optional: 1
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
