//! Fujitsu AISPF: `/v1/tokens`, `/v2/tokens`, and services under `/da/`.

mod services;
mod v1;
mod v2;

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use axum::http::StatusCode;
use serde_json::json;

use super::answer::Answer;
use super::call::Call;
use super::config::FujitsuAispfConfig;
use super::mint::Mint;
use super::oauth;
use super::refusals::Refusal;
use super::request::Seen;
use super::service::{self, Endpoint, Service};
use super::tokens::AccessTokens;

/// The provider's state.
pub(super) struct FujitsuAispf {
    config: FujitsuAispfConfig,
    /// Changes as keys are revoked and added.
    api_keys: Vec<String>,
    access_tokens: AccessTokens<()>,
    refresh_tokens: HashMap<String, RefreshToken>,
    mint: Mint,
    issued: u64,
}

/// A refresh token of the conventional method.
struct RefreshToken {
    /// Documented: a day from its own issue.
    expires_at: Duration,
    /// Documented: it serves before the access token expires; own choice: the one issued last.
    access_expires_at: Duration,
}

impl FujitsuAispf {
    pub(super) fn new(config: FujitsuAispfConfig) -> Self {
        Self {
            api_keys: config.api_keys.clone(),
            config,
            access_tokens: AccessTokens::new(),
            refresh_tokens: HashMap::new(),
            mint: Mint::new("aispf"),
            issued: 0,
        }
    }

    /// A new access token and the instant of its expiry.
    ///
    /// Documented: both token calls share what they issue, for an hour.
    fn issue(&mut self, now: Duration) -> (String, Duration) {
        let lifetime = Duration::from_secs(self.config.access_token_seconds.into());
        let expires_at = now.saturating_add(lifetime);
        let token = self.mint.make("access");
        self.access_tokens
            .insert(token.clone(), (), now, expires_at);
        self.issued += 1;
        (token, expires_at)
    }

    fn is_client(&self, id: &str, secret: &str) -> bool {
        self.config
            .clients
            .iter()
            .any(|client| client.id == id && client.secret == secret)
    }
}

impl Service for FujitsuAispf {
    fn endpoint(&self, path: &str) -> Endpoint {
        match path {
            "/v1/tokens" | "/v2/tokens" => Endpoint::Token,
            "/da" => Endpoint::Resource,
            _ if path.starts_with("/da/") => Endpoint::Resource,
            _ => Endpoint::Unknown,
        }
    }

    fn answer(&mut self, seen: &Seen, now: Duration) -> Answer {
        match (seen.path.as_str(), seen.method.as_str()) {
            ("/v2/tokens", "POST") => self.issue_token(seen, now),
            ("/v2/tokens", _) => oauth::method_not_allowed("POST"),
            ("/v1/tokens", "POST") => self.issue_legacy_token(seen, now),
            ("/v1/tokens", "PATCH") => self.refresh_legacy_token(seen, now),
            ("/v1/tokens", _) => oauth::method_not_allowed("PATCH, POST"),
            _ => error(StatusCode::NOT_FOUND, "no such path"),
        }
    }

    fn accepts(&self, seen: &Seen, now: Duration) -> bool {
        self.judge(seen, now).is_ok()
    }

    fn authorize(&mut self, seen: &Seen, now: Duration) -> Result<(), Answer> {
        self.judge(seen, now)
    }

    fn refuse(&mut self, _seen: &Seen, refusal: Refusal, _now: Duration) -> Answer {
        let status = http_status(refusal.code).unwrap_or(StatusCode::UNAUTHORIZED);
        error(status, "the emulator was set to refuse this call")
    }

    fn resource(&mut self, seen: &Seen, call: &Call, _now: Duration, _wall: SystemTime) -> Answer {
        services::serve(seen, call)
    }

    fn issued(&self) -> u64 {
        self.issued
    }

    fn expire(&mut self, now: Duration) -> usize {
        for refresh in self.refresh_tokens.values_mut() {
            refresh.access_expires_at = refresh.access_expires_at.min(now);
        }
        self.access_tokens.expire(now)
    }

    fn forget(&mut self, now: Duration, refresh_tokens: bool) -> usize {
        if refresh_tokens {
            self.refresh_tokens.clear();
        }
        self.access_tokens.forget(now)
    }

    fn check_refusal(&self, refusal: Refusal) -> Result<(), String> {
        http_status(refusal.code).map(|_| ())
    }

    fn revoke_key(&mut self, key: &str) -> Option<bool> {
        Some(service::revoke(&mut self.api_keys, key))
    }

    fn add_key(&mut self, key: &str) -> Option<()> {
        self.api_keys.push(key.to_owned());
        Some(())
    }

    /// Reported, by an author who read the service's `OpenAPI` file: what a 429 says.
    fn fault(&mut self, endpoint: Endpoint, code: u16, _seen: &Seen, _wall: SystemTime) -> Answer {
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
        let why = "the emulator was set to answer so";
        match (endpoint, status) {
            (Endpoint::Resource, StatusCode::TOO_MANY_REQUESTS) => {
                error(status, "Exceed limit of number of request.").note(why)
            }
            _ => error(status, why),
        }
    }
}

/// The status of an ordered refusal.
pub(super) fn http_status(code: u16) -> Result<StatusCode, String> {
    StatusCode::from_u16(code)
        .ok()
        .filter(|status| status.is_client_error() || status.is_server_error())
        .ok_or_else(|| format!("code {code} is no HTTP error status: use 400 to 599"))
}

/// Reported, from a mock of the Digital Annealer service: the shape of an error, its code as text
/// except for 404, where it is a number. Own choice: the conventional token calls share the shape.
fn error(status: StatusCode, message: &str) -> Answer {
    let code = if status == StatusCode::NOT_FOUND {
        json!(status.as_u16())
    } else {
        json!(status.as_str())
    };
    let title = status.canonical_reason().unwrap_or("Error");
    let body = json!({ "error": { "code": code, "title": title, "message": message } });
    Answer::json(status, &body).note(message)
}
