//! Tokens from the identity endpoint.

use std::time::Duration;

use tegata::Error;
use tegata::provider::ErrorExt as _;
use tegata::provider::{
    BoxFuture, Issued, Refresh, Renewal, Replaceable, Seconds, TokenSource, issued,
};

use crate::Secret;
use crate::generated::{IdentityOperations, security, types};

/// How a token is requested from the identity endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenRequest {
    /// `GET` with the credentials in the query, as the vendor documents it.
    #[default]
    Get,
    /// `POST` with the credentials in a form, which keeps them out of URLs and so out of access logs. It
    /// is reported to work; the vendor documents `POST`, but not the form.
    PostForm,
}

/// Issues a token by client id and secret.
///
/// Until a token expires, the endpoint returns the same one to every client, with the remaining seconds.
pub(crate) struct IdentityTokens {
    pub(crate) api: IdentityOperations,
    pub(crate) client_id: String,
    pub(crate) client_secret: Replaceable<Secret>,
    pub(crate) partner_id: Option<Secret>,
    pub(crate) request: TokenRequest,
    /// How long to wait before the next request if a token came with a lifetime of zero.
    pub(crate) retry_interval: Duration,
}

/// How often the endpoint is asked while it returns a token with a lifetime of zero. Such a token is replaced
/// within a second, so the next answer holds a new one.
const DEAD_ON_ARRIVAL_TRIES: usize = 3;

impl IdentityTokens {
    async fn ask(&self) -> Result<types::Token, Error> {
        let grant_type = types::GrantType::ClientCredentials;
        let answer = match self.request {
            TokenRequest::Get => {
                let (id, secret) = (&self.client_id, self.client_secret.get());
                self.api
                    .issue_token(id, &secret, grant_type, self.partner_id.as_ref())
                    .await
            }
            TokenRequest::PostForm => {
                let form = types::TokenRequest {
                    client_id: self.client_id.clone(),
                    client_secret: (*self.client_secret.get()).clone(),
                    grant_type,
                    partner_id: self.partner_id.clone(),
                };
                self.api.issue_token_by_form(&form).await
            }
        };
        answer
            .map(tegata::Reply::into_inner)
            .map_err(Error::at_token_endpoint)
    }

    async fn issue(&self) -> Result<Issued, Error> {
        let mut tries = 1;
        let (token, lifetime) = loop {
            let token = self.ask().await?;
            let lifetime = token
                .expires_in
                .map_or(security::ACCESS_TOKEN_LIFETIME, Seconds::lifetime);
            if !lifetime.is_zero() || tries == DEAD_ON_ARRIVAL_TRIES {
                break (token, lifetime);
            }
            tries += 1;
            tokio::time::sleep(self.retry_interval).await;
        };
        issued(
            security::OAUTH2,
            token.access_token,
            Some(&token.token_type),
            lifetime,
            Refresh::Forget,
        )
    }
}

impl TokenSource for IdentityTokens {
    fn issue<'a>(&'a self, _: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(self.issue())
    }

    /// Needs only client id and secret.
    fn is_self_sufficient(&self) -> bool {
        true
    }

    fn credentials(&self) -> u64 {
        self.client_secret.replacements()
    }

    fn setting(&self) -> Option<&'static str> {
        self.api.transport().setting()
    }
}

#[cfg(test)]
mod tests;
