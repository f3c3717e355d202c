//! `client.rs` of the crate's users: a client with its builder, made of the document's schemes and servers.

use std::collections::HashSet;

use heck::ToSnakeCase as _;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs::comment;
use super::operations::group_name;
use super::security;
use crate::lower::{Lowered, Placement, Scheme};
use crate::names;

/// Methods that every builder has.
const RESERVED: [&str; 11] = [
    "account",
    "base_url",
    "build",
    "clock",
    "http_client",
    "new",
    "observer",
    "renewal",
    "settings",
    "store",
    "token",
];

pub(super) fn tokens(lowered: &Lowered) -> TokenStream {
    let title = &lowered.report.title;
    let start = start(lowered);
    let operations = operations(lowered);
    let credentials = credentials(lowered);
    let tokens = lowered.schemes.iter().any(Scheme::is_token);
    let tokens = tokens.then(of_tokens);
    let doc = comment(&format!(
        "Calls {}, each request with the credential that its operation takes.\n\nCloning it is cheap; clones share \
         connections and credentials.",
        super::docs::escape(title)
    ));
    quote! {
        use super::operations::*;
        use super::security;

        #doc
        #[derive(Clone, Debug)]
        pub struct Client {
            inner: ::tegata::Client,
        }

        /// Builds a [`Client`]. It is given what the program has of the document's credentials, one or several.
        #[derive(Debug)]
        #[must_use]
        pub struct ClientBuilder {
            inner: ::tegata::ClientBuilder,
            settings: ::tegata::Settings,
        }

        impl Client {
            #start

            #operations

            /// The client of the shared crate: for requests that no operation makes, logins, keys that are replaced, and
            /// the state of the token.
            pub fn shared(&self) -> &::tegata::Client {
                &self.inner
            }
        }

        impl ClientBuilder {
            #credentials
            #tokens

            /// Another base URL, such as that of a test server.
            pub fn base_url(mut self, url: impl Into<String>) -> Self {
                self.inner = self.inner.base_url(url);
                self
            }

            ::tegata::provider::builder_methods!(self => self.settings);

            /// Builds the client. Nothing is sent yet.
            ///
            /// # Errors
            ///
            /// Which setting is missing or wrong.
            pub fn build(self) -> Result<Client, ::tegata::Error> {
                let inner = self.inner.settings(self.settings).build()?;
                Ok(Client { inner })
            }
        }
    }
}

/// The document's server, if it is one that can be called as it stands.
pub(super) fn default_url(lowered: &Lowered) -> Option<&str> {
    fixed(&lowered.servers.first()?.url)
}

/// A client refuses to send credentials to anything else than https, and to a URL with more than host and path.
fn fixed(url: &str) -> Option<&str> {
    let (_, rest) = url
        .split_once("://")
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("https"))?;
    let host = rest.split(['/', ':']).next()?;
    let is_own = ["localhost", "127.0.0.1", ""].contains(&host);
    let is_odd = |it: char| "{}@?#\\%".contains(it) || it.is_whitespace() || it.is_control();
    let has_dots = rest.split('/').any(|it| it == "." || it == "..");
    (!is_own && !has_dots && !rest.contains(is_odd)).then_some(url)
}

fn start(lowered: &Lowered) -> TokenStream {
    let name = &lowered.report.title;
    let (argument, url) = match default_url(lowered) {
        Some(_) => (None, quote!(security::SERVERS[0])),
        None => (Some(quote!(base_url: impl Into<String>)), quote!(base_url)),
    };
    let doc = match (default_url(lowered), lowered.servers.first()) {
        (Some(url), _) => format!("A client of `{url}`."),
        (None, Some(server)) if !server.url.is_empty() => format!(
            "A client of the API below this URL: the document has `{}`{}.",
            super::docs::code(&server.url).trim_matches('`'),
            if server.url.starts_with("http://") {
                ", and credentials travel by https, or to this machine"
            } else {
                ""
            }
        ),
        _ => "A client of the API below this URL, which the document does not name.".to_owned(),
    };
    let doc = comment(&doc);
    quote! {
        #doc
        pub fn builder(#argument) -> ClientBuilder {
            ClientBuilder {
                inner: ::tegata::Client::builder(#name, #url).generated(&security::PROVIDER),
                settings: ::tegata::Settings::new(),
            }
        }
    }
}

/// A method for each server's operations.
fn operations(lowered: &Lowered) -> TokenStream {
    let has = |index: &usize| lowered.operations.iter().any(|it| it.server == *index);
    let mut taken = HashSet::from(["builder", "shared", "api"].map(str::to_owned));
    let groups = (0..lowered.servers.len()).filter(has).map(|index| {
        let group = group_name(&lowered.servers, index);
        let kind = format_ident!("{group}");
        if index == 0 {
            return quote! {
                /// The operations of the API.
                pub fn api(&self) -> #kind {
                    #kind::new(self.inner.transport().clone())
                }
            };
        }
        let name = names::unique(&names::snake(&group.to_snake_case()), &mut taken);
        let name = format_ident!("{name}");
        let url = &lowered.servers[index].url;
        let (argument, base_url) = match fixed(url) {
            Some(_) => (None, quote!(security::SERVERS[#index])),
            None => (Some(quote!(base_url: &str)), quote!(base_url)),
        };
        let doc = comment(&format!(
            "The operations on `{}`. **The credentials go there as well.**\n\n# Errors\n\nIf that is no base URL.",
            url.replace('`', "")
        ));
        quote! {
            #doc
            pub fn #name(&self, #argument) -> Result<#kind, ::tegata::Error> {
                Ok(#kind::new(self.inner.at(#base_url)?.transport().clone()))
            }
        }
    });
    quote!(#(#groups)*)
}

/// A method for each credential that the document knows.
fn credentials(lowered: &Lowered) -> TokenStream {
    let constants = security::constants(lowered);
    let names = method_names(lowered);
    let schemes = lowered.schemes.iter().zip(&constants).zip(&names);
    let methods =
        schemes.map(|((scheme, constant), methods)| credential(scheme, constant, methods));
    quote!(#(#methods)*)
}

/// What the builder's methods for a scheme are called.
pub(super) struct Methods {
    pub(super) own: Ident,
    /// That for a token that is not renewed.
    pub(super) access_token: Ident,
}

pub(super) fn method_names(lowered: &Lowered) -> Vec<Methods> {
    let reserved: HashSet<String> = RESERVED.map(str::to_owned).into();
    let mut taken = reserved.clone();
    let name = |it: &Scheme| {
        let name = names::method(&it.name);
        let name = if RESERVED.contains(&name.as_str()) {
            format!("{name}_credential")
        } else {
            name
        };
        let name = names::unique(&name, &mut taken);
        taken.insert(access_token(it));
        name
    };
    let own: Vec<String> = lowered.schemes.iter().map(name).collect();
    let mut taken = reserved;
    taken.extend(own.iter().cloned());
    let schemes = lowered.schemes.iter().zip(own);
    let methods = schemes.map(|(scheme, own)| Methods {
        access_token: format_ident!("{}", names::unique(&access_token(scheme), &mut taken)),
        own: format_ident!("{own}"),
    });
    methods.collect()
}

fn access_token(scheme: &Scheme) -> String {
    format!(
        "{}_access_token",
        names::method(&scheme.name).trim_end_matches('_')
    )
}

fn credential(scheme: &Scheme, constant: &Ident, methods: &Methods) -> TokenStream {
    let Methods {
        own: name,
        access_token: fixed,
    } = methods;
    let what = format!("`{}`: {}", scheme.name.replace('`', ""), scheme.kind);
    if scheme.placement == Placement::Basic {
        let doc = comment(&format!(
            "User name and password, of which one may be empty. {what}."
        ));
        return quote! {
            #doc
            pub fn #name(mut self, user: &str, password: impl Into<::tegata::Secret>) -> Self {
                self.inner = self.inner.user(security::#constant, user, password);
                self
            }
        };
    }
    if !scheme.is_token() {
        let doc = comment(&format!("A key or token that stays the same. {what}."));
        return quote! {
            #doc
            pub fn #name(mut self, key: impl Into<::tegata::Secret>) -> Self {
                self.inner = self.inner.key(security::#constant, key);
                self
            }
        };
    }
    let doc = comment(&format!("An access token that is not renewed. {what}."));
    let server = match scheme.login {
        Some(_) => "server that `security` describes".to_owned(),
        None => format!(
            "[`Server`](::tegata::oauth::Server) that the program describes, with `.token_in(security::{constant})`"
        ),
    };
    let of_renewed = comment(&format!(
        "Tokens that are renewed when they expire or are refused: those of an [`App`](::tegata::oauth::App) of the \
         {server}. {what}."
    ));
    quote! {
        #of_renewed
        pub fn #name(mut self, tokens: ::tegata::oauth::Tokens) -> Self {
            self.inner = self.inner.oauth(tokens);
            self
        }

        #doc
        pub fn #fixed(mut self, token: impl Into<::tegata::Secret>) -> Self {
            self.inner = self.inner.key(security::#constant, token);
            self
        }
    }
}

/// The settings of renewed tokens.
fn of_tokens() -> TokenStream {
    quote! {
        /// The token of a login to start with. One that is in the store and newer is used instead.
        pub fn token(mut self, token: ::tegata::Token) -> Self {
            self.inner = self.inner.token(token);
            self
        }

        /// Loads the token from this store and saves renewed ones in it, before they are used.
        pub fn store(mut self, store: impl ::tegata::TokenStore) -> Self {
            self.inner = self.inner.store(store);
            self
        }

        /// Names the account in events, in logs and in the store, if several share a client id.
        pub fn account(mut self, name: impl Into<String>) -> Self {
            self.inner = self.inner.account(name);
            self
        }
    }
}
