//! Client for Credentials.
//!
//! Made by tegata-gen from `credentials.yaml`.
//! 18 of 19 operations have a method, 18 of them with types throughout.
//!
//! ```ignore
//! let app = App::builder(api::security::login_server(base_url), "client id", "client secret").build()?;
//! let app = App::builder(api::security::devices_server(ClientAuth::Basic(..)), "client id", "client secret").build()?;
//! let app = App::builder(api::security::sso_server().await?, "client id", "client secret").build()?;
//! let client = Client::builder(base_url)
//!     // Those that the program has:
//!     .app_id("key")
//!     .app_key("key")
//!     .old("key")
//!     .session("key")
//!     .signed("key")
//!     .user("user", "password")
//!     .build_credential("key")
//!     .login(app.client_credentials())
//!     .devices(app.refresh_tokens())
//!     .pages_access_token("token")
//!     .sso(app.refresh_tokens())
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Authentication
//!
//! * `app-id`: apiKey in header `X-App-Id`
//! * `app-key`: apiKey in header `X-App-Key`
//! * `old`: apiKey in header `Authorization`
//! * `session`: apiKey in cookie `sid`
//! * `signed`: apiKey in query `signature`
//! * `user`: http basic
//! * `build`: http bearer
//! * `login`: oauth2: authorizationCode, clientCredentials, password
//! * `devices`: oauth2: deviceAuthorization
//! * `pages`: oauth2: implicit
//! * `sso`: openIdConnect
//! * `certificate`: mutualTLS, which cannot be attached
//! * `digest`: http digest, which cannot be attached
//!
//! # Without a method
//!
//! * `POST /of-another-scheme` (`lacksItsScheme`): the parameter `X-App-Key` in header is required, and is the credential of a scheme that its `security` lacks
//!
//! # What differs from the document
//!
//! * optional parameters that cannot be sent: 1
//! * parameters that the client sets itself, such as credentials: 4
//! * security requirements that want two credentials in one place: not used: 2
//! * operations that take only what cannot be attached: their calls fail, and say so: 3
//! * security requirements whose scheme cannot be attached: not used: 4
//! * operations on another server: a group of their own: 1

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
    pub use super::generated::{Operations, UploadExampleComOperations, security, types};
}
