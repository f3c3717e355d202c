//! The authorization servers of OAuth 2.0 schemes, each a function that describes it, or finds its description.

mod discovery;

use std::collections::HashSet;
use std::fmt::Write as _;

use heck::ToSnakeCase as _;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs::{code, comment, one_line};
use crate::lower::{ClientAuth, Flow, Grant, Login, Lowered, Scheme};
use crate::names;

/// A server is described by a function of this name.
pub(super) struct Named {
    pub(super) name: Ident,
    /// The flows that it has.
    pub(super) grants: Vec<Grant>,
    /// What the document does not say.
    pub(super) arguments: Vec<Argument>,
    /// Its clients have no secret.
    pub(super) is_public: bool,
    /// It is fetched.
    pub(super) is_discovered: bool,
}

/// An argument of such a function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument {
    /// Where the server's metadata is.
    Metadata,
    BaseUrl,
    ClientAuth,
}

impl Named {
    pub(super) fn takes(&self, argument: Argument) -> bool {
        self.arguments.contains(&argument)
    }
}

/// One function for each token endpoint of a scheme.
pub(super) fn servers(lowered: &Lowered, constants: &[Ident]) -> TokenStream {
    let named = named(lowered);
    let schemes = lowered.schemes.iter().zip(constants).zip(&named);
    let functions = schemes.flat_map(|((scheme, constant), named)| {
        let servers = groups(scheme).into_iter().zip(named);
        let described =
            servers.map(move |(flows, named)| function(scheme, constant, named, &flows));
        let fetched = named.iter().filter(|it| it.is_discovered);
        described.chain(fetched.map(move |it| discovery::function(scheme, constant, it)))
    });
    quote!(#(#functions)*)
}

/// The functions for each scheme.
pub(super) fn named(lowered: &Lowered) -> Vec<Vec<Named>> {
    let mut taken = HashSet::new();
    let has_base_url = super::builder::default_url(lowered).is_some();
    let of = |scheme: &Scheme| {
        let groups = groups(scheme);
        let is_one = groups.len() == 1;
        let client_auth = scheme.login.as_ref().and_then(|it| it.client_auth);
        let name = names::method(&scheme.name).to_snake_case();
        let mut named = |flows: &Vec<&Flow>| {
            let flow = match (is_one, flows[0].grant) {
                (true, _) => "",
                (false, Grant::AuthorizationCode) => "code_",
                (false, Grant::ClientCredentials) => "client_",
                (false, Grant::DeviceCode) => "device_",
            };
            let name = names::unique(&format!("{name}_{flow}server"), &mut taken);
            let needs_base_url = flows.iter().flat_map(|it| it.urls()).any(is_relative);
            let base_url = (needs_base_url && !has_base_url).then_some(Argument::BaseUrl);
            let method = client_auth.is_none().then_some(Argument::ClientAuth);
            Named {
                name: format_ident!("{name}"),
                grants: flows.iter().map(|it| it.grant).collect(),
                arguments: base_url.into_iter().chain(method).collect(),
                is_public: client_auth == Some(ClientAuth::Public),
                is_discovered: false,
            }
        };
        let mut described: Vec<Named> = groups.iter().map(&mut named).collect();
        let metadata = scheme.login.as_ref().and_then(|it| it.metadata.as_ref());
        let Some(metadata) = metadata else {
            return described;
        };
        let kind = if described.is_empty() {
            ""
        } else {
            "discovered_"
        };
        let name = names::unique(&format!("{name}_{kind}server"), &mut taken);
        let argument = if discovery::can_be_fetched(&metadata.url) {
            (is_relative(&metadata.url) && !has_base_url).then_some(Argument::BaseUrl)
        } else {
            Some(Argument::Metadata)
        };
        described.push(Named {
            name: format_ident!("{name}"),
            grants: metadata.grants.clone(),
            arguments: argument.into_iter().collect(),
            is_public: client_auth == Some(ClientAuth::Public),
            is_discovered: true,
        });
        described
    };
    lowered.schemes.iter().map(of).collect()
}

/// The flows of a scheme by their token endpoint.
fn groups(scheme: &Scheme) -> Vec<Vec<&Flow>> {
    let mut groups: Vec<Vec<&Flow>> = Vec::new();
    for flow in scheme.login.iter().flat_map(|it| &it.flows) {
        let endpoint = |it: &Flow| (it.token_url.clone(), it.refresh_url.clone());
        match groups
            .iter_mut()
            .find(|it| endpoint(it[0]) == endpoint(flow))
        {
            Some(group) => group.push(flow),
            None => groups.push(vec![flow]),
        }
    }
    groups
}

fn is_relative(url: &str) -> bool {
    !url.contains("://")
}

fn function(scheme: &Scheme, constant: &Ident, named: &Named, flows: &[&Flow]) -> TokenStream {
    let Some(login) = &scheme.login else {
        return TokenStream::new();
    };
    let name = &named.name;
    let mut arguments = Vec::new();
    let mut calls = Vec::new();
    if named.takes(Argument::BaseUrl) {
        arguments.push(quote!(base_url: impl Into<String>));
        calls.push(quote!(.base_url(base_url)));
    } else if flows.iter().flat_map(|it| it.urls()).any(is_relative) {
        calls.push(quote!(.base_url(SERVERS[0])));
    }
    let client_auth = login.client_auth.map(client_auth);
    if client_auth.is_none() {
        arguments.push(quote!(client_auth: ::tegata::oauth::ClientAuth));
    }
    let client_auth = client_auth.unwrap_or_else(|| quote!(client_auth));
    calls.push(quote!(.client_auth(#client_auth)));
    if let Some(url) = &flows[0].refresh_url {
        calls.push(quote!(.refresh_url(#url)));
    }
    for flow in flows {
        let url = &flow.start_url;
        match flow.grant {
            Grant::AuthorizationCode => calls.push(quote!(.authorization_url(#url))),
            Grant::DeviceCode => calls.push(quote!(.device_url(#url))),
            Grant::ClientCredentials => {}
        }
    }
    calls.extend(settings(login));
    let token_url = &flows[0].token_url;
    let doc = comment(&documentation(&scheme.name, login, flows));
    quote! {
        #doc
        pub fn #name(#(#arguments),*) -> ::tegata::oauth::Server {
            ::tegata::oauth::Server::new(#token_url)
                #(#calls)*
                .token_in(#constant)
        }
    }
}

fn settings(login: &Login) -> Vec<TokenStream> {
    let mut calls = Vec::new();
    if let Some(format) = login.format {
        let format = format_ident!("{format}");
        calls.push(quote!(.request_format(::tegata::oauth::RequestFormat::#format)));
    }
    if !login.pkce {
        calls.push(quote!(.without_pkce()));
    }
    if let Some(separator) = &login.scope_separator {
        calls.push(quote!(.scope_separator(#separator)));
    }
    for (step, name, value) in &login.parameters {
        let step = format_ident!("{step}");
        calls.push(quote!(.parameter(::tegata::oauth::Step::#step, #name, #value)));
    }
    if let Some(it) = &login.answer {
        let (access, kind, expires, refresh) = (
            &it.access_token,
            &it.token_type,
            &it.expires_in,
            &it.refresh_token,
        );
        calls.push(quote! {
            .answer(::tegata::provider::spec::TokenAnswer {
                access_token: #access,
                token_type: Some(#kind),
                expires_in: Some(#expires),
                refresh_token: Some(#refresh),
                ..::tegata::provider::spec::TokenAnswer::RFC6749
            })
        });
    }
    if let Some(seconds) = login.lifetime {
        calls.push(quote!(.lifetime(::std::time::Duration::from_secs(#seconds))));
    }
    calls
}

fn client_auth(method: ClientAuth) -> TokenStream {
    match method {
        ClientAuth::BasicForm => {
            quote!(::tegata::oauth::ClientAuth::Basic(
                ::tegata::BasicEncoding::Form
            ))
        }
        ClientAuth::BasicRaw => {
            quote!(::tegata::oauth::ClientAuth::Basic(
                ::tegata::BasicEncoding::Raw
            ))
        }
        ClientAuth::Post => quote!(::tegata::oauth::ClientAuth::Post),
        ClientAuth::Public => quote!(::tegata::oauth::ClientAuth::Public),
    }
}

fn documentation(name: &str, login: &Login, flows: &[&Flow]) -> String {
    let mut text = format!(
        "The authorization server of `{}`, as the document describes it.",
        name.replace('`', "")
    );
    if login.client_auth.is_none() {
        text.push_str(
            "\n\nHow the client authenticates there stands in no OpenAPI document: see the vendor's guide, or add \
             `x-tegata-client-auth` by an overlay.",
        );
    }
    text.push_str(&refused_flows(login));
    let scopes = flows.iter().flat_map(|it| &it.scopes);
    text.push_str(&known_scopes(scopes));
    text
}

fn refused_flows(login: &Login) -> String {
    let mut text = String::new();
    for flow in &login.refused {
        let why = match flow.as_str() {
            "password" => "it shows the user's password to the program (RFC 9700, section 2.4)",
            "implicit" => "it puts tokens into URLs (RFC 9700, section 2.1.2)",
            _ => "it is not known, or lacks a URL",
        };
        let flow = flow.replace('`', "");
        let _ = write!(text, "\n\nThe flow `{flow}` is not supported: {why}.");
    }
    text
}

fn known_scopes<'a>(all: impl Iterator<Item = &'a (String, String)>) -> String {
    let mut text = String::new();
    let mut scopes: Vec<(&str, &str)> = Vec::new();
    for (scope, meaning) in all {
        if !scopes.iter().any(|(known, _)| known == scope) {
            scopes.push((scope, meaning));
        }
    }
    if !scopes.is_empty() {
        text.push_str(
            "\n\nNo scope is asked for unless it is set by `scopes`; `scopes_of` has those of operations.\n\nThe document knows:\n",
        );
        for (scope, meaning) in scopes {
            let (scope, meaning) = (code(scope), one_line(meaning));
            let _ = write!(text, "\n* {scope}: {meaning}");
        }
    }
    text
}
