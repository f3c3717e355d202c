//! Cargo features: one for each tag of the document.

use std::collections::HashMap;

use heck::ToKebabCase as _;
use proc_macro2::TokenStream;
use quote::quote;
use unicode_ident::{is_xid_continue, is_xid_start};

use crate::lower::{Lowered, Operation};
use crate::names::Taken;

/// Of more tags no features are made: cargo's registries take about as many.
const MOST: usize = 250;

/// The feature of all tags.
pub(super) const ALL: &str = "all";

/// Names that features or dependencies of the crate have.
const RESERVED: [&str; 10] = [
    ALL,
    "default",
    "http",
    "native-tls",
    "progenitor-client",
    "reqwest",
    "rustls",
    "serde",
    "serde-json",
    "tegata",
];

/// The features; none if the document has fewer than two tags.
#[derive(Debug, Default)]
pub(super) struct Features {
    /// Tags with their features, in the order in which operations have them.
    pub(super) all: Vec<(String, String)>,
    by_tag: HashMap<String, usize>,
}

impl Features {
    pub(super) fn of(lowered: &Lowered) -> Self {
        let mut features = Self::default();
        let mut taken: Taken = RESERVED.map(str::to_owned).into_iter().collect();
        for tag in lowered.operations.iter().flat_map(|it| &it.tags) {
            if !features.by_tag.contains_key(tag) {
                let name = taken.unique(&name(tag));
                features.by_tag.insert(tag.clone(), features.all.len());
                features.all.push((tag.clone(), name));
            }
        }
        match features.all.len() {
            2..=MOST => features,
            _ => Self::default(),
        }
    }

    /// The features of which one is enough for the operation; none if it is always there.
    pub(super) fn of_operation(&self, operation: &Operation) -> Vec<usize> {
        let tags = operation.tags.iter();
        tags.filter_map(|it| self.by_tag.get(it).copied()).collect()
    }

    /// The names of these features.
    pub(super) fn names(&self, features: &[usize]) -> Vec<&str> {
        features.iter().map(|it| self.all[*it].1.as_str()).collect()
    }

    /// The attribute of what one of these features is enough for.
    pub(super) fn attribute(&self, features: &[usize]) -> Option<TokenStream> {
        let condition = self.condition(features)?;
        Some(quote!(#[cfg(#condition)]))
    }

    /// What stands in such an attribute.
    pub(super) fn condition(&self, features: &[usize]) -> Option<TokenStream> {
        let names = features.iter().map(|it| &self.all[*it].1);
        match features {
            [] => None,
            [_] => Some(quote!(#(feature = #names)*)),
            _ => Some(quote!(any(#(feature = #names),*))),
        }
    }
}

/// The tag as a name that cargo takes.
fn name(tag: &str) -> String {
    let name = tag.replace(|it| !is_xid_continue(it), "-").to_kebab_case();
    match name.chars().next() {
        None => "untitled".to_owned(),
        Some(it) if it.is_ascii_digit() || is_xid_start(it) => name,
        // Cargo takes digits of other scripts, but not as the first character.
        Some(_) => format!("tag-{name}"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Emails (New)", "emails-new")]
    #[case("pet/store", "pet-store")]
    #[case("2FA", "2fa")]
    #[case("従業員", "従業員")]
    #[case("٣x", "tag-٣x")]
    #[case("\"] x = [", "x")]
    #[case("!", "untitled")]
    fn a_tag_becomes_a_name_that_cargo_takes(#[case] tag: &str, #[case] feature: &str) {
        assert_eq!(name(tag), feature);
    }
}
