//! Adobe Marketo Engage: `/identity/oauth/token`, and any call under `/rest/`.

mod identity;
mod rest;

use std::collections::HashMap;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::Answer;
use super::config::{MarketoClient, MarketoConfig};
use super::mint::Mint;
use super::oauth;
use super::refusals::{Refusal, Refusals};
use super::request::Seen;
use super::service::{Endpoint, Service};
use super::tokens::AccessTokens;

/// The provider's state.
pub(super) struct Marketo {
    config: MarketoConfig,
    /// Tokens with the client id that each belongs to.
    access_tokens: AccessTokens<String>,
    /// Documented: one token a custom service, by client id.
    current: HashMap<String, String>,
    refusals: Refusals,
    mint: Mint,
    issued: u64,
    answered: u64,
}

impl Marketo {
    pub(super) fn new(config: MarketoConfig) -> Self {
        Self {
            config,
            access_tokens: AccessTokens::new(),
            current: HashMap::new(),
            refusals: Refusals::default(),
            mint: Mint::new("marketo"),
            issued: 0,
            answered: 0,
        }
    }

    fn client(&self, id: &str) -> Option<&MarketoClient> {
        self.config.clients.iter().find(|client| client.id == id)
    }
}

impl Service for Marketo {
    fn endpoint(&self, path: &str) -> Endpoint {
        if path == "/identity/oauth/token" {
            Endpoint::Token
        } else if path.starts_with("/rest/") {
            Endpoint::Resource
        } else {
            Endpoint::Unknown
        }
    }

    fn answer(&mut self, seen: &Seen, now: Duration) -> Answer {
        match (self.endpoint(&seen.path), seen.method.as_str()) {
            (Endpoint::Token, "GET" | "POST") => self.token(seen, now),
            (Endpoint::Token, _) => oauth::method_not_allowed("GET, POST"),
            (Endpoint::Resource, _) => self.serve(seen, now),
            (Endpoint::Login | Endpoint::Unknown, _) => {
                let body = json!({ "error": "not_found", "error_description": "no such path" });
                Answer::json(StatusCode::NOT_FOUND, &body).note("no such path")
            }
        }
    }

    fn issued(&self) -> u64 {
        self.issued
    }

    fn expire(&mut self, now: Duration) -> usize {
        self.access_tokens.expire(now)
    }

    fn forget(&mut self, now: Duration, _refresh_tokens: bool) -> usize {
        self.access_tokens.forget(now)
    }

    fn refuse_next(&mut self, refusal: Refusal) -> Result<(), String> {
        if !(400..=799).contains(&refusal.code) {
            return Err(format!(
                "code {} is neither an HTTP error status nor a code of the envelope: use 400 to \
                 599, or 600 to 799",
                refusal.code
            ));
        }
        self.refusals.order(refusal);
        Ok(())
    }

    fn api_keys(&mut self) -> Option<&mut Vec<String>> {
        None
    }

    fn fault(&self, endpoint: Endpoint, status: StatusCode) -> Answer {
        let why = "the emulator was set to answer so";
        match endpoint {
            Endpoint::Token => oauth::error(status, "server_error", why),
            _ => envelope("fault", status, &failure(status.as_str(), why)).note(why),
        }
    }
}

/// Vendor, its page on error codes: the members of a failed answer; the code is text.
fn failure(code: &str, message: &str) -> Value {
    json!({ "success": false, "errors": [{ "code": code, "message": message }] })
}

/// The envelope of every answer, with the id of the request.
fn envelope(request_id: &str, status: StatusCode, members: &Value) -> Answer {
    let mut body = json!({ "requestId": request_id });
    if let (Some(body), Some(members)) = (body.as_object_mut(), members.as_object()) {
        body.extend(members.clone());
    }
    Answer::json(status, &body)
}
