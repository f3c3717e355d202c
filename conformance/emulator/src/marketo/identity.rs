//! The identity endpoint: `GET` and `POST /identity/oauth/token`.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::Marketo;
use crate::answer::Answer;
use crate::form::{FieldError, Form};
use crate::oauth;
use crate::request::Seen;

impl Marketo {
    /// Documented: the three parameters, GET or POST, the four members of the answer, the same
    /// token with its remaining lifetime until it expires. Vendor: 401 for wrong credentials.
    /// Reported: the errors' names, and an `expires_in` of 0 in the last second.
    pub(super) fn token(&mut self, seen: &Seen, now: Duration) -> Answer {
        self.try_token(seen, now).unwrap_or_else(|refused| refused)
    }

    fn try_token(&mut self, seen: &Seen, now: Duration) -> Result<Answer, Answer> {
        let fields = parameters(seen)?;
        if oauth::required(&fields, "grant_type")? != "client_credentials" {
            return Err(oauth::unsupported_grant_type("client_credentials"));
        }
        let client_id = credential(&fields, "client_id", unauthorized)?;
        let secret = credential(&fields, "client_secret", oauth::invalid_client)?;
        let client = self
            .client(client_id)
            .ok_or_else(|| unauthorized("no custom service has this client_id"))?;
        if client.secret != secret {
            return Err(oauth::invalid_client("the client_secret is wrong"));
        }
        let scope = client.user.clone();

        let (token, left) = self.current_token(client_id, now);
        Ok(Answer::token(&json!({
            "access_token": token,
            "token_type": "bearer",
            "expires_in": left.as_secs(),
            "scope": scope,
        })))
    }

    /// The client's live token, or a new one.
    fn current_token(&mut self, client_id: &str, now: Duration) -> (String, Duration) {
        if let Some(token) = self.current.get(client_id)
            && let Some(left) = self.access_tokens.remaining(token, now)
        {
            return (token.clone(), left);
        }
        let lifetime = Duration::from_secs(self.config.access_token_seconds.into());
        let token = format!("{}:int", self.mint.make("access"));
        let expires_at = now.saturating_add(lifetime);
        self.access_tokens
            .insert(token.clone(), client_id.to_owned(), now, expires_at);
        self.current.insert(client_id.to_owned(), token.clone());
        self.issued += 1;
        (token, lifetime)
    }
}

/// The fields of the query and, for POST, of the body: shipped clients use the one or the other.
/// Own choice: a body that is no form is refused.
fn parameters(seen: &Seen) -> Result<Form, Answer> {
    let query = oauth::fields(seen.query_bytes())?;
    if seen.method != Method::POST || seen.body.is_empty() {
        return Ok(query);
    }
    let both = query.and(oauth::form(seen)?);
    oauth::unrepeated(&both)?;
    Ok(both)
}

/// Own choice: a credential left out is answered as a wrong one, for shipped clients know these
/// two errors and no other.
fn credential<'a>(
    fields: &'a Form,
    name: &str,
    refused: impl Fn(&str) -> Answer,
) -> Result<&'a str, Answer> {
    fields.one(name).map_err(|problem| {
        let why = match problem {
            FieldError::Missing => format!("the parameter {name} is missing"),
            FieldError::Repeated => format!("the parameter {name} is there more than once"),
        };
        refused(&why).own_choice("a missing credential is answered as a wrong one")
    })
}

/// Reported: the error of an unknown client id.
fn unauthorized(why: &str) -> Answer {
    oauth::error(StatusCode::UNAUTHORIZED, "unauthorized", why)
}
