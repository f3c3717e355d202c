//! Jooto: `/oauth2/login`, `/oauth2/token`, `/organizations`, and any call under `/v1/`.

mod limits;
mod login;
mod resource;
mod token;

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use axum::http::StatusCode;
use serde_json::json;

use super::aispf::http_status;
use super::answer::Answer;
use super::call::Call;
use super::config::{JootoClient, JootoConfig};
use super::mint::Mint;
use super::oauth;
use super::refusals::Refusal;
use super::request::Seen;
use super::service::{self, Endpoint, Service};
use super::tokens::AccessTokens;

/// The provider's state.
pub(super) struct Jooto {
    config: JootoConfig,
    /// Changes as keys are revoked and added.
    api_keys: Vec<String>,
    codes: HashMap<String, Code>,
    access_tokens: AccessTokens<Grant>,
    refresh_tokens: HashMap<String, RefreshToken>,
    mint: Mint,
    issued: u64,
}

/// The grant of the emulated user, and its client.
#[derive(Clone, PartialEq, Eq)]
struct Grant {
    client_id: String,
    organization_id: u64,
}

/// An authorization code.
struct Code {
    grant: Grant,
    redirect_uri: String,
    expires_at: Duration,
    used: bool,
}

/// A refresh token; nothing is documented on its lifetime, so it has none.
struct RefreshToken {
    grant: Grant,
    replaced: bool,
}

impl Jooto {
    pub(super) fn new(config: JootoConfig) -> Self {
        Self {
            api_keys: config.api_keys.clone(),
            config,
            codes: HashMap::new(),
            access_tokens: AccessTokens::new(),
            refresh_tokens: HashMap::new(),
            mint: Mint::new("jooto"),
            issued: 0,
        }
    }

    fn client(&self, id: &str) -> Option<&JootoClient> {
        self.config.clients.iter().find(|client| client.id == id)
    }
}

impl Service for Jooto {
    fn endpoint(&self, path: &str) -> Endpoint {
        match path {
            "/oauth2/login" => Endpoint::Login,
            "/oauth2/token" => Endpoint::Token,
            "/organizations" => Endpoint::Resource,
            _ if path.starts_with("/organizations/") || path.starts_with("/v1/") => {
                Endpoint::Resource
            }
            _ => Endpoint::Unknown,
        }
    }

    fn answer(&mut self, seen: &Seen, now: Duration) -> Answer {
        match (self.endpoint(&seen.path), seen.method.as_str()) {
            (Endpoint::Login, "GET") => self.login(seen, now),
            (Endpoint::Login, _) => oauth::method_not_allowed("GET"),
            (Endpoint::Token, "POST") => self.token(seen, now),
            (Endpoint::Token, _) => oauth::method_not_allowed("POST"),
            (Endpoint::Resource | Endpoint::Unknown, _) => {
                error(StatusCode::NOT_FOUND, "no such path")
            }
        }
    }

    fn accepts(&self, seen: &Seen, now: Duration) -> bool {
        self.reach(seen, now).is_ok()
    }

    fn authorize(&mut self, seen: &Seen, now: Duration) -> Result<(), Answer> {
        self.reach(seen, now).map(|_| ())
    }

    fn refuse(&mut self, _seen: &Seen, refusal: Refusal, _now: Duration) -> Answer {
        let status = http_status(refusal.code).unwrap_or(StatusCode::UNAUTHORIZED);
        error(status, "the emulator was set to refuse this call")
    }

    fn resource(&mut self, seen: &Seen, call: &Call, now: Duration, wall: SystemTime) -> Answer {
        self.serve(seen, call, now, wall)
    }

    fn issued(&self) -> u64 {
        self.issued
    }

    fn expire(&mut self, now: Duration) -> usize {
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

    fn fault(&mut self, endpoint: Endpoint, code: u16, seen: &Seen, wall: SystemTime) -> Answer {
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
        let why = "the emulator was set to answer so";
        match endpoint {
            Endpoint::Token if status.is_client_error() => {
                oauth::error(status, "invalid_request", why)
            }
            Endpoint::Token => oauth::error(status, "server_error", why),
            _ if status == StatusCode::TOO_MANY_REQUESTS => {
                limits::exceeded(error(status, why), seen.method.as_str(), wall)
            }
            _ => error(status, why),
        }
    }
}

/// Vendor, its page on errors: an array of errors, each with a message.
fn error(status: StatusCode, message: &str) -> Answer {
    let body = json!({ "errors": [{ "message": message }] });
    Answer::json(status, &body).note(message)
}

/// An organization id as it stands in a URL.
fn number(text: &str) -> Option<u64> {
    // The library's parser would also take a plus sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
