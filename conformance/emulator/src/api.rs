//! Any API, of a profile: its operations with the credentials that they take, and its authorization servers.

mod client;
mod config;
mod credential;
mod login;
mod profile;
mod routes;
mod sessions;
mod token;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode};
use serde_json::json;

use super::aispf::http_status;
use super::answer::Answer;
use super::call::{Call, without_dots};
use super::mint::Mint;
use super::oauth;
use super::provider::ApiName;
use super::refusals::Refusal;
use super::request::Seen;
use super::service::{Endpoint, Service};
use super::tokens::AccessTokens;
pub use config::{ApiClient, ApiConfig, ApiUser};
use credential::Refused;
pub use profile::Profile;
use profile::{HttpScheme, Operation, SchemeType};
use routes::{Route, Routes};
use sessions::{Owner, Sessions};

/// The state of one API.
pub(super) struct Api {
    name: &'static str,
    base_url: String,
    config: ApiConfig,
    profile: Arc<Profile>,
    routes: Routes,
    /// Changes as keys are revoked and added.
    keys: Vec<Key>,
    access_tokens: AccessTokens<Owner>,
    sessions: Sessions,
    users_agree: bool,
    mint: Mint,
    issued: u64,
}

/// A key that is good, for one scheme or, if a test has added it, for all.
struct Key {
    scheme: Option<String>,
    key: String,
}

/// What an authorization server does at a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Login {
    Token(usize),
    Device(usize),
    Authorize(usize),
    Verification,
}

impl Api {
    /// None if the configuration has no profile, which its check refuses.
    pub(super) fn new(config: ApiConfig, base_url: &str) -> Option<Self> {
        let profile = Arc::new(config.profile.clone()?);
        let keys = config.keys.iter().flat_map(|(scheme, keys)| {
            keys.iter().map(|key| Key {
                scheme: Some(scheme.clone()),
                key: key.clone(),
            })
        });
        let name = ApiName::of(&profile.name).as_str();
        Some(Self {
            name,
            base_url: base_url.to_owned(),
            keys: keys.collect(),
            routes: Routes::of(&profile),
            config,
            profile,
            access_tokens: AccessTokens::new(),
            sessions: Sessions::default(),
            users_agree: true,
            mint: Mint::new(name),
            issued: 0,
        })
    }

    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn login(&self, path: &str) -> Option<Login> {
        if path == login::VERIFICATION {
            return Some(Login::Verification);
        }
        let mut servers = self.profile().authorization_servers.iter().enumerate();
        servers.find_map(|(index, server)| {
            let is = |it: &Option<String>| it.as_deref() == Some(path);
            if server.token == path || is(&server.refresh) {
                Some(Login::Token(index))
            } else if is(&server.device) {
                Some(Login::Device(index))
            } else {
                is(&server.authorize).then_some(Login::Authorize(index))
            }
        })
    }

    fn route(&self, seen: &Seen) -> Route {
        let path = without_dots(&seen.path);
        self.routes.find(self.profile(), &seen.method, &path)
    }

    fn operation(&self, seen: &Seen) -> Option<&Operation> {
        match self.route(seen) {
            Route::Operation(index) => self.profile().operations.get(index),
            Route::Methods(_) | Route::Unknown => None,
        }
    }

    fn reach(&self, seen: &Seen, now: Duration) -> Result<(), Refused> {
        match self.route(seen) {
            Route::Operation(index) => self.fulfils(&self.profile().operations[index], seen, now),
            // It is refused for its method, which needs no credential.
            Route::Methods(_) => Ok(()),
            Route::Unknown => self.fulfils_any(seen, now),
        }
    }

    /// A refusal in the way of the API, with the challenge that HTTP wants (RFC 6750, section 3).
    fn refused(&self, seen: &Seen, refused: &Refused) -> Answer {
        let (code, why) = match refused {
            Refused::Missing(why) => ("unauthorized", why.clone()),
            Refused::Wrong(why) => ("invalid_token", why.clone()),
            Refused::Scope(scopes) => {
                let scopes = scopes.join(" ");
                let why = format!("the access token lacks the scope {scopes}");
                let challenge = format!(
                    "Bearer realm=\"{}\", error=\"insufficient_scope\", scope=\"{scopes}\"",
                    self.name
                );
                return error(StatusCode::FORBIDDEN, "insufficient_scope", &why)
                    .header(WWW_AUTHENTICATE, &challenge);
            }
        };
        let refusal = &self.profile().refusal;
        let Some(status) = refusal.statuses.first() else {
            let code = refusal.body_codes.first().map_or("401", String::as_str);
            let body = json!({"success": false, "errors": [{"code": code, "message": why}]});
            return Answer::json(StatusCode::OK, &body).note(why);
        };
        let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::UNAUTHORIZED);
        let answer = error(status, code, &why);
        if status != StatusCode::UNAUTHORIZED {
            return answer;
        }
        let mut challenge = format!("{} realm=\"{}\"", self.challenge(seen), self.name);
        if code == "invalid_token" && challenge.starts_with("Bearer") {
            challenge.push_str(", error=\"invalid_token\"");
        }
        answer.header(WWW_AUTHENTICATE, &challenge)
    }

    /// The HTTP scheme of the first credential that the operation takes. Own choice: `ApiKey` for keys, for which none
    /// is registered.
    fn challenge(&self, seen: &Seen) -> &'static str {
        let operation = self.operation(seen);
        let first = operation.and_then(|it| it.security.iter().find_map(|it| it.keys().next()));
        let scheme = first.and_then(|it| self.profile().schemes.get(it));
        match scheme.map(|it| (it.kind, it.scheme)) {
            Some((SchemeType::Http, Some(HttpScheme::Basic))) => "Basic",
            Some((SchemeType::Http | SchemeType::Token, _)) => "Bearer",
            _ => "ApiKey",
        }
    }
}

impl Service for Api {
    fn endpoint(&self, path: &str) -> Endpoint {
        match self.login(path) {
            Some(Login::Token(_) | Login::Device(_)) => Endpoint::Token,
            Some(Login::Authorize(_) | Login::Verification) => Endpoint::Login,
            None if self.routes.know(&without_dots(path)) => Endpoint::Resource,
            None => Endpoint::Unknown,
        }
    }

    fn answer(&mut self, seen: &Seen, now: Duration) -> Answer {
        match self.login(&seen.path) {
            Some(Login::Token(index)) => self
                .token_endpoint(index, seen, now)
                .unwrap_or_else(|refused| refused),
            Some(Login::Device(index)) => self
                .device_endpoint(index, seen, now)
                .unwrap_or_else(|refused| refused),
            Some(Login::Authorize(index)) => self.authorize_endpoint(index, seen, now),
            Some(Login::Verification) => self.verification_page(seen, now),
            None => error(
                StatusCode::NOT_FOUND,
                "not_found",
                "the profile has no such path",
            ),
        }
    }

    fn accepts(&self, seen: &Seen, now: Duration) -> bool {
        self.reach(seen, now).is_ok()
    }

    fn authorize(&mut self, seen: &Seen, now: Duration) -> Result<(), Answer> {
        self.reach(seen, now)
            .map_err(|why| self.refused(seen, &why))
    }

    fn refuse(&mut self, seen: &Seen, refusal: Refusal, _now: Duration) -> Answer {
        let why = "the emulator was set to refuse this call";
        let status = http_status(refusal.code).unwrap_or(StatusCode::UNAUTHORIZED);
        if status == StatusCode::UNAUTHORIZED {
            return self.refused(seen, &Refused::Wrong(why.to_owned()));
        }
        error(status, "refused", why)
    }

    fn resource(&mut self, seen: &Seen, _call: &Call, _now: Duration, _wall: SystemTime) -> Answer {
        let index = match self.route(seen) {
            Route::Operation(index) => index,
            Route::Methods(methods) => {
                let methods: Vec<_> = methods.iter().map(Method::as_str).collect();
                let why = "the profile has no such method here";
                return error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", why)
                    .header(ALLOW, &methods.join(", "));
            }
            Route::Unknown => {
                return error(
                    StatusCode::NOT_FOUND,
                    "not_found",
                    "the profile has no such path",
                );
            }
        };
        let operation = &self.profile().operations[index];
        let said = &operation.answer;
        let mut answer = Answer::empty(StatusCode::from_u16(said.status).unwrap_or_default());
        let usual = match (&said.json, &said.text) {
            (Some(json), _) => {
                answer.body = json.to_string().into_bytes();
                Some("application/json")
            }
            (None, Some(text)) => {
                answer.body = text.clone().into_bytes();
                Some("text/plain;charset=UTF-8")
            }
            (None, None) => None,
        };
        if let Some(kind) = said.content_type.as_deref().or(usual) {
            answer = answer.header(CONTENT_TYPE, kind);
        }
        answer.by_rule(format!("operation {}", operation.id))
    }

    fn issued(&self) -> u64 {
        self.issued
    }

    fn expire(&mut self, now: Duration) -> usize {
        self.access_tokens.expire(now)
    }

    fn forget(&mut self, now: Duration, refresh_tokens: bool) -> usize {
        if refresh_tokens {
            self.sessions.refresh_tokens.clear();
        }
        self.access_tokens.forget(now)
    }

    fn check_refusal(&self, refusal: Refusal) -> Result<(), String> {
        http_status(refusal.code).map(|_| ())
    }

    fn revoke_key(&mut self, key: &str) -> Option<bool> {
        let before = self.keys.len();
        self.keys.retain(|it| it.key != key);
        self.takes_keys().then_some(self.keys.len() < before)
    }

    fn add_key(&mut self, key: &str) -> Option<()> {
        self.keys.push(Key {
            scheme: None,
            key: key.to_owned(),
        });
        self.takes_keys().then_some(())
    }

    fn decide(
        &mut self,
        user_code: Option<&str>,
        agrees: bool,
        now: Duration,
    ) -> Result<(), String> {
        if let Some(code) = user_code {
            return self.decide_device(code, agrees, now).map_err(str::to_owned);
        }
        self.users_agree = agrees;
        Ok(())
    }

    fn fault(&mut self, endpoint: Endpoint, code: u16, _seen: &Seen, _wall: SystemTime) -> Answer {
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
        let why = "the emulator was set to answer so";
        match endpoint {
            Endpoint::Token if status.is_client_error() => {
                oauth::error(status, "invalid_request", why)
            }
            Endpoint::Token => oauth::error(status, "server_error", why),
            _ => error(status, "fault", why),
        }
    }
}

impl Api {
    fn takes_keys(&self) -> bool {
        let mut schemes = self.profile().schemes.values();
        schemes.any(|it| {
            matches!(it.kind, SchemeType::Key | SchemeType::Token)
                || it.scheme == Some(HttpScheme::Bearer)
        })
    }
}

/// Own choice: the shape of errors, which a profile does not say.
fn error(status: StatusCode, code: &str, why: &str) -> Answer {
    let body = json!({"error": code, "message": why});
    Answer::json(status, &body).note(why)
}
