//! `Debug` of types with secrets that are no texts: it shows nothing of them.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Fields, Ident, Item, ItemEnum, ItemStruct, Variant, parse_quote};

use super::open_enums::remove_derive;
use crate::names::snake;

/// Replaces the `Debug` of each of these types; the properties are by the names of the document.
pub(super) fn hide(client: &mut syn::File, hidden: &BTreeMap<String, BTreeSet<String>>) {
    for item in &mut client.items {
        if let Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            *items = std::mem::take(items)
                .into_iter()
                .flat_map(|it| with_debug(it, hidden))
                .collect();
        }
    }
}

fn with_debug(mut item: Item, hidden: &BTreeMap<String, BTreeSet<String>>) -> Vec<Item> {
    let name = match &item {
        Item::Struct(item) => item.ident.clone(),
        Item::Enum(item) => item.ident.clone(),
        _ => return vec![item],
    };
    let properties = hidden.get(&name.to_string());
    let Some(secrets) = properties.and_then(|it| Secrets::of(it, &item)) else {
        return vec![item];
    };
    if let Item::Struct(ItemStruct { attrs, .. }) | Item::Enum(ItemEnum { attrs, .. }) = &mut item {
        for it in attrs {
            remove_derive(it, "Debug");
        }
    }
    let arms: Vec<TokenStream> = match &item {
        Item::Enum(item) => {
            let of = |it: &Variant| {
                let name = &it.ident;
                arm(&quote!(Self::#name), name, &it.fields, &secrets)
            };
            item.variants.iter().map(of).collect()
        }
        Item::Struct(item) => vec![arm(&quote!(Self), &name, &item.fields, &secrets)],
        _ => Vec::new(),
    };
    let debug = parse_quote! {
        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self { #(#arms)* }
            }
        }
    };
    vec![item, debug]
}

/// The fields to hide.
struct Secrets {
    names: BTreeSet<String>,
    all: bool,
}

impl Secrets {
    /// None if the fields do not print what they hold. All are hidden if a secret has no field of its own: the encoder
    /// failed on the type, which now holds any JSON, or calls the field differently.
    fn of(properties: &BTreeSet<String>, item: &Item) -> Option<Self> {
        let fields: Vec<&Fields> = match item {
            Item::Struct(item) => vec![&item.fields],
            Item::Enum(item) => item.variants.iter().map(|it| &it.fields).collect(),
            _ => Vec::new(),
        };
        let named = fields.iter().flat_map(|it| it.iter());
        let there: BTreeSet<String> = named
            .filter_map(|it| Some(it.ident.as_ref()?.to_string()))
            .collect();
        let names: BTreeSet<String> = properties.iter().map(|it| snake(it)).collect();
        let all = there.is_empty() || !names.is_subset(&there);
        (all || !names.is_empty()).then_some(Self { names, all })
    }

    fn has(&self, field: Option<&Ident>) -> bool {
        self.all || field.is_some_and(|it| self.names.contains(&it.to_string()))
    }
}

/// What prints one variant, or a struct. `self.client` would be taken for the client's.
fn arm(path: &TokenStream, name: &Ident, fields: &Fields, secrets: &Secrets) -> TokenStream {
    let values: Vec<Ident> = (0..fields.len())
        .map(|it| format_ident!("it{it}"))
        .collect();
    // What is hidden is not bound.
    let patterns = fields.iter().zip(&values).map(|(field, value)| {
        if secrets.has(field.ident.as_ref()) {
            quote!(_)
        } else {
            quote!(#value)
        }
    });
    let members = fields.members();
    let shown = shown(name, fields, &values, secrets);
    quote!(#path { #(#members: #patterns),* } => #shown,)
}

/// The call that prints these values.
fn shown(name: &Ident, fields: &Fields, values: &[Ident], secrets: &Secrets) -> TokenStream {
    let name = name.to_string();
    let calls = fields.iter().zip(values).map(|(field, value)| {
        let value = if secrets.has(field.ident.as_ref()) {
            quote!(&::std::format_args!("[redacted]"))
        } else {
            quote!(#value)
        };
        let name = field.ident.as_ref().map(Ident::to_string).into_iter();
        quote!(.field(#(#name,)* #value))
    });
    let start = match fields {
        Fields::Named(_) => quote!(f.debug_struct(#name)),
        Fields::Unnamed(_) | Fields::Unit => quote!(f.debug_tuple(#name)),
    };
    quote!(#start #(#calls)*.finish())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("struct T(pub Value);", &[], true, "debug_tuple(\"T\").field(&::std::format_args!(\"[redacted]\"))")]
    #[case("struct T { a: u8, b: u8 }", &["c"], true, "\"a\", &::std::format_args!")]
    #[case("struct T { a_b: u8, c: u8 }", &["aB"], true, ".field(\"c\", it1)")]
    #[case("struct T { a: Secret }", &[], false, "derive(Debug)")]
    #[case("enum T { A, B(u8), C { s: u8 } }", &["s"], true, "Self::B { 0: it0 }=>f.debug_tuple(\"B\").field(it0)")]
    #[case("enum T { A, B(S) }", &["s"], true, "Self::B { 0: _ }")]
    fn what_cannot_be_told_apart_is_hidden(
        #[case] item: &str,
        #[case] properties: &[&str],
        #[case] has_debug: bool,
        #[case] code: &str,
    ) {
        let source = format!("mod types {{ #[derive(Debug)] {item} }}");
        let mut file: syn::File = syn::parse_str(&source).expect("Rust");
        let properties = properties.iter().map(|it| (*it).to_owned()).collect();
        hide(&mut file, &BTreeMap::from([("T".to_owned(), properties)]));
        let squeezed = |it: &str| it.split_whitespace().collect::<String>();
        let made = squeezed(&quote!(#file).to_string());
        assert_eq!(made.contains("impl::std::fmt::Debug"), has_debug);
        assert!(made.contains(&squeezed(code)), "{made}");
        assert_eq!(made.contains("derive(Debug)"), !has_debug, "{made}");
    }
}
