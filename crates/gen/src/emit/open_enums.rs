//! Enums that keep values which the document does not name: services add some, and an answer is read all the same.

use std::collections::{HashMap, HashSet};

use quote::quote;
use serde_json::Value as Json;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, ExprMatch, Fields, Ident, Item, ItemEnum, ItemImpl, Meta, Path, Token, Type,
    parse_quote,
};

/// Gives each such enum a variant for other values.
pub(super) fn open(client: &mut syn::File, document: &Json) {
    let names = names(document);
    for item in &mut client.items {
        if let Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            let mut opened = HashMap::new();
            for item in items.iter_mut() {
                if let Item::Enum(item) = item
                    && names.contains(&item.ident.to_string())
                    && let Some(variant) = add_variant(item)
                {
                    opened.insert(item.ident.to_string(), variant);
                }
            }
            for item in items {
                if let Item::Impl(block) = item
                    && let Some(variant) = displayed(block).and_then(|it| opened.get(&it))
                {
                    AddArm(variant).visit_item_impl_mut(block);
                }
            }
        }
    }
}

/// Enums of two values or more. Those that tell the variants of a union apart take no others.
fn names(document: &Json) -> HashSet<String> {
    let schemas = document["components"]["schemas"].as_object();
    let is_open = |it: &Json| it["enum"].as_array().is_some_and(|it| it.len() > 1);
    let all = || schemas.into_iter().flatten();
    let mut names: HashSet<String> = all()
        .filter(|(_, it)| is_open(it))
        .map(|(name, _)| name.clone())
        .collect();
    for (_, union) in all() {
        for variant in union["oneOf"].as_array().into_iter().flatten() {
            let name = referred(variant);
            let object = name.and_then(|it| schemas?.get(it)).unwrap_or(variant);
            let members = object["properties"].as_object().into_iter().flatten();
            for closed in members.filter_map(|(_, it)| referred(it)).chain(name) {
                names.remove(closed);
            }
        }
    }
    names
}

fn referred(schema: &Json) -> Option<&str> {
    let reference = schema["$ref"]
        .as_str()
        .or_else(|| schema["allOf"][0]["$ref"].as_str());
    reference?.rsplit('/').next()
}

fn add_variant(item: &mut ItemEnum) -> Option<Ident> {
    let is_plain = item
        .variants
        .iter()
        .all(|it| matches!(it.fields, Fields::Unit));
    let free = |name: &&&str| !item.variants.iter().any(|it| it.ident == **name);
    let name = ["Unknown", "UnknownValue", "OtherUnknownValue"]
        .iter()
        .find(free)
        .filter(|_| is_plain)?;
    let name = Ident::new(name, item.ident.span());
    item.variants.push(parse_quote! {
        /// A value that the document does not name.
        #[serde(untagged)]
        #name(::std::string::String)
    });
    item.attrs
        .iter_mut()
        .for_each(|it| remove_derive(it, "Copy"));
    Some(name)
}

/// Leaves one trait out of a `derive`.
pub(super) fn remove_derive(attribute: &mut Attribute, name: &str) {
    if let Meta::List(list) = &mut attribute.meta
        && list.path.is_ident("derive")
        && let Ok(traits) = list.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
    {
        let is_it = |it: &Path| it.segments.last().is_some_and(|it| it.ident == name);
        let kept = traits.iter().filter(|it| !is_it(it));
        list.tokens = quote!(#(#kept),*);
    }
}

/// The type that a `Display` is of.
fn displayed(block: &ItemImpl) -> Option<String> {
    let (path, Type::Path(kind)) = (&block.trait_.as_ref()?.0, block.self_ty.as_ref()) else {
        return None;
    };
    let is_display = path.segments.last().is_some_and(|it| it.ident == "Display");
    is_display
        .then(|| kind.path.get_ident().map(Ident::to_string))
        .flatten()
}

struct AddArm<'a>(&'a Ident);

impl VisitMut for AddArm<'_> {
    fn visit_expr_match_mut(&mut self, found: &mut ExprMatch) {
        let variant = self.0;
        found
            .arms
            .push(parse_quote!(Self::#variant(ref text) => f.write_str(text),));
        visit_mut::visit_expr_match_mut(self, found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn enums_that_tell_variants_apart_stay_closed() {
        let reference = |it: &str| json!({"$ref": format!("#/components/schemas/{it}")});
        let values = json!({"type": "string", "enum": ["a", "b"]});
        let document = json!({"components": {"schemas": {
            "Free": values,
            "One": {"type": "string", "enum": ["a"]},
            "Mark": values,
            "Direct": values,
            "Null": values,
            "Object": {"type": "object", "properties": {
                "mark": reference("Mark"), "null": {"allOf": [reference("Null")], "nullable": true},
            }},
            "Union": {"oneOf": [reference("Object"), reference("Direct")]},
            "Other": {"type": "object", "properties": {"free": reference("Free")}},
        }}});
        assert_eq!(names(&document), HashSet::from(["Free".to_owned()]));
    }
}
