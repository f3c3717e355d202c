//! `security.rs`: how requests are authenticated, as constants.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};
use tegata_gen::parts::{comment, escape, one_line, pascal};

use super::super::document::Document;
use super::super::spec::{
    Api, Argument, Evidence, Kind, Lifetime, NamedSchema, Operation, Placement, Scheme, Server,
    TokenAnswer,
};
use super::token_servers;

pub(super) fn tokens(document: &Document, api: &Api) -> TokenStream {
    let servers = api.servers.iter().map(server);
    let schemes = api.schemes.iter().map(scheme);
    let operations = api.operations.iter().map(|one| operation(api, one));
    let lifetimes = api.lifetimes.iter().map(lifetime);
    let provider = provider(document, api);
    let queries = api.operations.iter().filter_map(query);
    let token_servers = api.token_servers.iter();
    let token_servers = token_servers.map(|one| token_servers::function(api, one));
    let names = names(&api.names);
    quote! {
        use ::tegata::provider::spec::{Operation, Placement, Provider, Refusal, Scheme};
        #(#servers)*
        #(#schemes)*
        #(#operations)*
        #(#lifetimes)*
        #provider
        #(#token_servers)*
        #(#queries)*
        #names
    }
}

fn server(server: &Server) -> TokenStream {
    let doc = said(
        &format!("Base URL of the server `{}`.", server.name),
        &server.evidence,
    );
    let (constant, url) = (ident(&server.constant), &server.url);
    quote! { #doc pub const #constant: &str = #url; }
}

fn scheme(scheme: &Scheme) -> TokenStream {
    let (words, placement) = match &scheme.placement {
        Placement::Header(name) => (format!("header `{name}`"), quote!(Placement::Header(#name))),
        Placement::Bearer => (
            "`Authorization: Bearer`".to_owned(),
            quote!(Placement::Bearer),
        ),
        Placement::Basic => (
            "`Authorization: Basic`".to_owned(),
            quote!(Placement::Basic),
        ),
        Placement::Query(name) => (
            format!("query parameter `{name}`"),
            quote!(Placement::Query(#name)),
        ),
    };
    let doc = said(
        &format!("Scheme `{}`: {words}.", scheme.name),
        &scheme.evidence,
    );
    let deprecated = scheme
        .deprecated
        .as_ref()
        .map(|note| quote!(#[deprecated(note = #note)]));
    let (constant, name) = (ident(&scheme.constant), &scheme.name);
    quote! {
        #doc
        #deprecated
        pub const #constant: Scheme = Scheme { name: #name, placement: #placement };
    }
}

fn operation(api: &Api, operation: &Operation) -> TokenStream {
    let line = format!("Operation `{} {}`.", operation.method, operation.path);
    let doc = said(&line, &operation.evidence);
    let constant = ident(&operation.constant);
    let (id, method, path) = (&operation.id, &operation.method, &operation.path);
    let security = list(&operation.security);
    let token = option(operation.token.as_ref().map(token_answer));
    let allow = allow_deprecated(api, &operation.security);
    quote! {
        #doc
        #allow
        pub const #constant: Operation = Operation {
            id: #id,
            method: #method,
            path: #path,
            security: #security,
            token: #token,
        };
    }
}

fn token_answer(answer: &TokenAnswer) -> TokenStream {
    let status = Literal::u16_unsuffixed(answer.status);
    let access_token = &answer.access_token;
    let named = |name: &Option<String>| option(name.as_ref().map(|name| quote!(#name)));
    let token_type = named(&answer.token_type);
    let expires_in = named(&answer.expires_in);
    let refresh_token = named(&answer.refresh_token);
    let texts = &answer.texts;
    quote! {
        ::tegata::provider::spec::TokenAnswer {
            status: #status,
            access_token: #access_token,
            token_type: #token_type,
            expires_in: #expires_in,
            refresh_token: #refresh_token,
            texts: &[#(#texts),*],
        }
    }
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

fn lifetime(lifetime: &Lifetime) -> TokenStream {
    let line = format!("How long `{}` stays good from its issue.", lifetime.name);
    let doc = said(&line, &lifetime.evidence);
    let constant = ident(&lifetime.constant);
    let seconds = Literal::u64_unsuffixed(lifetime.seconds);
    quote! {
        #doc
        pub const #constant: ::core::time::Duration = ::core::time::Duration::from_secs(#seconds);
    }
}

fn provider(document: &Document, api: &Api) -> TokenStream {
    let doc = said(
        "The tables above in one, and which answers refuse a credential.",
        &api.refusal.evidence,
    );
    let name = &document.provider;
    let all: Vec<String> = api.schemes.iter().map(|one| one.constant.clone()).collect();
    let allow = allow_deprecated(api, &all);
    let schemes = list(&all);
    let default_security = list(&api.default_security);
    let operations = api.operations.iter().map(|one| ident(&one.constant));
    let statuses = api
        .refusal
        .statuses
        .iter()
        .map(|status| Literal::u16_unsuffixed(*status));
    let body_codes = &api.refusal.body_codes;
    let transient_codes = &api.refusal.transient_codes;
    let denied_codes = &api.refusal.denied_codes;
    quote! {
        #doc
        #allow
        pub const PROVIDER: Provider = Provider {
            name: #name,
            schemes: #schemes,
            default_security: #default_security,
            operations: &[#(#operations),*],
            refusal: Refusal {
                statuses: &[#(#statuses),*],
                body_codes: &[#(#body_codes),*],
                transient_codes: &[#(#transient_codes),*],
                denied_codes: &[#(#denied_codes),*],
            },
        };
    }
}

/// The query of a browser-only operation as a struct.
fn query(operation: &Operation) -> Option<TokenStream> {
    let arguments = operation.browser_query.as_ref()?;
    let name = format_ident!("{}Query", pascal(&operation.id));
    let borrows = arguments.iter().any(|one| matches!(one.kind, Kind::Text));
    let (declared, used) = if borrows {
        (quote!(<'a>), quote!(<'_>))
    } else {
        (quote!(), quote!())
    };
    let doc = said(
        &format!(
            "The query of `{} {}`, which only a browser calls.",
            operation.method, operation.path
        ),
        &operation.evidence,
    );
    let fields = arguments.iter().filter_map(field);
    let pairs = pairs(arguments);
    let pairs_doc = comment("Names and values in the order of the spec, not yet encoded.");
    Some(quote! {
        #doc
        #[derive(Clone, Copy)]
        pub struct #name #declared { #(#fields),* }

        impl #name #used {
            #pairs_doc
            pub fn pairs(&self) -> Vec<(&'static str, ::std::borrow::Cow<'_, str>)> {
                #pairs
            }
        }
    })
}

fn field(argument: &Argument) -> Option<TokenStream> {
    let kind = match argument.kind {
        Kind::Constant(_) => return None,
        Kind::Text => quote!(&'a str),
        Kind::Integer => quote!(i64),
        Kind::Flag => quote!(bool),
    };
    let kind = if argument.required {
        kind
    } else {
        quote!(Option<#kind>)
    };
    let description = argument.description.as_deref().map(escape);
    let doc = comment(&description.unwrap_or_else(|| format!("`{}`.", argument.name)));
    let field = ident(&argument.field);
    Some(quote! { #doc pub #field: #kind })
}

/// The expression of all pairs; what is always there comes first without a push.
fn pairs(arguments: &[Argument]) -> TokenStream {
    let always = |one: &&Argument| one.required || matches!(one.kind, Kind::Constant(_));
    let first: Vec<_> = arguments.iter().take_while(always).collect();
    let rest = arguments[first.len()..].iter().map(|one| {
        if always(&one) {
            let pair = pair(one, &field_of_self(one));
            return quote! { pairs.push(#pair); };
        }
        let field = ident(&one.field);
        let pair = pair(one, &quote!(value));
        quote! {
            if let Some(value) = self.#field {
                pairs.push(#pair);
            }
        }
    });
    let first_pairs = first.iter().map(|one| pair(one, &field_of_self(one)));
    let first_pairs = quote!(Vec::from([#(#first_pairs),*]));
    if rest.len() == 0 {
        return first_pairs;
    }
    quote! {
        let mut pairs = #first_pairs;
        #(#rest)*
        pairs
    }
}

fn field_of_self(argument: &Argument) -> TokenStream {
    let field = ident(&argument.field);
    quote!(self.#field)
}

fn pair(argument: &Argument, value: &TokenStream) -> TokenStream {
    let name = &argument.name;
    match &argument.kind {
        Kind::Constant(constant) => quote!((#name, ::std::borrow::Cow::Borrowed(#constant))),
        Kind::Text => quote!((#name, ::std::borrow::Cow::Borrowed(#value))),
        Kind::Integer | Kind::Flag => {
            quote!((#name, ::std::borrow::Cow::Owned(#value.to_string())))
        }
    }
}

fn names(schemas: &[NamedSchema]) -> Option<TokenStream> {
    if schemas.is_empty() {
        return None;
    }
    let modules = schemas.iter().map(|schema| {
        let doc = comment(&format!("Names of the properties of `{}`.", schema.schema));
        let module = ident(&schema.module);
        let constants = schema.properties.iter().map(|(constant, property)| {
            let doc = comment(&format!("`{property}`."));
            let constant = ident(constant);
            quote! { #doc pub const #constant: &str = #property; }
        });
        quote! { #doc pub mod #module { #(#constants)* } }
    });
    let doc = comment("Names on the wire, for callers that replace them at run time.");
    Some(quote! { #doc pub mod names { #(#modules)* } })
}

pub(super) fn said(line: &str, evidence: &[Evidence]) -> TokenStream {
    comment(&format!(
        "{} {}",
        one_line(line),
        Evidence::sentence(evidence)
    ))
}

fn list(constants: &[String]) -> TokenStream {
    let constants = constants.iter().map(|constant| ident(constant));
    quote!(&[#(#constants),*])
}

pub(super) fn allow_deprecated(api: &Api, constants: &[String]) -> Option<TokenStream> {
    constants
        .iter()
        .filter_map(|constant| api.scheme(constant))
        .any(|scheme| scheme.deprecated.is_some())
        .then(|| quote!(#[allow(deprecated)]))
}

/// Every name was found to be one that Rust takes when the spec was read.
pub(super) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
