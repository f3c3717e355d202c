//! `security.rs`: the schemes, and which operation takes which.

use heck::ToShoutySnakeCase as _;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::lower::{Lowered, Placement};
use crate::names;

pub(super) fn tokens(lowered: &Lowered) -> TokenStream {
    let mut taken = ["PROVIDER", "SERVERS"]
        .iter()
        .map(|it| (*it).to_owned())
        .collect();
    let constants: Vec<Ident> = lowered
        .schemes
        .iter()
        .map(|it| {
            let name = names::snake(&it.name).to_shouty_snake_case();
            let name = if name.is_empty() {
                "SCHEME".to_owned()
            } else {
                name
            };
            // An underscore parts what a digit would make of the name.
            let name = if name.starts_with(|it: char| it.is_ascii_digit()) {
                format!("X{name}")
            } else {
                name
            };
            format_ident!("{}", names::unique(&name, &mut taken))
        })
        .collect();
    let schemes = lowered
        .schemes
        .iter()
        .zip(&constants)
        .map(|(scheme, constant)| {
            let name = &scheme.name;
            let placement = match &scheme.placement {
                Placement::Header(name) => quote!(Placement::Header(#name)),
                Placement::Bearer => quote!(Placement::Bearer),
                Placement::Basic => quote!(Placement::Basic),
                Placement::Query(name) => quote!(Placement::Query(#name)),
            };
            quote! {
                /// A security scheme of the document.
                pub const #constant: Scheme = Scheme { name: #name, placement: #placement };
            }
        });
    let operations = lowered.operations.iter().map(|it| {
        let (id, method, path) = (&it.id, &it.method, &it.path);
        let security = it.security.iter().map(|index| &constants[*index]);
        quote!(Operation { id: #id, method: #method, path: #path, security: &[#(#security),*], token: None })
    });
    let urls = lowered.servers.iter().map(|it| &it.url);
    let title = &lowered.report.title;
    quote! {
        use ::tegata::provider::spec::{Operation, Placement, Provider, Refusal, Scheme};

        /// The URLs of the servers, as the document has them: that of `Operations` first.
        pub const SERVERS: &[&str] = &[#(#urls),*];

        #(#schemes)*

        /// The schemes and operations of the document. A 401 refuses a credential.
        pub const PROVIDER: Provider = Provider {
            name: #title,
            schemes: &[#(#constants),*],
            default_security: &[#(#constants),*],
            operations: &[#(#operations),*],
            refusal: Refusal { statuses: &[401], body_codes: &[], transient_codes: &[], denied_codes: &[] },
        };
    }
}
