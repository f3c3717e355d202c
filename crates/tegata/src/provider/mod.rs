//! For the authors of provider crates, and for the code that `cargo xtask gen` writes.
//!
//! Users of a provider crate do not need this module.

mod account;
mod builder_methods;
mod client_methods;
mod error_ext;
pub mod generated;
mod issued;
mod scopes;
pub(crate) mod seconds;
pub mod spec;
pub(crate) mod token_answer;

pub use crate::oauth::callback::{callback_code, check_redirect_uri, random_text};
pub use crate::request::auth::Auth;
pub use crate::request::authenticator::Authenticator;
pub use crate::request::base_url::{BaseUrl, Origin};
pub use crate::request::credential::Credential;
pub use crate::request::credential_text::check_credential;
pub use crate::request::key_pair::KeyPair;
pub use crate::request::replaceable::Replaceable;
pub use crate::request::transport::Transport;
pub use crate::token::cache::TokenCacheBuilder;
pub use crate::token::observe::Reporter;
pub use crate::token::policy::Timing;
pub use crate::token::source::{BoxFuture, Renewal, TokenSource};
pub use crate::token::value::{Issued, Refresh};
pub use account::AccountSettings;
pub use builder_methods::{account_methods, builder_methods};
pub use client_methods::client_methods;
pub use error_ext::ErrorExt;
pub use issued::{issued, issued_from};
pub use scopes::{OperationScopes, scopes_of};
pub use seconds::{ParseSecondsError, Seconds};
