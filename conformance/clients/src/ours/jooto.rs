//! `tegata-jooto`.

use tegata::{Error, Settings};
use tegata_jooto::api::security;
use tegata_jooto::{App, Client};

use super::in_progress::InProgress;
use super::session;
use tegata_conformance::case::Auth;
use tegata_conformance::script::Context;

pub(super) fn open(context: &Context, settings: Settings) -> Result<session::Client, Error> {
    let credentials = &context.credentials;
    let url = |server: &str| context.urls.get(server).cloned().unwrap_or_default();
    if context.auth == Auth::ApiKey {
        let key = credentials.api_keys.first().cloned().unwrap_or_default();
        let client = Client::builder(key)
            .base_url(url("api"))
            .settings(settings)
            .build()?;
        return Ok(session::Client::Jooto(client));
    }
    let redirect_uri = credentials.redirect_uri.clone().unwrap_or_default();
    let mut app = App::builder(
        credentials.client_id.clone(),
        credentials.client_secret.clone(),
        redirect_uri,
    )
    .base_url(url("api"))
    .settings(settings);
    if let Some(url) = context.urls.get("oauth") {
        app = app.oauth_url(url);
    }
    let app = app.build()?;
    if let Some(tokens) = &context.tokens {
        let token = session::token(tokens, security::ACCESS_TOKEN_LIFETIME, None);
        return app.client(token).build().map(session::Client::Jooto);
    }
    Ok(session::Client::JootoApp(Box::new(InProgress {
        app,
        organization: credentials.organization.clone(),
        authorization: None,
        code: None,
    })))
}
