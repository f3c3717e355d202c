//! Tokens from `POST /oauth2/token`.

use tegata::provider::ErrorExt as _;
use tegata::provider::{
    BoxFuture, Issued, Refresh, Renewal, Replaceable, Seconds, TokenSource, issued,
};
use tegata::{Error, ErrorKind, Secret, Token};

use crate::generated::{OauthOperations, security, types};

/// Renews by refresh token. The first token needs a person's consent, so this source cannot issue it.
pub(crate) struct RefreshedTokens {
    pub(crate) api: OauthOperations,
    pub(crate) client_id: String,
    pub(crate) client_secret: Replaceable<Secret>,
}

impl TokenSource for RefreshedTokens {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async move {
            let refresh_token = renewal.current.and_then(Token::refresh_token).ok_or_else(|| {
                Error::new(
                    ErrorKind::TokenDenied,
                    "there is no refresh token: the user has to authorize the application again",
                )
            })?;
            let request = types::TokenRequest::RefreshToken {
                client_id: self.client_id.clone(),
                client_secret: (*self.client_secret.get()).clone(),
                refresh_token: refresh_token.clone(),
            };
            exchange(&self.api, &request).await
        })
    }

    fn credentials(&self) -> u64 {
        self.client_secret.replacements()
    }

    fn setting(&self) -> Option<&'static str> {
        self.api.transport().setting()
    }
}

/// Sends a grant to the token endpoint.
pub(crate) async fn exchange(
    api: &OauthOperations,
    request: &types::TokenRequest,
) -> Result<Issued, Error> {
    let answer = api
        .issue_token(request)
        .await
        .map_err(Error::at_token_endpoint)?;
    let token = answer.into_inner();
    let lifetime = token
        .expires_in
        .map_or(security::ACCESS_TOKEN_LIFETIME, Seconds::lifetime);
    // Whether refresh tokens rotate is not documented, so a new one replaces the old one, which is kept
    // otherwise.
    let refresh = token
        .refresh_token
        .map_or(Refresh::Keep, |token| Refresh::Replace {
            token,
            lifetime: None,
        });
    issued(
        security::OAUTH2,
        token.access_token,
        Some(&token.token_type),
        lifetime,
        refresh,
    )
}

#[cfg(test)]
mod tests;
