//! `operations.rs`: the operations of each server, with errors that leak nothing.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    FnArg, GenericArgument, ImplItem, ImplItemFn, Item, Pat, PathArguments, ReturnType, Type,
    TypeReference,
};

use super::super::docs::{self, comment};
use super::super::document::Document;
use super::super::finding::Finding;
use super::super::names::pascal;
use super::super::spec::{Api, Evidence, Operation, Server};

pub(super) fn tokens(
    document: &Document,
    api: &Api,
    client: &syn::File,
) -> Result<TokenStream, Vec<Finding>> {
    let methods = methods(client);
    let mut groups = Vec::new();
    for server in &api.servers {
        let mut here = Vec::new();
        for operation in &api.operations {
            if operation.server != server.name || operation.browser_query.is_some() {
                continue;
            }
            let wrapped = methods
                .iter()
                .find(|method| method.sig.ident == operation.id)
                .and_then(|method| wrap(operation, method));
            here.push(wrapped.ok_or_else(|| lost(document, operation))?);
        }
        if !here.is_empty() {
            groups.push(group(document, server, &here));
        }
    }
    Ok(quote! {
        use super::client::{Client, types};
        #(#groups)*
    })
}

fn lost(document: &Document, operation: &Operation) -> Vec<Finding> {
    let what = format!(
        "progenitor made no method of the operation `{}`",
        operation.id
    );
    let fix = "choose another operationId, or describe the operation in another way";
    vec![Finding::of_file(&document.file, what, fix)]
}

fn methods(client: &syn::File) -> Vec<&ImplItemFn> {
    let mut methods = Vec::new();
    for item in &client.items {
        let Item::Impl(item) = item else { continue };
        for item in &item.items {
            if let ImplItem::Fn(method) = item
                && method.sig.asyncness.is_some()
            {
                methods.push(method);
            }
        }
    }
    methods
}

fn group(document: &Document, server: &Server, operations: &[TokenStream]) -> TokenStream {
    let name = format_ident!("{}Operations", pascal(&server.name));
    let provider = &document.provider;
    let doc = comment(&format!(
        "The operations of `{provider}` on the server `{}`, `{}`.",
        server.name, server.url
    ));
    let new_doc = comment("Operations on the base URL of a transport.");
    let transport_doc = comment("That transport.");
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct #name {
            client: Client,
        }

        impl #name {
            #new_doc
            pub fn new(transport: ::tegata::provider::Transport) -> Self {
                Self {
                    client: Client { inner: transport },
                }
            }

            #transport_doc
            pub(crate) fn transport(&self) -> &::tegata::provider::Transport {
                &self.client.inner
            }

            #(#operations)*
        }
    }
}

/// The same method with our result; nothing when it does not look as progenitor writes them.
fn wrap(operation: &Operation, method: &ImplItemFn) -> Option<TokenStream> {
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
        arguments.push(quote!(#name: #kind));
        names.push(name);
    }
    let success = success(&method.sig.output)?;
    let doc = comment(&documentation(operation));
    Some(quote! {
        #doc
        pub async fn #name(
            &self,
            #(#arguments),*
        ) -> Result<::tegata::Reply<#success>, ::tegata::Error> {
            ::tegata::provider::generated::finish(self.client.#name(#(#names),*).await)
        }
    })
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

fn documentation(operation: &Operation) -> String {
    let mut paragraphs = Vec::new();
    paragraphs.extend(operation.summary.as_deref().map(docs::escape));
    paragraphs.extend(
        operation
            .description
            .as_deref()
            .map(|text| docs::escape(text.trim_end())),
    );
    paragraphs.push(format!("`{} {}`", operation.method, operation.path));
    paragraphs.push(Evidence::sentence(&operation.evidence));
    paragraphs.push("# Errors".to_owned());
    paragraphs.push(
        "When no credential can be had, the request does not get through, or the answer is no \
         success or cannot be read."
            .to_owned(),
    );
    paragraphs.join("\n\n")
}
