//! Marketo: client credentials, and refusals in answers with status 200.

use serde_json::Value;

use super::Bug;
use super::state::NaiveSession;
use super::wire::{Outgoing, Payload};
use tegata_conformance::case::{Placement, TokenRequest};

/// Puts a token on a call.
pub(super) fn place_token(session: &NaiveSession, token: &str, request: &mut Outgoing) {
    match session.context.placement {
        Placement::Header => {
            let value = format!("Bearer {token}");
            request.headers.push(("authorization", value));
        }
        Placement::Query => request.query.push(("access_token", token.to_owned())),
    }
}

/// Asks for a token.
pub(super) fn token_request(session: &NaiveSession) -> Outgoing {
    let credentials = &session.context.credentials;
    let mut fields = vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", credentials.client_id.clone()),
        ("client_secret", credentials.client_secret.clone()),
    ];
    if let Some(id) = &credentials.partner_id
        && session.bug != Some(Bug::NoPartnerId)
    {
        fields.push(("partner_id", id.clone()));
    }
    let method = match session.context.token_request {
        TokenRequest::Get => "GET",
        TokenRequest::Form | TokenRequest::PostQuery => "POST",
    };
    let mut request = Outgoing::new(method, session.url("identity", "/oauth/token"));
    if session.context.token_request == TokenRequest::Form {
        request.payload = Payload::Form(fields);
    } else {
        request.query = fields;
    }
    request
}

/// The codes of an answer's `errors`.
pub(super) fn codes(body: &[u8], bug: Option<Bug>) -> Vec<String> {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let errors = json["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .filter_map(|error| match &error["code"] {
            Value::String(code) => Some(code.clone()),
            Value::Number(code) if bug != Some(Bug::CodesAreTexts) => Some(code.to_string()),
            _ => None,
        })
        .collect()
}

/// Whether an answer refuses the token.
pub(super) fn refuses(body: &[u8], bug: Option<Bug>) -> bool {
    let text = String::from_utf8_lossy(body);
    let found = |text: &str, parts: &[&str]| parts.iter().any(|part| text.contains(part));
    match bug {
        Some(Bug::CodesAnywhere) => return found(&text, &["601", "602"]),
        Some(Bug::NestedFailure) => return found(&text, &["\"success\":false"]),
        Some(Bug::EmptyErrors) => return found(&text, &["\"errors\""]),
        _ => {}
    }
    codes(body, bug).iter().any(|code| match code.as_str() {
        "601" => bug != Some(Bug::Only602),
        "602" => bug != Some(Bug::Only601),
        "603" => bug == Some(Bug::RenewsOn603),
        _ => false,
    })
}
