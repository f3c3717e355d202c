//! The final check of the generated code: nothing that looks like a secret is kept in a type that
//! prints it, and no crate is needed that the provider crates do not have.

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Fields, FnArg, ImplItemFn, ItemEnum, ItemImpl, ItemStruct, Pat, Type};

use super::document::Document;
use super::finding::Finding;
use super::findings::Findings;
use super::names::{looks_secret, pascal, snake};
use super::node::Node;
use super::place::Place;
use super::spec::sites;

/// The crates that generated code may name.
const CRATES: [&str; 7] = [
    "core",
    "progenitor_client",
    "reqwest",
    "serde",
    "serde_json",
    "std",
    "tegata",
];

const FIX: &str = "write `$ref: '#/components/schemas/Secret'`; a schema with further constraints \
    is not taken for a secret";

/// Refuses a field or argument that looks like a secret and is no `Secret`, and a foreign crate.
pub(crate) fn lint(document: &Document, client: &syn::File) -> Result<(), Vec<Finding>> {
    let mut lint = OutputLint {
        document,
        findings: Findings::new(document),
        item: String::new(),
        in_client: false,
    };
    lint.visit_file(client);
    lint.findings.into_result()
}

struct OutputLint<'d> {
    document: &'d Document,
    findings: Findings<'d>,
    /// The type, or the method of the client, that is looked at.
    item: String,
    in_client: bool,
}

impl OutputLint<'_> {
    fn fields(&mut self, owner: &str, path: &str, fields: &Fields) {
        let named: Vec<_> = fields
            .iter()
            .filter_map(|field| Some((field.ident.as_ref()?.to_string(), &field.ty)))
            .collect();
        let names: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
        for (name, kind) in &named {
            if looks_secret(name, &names) && prints(kind) {
                let place = self.place_of_field(owner, name);
                self.add(&place, &format!("the field `{path}.{name}`"), kind);
            }
        }
    }

    fn add(&mut self, place: &Place, what: &str, kind: &Type) {
        let kind = printed(kind);
        self.findings.at_place(
            place,
            format!("{what} of the generated code looks like a secret but is a `{kind}`"),
            FIX,
        );
    }

    /// The property that a field was made of, or the closest known place.
    fn place_of_field(&self, owner: &str, field: &str) -> Place {
        let Some(schema) = self.schema(owner) else {
            return self.place_of_type(owner);
        };
        let property = schema
            .members_of("properties")
            .into_iter()
            .find(|(property, _)| snake(property) == field);
        property.map_or(schema.place, |(_, property)| property.place)
    }

    /// The schema that a type was made of: its own, or the one around it, whose name it starts
    /// with.
    fn place_of_type(&self, owner: &str) -> Place {
        let schemas = self
            .document
            .root()
            .members_of_path(&["components", "schemas"]);
        let around = schemas
            .into_iter()
            .filter(|(name, _)| owner.starts_with(&pascal(name)))
            .max_by_key(|(name, _)| name.len());
        match around {
            Some((_, schema)) => schema.place,
            None => self.place_of_method(&snake(owner)),
        }
    }

    fn schema(&self, owner: &str) -> Option<Node<'_>> {
        let schemas = self
            .document
            .root()
            .members_of_path(&["components", "schemas"]);
        schemas
            .into_iter()
            .find(|(name, _)| pascal(name) == owner)
            .map(|(_, schema)| schema)
    }

    fn place_of_method(&self, method: &str) -> Place {
        // The type of an argument is named after the operation.
        sites(self.document)
            .into_iter()
            .filter(|site| !site.is_browser_only())
            .filter_map(|site| Some((snake(site.node.text_of("operationId")?), site.node.place)))
            .filter(|(id, _)| method.starts_with(id.as_str()))
            .max_by_key(|(id, _)| id.len())
            .map_or_else(Place::default, |(_, place)| place)
    }
}

impl<'ast> Visit<'ast> for OutputLint<'_> {
    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        let name = item.ident.to_string();
        self.item.clone_from(&name);
        self.fields(&name, &name, &item.fields);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        let name = item.ident.to_string();
        self.item.clone_from(&name);
        for variant in &item.variants {
            self.fields(
                &name,
                &format!("{name}::{}", variant.ident),
                &variant.fields,
            );
        }
        visit::visit_item_enum(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if let Type::Path(kind) = item.self_ty.as_ref()
            && let Some(last) = kind.path.segments.last()
        {
            self.item = last.ident.to_string();
            self.in_client = self.item == "Client";
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        let method = item.sig.ident.to_string();
        if self.in_client {
            self.item.clone_from(&method);
        }
        let arguments: Vec<_> = item.sig.inputs.iter().filter_map(argument).collect();
        let names: Vec<&str> = arguments.iter().map(|(name, _)| name.as_str()).collect();
        for (name, kind) in &arguments {
            if looks_secret(name, &names) && prints(kind) {
                let place = self.place_of_method(&method);
                self.add(
                    &place,
                    &format!("the argument `{name}` of `{method}`"),
                    kind,
                );
            }
        }
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_some()
            && let Some(first) = path.segments.first()
            && !CRATES.iter().any(|known| first.ident == known)
        {
            let place = self.place_of_type(&self.item);
            self.findings.at_place(
                &place,
                format!(
                    "the generated code of `{}` needs the crate `{}`",
                    self.item, first.ident
                ),
                "leave out the `format` or `pattern` that asks for it, and describe it in words",
            );
        }
        visit::visit_path(self, path);
    }
}

fn argument(argument: &FnArg) -> Option<(String, &Type)> {
    match argument {
        FnArg::Typed(typed) => match typed.pat.as_ref() {
            Pat::Ident(name) => Some((name.ident.to_string(), &typed.ty)),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    }
}

fn printed(kind: &Type) -> String {
    let mut text = kind.to_token_stream().to_string();
    for (spaced, plain) in [(" :: ", "::"), (" < ", "<"), (" >", ">"), ("& ", "&")] {
        text = text.replace(spaced, plain);
    }
    text
}

/// Types that print nothing of a secret, or hold none.
const SAFE: [&str; 12] = [
    "Secret", "Seconds", "bool", "i8", "i16", "i32", "i64", "u16", "u32", "u64", "f32", "f64",
];

/// Whether a type would print what it holds.
fn prints(kind: &Type) -> bool {
    let mut search = SafeType { found: false };
    search.visit_type(kind);
    !search.found
}

struct SafeType {
    found: bool,
}

impl<'ast> Visit<'ast> for SafeType {
    fn visit_ident(&mut self, ident: &'ast syn::Ident) {
        self.found |= SAFE.iter().any(|safe| ident == safe);
    }
}
