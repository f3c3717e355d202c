//! Jooto: API keys and the authorization code.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use url::Url;

use super::Bug;
use super::state::NaiveSession;
use super::wire::{Fields, Outgoing, Payload};
use tegata_conformance::script::{ErrorKind, Failure};

/// A `state` that [`Bug::FixedState`] sends for ever.
const FIXED: &str = "naive-state-of-twenty-four";

/// Puts an API key on a call.
pub(super) fn place_key(bug: Option<Bug>, key: &str, request: &mut Outgoing) {
    let name = match bug {
        Some(Bug::WrongKeyHeader) => "x-api-token",
        _ => "x-jooto-api-key",
    };
    request.headers.push((name, key.trim().to_owned()));
}

/// A new `state`. The standard library has no other source of randomness; it does for a client
/// that is not attacked.
pub(super) fn new_state(bug: Option<Bug>) -> String {
    if bug == Some(Bug::FixedState) {
        return FIXED.to_owned();
    }
    let part = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", part(), part())
}

/// The authorization URL.
pub(super) fn authorization_url(session: &NaiveSession, state: &str) -> String {
    let credentials = &session.context.credentials;
    let response_type = match session.bug {
        Some(Bug::WrongResponseType) => "token",
        _ => "code",
    };
    let mut fields: Fields = vec![
        ("client_id", credentials.client_id.clone()),
        ("redirect_uri", redirect_uri(session)),
        ("response_type", response_type.to_owned()),
    ];
    if session.bug != Some(Bug::NoState) {
        fields.push(("state", state.to_owned()));
    }
    if session.bug != Some(Bug::NoOrganization) {
        fields.push(("organization_id", organization(session)));
    }
    let query = session.wire.encode(&fields);
    format!("{}?{query}", session.url("oauth", "/oauth2/login"))
}

/// The organization's id: it may be given as the URL of the browser's address bar.
fn organization(session: &NaiveSession) -> String {
    let given = session.context.credentials.organization.clone();
    let given = given.unwrap_or_default();
    if session.bug == Some(Bug::OrganizationAsGiven) {
        return given;
    }
    let url = Url::parse(&given).ok();
    url.and_then(|url| {
        let mut pairs = url.query_pairs();
        let found = pairs.find(|(name, _)| name == "organization_id")?;
        Some(found.1.into_owned())
    })
    .unwrap_or(given)
}

/// Reads a callback and returns its code. `made` is the `state` of the authorization URL.
pub(super) fn callback(bug: Option<Bug>, url: &str, made: &str) -> Result<String, Failure> {
    let bad = || Failure::of(ErrorKind::BadCallback);
    let url = Url::parse(url).map_err(|_| bad())?;
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let members: BTreeMap<String, String> = pairs.iter().cloned().collect();
    if members.len() < pairs.len() && bug != Some(Bug::LastOneCounts) {
        return Err(bad());
    }
    if bug == Some(Bug::StrictCallback)
        && !members
            .keys()
            .all(|name| ["code", "state", "error", "error_description"].contains(&name.as_str()))
    {
        return Err(bad());
    }
    let given = members.get("state").map_or("", String::as_str);
    let mismatch = match bug {
        Some(Bug::StateUnchecked) => false,
        Some(Bug::StateByPrefix) => given.bytes().zip(made.bytes()).any(|(a, b)| a != b),
        Some(Bug::StateWithTail) => !given.starts_with(made),
        _ => given != made,
    };
    let error = members
        .get("error")
        .filter(|_| bug != Some(Bug::ErrorIgnored));
    match error {
        _ if mismatch && (error.is_none() || bug != Some(Bug::ErrorBeforeState)) => {
            Err(Failure::of(ErrorKind::StateMismatch))
        }
        Some(error) => {
            let kind = match error.as_str() {
                "access_denied" => ErrorKind::AccessDenied,
                "temporarily_unavailable" => ErrorKind::Transient,
                _ => ErrorKind::Authorization,
            };
            let mut failure = Failure::of(kind);
            failure.code = Some(error.clone());
            Err(failure)
        }
        None if bug == Some(Bug::EmptyCode) => Ok(members.get("code").cloned().unwrap_or_default()),
        None => members.get("code").cloned().ok_or_else(bad),
    }
}

/// Asks for tokens with a code.
pub(super) fn exchange_request(session: &NaiveSession, code: &str) -> Outgoing {
    let mut fields = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
    ];
    match session.bug {
        Some(Bug::NoRedirectUri) => {}
        Some(Bug::RedirectUriDecoded) => {
            let pair = format!("uri={}", redirect_uri(session).replace('&', "%26"));
            let decoded = url::form_urlencoded::parse(pair.as_bytes()).next();
            let decoded = decoded.map_or(String::new(), |(_, value)| value.into_owned());
            fields.push(("redirect_uri", decoded));
        }
        _ => fields.push(("redirect_uri", redirect_uri(session))),
    }
    token_request(session, fields)
}

/// Asks for tokens with a refresh token.
pub(super) fn refresh_request(session: &NaiveSession, refresh: &str) -> Outgoing {
    let mut fields = vec![
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", refresh.to_owned()),
    ];
    if session.bug == Some(Bug::RedirectUriOnRefresh) {
        fields.push(("redirect_uri", redirect_uri(session)));
    }
    token_request(session, fields)
}

fn token_request(session: &NaiveSession, mut fields: Fields) -> Outgoing {
    let credentials = &session.context.credentials;
    fields.extend([
        ("client_id", credentials.client_id.clone()),
        ("client_secret", credentials.client_secret.clone()),
    ]);
    let mut request = Outgoing::new("POST", session.url("oauth", "/oauth2/token"));
    request.payload = Payload::Form(fields);
    request
}

fn redirect_uri(session: &NaiveSession) -> String {
    let credentials = &session.context.credentials;
    credentials.redirect_uri.clone().unwrap_or_default()
}
