//! `wire.rs`: what the encoder cannot say of a request, one row for each operation that needs it.

use proc_macro2::TokenStream;
use quote::quote;

use crate::lower::{Lowered, Wire};

/// The code that applies a row to a request.
pub(super) const RUNTIME: &str = include_str!("runtime/request.rs");

pub(super) fn tokens(lowered: &Lowered) -> TokenStream {
    let needed = lowered
        .operations
        .iter()
        .filter(|it| it.wire != Wire::default());
    let rows = needed.map(|it| {
        let (id, row) = (&it.id, row(&it.wire));
        quote!(#id => #row,)
    });
    quote! {
        use super::request::Wire;

        /// What has to be changed in a request of this operation.
        pub(super) fn of(operation_id: &str) -> Wire {
            match operation_id {
                #(#rows)*
                _ => Wire::NOTHING,
            }
        }
    }
}

fn row(wire: &Wire) -> TokenStream {
    let mut fields = Vec::new();
    if let Some(method) = &wire.method {
        fields.push(quote!(method: Some(#method)));
    }
    if let Some(kind) = &wire.content_type {
        fields.push(quote!(content_type: Some(#kind)));
    }
    if let Some(kind) = &wire.accept {
        fields.push(quote!(accept: Some(#kind)));
    }
    if wire.is_bytes {
        fields.push(quote!(is_bytes: true));
    }
    if wire.may_be_empty {
        fields.push(quote!(may_be_empty: true));
    }
    if let Some(deep) = &wire.form {
        fields.push(quote!(form: Some(&[#(#deep),*])));
    }
    if !wire.form_joined.is_empty() {
        let pairs = wire.form_joined.iter();
        let pairs = pairs.map(|(name, by)| quote!((#name, #by)));
        fields.push(quote!(form_joined: &[#(#pairs),*]));
    }
    if !wire.joined.is_empty() {
        let pairs = wire.joined.iter().map(|(name, by)| quote!((#name, #by)));
        fields.push(quote!(joined: &[#(#pairs),*]));
    }
    if !wire.renamed.is_empty() {
        let pairs = wire.renamed.iter().map(|(from, to)| quote!((#from, #to)));
        fields.push(quote!(renamed: &[#(#pairs),*]));
    }
    quote!(Wire { #(#fields,)* ..Wire::NOTHING })
}
