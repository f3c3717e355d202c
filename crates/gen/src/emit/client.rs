//! `client.rs`: what progenitor wrote, and the hook that hands every request to the shared crate.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{ImplItem, Item};

use super::docs;

/// What the client does to a request that the encoder's method has made.
#[derive(Clone, Copy)]
pub(crate) enum Hook {
    /// It is sent as it is.
    AsMade,
    /// It is changed by the table in `wire.rs`, and some get a form of several parts.
    ByTable { has_forms: bool },
}

pub(crate) fn tokens(mut client: syn::File, hook: Hook) -> TokenStream {
    docs::escape_all(&mut client);
    remove_constructors(&mut client);
    keep_only_inner(
        &mut client,
        matches!(hook, Hook::ByTable { has_forms: true }),
    );
    let client = asking_inner(client.into_token_stream());
    let (request, body) = match hook {
        Hook::AsMade => (quote!(request), as_made()),
        Hook::ByTable { has_forms } => (quote!(mut request), by_table(has_forms)),
    };
    quote! {
        #client

        impl ::progenitor_client::ClientHooks<::tegata::provider::Transport> for Client {
            async fn exec(
                &self,
                #request: ::reqwest::Request,
                info: &::progenitor_client::OperationInfo,
            ) -> ::reqwest::Result<::reqwest::Response> {
                #body
            }
        }
    }
}

fn as_made() -> TokenStream {
    quote! {
        ::tegata::provider::generated::execute(
            &self.inner,
            request,
            &super::security::PROVIDER,
            info.operation_id,
        )
        .await
    }
}

fn by_table(has_forms: bool) -> TokenStream {
    let form = has_forms.then(|| quote!(.form(self.form.as_ref())));
    quote! {
        let wire = super::wire::of(info.operation_id);
        wire.prepare(&mut request);
        let how = ::tegata::provider::generated::How::default()
            .streamed(wire.is_streamed(&request)) #form;
        let answer = ::tegata::provider::generated::execute_as(
            &self.inner,
            request,
            &super::security::PROVIDER,
            info.operation_id,
            how,
        )
        .await?;
        wire.finish(answer).await
    }
}

/// `Client::new` makes an HTTP client that follows redirects with the credentials, so it must not
/// call it, and `Client::new_with_client` takes what a transport has.
fn remove_constructors(client: &mut syn::File) {
    for item in &mut client.items {
        if let Item::Impl(block) = item {
            block.items.retain(|item| match item {
                ImplItem::Fn(function) => {
                    function.sig.ident != "new" && function.sig.ident != "new_with_client"
                }
                _ => true,
            });
        }
    }
    let is_left = |item: &Item| !matches!(item, Item::Impl(block) if block.items.is_empty());
    client.items.retain(is_left);
}

/// The base URL and the HTTP client are the transport's. With copies of them each account would pay for the
/// text of its URL once more for every server that it has.
fn keep_only_inner(client: &mut syn::File, has_forms: bool) {
    for item in &mut client.items {
        if let Item::Struct(item) = item
            && item.ident == "Client"
            && let syn::Fields::Named(fields) = &mut item.fields
        {
            let named = std::mem::take(&mut fields.named);
            let is_inner =
                |field: &syn::Field| field.ident.as_ref().is_some_and(|it| it == "inner");
            fields.named = named.into_iter().filter(is_inner).collect();
            if has_forms {
                // The form of one call, in place of its body.
                fields.named.push(syn::parse_quote!(
                    pub(crate) form: Option<::tegata::multipart::Form>
                ));
            }
        }
    }
}

/// Every `self.baseurl` and `self.client`, also in the arguments of macros, asks the transport; and path parameters are
/// encoded by the shared crate, since progenitor lets `..` lead to another resource. reqwest has no function for two of the
/// methods that progenitor calls one of.
fn asking_inner(tokens: TokenStream) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_called = matches!(tokens.peek(), Some(TokenTree::Group(_)));
        let asked = match &token {
            TokenTree::Ident(function) if is_called && function == "encode_path" => {
                Some(quote!(::tegata::provider::generated::encode_path))
            }
            TokenTree::Ident(method) if is_called && (method == "options" || method == "trace") => {
                let method = quote::format_ident!("{}", method.to_string().to_uppercase());
                if let Some(TokenTree::Group(url)) = tokens.next() {
                    let url = asking_inner(url.stream());
                    out.extend(quote!(request(::reqwest::Method::#method, #url)));
                }
                continue;
            }
            TokenTree::Ident(field) if follows_self(&out) => match field.to_string().as_str() {
                "baseurl" => Some(quote!(inner.base_url())),
                "client" => Some(quote!(inner.http_client())),
                _ => None,
            },
            _ => None,
        };
        match (asked, token) {
            (Some(asked), _) => out.extend(asked),
            (None, TokenTree::Group(group)) => {
                let mut inside =
                    proc_macro2::Group::new(group.delimiter(), asking_inner(group.stream()));
                inside.set_span(group.span());
                out.push(inside.into());
            }
            (None, token) => out.push(token),
        }
    }
    out.into_iter().collect()
}

fn follows_self(before: &[TokenTree]) -> bool {
    matches!(
        before,
        [.., TokenTree::Ident(it), TokenTree::Punct(dot)] if it == "self" && dot.as_char() == '.'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_nothing_but_its_transport() {
        let client: syn::File = syn::parse_quote! {
            pub struct Client {
                pub(crate) baseurl: String,
                pub(crate) client: reqwest::Client,
                pub(crate) inner: ::tegata::provider::Transport,
            }
            impl Client {
                pub fn new(baseurl: &str) -> Self {}
                pub fn new_with_client(baseurl: &str) -> Self {}
            }
            impl Client {
                pub async fn read(&self, client: &str) {
                    let url = format!("{}/{}", self.baseurl, encode_path(&client.to_string()));
                    self.client.get(url)
                }
            }
        };
        let made = tokens(client, Hook::ByTable { has_forms: false }).to_string();
        let expected = quote! {
            pub struct Client {
                pub(crate) inner: ::tegata::provider::Transport
            }
            impl Client {
                pub async fn read(&self, client: &str) {
                    let url = format!(
                        "{}/{}", self.inner.base_url(),
                        ::tegata::provider::generated::encode_path(&client.to_string())
                    );
                    self.inner.http_client().get(url)
                }
            }
        };
        assert!(made.starts_with(&expected.to_string()), "{made}");
    }
}
