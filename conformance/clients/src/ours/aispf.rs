//! `tegata-fujitsu-aispf`.

use std::sync::Arc;

use tegata::{Error, MemoryStore, Settings};
use tegata_fujitsu_aispf::api::security;
use tegata_fujitsu_aispf::{ApiKey, Client, ClientBuilder, LegacyOAuth, OAuth2};

use super::session;
use tegata_conformance::case::Auth;
use tegata_conformance::script::Context;

pub(super) fn open(context: &Context, settings: Settings) -> Result<session::Client, Error> {
    let credentials = &context.credentials;
    let (id, secret) = (
        credentials.client_id.clone(),
        credentials.client_secret.clone(),
    );
    let stored = context.tokens.as_ref().map(|tokens| {
        let token = session::token(
            tokens,
            security::ACCESS_TOKEN_LIFETIME,
            Some(security::LEGACY_REFRESH_TOKEN_LIFETIME),
        );
        Arc::new(MemoryStore::holding(token))
    });
    let client = match context.auth {
        Auth::ApiKey => {
            let mut keys = credentials.api_keys.iter().cloned();
            let mut pair = ApiKey::new(keys.next().unwrap_or_default());
            if let Some(key) = keys.next() {
                pair = pair.secondary(key);
            }
            built(context, settings, Client::builder(pair))
        }
        Auth::Oauth2 => {
            let mut builder = Client::builder(OAuth2::new(id, secret));
            if let Some(store) = stored {
                builder = builder.store(store);
            }
            built(context, settings, builder)
        }
        Auth::Legacy => {
            let mut builder = Client::builder(LegacyOAuth::new(id, secret));
            if let Some(store) = stored {
                builder = builder.store(store);
            }
            built(context, settings, builder)
        }
    };
    client.map(session::Client::Aispf)
}

fn built(context: &Context, settings: Settings, builder: ClientBuilder) -> Result<Client, Error> {
    let url = |server: &str| context.urls.get(server).cloned().unwrap_or_default();
    builder
        .base_url(url("services"))
        .auth_url(url("auth"))
        .settings(settings)
        .build()
}
