//! What a client renews its tokens with.

use std::fmt;

use crate::oauth::App;
use crate::oauth::request::Parameters;
use crate::oauth::server::Step;
use crate::provider::{BoxFuture, Issued, Refresh, Renewal, TokenSource};
use crate::{Error, ErrorKind, Token};

/// Tokens of an [`App`], for [`ClientBuilder::oauth`](crate::ClientBuilder::oauth).
#[derive(Clone)]
pub struct Tokens {
    app: App,
    grant: Grant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grant {
    ClientCredentials,
    RefreshToken,
}

impl Tokens {
    pub(super) fn by_client_credentials(app: App) -> Self {
        let grant = Grant::ClientCredentials;
        Self { app, grant }
    }

    pub(super) fn by_refresh_token(app: App) -> Self {
        let grant = Grant::RefreshToken;
        Self { app, grant }
    }

    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// Whose tokens these are, and where they are good, in lines: a store that holds those of another client, server,
    /// scheme or grant must not hand them out. No part has a line break of its own.
    pub(crate) fn account(&self) -> String {
        let (app, grant, urls) = (&self.app, self.grant, self.app.urls());
        let (id, token_url, scheme) = (app.client_id(), &urls.token, app.server().scheme.name);
        let mut account = format!("{id}\n{token_url}\n{scheme:?}\n{grant:?}");
        // Refresh tokens go there, which may be yet another server.
        if grant == Grant::RefreshToken
            && let Some(url) = urls.refresh.as_ref().filter(|url| *url != token_url)
        {
            account.extend(["\n", url.as_str()]);
        }
        account
    }

    fn step(&self) -> Step {
        match self.grant {
            Grant::ClientCredentials => Step::Token,
            Grant::RefreshToken => Step::Refresh,
        }
    }

    fn parameters(&self, current: Option<&Token>) -> Result<Parameters, Error> {
        if self.grant == Grant::ClientCredentials {
            if self.app.client_secret().is_none() {
                return Err(Error::configuration(
                    "a public client has no credentials of its own: let a user log in",
                ));
            }
            let mut grant = vec![("grant_type", "client_credentials".into())];
            grant.extend(self.app.server().scope().map(|scope| ("scope", scope)));
            return Ok(grant);
        }
        let refresh_token = current.and_then(Token::refresh_token).ok_or_else(|| {
            Error::new(
                ErrorKind::TokenDenied,
                "there is no refresh token: the user has to authorize the application again",
            )
        })?;
        Ok(vec![
            ("grant_type", "refresh_token".into()),
            ("refresh_token", refresh_token.clone()),
        ])
    }
}

impl TokenSource for Tokens {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async move {
            let grant = self.parameters(renewal.current)?;
            let or = match self.grant {
                // A refresh token with it should not come (RFC 6749, section 4.4.3), and is not needed.
                Grant::ClientCredentials => Refresh::Forget,
                Grant::RefreshToken => Refresh::Keep,
            };
            self.app.token(self.step(), grant, or).await
        })
    }

    fn is_self_sufficient(&self) -> bool {
        self.grant == Grant::ClientCredentials
    }

    fn credentials(&self) -> u64 {
        self.app.secrets()
    }

    fn setting(&self) -> Option<&'static str> {
        Some(self.app.setting(self.step()))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tokens").field(&self.grant).finish()
    }
}
