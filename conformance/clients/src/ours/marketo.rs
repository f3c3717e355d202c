//! `tegata-marketo`.

use std::sync::Arc;

use tegata::provider::ErrorExt as _;
use tegata::{Error, MemoryStore, Settings};
use tegata_marketo::api::security;
use tegata_marketo::{Client, TokenRequest};

use super::session;
use tegata_conformance::case;
use tegata_conformance::script::Context;

pub(super) fn open(context: &Context, settings: Settings) -> Result<session::Client, Error> {
    let credentials = &context.credentials;
    let url = |server: &str| context.urls.get(server).cloned().unwrap_or_default();
    let mut builder = Client::builder(
        credentials.client_id.clone(),
        credentials.client_secret.clone(),
    )
    .base_url(url("rest"))
    .identity_url(url("identity"))
    .settings(settings);
    match context.token_request {
        case::TokenRequest::Get => {}
        case::TokenRequest::Form => builder = builder.token_request(TokenRequest::PostForm),
        case::TokenRequest::PostQuery => {
            return Err(Error::configuration(
                "the client does not ask by POST with a query",
            ));
        }
    }
    if context.placement == case::Placement::Query {
        // The cases of the deprecated placement are about it.
        #[allow(deprecated)]
        let in_query = builder.token_in_query();
        builder = in_query;
    }
    if let Some(id) = &credentials.partner_id {
        builder = builder.partner_id(id.clone());
    }
    if let Some(tokens) = &context.tokens {
        let token = session::token(tokens, security::ACCESS_TOKEN_LIFETIME, None);
        builder = builder.store(Arc::new(MemoryStore::holding(token)));
    }
    builder.build().map(session::Client::Marketo)
}
