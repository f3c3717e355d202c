//! `mod.rs`.

use proc_macro2::TokenStream;
use quote::quote;
use tegata_gen::parts::comment;

pub(super) fn tokens() -> TokenStream {
    let security = comment("How requests are authenticated, and what refuses a credential.");
    quote! {
        mod client;
        mod operations;
        #security
        pub mod security;
        pub use client::types;
        pub use operations::*;
    }
}
