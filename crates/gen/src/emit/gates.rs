//! Which types are there for which features: those that an operation of one of their tags needs.

use std::collections::{BTreeSet, HashMap, HashSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, ImplItem, Item, parse_quote};

use super::failures;
use super::features::Features;
use crate::lower::Operation;

/// A type that more tags need is always there: nearly every program has it.
const MANY: usize = 16;

/// What a type is there for.
#[derive(Clone, Debug, PartialEq)]
enum Gate {
    Always,
    For(BTreeSet<usize>),
}

/// Gives every method and type the features that it is there for.
pub(super) fn gate(client: &mut syn::File, features: &Features, operations: &[Operation]) {
    if features.all.is_empty() {
        return;
    }
    let operations: HashMap<&str, &Operation> =
        operations.iter().map(|it| (it.id.as_str(), it)).collect();
    let mut types = Types::of(client);
    for method in methods(client) {
        let operation = operations.get(method.sig.ident.to_string().as_str());
        let needed = operation
            .map(|it| features.of_operation(it))
            .unwrap_or_default();
        let mut mentioned = types.mentioned(method);
        for name in operation.iter().flat_map(|it| besides(it)) {
            mentioned.extend(types.numbers.get(name));
        }
        types.need(&mentioned, &needed);
        if let Some(attribute) = features.attribute(&needed) {
            method.attrs.push(parse_quote!(#attribute));
        }
    }
    types.need_the_rest();
    for item in items(client) {
        let attribute = types.condition(item, features);
        if let (Some(condition), Some(attributes)) = (attribute, attributes(item)) {
            attributes.push(parse_quote!(#[cfg(#condition)]));
        }
    }
}

/// The types that an operation needs and its method does not mention: those of a form, and of answers that are no success.
fn besides(operation: &Operation) -> Vec<&str> {
    let mut names: Vec<&str> = operation.form.iter().map(|it| it.name.as_str()).collect();
    for it in &operation.failures {
        failures::names(&it.schema, &mut names);
    }
    names
}

fn methods(client: &mut syn::File) -> impl Iterator<Item = &mut syn::ImplItemFn> {
    let blocks = client.items.iter_mut().filter_map(|it| match it {
        Item::Impl(block) => Some(block),
        _ => None,
    });
    let items = blocks.flat_map(|it| &mut it.items);
    items.filter_map(|it| match it {
        ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(method),
        _ => None,
    })
}

/// The items of `types`.
fn items(client: &mut syn::File) -> impl Iterator<Item = &mut Item> {
    let modules = client.items.iter_mut().filter_map(|it| match it {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
        _ => None,
    });
    modules.flat_map(|(_, items)| items)
}

struct Types {
    numbers: HashMap<String, usize>,
    mentions: Vec<BTreeSet<usize>>,
    gates: Vec<Gate>,
}

impl Types {
    fn of(client: &mut syn::File) -> Self {
        let named = items(client).filter_map(|it| type_name(it));
        let mut types = Self {
            numbers: named
                .enumerate()
                .map(|(number, name)| (name, number))
                .collect(),
            mentions: Vec::new(),
            gates: Vec::new(),
        };
        types.mentions = vec![BTreeSet::new(); types.numbers.len()];
        types.gates = vec![Gate::For(BTreeSet::new()); types.numbers.len()];
        let mut always = Vec::new();
        for item in items(client) {
            let item = &*item;
            let owner = match item {
                Item::Impl(block) => types.mentioned(&block.self_ty).first().copied(),
                item => type_name(item).and_then(|it| types.numbers.get(&it).copied()),
            };
            let mentioned = types.mentioned(item);
            match owner {
                Some(owner) => types.mentions[owner].extend(mentioned),
                // An impl of a foreign type has its condition from its types alone.
                None if matches!(item, Item::Impl(_)) => {}
                None => always.extend(mentioned),
            }
        }
        types.need(&always.into_iter().collect(), &[]);
        types
    }

    fn mentioned(&self, code: &impl ToTokens) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        self.collect(code.to_token_stream(), &mut found);
        found
    }

    fn collect(&self, tokens: TokenStream, found: &mut BTreeSet<usize>) {
        for token in tokens {
            match token {
                TokenTree::Ident(it) => found.extend(self.numbers.get(&it.to_string())),
                TokenTree::Group(it) => self.collect(it.stream(), found),
                _ => {}
            }
        }
    }

    /// These types and all that they mention are there for these features, or always if there are none.
    fn need(&mut self, types: &BTreeSet<usize>, features: &[usize]) {
        let mut waiting: Vec<(usize, Option<usize>)> = Vec::new();
        for it in types {
            match features {
                [] => waiting.push((*it, None)),
                _ => waiting.extend(features.iter().map(|feature| (*it, Some(*feature)))),
            }
        }
        while let Some((number, feature)) = waiting.pop() {
            let passed_on = match (&mut self.gates[number], feature) {
                (Gate::Always, _) => continue,
                (Gate::For(set), Some(feature)) if set.len() < MANY => {
                    if !set.insert(feature) {
                        continue;
                    }
                    Some(feature)
                }
                (Gate::For(set), Some(feature)) if set.contains(&feature) => continue,
                (gate, _) => {
                    *gate = Gate::Always;
                    None
                }
            };
            waiting.extend(self.mentions[number].iter().map(|it| (*it, passed_on)));
        }
    }

    /// What no operation needs is always there.
    fn need_the_rest(&mut self) {
        let unneeded = |it: &usize| self.gates[*it] == Gate::For(BTreeSet::new());
        let rest: BTreeSet<usize> = (0..self.gates.len()).filter(unneeded).collect();
        self.need(&rest, &[]);
    }

    /// All of the types in the head of an item have to be there.
    fn condition(&self, item: &Item, features: &Features) -> Option<TokenStream> {
        let head = match item {
            Item::Impl(block) => {
                let mut head = self.mentioned(&block.self_ty);
                if let Some((path, _)) = &block.trait_ {
                    head.extend(self.mentioned(path));
                }
                head
            }
            item => type_name(item)
                .and_then(|it| self.numbers.get(&it).copied())
                .into_iter()
                .collect(),
        };
        let sets: HashSet<&BTreeSet<usize>> = head
            .iter()
            .filter_map(|it| match &self.gates[*it] {
                Gate::For(set) => Some(set),
                Gate::Always => None,
            })
            .collect();
        let is_implied =
            |it: &BTreeSet<usize>| sets.iter().any(|other| *other != it && other.is_subset(it));
        let mut sets: Vec<&BTreeSet<usize>> =
            sets.iter().copied().filter(|it| !is_implied(it)).collect();
        sets.sort_unstable();
        let conditions = sets.iter().filter_map(|it| {
            let list: Vec<usize> = it.iter().copied().collect();
            features.condition(&list)
        });
        let conditions: Vec<TokenStream> = conditions.collect();
        match conditions.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            _ => Some(quote!(all(#(#conditions),*))),
        }
    }
}

fn type_name(item: &Item) -> Option<String> {
    match item {
        Item::Struct(item) => Some(item.ident.to_string()),
        Item::Enum(item) => Some(item.ident.to_string()),
        Item::Type(item) => Some(item.ident.to_string()),
        _ => None,
    }
}

fn attributes(item: &mut Item) -> Option<&mut Vec<Attribute>> {
    match item {
        Item::Struct(item) => Some(&mut item.attrs),
        Item::Enum(item) => Some(&mut item.attrs),
        Item::Type(item) => Some(&mut item.attrs),
        Item::Impl(item) => Some(&mut item.attrs),
        _ => None,
    }
}
