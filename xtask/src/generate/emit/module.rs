//! `mod.rs`.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::docs;

pub(super) fn tokens() -> TokenStream {
    let security = docs::comment("How requests are authenticated, and what refuses a credential.");
    quote! {
        mod client;
        mod operations;
        #security
        pub mod security;
        pub use client::types;
        pub use operations::*;
    }
}
