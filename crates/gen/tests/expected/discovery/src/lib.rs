//! Client for Discovery.
//!
//! Made by tegata-gen from `discovery.yaml`.
//! 2 of 2 operations have a method, 2 of them with types throughout.
//!
//! ```ignore
//! let app = App::builder(api::security::sso_server().await?, "client id", "client secret").build()?;
//! let app = App::builder(api::security::own_server(base_url).await?, "client id", "client secret").build()?;
//! let app = App::builder(api::security::tenant_server(issuer).await?, "client id", "client secret").build()?;
//! let app = App::builder(api::security::machine_server().await?, "client id", "client secret").build()?;
//! let app = App::builder(api::security::both_discovered_server().await?, "client id", "client secret").build()?;
//! let client = Client::builder(base_url)
//!     // Those that the program has:
//!     .sso(app.refresh_tokens())
//!     .own(app.refresh_tokens())
//!     .tenant(app.refresh_tokens())
//!     .nowhere_access_token("token")
//!     .machine(app.client_credentials())
//!     .both(app.client_credentials())
//!     .build()?;
//! let api = client.api();
//! ```
//!
//! # Authentication
//!
//! * `sso`: openIdConnect
//! * `own`: openIdConnect
//! * `tenant`: openIdConnect
//! * `nowhere`: openIdConnect
//! * `machine`: oauth2: clientCredentials, implicit, metadata
//! * `both`: oauth2: clientCredentials, metadata

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
