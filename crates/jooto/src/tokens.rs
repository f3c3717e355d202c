//! Tokens from `POST /oauth2/token`.

use tegata::oauth::{ClientAuth, Server};
use tegata::provider::BaseUrl;

use crate::generated::security;

/// The authorization server below this URL. Whether its refresh tokens rotate is not documented; both are taken.
pub(crate) fn server(oauth: &BaseUrl) -> Server {
    Server::of_operation(oauth, &security::ISSUE_TOKEN)
        .client_auth(ClientAuth::Post)
        .lifetime(security::ACCESS_TOKEN_LIFETIME)
        .token_in(security::OAUTH2)
        .refusal(security::PROVIDER.refusal)
}

#[cfg(test)]
mod tests;
