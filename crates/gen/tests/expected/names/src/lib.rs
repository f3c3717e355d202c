//! Client for Names.
//!
//! Made by tegata-gen from `names.yaml`.
//! 7 of 7 operations have a method, 7 of them with types throughout.
//!
//! ```ignore
//! let app = App::builder(api::security::my_oauth_server(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::my_oauth_server2(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::login_client_server(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::login_code_server2(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::self_server(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::self_server2(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::x_server(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::x_server2(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::token_server(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::token_credential_server(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let client = Client::builder()
//!     // Those that the program has:
//!     .my_oauth(app.client_credentials())
//!     .my_oauth2(app.client_credentials())
//!     .login(app.client_credentials())
//!     .login_code(app.client_credentials())
//!     .login_access_token2("key")
//!     .self_(app.client_credentials())
//!     .self_2(app.client_credentials())
//!     .x("key")
//!     .x2(app.client_credentials())
//!     .x3(app.client_credentials())
//!     .token_credential(app.client_credentials())
//!     .token_credential2(app.client_credentials())
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Authentication
//!
//! * `my-oauth`: oauth2: clientCredentials
//! * `my_oauth`: oauth2: clientCredentials
//! * `login`: oauth2: clientCredentials, authorizationCode
//! * `login_code`: oauth2: clientCredentials
//! * `login_access_token`: apiKey in header `X-Login`
//! * `Self`: oauth2: clientCredentials
//! * `self`: oauth2: clientCredentials
//! * `$`: apiKey in header `X-Empty`
//! * `!`: oauth2: clientCredentials
//! * `?`: oauth2: clientCredentials
//! * `token`: oauth2: clientCredentials
//! * `token_credential`: oauth2: clientCredentials
//!
//! # What differs from the document
//!
//! * enums of which two values make one name: they are texts: 2
//! * properties whose name in Rust another one has: they are in `extra`: 1
//! * operations with a missing, doubled or reserved operationId: 5
//! * types with another name than their schema: 2

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
