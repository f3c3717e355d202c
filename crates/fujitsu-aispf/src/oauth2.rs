//! Tokens by `POST /v2/tokens`.

use tegata::Error;
use tegata::provider::ErrorExt as _;
use tegata::provider::{
    BoxFuture, Credential, Issued, Refresh, Renewal, Replaceable, Seconds, TokenSource, issued,
};

use crate::generated::{AuthOperations, security, types};

/// Issues a token by client id and secret. There is no refresh token: an expired one is issued again.
pub(crate) struct IssuedTokens {
    api: AuthOperations,
    client: Replaceable<Credential>,
}

impl IssuedTokens {
    /// With operations that carry these client credentials.
    pub(crate) fn new(api: AuthOperations, client: Replaceable<Credential>) -> Self {
        Self { api, client }
    }
}

impl TokenSource for IssuedTokens {
    fn issue<'a>(&'a self, _: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async {
            let request = types::TokenRequest {
                grant_type: types::GrantType::ClientCredentials,
            };
            let answer = self
                .api
                .issue_token(&request)
                .await
                .map_err(Error::at_token_endpoint)?;
            let token = answer.into_inner();
            let lifetime = token
                .expires_in
                .map_or(security::ACCESS_TOKEN_LIFETIME, Seconds::lifetime);
            // The scheme's header accepts a token of any type, since the guide names none.
            issued(
                security::ACCESS_TOKEN,
                token.access_token,
                token.token_type.as_deref(),
                lifetime,
                Refresh::Forget,
            )
        })
    }

    /// Needs only client id and secret.
    fn is_self_sufficient(&self) -> bool {
        true
    }

    fn credentials(&self) -> u64 {
        self.client.replacements()
    }

    fn setting(&self) -> Option<&'static str> {
        self.api.transport().setting()
    }
}

#[cfg(test)]
mod tests;
