//! The conventional method: `POST` and `PATCH /v1/tokens`.
//!
//! Assumed: JSON bodies and the field names, which can be configured. Own choice: the statuses,
//! 400 for a request of the wrong shape and 401 for a credential that is not good.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{FujitsuAispf, RefreshToken, error};
use crate::answer::Answer;
use crate::form::FieldError;
use crate::json::{MemberError, Object};
use crate::request::{MediaType, Seen};

impl FujitsuAispf {
    /// Documented: id and secret in the body; an `accessToken` and a refresh token in the answer.
    pub(super) fn issue_legacy_token(&mut self, seen: &Seen, now: Duration) -> Answer {
        if let Err(refused) = self.authenticate_by_body(seen) {
            return refused;
        }
        let (access_token, access_expires_at) = self.issue(now);
        let refresh_token = self.issue_refresh_token(now, access_expires_at);
        self.legacy_answer(access_token, Some(refresh_token))
    }

    /// Documented: the refresh token instead of id and secret, before the access token expires and
    /// within a day of the refresh token's own issue.
    pub(super) fn refresh_legacy_token(&mut self, seen: &Seen, now: Duration) -> Answer {
        let presented = match self.presented_refresh_token(seen) {
            Ok(presented) => presented,
            Err(refused) => return refused,
        };
        let refused = |why: &str| error(StatusCode::UNAUTHORIZED, why);
        let Some(known) = self.refresh_tokens.get(&presented) else {
            return refused("the refresh token was replaced or never issued");
        };
        if now >= known.expires_at {
            return refused("the refresh token has expired");
        }
        if now >= known.access_expires_at {
            // Whether the vendor is as strict as its document is not known.
            return refused("the access token has expired, and refreshing must happen before")
                .own_choice("a refresh after the access token's expiry is refused");
        }

        let (access_token, access_expires_at) = self.issue(now);
        let replacement = if self.config.rotate {
            self.refresh_tokens.remove(&presented);
            Some(self.issue_refresh_token(now, access_expires_at))
        } else {
            if let Some(known) = self.refresh_tokens.get_mut(&presented) {
                known.access_expires_at = access_expires_at;
            }
            None
        };
        self.legacy_answer(access_token, replacement)
    }

    fn authenticate_by_body(&self, seen: &Seen) -> Result<(), Answer> {
        let fields = &self.config.v1_fields;
        let body = object(seen)?;
        let id = text(&body, &fields.client_id)?;
        let secret = text(&body, &fields.client_secret)?;
        if self.is_client(id, secret) {
            Ok(())
        } else {
            let why = "no client has this id and secret";
            Err(error(StatusCode::UNAUTHORIZED, why))
        }
    }

    fn presented_refresh_token(&self, seen: &Seen) -> Result<String, Answer> {
        let fields = &self.config.v1_fields;
        let body = object(seen)?;
        for name in [&fields.client_id, &fields.client_secret] {
            if body.contains(name) {
                let why = format!("{name} is sent: a refresh token takes its place");
                return Err(error(StatusCode::BAD_REQUEST, &why)
                    .own_choice("client id or secret beside a refresh token is refused"));
            }
        }
        text(&body, &fields.refresh_token).map(str::to_owned)
    }

    fn issue_refresh_token(&mut self, now: Duration, access_expires_at: Duration) -> String {
        let lifetime = Duration::from_secs(self.config.refresh_token_seconds.into());
        self.refresh_tokens
            .retain(|_, refresh| now < refresh.expires_at);
        let token = self.mint.make("refresh");
        let refresh = RefreshToken {
            expires_at: now.saturating_add(lifetime),
            access_expires_at,
        };
        self.refresh_tokens.insert(token.clone(), refresh);
        token
    }

    fn legacy_answer(&self, access_token: String, refresh_token: Option<String>) -> Answer {
        let fields = &self.config.v1_fields;
        let mut body = Map::from_iter([
            ("accessToken".to_owned(), Value::from(access_token)),
            (
                fields.expires_in.clone(),
                json!(self.config.access_token_seconds),
            ),
        ]);
        if let Some(refresh_token) = refresh_token {
            body.insert(fields.refresh_token.clone(), Value::from(refresh_token));
        }
        Answer::token(&Value::Object(body))
    }
}

fn object(seen: &Seen) -> Result<Object, Answer> {
    if seen.media_type() != MediaType::Json {
        let why = "the Content-Type is not application/json";
        return Err(error(StatusCode::BAD_REQUEST, why));
    }
    Object::parse(&seen.body).map_err(|_| {
        let why = "the body is not a JSON object";
        error(StatusCode::BAD_REQUEST, why)
    })
}

fn text<'a>(body: &'a Object, name: &str) -> Result<&'a str, Answer> {
    body.text(name).map_err(|problem| {
        let why = match problem {
            MemberError::Field(FieldError::Missing) => format!("{name} is missing"),
            MemberError::Field(FieldError::Repeated) => format!("{name} is there more than once"),
            MemberError::NotText => format!("{name} is not text"),
        };
        error(StatusCode::BAD_REQUEST, &why)
    })
}
