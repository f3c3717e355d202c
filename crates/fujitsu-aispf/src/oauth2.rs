//! Tokens by `POST /v2/tokens`.

use tegata::{BoxFuture, Error, Issued, Refresh, Renewal, TokenSource};

use crate::generated::{AuthOperations, security, types};

/// Issues a token by client id and secret. There is no refresh token: an expired one is issued again.
pub(crate) struct IssuedTokens {
    api: AuthOperations,
}

impl IssuedTokens {
    /// With operations that carry the client credentials.
    pub(crate) fn new(api: AuthOperations) -> Self {
        Self { api }
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
            // Its type is not looked at: how the token is used, the guide says itself, and names no type.
            let token = answer.into_inner();
            let lifetime = token
                .expires_in
                .map_or(security::ACCESS_TOKEN_LIFETIME, tegata::Seconds::lifetime);
            Ok(Issued {
                access_token: token.access_token,
                lifetime: Some(lifetime),
                refresh: Refresh::Forget,
            })
        })
    }

    /// Id and secret are all that it takes.
    fn is_self_sufficient(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grant_is_written_and_read_by_its_name() {
        let grant = types::GrantType::ClientCredentials;
        assert_eq!(grant.to_string(), "client_credentials");
        let read: types::GrantType = "client_credentials".parse().expect("the grant");
        assert_eq!(read, grant);
    }
}
