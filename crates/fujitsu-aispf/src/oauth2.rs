//! Tokens by `POST /v2/tokens`.

use tegata::BasicEncoding;
use tegata::oauth::{ClientAuth, Server};
use tegata::provider::BaseUrl;

use crate::generated::security;

/// The token endpoint below this URL. It issues no refresh token: an expired token is issued again.
pub(crate) fn server(url: &BaseUrl, encoding: BasicEncoding) -> Server {
    Server::of_operation(url, &security::ISSUE_TOKEN)
        .client_auth(ClientAuth::Basic(encoding))
        .lifetime(security::ACCESS_TOKEN_LIFETIME)
        .token_in(security::ACCESS_TOKEN)
        .refusal(security::PROVIDER.refusal)
}

#[cfg(test)]
mod tests;
