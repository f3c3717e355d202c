//! Fujitsu AISPF: API keys, the conventional method and OAuth 2.0.

use super::Bug;
use super::state::NaiveSession;
use super::wire::{Outgoing, Payload, basic};

/// Puts an API key on a call.
pub(super) fn place_key(bug: Option<Bug>, key: &str, request: &mut Outgoing) {
    let name = match bug {
        Some(Bug::WrongKeyHeader) => "x-api-token",
        _ => "x-api-key",
    };
    request.headers.push((name, key.trim().to_owned()));
}

/// Puts a token on a call.
pub(super) fn place_token(bug: Option<Bug>, token: &str, request: &mut Outgoing) {
    if bug == Some(Bug::BearerAtAispf) {
        request
            .headers
            .push(("authorization", format!("Bearer {token}")));
        return;
    }
    request.headers.push(("x-access-token", token.to_owned()));
    if bug == Some(Bug::BothAispfHeaders) {
        request.headers.push(("x-api-key", token.to_owned()));
    }
}

/// Asks for a token by OAuth 2.0.
pub(super) fn token_request(session: &NaiveSession) -> Outgoing {
    let path = match session.bug {
        Some(Bug::OldPath) => "/v1/tokens",
        _ => "/v2/tokens",
    };
    let mut request = Outgoing::new("POST", session.url("auth", path));
    let credentials = &session.context.credentials;
    let value = basic(&credentials.client_id, &credentials.client_secret);
    request.headers.push(("authorization", value));
    request.payload = Payload::Form(vec![("grant_type", "client_credentials".to_owned())]);
    request
}

/// Asks for a token by the conventional method.
pub(super) fn legacy_request(session: &NaiveSession) -> Outgoing {
    let mut request = Outgoing::new("POST", session.url("auth", "/v1/tokens"));
    let credentials = &session.context.credentials;
    request.payload = Payload::Json(vec![
        ("clientId", credentials.client_id.clone()),
        ("clientSecret", credentials.client_secret.clone()),
    ]);
    request
}

/// Asks for a token by the conventional method, with a refresh token.
pub(super) fn refresh_request(session: &NaiveSession, refresh: &str) -> Outgoing {
    let mut request = Outgoing::new("PATCH", session.url("auth", "/v1/tokens"));
    request.payload = Payload::Json(vec![("refreshToken", refresh.to_owned())]);
    request
}
