//! Adobe Marketo Engage: `/identity/oauth/token`, and any call under `/rest/` and `/bulk/`.

mod bulk;
mod identity;
mod limits;
mod rest;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::config::{MarketoClient, MarketoConfig};
use super::mint::Mint;
use super::oauth;
use super::refusals::Refusal;
use super::request::Seen;
use super::service::{Endpoint, Service};
use super::tokens::AccessTokens;
use bulk::Exports;

/// The codes of the envelope that a test can order; lower ones are HTTP statuses.
const CODES: RangeInclusive<u16> = 600..=1999;

/// The provider's state.
pub(super) struct Marketo {
    config: MarketoConfig,
    /// Tokens with the client id that each belongs to.
    access_tokens: AccessTokens<String>,
    /// Documented: one token a custom service, by client id.
    current: HashMap<String, String>,
    exports: Exports,
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
            exports: Exports::default(),
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
        } else if path.starts_with("/rest/") || path.starts_with("/bulk/") {
            Endpoint::Resource
        } else {
            Endpoint::Unknown
        }
    }

    fn answer(&mut self, seen: &Seen, now: Duration) -> Answer {
        match (self.endpoint(&seen.path), seen.method.as_str()) {
            (Endpoint::Token, "GET" | "POST") => self.token(seen, now),
            (Endpoint::Token, _) => oauth::method_not_allowed("GET, POST"),
            (Endpoint::Resource | Endpoint::Login | Endpoint::Unknown, _) => {
                let body = json!({ "error": "not_found", "error_description": "no such path" });
                Answer::json(StatusCode::NOT_FOUND, &body).note("no such path")
            }
        }
    }

    fn accepts(&self, seen: &Seen, now: Duration) -> bool {
        self.judge(seen, now).is_ok()
    }

    fn authorize(&mut self, seen: &Seen, now: Duration) -> Result<(), Answer> {
        self.use_credential(seen, now)
    }

    fn refuse(&mut self, seen: &Seen, refusal: Refusal, now: Duration) -> Answer {
        self.refuse_as_ordered(seen, refusal, now)
    }

    fn call(&self, seen: &Seen) -> Call {
        Call::of_marketo(seen)
    }

    fn resource(&mut self, seen: &Seen, call: &Call, _now: Duration, wall: SystemTime) -> Answer {
        self.serve(seen, call, wall)
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

    fn check_refusal(&self, refusal: Refusal) -> Result<(), String> {
        if !(400..=599).contains(&refusal.code) && !CODES.contains(&refusal.code) {
            return Err(format!(
                "code {} is neither an HTTP error status nor a code of the envelope: use 400 to \
                 599, or {} to {}",
                refusal.code,
                CODES.start(),
                CODES.end()
            ));
        }
        Ok(())
    }

    fn revoke_key(&mut self, _key: &str) -> Option<bool> {
        None
    }

    fn add_key(&mut self, _key: &str) -> Option<()> {
        None
    }

    fn check_code(&self, endpoint: Endpoint, code: u16) -> Result<(), String> {
        if endpoint != Endpoint::Resource {
            return Err(format!(
                "code {code} is one of the envelope, which only calls are answered in: use \
                 endpoint=resource"
            ));
        }
        if !CODES.contains(&code) {
            return Err(format!(
                "code {code} is none of the envelope: use {} to {}, such as 606, 607 or 615",
                CODES.start(),
                CODES.end()
            ));
        }
        Ok(())
    }

    fn fault(&mut self, endpoint: Endpoint, code: u16, _seen: &Seen, _wall: SystemTime) -> Answer {
        let why = "the emulator was set to answer so";
        match endpoint {
            Endpoint::Token => {
                let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
                oauth::error(status, "server_error", why)
            }
            _ => self.refused(code, why),
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
