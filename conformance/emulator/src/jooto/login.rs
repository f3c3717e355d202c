//! The authorization endpoint, where a person would log in and consent.

use std::time::Duration;

use axum::http::StatusCode;

use super::{Code, Grant, Jooto, error, number};
use crate::answer::Answer;
use crate::form::{FieldError, Form};
use crate::oauth;
use crate::request::Seen;

/// Beyond this many, codes whose time is over are dropped when a new one comes.
const CODES_KEPT: usize = 10_000;

impl Jooto {
    /// Documented: five parameters, and a redirect with a code. RFC 6749: the `state` comes back
    /// (4.1.2), and errors are reported by redirect unless client or redirect URI are wrong
    /// (4.1.2.1). Own choice: the emulated user consents at once.
    pub(super) fn login(&mut self, seen: &Seen, now: Duration) -> Answer {
        let Ok(query) = Form::parse(seen.query_bytes()) else {
            return shown("the query is not form-encoded UTF-8");
        };
        let (client_id, redirect_uri) = match self.registration(&query) {
            Ok(registration) => registration,
            Err(why) => return shown(&why),
        };
        match self.consent(&query, &client_id) {
            Ok(grant) => {
                let code = self.issue_code(grant, &redirect_uri, now);
                oauth::redirect(&redirect_uri, &query, &[("code", &code)])
            }
            Err((code, why)) => {
                let members = [("error", code), ("error_description", why.as_str())];
                oauth::redirect(&redirect_uri, &query, &members).note(why)
            }
        }
    }

    fn registration(&self, query: &Form) -> Result<(String, String), String> {
        let client_id = required(query, "client_id")?;
        let client = self
            .client(client_id)
            .ok_or("no application has this client_id")?;
        let redirect_uri = required(query, "redirect_uri")?;
        if client.redirect_uris.iter().any(|uri| uri == redirect_uri) {
            Ok((client_id.to_owned(), redirect_uri.to_owned()))
        } else {
            Err("the redirect_uri is not registered for this client_id".to_owned())
        }
    }

    /// The grant of the emulated user, or the error code and the reason.
    ///
    /// Own choice: as all five parameters are documented and none is called optional, each must be
    /// there; an organization that is not the user's is `access_denied`.
    fn consent(&self, query: &Form, client_id: &str) -> Result<Grant, (&'static str, String)> {
        let invalid = |why: String| ("invalid_request", why);
        if let Some(name) = query.repeated() {
            return Err(invalid(format!(
                "the parameter {} is there more than once",
                name.escape_default()
            )));
        }
        if required(query, "response_type").map_err(invalid)? != "code" {
            let why = "the response_type is not code".to_owned();
            return Err(("unsupported_response_type", why));
        }
        required(query, "state").map_err(invalid)?;
        let organization_id = required(query, "organization_id").map_err(invalid)?;
        let organization_id = number(organization_id)
            .ok_or_else(|| invalid("the organization_id is not a number".to_owned()))?;
        let granted = self
            .client(client_id)
            .is_some_and(|client| client.organization_ids.contains(&organization_id));
        if !granted {
            let why = "the user has no access to this organization_id".to_owned();
            return Err(("access_denied", why));
        }
        Ok(Grant {
            client_id: client_id.to_owned(),
            organization_id,
        })
    }

    fn issue_code(&mut self, grant: Grant, redirect_uri: &str, now: Duration) -> String {
        if self.codes.len() >= CODES_KEPT {
            self.codes.retain(|_, code| now < code.expires_at);
        }
        let lifetime = Duration::from_secs(self.config.code_seconds.into());
        let code = self.mint.make("code");
        let issued = Code {
            grant,
            redirect_uri: redirect_uri.to_owned(),
            expires_at: now.saturating_add(lifetime),
            used: false,
        };
        self.codes.insert(code.clone(), issued);
        code
    }
}

/// RFC 6749 section 4.1.2.1: what concerns client or redirect URI is shown to the person and never
/// redirected. Own choice: shown in the shape of Jooto's other errors.
fn shown(why: &str) -> Answer {
    error(StatusCode::BAD_REQUEST, why)
        .own_choice("shown to the person in the shape of the API's errors")
}

fn required<'a>(query: &'a Form, name: &str) -> Result<&'a str, String> {
    query.one(name).map_err(|problem| match problem {
        FieldError::Missing => format!("the parameter {name} is missing"),
        FieldError::Repeated => format!("the parameter {name} is there more than once"),
    })
}
