//! `operations.rs`: the operations of each server, with errors that leak nothing.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    FnArg, GenericArgument, ImplItem, ImplItemFn, Item, Pat, PathArguments, ReturnType, Signature,
    Type, TypeReference,
};

use super::docs::{code, comment, escape, one_line};
use super::failures;
use super::features::Features;
use crate::Error;
use crate::lower::{Alternative, Lowered, Operation, Scopes, Server};

/// The operations of one server, as a type.
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub doc: String,
    /// Its methods.
    pub methods: Vec<Method>,
}

/// A method that calls the encoder's.
pub struct Method {
    /// Its name, which is that of the encoder's.
    pub id: String,
    /// Its documentation.
    pub doc: String,
    /// Arguments that are secrets, and that the encoder takes for texts.
    pub secrets: Vec<String>,
    /// The attribute that says with which features it is there.
    pub condition: Option<TokenStream>,
    /// The type of the form that is sent as its body, if that has several parts.
    pub form: Option<String>,
}

pub(super) fn tokens(
    lowered: &Lowered,
    client: &syn::File,
    features: &Features,
) -> Result<TokenStream, Error> {
    let mut groups: Vec<Group> = lowered.servers.iter().map(group).collect();
    for operation in &lowered.operations {
        let needed = features.of_operation(operation);
        groups[operation.server].methods.push(Method {
            id: operation.id.clone(),
            doc: documentation(operation, &features.names(&needed)),
            secrets: operation.secrets.clone(),
            condition: features.attribute(&needed),
            form: operation.form.as_ref().map(|it| it.name.clone()),
        });
    }
    written(&groups, client).map_err(|id| {
        let what = format!("the encoder made no method of the operation `{id}`");
        Error::new(what, "report this document")
    })
}

/// The code of the groups that have a method.
///
/// # Errors
/// The first method that the encoder has not made.
pub fn written(groups: &[Group], client: &syn::File) -> Result<TokenStream, String> {
    let made = methods(client);
    let mut all = groups.iter().flat_map(|it| &it.methods);
    let has_forms = all.any(|it| it.form.is_some());
    let mut types = Vec::new();
    for group in groups.iter().filter(|it| !it.methods.is_empty()) {
        let of = |it: &Method| {
            let wrapped = made.get(&it.id).and_then(|method| wrap(it, method));
            wrapped.ok_or_else(|| it.id.clone())
        };
        let here = group
            .methods
            .iter()
            .map(of)
            .collect::<Result<Vec<_>, _>>()?;
        types.push(type_of(group, &here, has_forms));
    }
    Ok(quote! {
        use super::client::{Client, types};
        #(#types)*
    })
}

fn group(server: &Server) -> Group {
    let doc = match server.url.as_str() {
        "" => "The operations, on a server that the document does not name.".to_owned(),
        url => format!("The operations on the server `{}`.", url.replace('`', "")),
    };
    Group {
        name: server.group.clone(),
        doc,
        methods: Vec::new(),
    }
}

/// The name of the type with the operations of one server.
pub(super) fn group_name(servers: &[Server], index: usize) -> String {
    servers[index].group.clone()
}

fn methods(client: &syn::File) -> HashMap<String, &ImplItemFn> {
    let mut methods = HashMap::new();
    for item in &client.items {
        let Item::Impl(item) = item else { continue };
        for item in &item.items {
            if let ImplItem::Fn(method) = item
                && method.sig.asyncness.is_some()
            {
                methods.insert(method.sig.ident.to_string(), method);
            }
        }
    }
    methods
}

fn type_of(group: &Group, operations: &[TokenStream], has_forms: bool) -> TokenStream {
    let no_form = has_forms.then(|| quote!(, form: None));
    let name = format_ident!("{}", group.name);
    let doc = comment(&group.doc);
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct #name {
            client: Client,
        }

        impl #name {
            /// Operations on the base URL of a transport.
            pub fn new(transport: ::tegata::provider::Transport) -> Self {
                Self {
                    client: Client { inner: transport #no_form },
                }
            }

            /// That transport, for requests that no operation makes.
            pub fn transport(&self) -> &::tegata::provider::Transport {
                &self.client.inner
            }

            #(#operations)*
        }
    }
}

/// The same method with our result; nothing when it does not look as progenitor writes them.
fn wrap(ours: &Method, method: &ImplItemFn) -> Option<TokenStream> {
    let name = &method.sig.ident;
    let mut names = Vec::new();
    let mut arguments = Vec::new();
    for argument in &method.sig.inputs {
        let FnArg::Typed(typed) = argument else {
            continue;
        };
        let Pat::Ident(pattern) = typed.pat.as_ref() else {
            return None;
        };
        let mut kind = typed.ty.as_ref().clone();
        Elide.visit_type_mut(&mut kind);
        let name = &pattern.ident;
        if ours.form.is_some() && is_parameter(&method.sig, &kind) {
            names.push(quote!(::reqwest::Body::default()));
            continue;
        }
        if !ours.secrets.contains(&name.to_string()) {
            arguments.push(quote!(#name: #kind));
            names.push(quote!(#name));
        } else if matches!(kind, Type::Reference(_)) {
            arguments.push(quote!(#name: &::tegata::Secret));
            names.push(quote!(#name.expose()));
        } else {
            arguments.push(quote!(#name: Option<&::tegata::Secret>));
            names.push(quote!(#name.map(::tegata::Secret::expose)));
        }
    }
    let success = success(&method.sig.output)?;
    let mut client = quote!(self.client);
    let mut with_form = None;
    if let Some(form) = &ours.form {
        let kind = format_ident!("{form}");
        let argument = free_name(&method.sig);
        client = quote!(client);
        with_form = Some(quote! {
            let client = Client {
                inner: self.client.inner.clone(),
                form: Some(#argument.into_form()?),
            };
        });
        arguments.push(quote!(#argument: types::#kind));
    }
    let is_of_bytes = ours.form.is_none();
    let of_bytes = method
        .sig
        .generics
        .type_params()
        .next()
        .filter(|_| is_of_bytes);
    let of_bytes = of_bytes.map(|it| {
        let name = &it.ident;
        quote!(<#name: Into<::reqwest::Body>>)
    });
    let doc = comment(&ours.doc);
    let condition = &ours.condition;
    Some(quote! {
        #doc
        #condition
        pub async fn #name #of_bytes(
            &self,
            #(#arguments),*
        ) -> Result<::tegata::Reply<#success>, ::tegata::Error> {
            #with_form
            ::tegata::provider::generated::finish(#client.#name(#(#names),*).await)
        }
    })
}

/// Whether it is the type that stands for any body.
fn is_parameter(signature: &Signature, kind: &Type) -> bool {
    let Type::Path(path) = kind else { return false };
    let name = path.path.get_ident();
    signature
        .generics
        .type_params()
        .any(|it| Some(&it.ident) == name)
}

/// What the argument with a form is called: `body`, unless a parameter is.
fn free_name(signature: &Signature) -> Ident {
    let is_body = |it: &FnArg| {
        match it {
            FnArg::Typed(typed) if is_parameter(signature, &typed.ty) => Some(&typed.pat),
            _ => None,
        }
        .and_then(|it| match it.as_ref() {
            Pat::Ident(it) => Some(it.ident.clone()),
            _ => None,
        })
    };
    let found = signature.inputs.iter().find_map(is_body);
    found.unwrap_or_else(|| format_ident!("body"))
}

/// The `T` of `Result<ResponseValue<T>, _>`, with its path written out.
fn success(output: &ReturnType) -> Option<TokenStream> {
    let ReturnType::Type(_, output) = output else {
        return None;
    };
    let success = first_argument(first_argument(output)?)?;
    if let Type::Path(path) = success
        && path.path.is_ident("ByteStream")
    {
        return Some(quote!(::progenitor_client::ByteStream));
    }
    Some(quote!(#success))
}

fn first_argument(kind: &Type) -> Option<&Type> {
    let Type::Path(path) = kind else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(kind) => Some(kind),
        _ => None,
    }
}

/// Leaves out the lifetimes that the compiler finds itself.
struct Elide;

impl VisitMut for Elide {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime = None;
        visit_mut::visit_type_reference_mut(self, reference);
    }
}

fn documentation(operation: &Operation, features: &[&str]) -> String {
    let mut paragraphs = Vec::new();
    paragraphs.extend(operation.summary.as_deref().map(escape));
    paragraphs.extend(operation.description.as_deref().map(escape));
    paragraphs.push(format!(
        "`{} {}`",
        operation.method,
        operation.path.replace('`', "")
    ));
    if !features.is_empty() {
        let features: Vec<String> = features.iter().map(|it| code(it)).collect();
        paragraphs.push(format!("Feature: {}", features.join(" or ")));
    }
    paragraphs.extend(unusable(&operation.security));
    paragraphs.extend(scopes(&operation.scopes));
    if let Some(raw) = &operation.raw {
        paragraphs.push(format!("Without types: {}.", escape(raw)));
    }
    paragraphs.push("# Errors".to_owned());
    paragraphs.push(
        "When no credential can be had, the request does not get through, or the answer is no success or cannot be read."
            .to_owned(),
    );
    paragraphs.extend(failures::documentation(&operation.failures));
    paragraphs.join("\n\n")
}

fn unusable(security: &[Alternative]) -> Option<String> {
    let what = security.iter().filter_map(|it| match it {
        Alternative::Unusable(what) => Some(one_line(what)),
        Alternative::Of(_) => None,
    });
    let what: Vec<String> = what.collect();
    let why = what.join("; or ");
    (!what.is_empty()).then(|| format!("**The call always fails:** it takes {why}."))
}

/// One of the lists is enough. Whose they are is said where that is not clear.
fn scopes(scopes: &[Scopes]) -> Option<String> {
    let first = scopes.first()?;
    let is_one_scheme = scopes.iter().all(|it| it.scheme == first.scheme);
    let lists = scopes.iter().map(|it| {
        let names: Vec<String> = it.names.iter().map(|it| code(it)).collect();
        if is_one_scheme {
            names.join(", ")
        } else {
            format!("{} of {}", names.join(", "), code(&it.scheme))
        }
    });
    let lists: Vec<String> = lists.collect();
    Some(format!("Scopes: {}", lists.join("; or ")))
}
