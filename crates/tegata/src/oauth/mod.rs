//! OAuth 2.0 for any provider, described once by a [`Server`], by hand or [by its metadata](Server::discover).
//!
//! | grant | RFC | here |
//! |---|---|---|
//! | client credentials | 6749, section 4.4 | [`App::client_credentials`] |
//! | authorization code, with PKCE and `state` | 6749, section 4.1; 7636; 9207 | [`App::authorize`], [`App::exchange`] |
//! | device code | 8628 | [`App::authorize_device`] |
//! | refresh token | 6749, section 6 | [`App::refresh_tokens`] |
//!
//! The first and the last are what a [`Client`](crate::Client) renews its tokens with; the other two are logins,
//! which give the first token. The implicit grant and the one with the user's password are [refused](unsupported).

mod app;
mod authorization;
pub(crate) mod callback;
mod device;
mod discovery;
mod metadata;
mod request;
mod server;
mod tokens;
mod well_known;

pub use app::{App, AppBuilder};
pub use authorization::{Authorization, AuthorizationCode};
pub use device::DeviceAuthorization;
pub use discovery::Discovery;
pub use server::{ClientAuth, RequestFormat, Server, Step, unsupported};
pub use tokens::Tokens;

pub(crate) use callback::{Issuer, check_redirect_uri, code_of, random_text};
