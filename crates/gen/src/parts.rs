//! The parts of the generator by themselves, for the generator of this workspace's own specs (`cargo xtask gen`). It reads
//! the same way, encodes with the same encoder and writes the same code, but checks more, and cites evidence.
//!
//! Hidden, and no stable interface: it changes with the encoder. Programs call [`generate`](crate::generate).

use proc_macro2::TokenStream;
use serde_json::Value as Json;

pub use crate::emit::docs::{comment, escape, one_line};
pub use crate::emit::layout::print;
pub use crate::emit::operations::{Group, Method, written as operations};
pub use crate::encode::{Blamed, Replaced};
pub use crate::names::{constant, looks_secret, pascal, snake};

/// Whether `tegata::oauth` sends a parameter of this name in token requests by itself.
pub fn is_sent_by_itself(parameter: &str) -> bool {
    parameter == "scope" || crate::keys::SENT_ANYWAY.contains(&parameter)
}

/// The encoder's code for a document of OpenAPI 3.0, without the parts that it fails on.
///
/// # Errors
/// What the encoder said, if it fails on the document and on no part of it alone.
pub fn encode(document: &mut Json, replaced: &[Replaced]) -> Result<(String, Blamed), String> {
    crate::encode::around(|it| crate::encode::here(it, replaced), document)
}

/// The encoder's code as a client that sends every request by its transport.
pub fn client(encoded: syn::File) -> TokenStream {
    crate::emit::client::tokens(encoded, crate::emit::client::Hook::AsMade)
}
