//! `client.rs`: what progenitor wrote, and the hook that hands every request to the shared crate.

use syn::{ImplItem, Item};

use super::super::docs;

pub(super) fn file(mut client: syn::File) -> syn::File {
    docs::escape_all(&mut client);
    remove_new(&mut client);
    client.items.push(syn::parse_quote! {
        impl ::progenitor_client::ClientHooks<::tegata::Transport> for Client {
            async fn exec(
                &self,
                request: ::reqwest::Request,
                info: &::progenitor_client::OperationInfo,
            ) -> ::reqwest::Result<::reqwest::Response> {
                ::tegata::generated::execute(
                    &self.inner,
                    request,
                    &super::security::PROVIDER,
                    info.operation_id,
                )
                .await
            }
        }
    });
    client
}

/// `Client::new` makes an HTTP client that follows redirects with the credentials, so nobody may
/// call it.
fn remove_new(client: &mut syn::File) {
    for item in &mut client.items {
        if let Item::Impl(block) = item {
            block.items.retain(|item| match item {
                ImplItem::Fn(function) => function.sig.ident != "new",
                _ => true,
            });
        }
    }
}
