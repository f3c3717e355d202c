//! The authorization servers of a spec, each a function that describes it for `tegata::oauth`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::super::spec::{Api, ClientAuth, Extra, TokenServer, Url};
use super::security::{allow_deprecated, ident, said};

pub(super) fn function(api: &Api, server: &TokenServer) -> TokenStream {
    let doc = said(
        &format!(
            "The authorization server with the token endpoint `{}`, below this URL.",
            server.operation
        ),
        &server.evidence,
    );
    let allow = allow_deprecated(api, std::slice::from_ref(&server.scheme));
    let name = ident(&server.function);
    let encoding = match server.client_auth {
        ClientAuth::Basic => Some(quote!(encoding: ::tegata::BasicEncoding,)),
        ClientAuth::Post | ClientAuth::Public => None,
    };
    let arguments = server.extras.iter().filter_map(argument);
    let extras = server.extras.iter().map(|it| extra(server, it));
    let (constant, scheme) = (ident(&server.constant), ident(&server.scheme));
    let settings = settings(server);
    let described = quote! {
        ::tegata::oauth::Server::of_operation(base_url, &#constant)
            #settings
            .token_in(#scheme)
            .refusal(PROVIDER.refusal)
    };
    let body = if server.extras.is_empty() {
        described
    } else {
        quote!(let mut server = #described; #(#extras)* server)
    };
    quote! {
        #doc
        #allow
        pub fn #name(
            base_url: &::tegata::provider::BaseUrl,
            #encoding
            #(#arguments,)*
        ) -> ::tegata::oauth::Server {
            #body
        }
    }
}

fn settings(server: &TokenServer) -> TokenStream {
    let mut calls = Vec::new();
    for (setting, url) in [
        ("authorization_url", &server.authorization),
        ("refresh_url", &server.refresh),
    ] {
        let setting = format_ident!("{setting}");
        calls.extend(url.as_ref().map(|url| match url {
            Url::Whole(url) => quote!(.#setting(#url)),
            Url::Below(constant) => {
                let constant = ident(constant);
                quote!(.#setting(format!("{base_url}{}", #constant.path)))
            }
        }));
    }
    let client_auth = match server.client_auth {
        ClientAuth::Basic => quote!(Basic(encoding)),
        ClientAuth::Post => quote!(Post),
        ClientAuth::Public => quote!(Public),
    };
    calls.push(quote!(.client_auth(::tegata::oauth::ClientAuth::#client_auth)));
    let format = format_ident!("{}", server.format);
    calls.push(quote!(.request_format(::tegata::oauth::RequestFormat::#format)));
    if !server.pkce {
        calls.push(quote!(.without_pkce()));
    }
    calls.extend(server.lifetime.as_ref().map(|constant| {
        let constant = ident(constant);
        quote!(.lifetime(#constant))
    }));
    quote!(#(#calls)*)
}

/// What a caller has to give, or may.
fn argument(extra: &Extra) -> Option<TokenStream> {
    let name = ident(&extra.argument);
    match (&extra.only, extra.is_required) {
        (Some(_), _) => None,
        (None, true) => Some(quote!(#name: ::tegata::Secret)),
        (None, false) => Some(quote!(#name: Option<::tegata::Secret>)),
    }
}

fn extra(server: &TokenServer, extra: &Extra) -> TokenStream {
    let steps = if server.refreshes {
        &["Token", "Refresh"][..]
    } else {
        &["Token"]
    };
    let set = |value: TokenStream| {
        let name = &extra.name;
        let steps = steps.iter().map(|it| format_ident!("{it}"));
        quote! {
            #(server = server.parameter(::tegata::oauth::Step::#steps, #name, #value);)*
        }
    };
    let argument = ident(&extra.argument);
    match (&extra.only, extra.is_required) {
        (Some(only), _) => set(quote!(#only)),
        (None, true) => set(quote!(#argument.clone())),
        (None, false) => {
            let set = set(quote!(value.clone()));
            quote!(if let Some(value) = &#argument { #set })
        }
    }
}
