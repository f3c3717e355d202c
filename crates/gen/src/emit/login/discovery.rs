//! Servers that describe themselves: their metadata is fetched when the program runs.

use std::fmt::Write as _;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{Argument, Named, client_auth, is_relative, known_scopes, refused_flows, settings};
use crate::emit::docs::{code, comment};
use crate::lower::Scheme;

/// Whether the document has a URL that is good for every program: one of the vendor's, without a placeholder.
pub(super) fn can_be_fetched(url: &str) -> bool {
    let is_odd = |it: char| "{}@#\\".contains(it) || it.is_whitespace() || it.is_control();
    if url.contains(is_odd) {
        return false;
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return true;
    };
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("https") && !["", "localhost", "127.0.0.1"].contains(&host)
}

pub(super) fn function(scheme: &Scheme, constant: &Ident, named: &Named) -> TokenStream {
    let login = scheme.login.as_ref();
    let Some((login, metadata)) = login.and_then(|it| Some((it, it.metadata.as_ref()?))) else {
        return TokenStream::new();
    };
    let (name, url) = (&named.name, &metadata.url);
    let mut arguments = Vec::new();
    let mut calls = Vec::new();
    let is_given = named.takes(Argument::Metadata);
    let start = if is_given {
        arguments.push(quote!(issuer_or_url: impl Into<String>));
        quote!(issuer_or_url)
    } else {
        quote!(#url)
    };
    if is_relative(url) && !is_given {
        let base_url = if named.takes(Argument::BaseUrl) {
            arguments.push(quote!(base_url: impl Into<String>));
            quote!(base_url)
        } else {
            quote!(SERVERS[0])
        };
        calls.push(quote!(.base_url(#base_url)));
    }
    if let Some(method) = login.client_auth.map(client_auth) {
        calls.push(quote!(.client_auth(#method)));
    }
    calls.extend(settings(login));
    let mut doc = format!(
        "The authorization server of {}, as it describes itself: its metadata is fetched when this is awaited.",
        code(&scheme.name)
    );
    if is_given {
        let _ = write!(doc, "\n\nThe document has {}.", code(url));
    }
    doc.push_str(&refused_flows(login));
    doc.push_str(&known_scopes(metadata.scopes.iter()));
    let doc = comment(&doc);
    quote! {
        #doc
        pub fn #name(#(#arguments),*) -> ::tegata::oauth::Discovery {
            ::tegata::oauth::Server::discover(#start)
                .configure(|server| server #(#calls)* .token_in(#constant))
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://id.example.com/.well-known/openid-configuration?p=a", true)]
    #[case("HTTPS://id.example.com", true)]
    #[case("/.well-known/openid-configuration", true)]
    #[case("https://{tenant}.example.com/", false)]
    #[case("http://id.example.com/", false)]
    #[case("https://localhost:8443/", false)]
    #[case("https:///a", false)]
    #[case("https://user@id.example.com/", false)]
    #[case("see the portal", false)]
    fn only_a_url_of_the_vendor_is_written_into_code(#[case] url: &str, #[case] expected: bool) {
        assert_eq!(can_be_fetched(url), expected);
    }
}
