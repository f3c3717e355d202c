//! `security.rs`: the schemes, which operation takes which, and the authorization servers.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs::comment;
use super::login;
use crate::lower::{Alternative, Lowered, Placement, Scheme, Scopes};
use crate::names;

pub(super) fn tokens(lowered: &Lowered) -> TokenStream {
    let constants = constants(lowered);
    let schemes = lowered.schemes.iter().zip(&constants);
    let schemes = schemes.map(|(scheme, constant)| {
        let name = &scheme.name;
        let placement = placement(&scheme.placement);
        let doc = comment(&documentation(scheme));
        quote! {
            #doc
            pub const #constant: Scheme = Scheme { name: #name, placement: #placement };
        }
    });
    let operations = lowered.operations.iter().map(|it| {
        let (id, method, path) = (&it.id, &it.method, &it.path);
        let security = accepted(&it.security, lowered, &constants);
        quote!(Operation { id: #id, method: #method, path: #path, security: #security, token: None })
    });
    let default_security = accepted(&lowered.default_security, lowered, &constants);
    let urls = lowered.servers.iter().map(|it| &it.url);
    let title = &lowered.report.title;
    let refusal = &lowered.refusal;
    let (statuses, body) = (&refusal.statuses, &refusal.body_codes);
    let (transient, denied) = (&refusal.transient_codes, &refusal.denied_codes);
    let servers = login::servers(lowered, &constants);
    let scopes = scopes(lowered);
    quote! {
        use ::tegata::provider::spec::{Operation, Placement, Provider, Refusal, Scheme};

        /// The URLs of the servers, as the document has them: that of `Operations` first.
        pub const SERVERS: &[&str] = &[#(#urls),*];

        #(#schemes)*

        /// The schemes and operations of the document, and how a credential is refused.
        pub const PROVIDER: Provider = Provider {
            name: #title,
            schemes: &[#(#constants),*],
            default_security: #default_security,
            operations: &[#(#operations),*],
            refusal: Refusal {
                statuses: &[#(#statuses),*],
                body_codes: &[#(#body),*],
                transient_codes: &[#(#transient),*],
                denied_codes: &[#(#denied),*],
            },
        };

        #scopes

        #servers
    }
}

/// The scopes of all operations, and how those of some are asked for. Nothing if no operation has any.
fn scopes(lowered: &Lowered) -> Option<TokenStream> {
    let rows = lowered.operations.iter().flat_map(|operation| {
        let id = &operation.id;
        // Where a token without any is enough, none is asked for.
        let needs = |it: &&Scopes| {
            let mut all = operation.requirement.alternatives.iter();
            !all.any(|of| of.get(&it.scheme).is_some_and(BTreeSet::is_empty))
        };
        operation.scopes.iter().filter(needs).map(move |it| {
            let (scheme, scopes) = (&it.scheme, &it.names);
            quote! {
                ::tegata::provider::OperationScopes {
                    operation: #id, scheme: #scheme, scopes: &[#(#scopes),*],
                }
            }
        })
    });
    let rows: Vec<TokenStream> = rows.collect();
    if rows.is_empty() {
        return None;
    }
    Some(quote! {
        /// What a token has to be good for, by operation. Of several lists of one operation, one is enough.
        pub const SCOPES: &[::tegata::provider::OperationScopes] = &[#(#rows),*];

        /// The scopes that a token of this scheme needs for these operations, by the names of their methods: what a login
        /// asks for by `scopes`. Where one of several lists is enough, it is the first. All operations are
        /// `PROVIDER.operations.iter().map(|it| it.id)`.
        ///
        /// # Errors
        ///
        /// If the document has no such scheme or operation.
        pub fn scopes_of<'a>(
            scheme: Scheme,
            operations: impl IntoIterator<Item = &'a str>,
        ) -> Result<Vec<&'static str>, ::tegata::Error> {
            ::tegata::provider::scopes_of(&PROVIDER, SCOPES, scheme, operations)
        }
    })
}

/// The names of the schemes' constants.
pub(super) fn constants(lowered: &Lowered) -> Vec<Ident> {
    let taken = ["PROVIDER", "SCOPES", "SERVERS"].iter();
    let mut taken = taken.map(|it| (*it).to_owned()).collect();
    let name = |it: &Scheme| {
        let name = names::constant(&it.name);
        // An underscore parts what a digit would make of the name.
        match name.chars().next() {
            None => "SCHEME".to_owned(),
            Some(first) if first.is_ascii_digit() => format!("X{name}"),
            Some(_) => name,
        }
    };
    let names = lowered.schemes.iter().map(name);
    names
        .map(|name| format_ident!("{}", names::unique(&name, &mut taken)))
        .collect()
}

fn placement(placement: &Placement) -> TokenStream {
    match placement {
        Placement::Header(name) => quote!(Placement::Header(#name)),
        Placement::Bearer => quote!(Placement::Bearer),
        Placement::Basic => quote!(Placement::Basic),
        Placement::Query(name) => quote!(Placement::Query(#name)),
        Placement::Cookie(name) => quote!(Placement::Cookie(#name)),
        Placement::Prefixed(prefix, place) => {
            let place = self::placement(place);
            quote!(Placement::Prefixed(&(#prefix, #place)))
        }
    }
}

/// The alternatives of an operation; several credentials that go together are one scheme of their own.
fn accepted(alternatives: &[Alternative], lowered: &Lowered, constants: &[Ident]) -> TokenStream {
    let of = |all: &[usize]| match *all {
        [one] => {
            let constant = &constants[one];
            quote!(#constant)
        }
        [] => quote!(Scheme {
            name: "none",
            placement: Placement::All(&[])
        }),
        _ => {
            let names: Vec<&str> = all.iter().map(|it| &*lowered.schemes[*it].name).collect();
            let name = names.join(" and ");
            let parts = all.iter().map(|it| &constants[*it]);
            quote!(Scheme { name: #name, placement: Placement::All(&[#(#parts),*]) })
        }
    };
    let schemes = alternatives.iter().map(|it| match it {
        Alternative::Of(all) => of(all),
        // A header without a name carries no credential, so no client has one for it, and the call is refused by name.
        Alternative::Unusable(what) => {
            quote!(Scheme { name: #what, placement: Placement::Header("") })
        }
    });
    quote!(&[#(#schemes),*])
}

fn documentation(scheme: &Scheme) -> String {
    let mut text = format!("`{}`: {}", scheme.name.replace('`', ""), scheme.kind);
    if let Some(description) = &scheme.description {
        text.push_str("\n\n");
        text.push_str(&super::docs::escape(description));
    }
    text
}
