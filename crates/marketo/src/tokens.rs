//! Tokens from the identity endpoint.

use std::time::Duration;

use tegata::Error;
use tegata::oauth::{Server, Tokens};
use tegata::provider::{BaseUrl, BoxFuture, Issued, Renewal, TokenSource};

use crate::Secret;
use crate::generated::security;

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

impl TokenRequest {
    /// The identity endpoint below this URL, asked in this way.
    pub(crate) fn server(self, identity: &BaseUrl, partner_id: Option<Secret>) -> Server {
        match self {
            Self::Get => security::issue_token_server(identity, partner_id),
            Self::PostForm => security::issue_token_by_form_server(identity, partner_id),
        }
    }
}

/// Tokens by client id and secret.
///
/// Until a token expires, the endpoint returns the same one to every client, with the remaining seconds, which may be none.
pub(crate) struct IdentityTokens {
    pub(crate) tokens: Tokens,
    /// How long to wait before the next request if a token came with a lifetime of zero.
    pub(crate) retry_interval: Duration,
}

/// How often the endpoint is asked while it returns a token with a lifetime of zero. Such a token is replaced
/// within a second, so the next answer holds a new one.
const DEAD_ON_ARRIVAL_TRIES: usize = 3;

impl TokenSource for IdentityTokens {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async move {
            for _ in 1..DEAD_ON_ARRIVAL_TRIES {
                let issued = self.tokens.issue(renewal).await?;
                if issued.lifetime != Some(Duration::ZERO) {
                    return Ok(issued);
                }
                tokio::time::sleep(self.retry_interval).await;
            }
            self.tokens.issue(renewal).await
        })
    }

    fn is_self_sufficient(&self) -> bool {
        self.tokens.is_self_sufficient()
    }

    fn credentials(&self) -> u64 {
        self.tokens.credentials()
    }

    fn setting(&self) -> Option<&'static str> {
        self.tokens.setting()
    }
}

#[cfg(test)]
mod tests;
