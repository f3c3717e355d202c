//! Client for A "title" */ } mod other {} `x` \ {{}}.
//!
//! Made by tegata-gen from `odd.yaml`.
//! 3 of 3 operations have a method, 3 of them with types throughout.
//!
//! ```ignore
//! let app = App::builder(api::security::crate_server(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::crate_server2(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::fn_code_server(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::fn_code_server2(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let client = Client::builder()
//!     // Those that the program has:
//!     .build_credential("key")
//!     .token_credential("key")
//!     .self_("key")
//!     .x2fa("key")
//!     .my_key("key")
//!     .my_key2("key")
//!     .my_key3("key")
//!     .x("key")
//!     .x2("key")
//!     .crate_(app.client_credentials())
//!     .crate_2(app.client_credentials())
//!     .fn_(app.refresh_tokens())
//!     .fn_code(app.client_credentials())
//!     .crate_access_token2("key")
//!     .build()?;
//! ```
//!
//! # Authentication
//!
//! * `build`: apiKey in header `X-Build`
//! * `token`: http bearer
//! * `self`: apiKey in query `self`
//! * `2fa`: apiKey in header `X-2fa`
//! * `my-key`: apiKey in header `X-My`
//! * `my_key`: apiKey in header `X-My2`
//! * `MyKey`: apiKey in query `my"key`
//! * (without a name): apiKey in header `X-Empty`
//! * `*/ " x`: apiKey in header `X-Odd`
//! * `no-header`: apiKey in header `X Bad Header: 1`, which cannot be attached
//! * `crate`: oauth2: clientCredentials
//! * `Crate`: oauth2: clientCredentials
//! * `fn`: oauth2: authorizationCode, clientCredentials
//! * `fn_code`: oauth2: clientCredentials
//! * `crate_access_token`: apiKey in header `X-Access`
//!
//! # What differs from the document
//!
//! * operations with a missing, doubled or reserved operationId: 1
//! * parameters of which two make one name: the second has a longer one: 1
//! * security requirements whose scheme cannot be attached: not used: 1
//! * operations on another server: a group of their own: 3
//! * path parameters that nothing declares, taken for texts: 1

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
    pub use super::generated::{OtherExampleComOperations, security, types};
}
