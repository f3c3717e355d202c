//! What only the compiler would find: two types, fields or methods of one name.

use std::collections::{BTreeSet, HashSet};

use syn::{Fields, ImplItem, Item};

/// Names that the generated code has twice.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Doubled {
    /// Types of one name.
    pub(crate) types: BTreeSet<String>,
    /// Types with two fields or variants of one name.
    pub(crate) owners: BTreeSet<String>,
    /// Methods of one name.
    pub(crate) methods: BTreeSet<String>,
}

impl Doubled {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Looks through the code that the encoder has made.
pub(crate) fn doubled(file: &syn::File) -> Doubled {
    let mut doubled = Doubled::default();
    let mut methods = HashSet::new();
    for item in &file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                let items = module.content.as_ref().map(|(_, items)| items.as_slice());
                types(items.unwrap_or_default(), &mut doubled);
            }
            Item::Impl(block) => {
                for item in &block.items {
                    if let ImplItem::Fn(method) = item
                        && method.sig.asyncness.is_some()
                        && !methods.insert(method.sig.ident.to_string())
                    {
                        doubled.methods.insert(method.sig.ident.to_string());
                    }
                }
            }
            _ => {}
        }
    }
    doubled
}

fn types(items: &[Item], doubled: &mut Doubled) {
    let mut seen = HashSet::new();
    for item in items {
        let (name, twice) = match item {
            Item::Struct(item) => (&item.ident, has_twice(&item.fields)),
            Item::Enum(item) => {
                let mut names = HashSet::new();
                let mut twice = item.variants.iter().any(|it| has_twice(&it.fields));
                twice |= !item.variants.iter().all(|it| names.insert(&it.ident));
                (&item.ident, twice)
            }
            Item::Type(item) => (&item.ident, false),
            _ => continue,
        };
        let name = name.to_string();
        if twice {
            doubled.owners.insert(name.clone());
        }
        if !seen.insert(name.clone()) {
            doubled.types.insert(name);
        }
    }
}

fn has_twice(fields: &Fields) -> bool {
    let mut names = HashSet::new();
    !fields
        .iter()
        .filter_map(|it| it.ident.as_ref())
        .all(|it| names.insert(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_stand_twice_are_found() {
        let file: syn::File = syn::parse_quote! {
            pub mod types {
                pub struct State {}
                pub enum State {}
                pub struct Times { auth_time: u8, auth_time: u8 }
                pub enum Order { Asc, Asc }
                pub struct Good { a: u8, b: u8 }
            }
            impl Client { async fn a() {} async fn a() {} async fn b() {} }
        };
        let set = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
        let expected = Doubled {
            types: set(&["State"]),
            owners: set(&["Times", "Order"]),
            methods: set(&["a"]),
        };
        assert_eq!(doubled(&file), expected);
    }
}
