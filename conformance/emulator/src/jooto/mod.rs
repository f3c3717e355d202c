//! Jooto: `/oauth2/login`, `/oauth2/token`, `/organizations`, and any call under `/v1/`.

mod login;
mod resource;
mod token;

use std::collections::HashMap;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use super::aispf::http_status;
use super::answer::Answer;
use super::config::{JootoClient, JootoConfig};
use super::mint::Mint;
use super::oauth;
use super::refusals::{Refusal, Refusals};
use super::request::Seen;
use super::service::{Endpoint, Service};
use super::tokens::AccessTokens;

/// The provider's state.
pub(super) struct Jooto {
    config: JootoConfig,
    /// Changes as keys are revoked and added.
    api_keys: Vec<String>,
    codes: HashMap<String, Code>,
    access_tokens: AccessTokens<Grant>,
    refresh_tokens: HashMap<String, RefreshToken>,
    refusals: Refusals,
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
            refusals: Refusals::default(),
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
            (Endpoint::Resource, _) => self.serve(seen, now),
            (Endpoint::Unknown, _) => error(StatusCode::NOT_FOUND, "no such path"),
        }
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

    fn refuse_next(&mut self, refusal: Refusal) -> Result<(), String> {
        http_status(refusal.code)?;
        self.refusals.order(refusal);
        Ok(())
    }

    fn api_keys(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.api_keys)
    }

    fn fault(&self, endpoint: Endpoint, status: StatusCode) -> Answer {
        let why = "the emulator was set to answer so";
        match endpoint {
            Endpoint::Token if status.is_client_error() => {
                oauth::error(status, "invalid_request", why)
            }
            Endpoint::Token => oauth::error(status, "server_error", why),
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
