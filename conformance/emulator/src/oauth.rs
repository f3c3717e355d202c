//! The rules of RFC 6749 that every token endpoint follows.

use axum::http::StatusCode;
use axum::http::header::{ALLOW, LOCATION, WWW_AUTHENTICATE};
use serde_json::json;

use super::answer::Answer;
use super::form::{self, FieldError, Form};
use super::request::{MediaType, Seen};

/// RFC 6749 section 5.2: the error answer of a token endpoint.
pub(super) fn error(status: StatusCode, code: &str, description: &str) -> Answer {
    let body = json!({ "error": code, "error_description": description });
    Answer::json(status, &body).uncached().note(description)
}

pub(super) fn invalid_request(description: &str) -> Answer {
    error(StatusCode::BAD_REQUEST, "invalid_request", description)
}

pub(super) fn invalid_grant(description: &str) -> Answer {
    error(StatusCode::BAD_REQUEST, "invalid_grant", description)
}

/// RFC 6749 section 5.2: 401 is always allowed; real clients stumble over an identity error that
/// comes with a 200.
pub(super) fn invalid_client(description: &str) -> Answer {
    error(StatusCode::UNAUTHORIZED, "invalid_client", description)
}

/// RFC 6749 section 5.2: the answer names the scheme to a client that tried the `Authorization` header.
pub(super) fn invalid_client_of_header(realm: &str, description: &str) -> Answer {
    invalid_client(description).header(WWW_AUTHENTICATE, &format!("Basic realm=\"{realm}\""))
}

/// The fields of a token request.
///
/// RFC 6749: a form in UTF-8 (4.1.3, 4.4.2, 6), no parameter twice (3.2). Own choice: the status
/// of a wrong content type, which the RFC leaves open.
pub(super) fn form(seen: &Seen) -> Result<Form, Answer> {
    match seen.media_type() {
        MediaType::Form => {}
        MediaType::Absent => {
            return Err(invalid_request(
                "the Content-Type header is missing: send application/x-www-form-urlencoded",
            ));
        }
        MediaType::Repeated => {
            return Err(invalid_request(
                "the Content-Type header is there more than once",
            ));
        }
        MediaType::Json | MediaType::Other => {
            return Err(invalid_request(
                "the Content-Type is not application/x-www-form-urlencoded",
            ));
        }
    }
    fields(&seen.body)
}

/// Reads form-encoded fields and refuses doubled ones.
pub(super) fn fields(encoded: &[u8]) -> Result<Form, Answer> {
    let form = Form::parse(encoded).map_err(|problem| invalid_request(&problem.to_string()))?;
    unrepeated(&form)?;
    Ok(form)
}

pub(super) fn unrepeated(form: &Form) -> Result<(), Answer> {
    match form.repeated() {
        Some(name) => Err(invalid_request(&format!(
            "the parameter {} is there more than once",
            plain(name)
        ))),
        None => Ok(()),
    }
}

/// A client's text as RFC 6749 section 5.2 allows it in a description.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\'))
        .collect()
}

pub(super) fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, Answer> {
    form.one(name).map_err(|problem| match problem {
        FieldError::Missing => invalid_request(&format!("the parameter {name} is missing")),
        FieldError::Repeated => {
            invalid_request(&format!("the parameter {name} is there more than once"))
        }
    })
}

/// RFC 6749 section 2.3.1: credentials never stand in the request URI; own choice: neither does
/// any other parameter of a request that belongs into the body.
pub(super) fn nothing_in_query(seen: &Seen, names: &[&str]) -> Result<(), Answer> {
    let query = Form::parse(seen.query_bytes()).unwrap_or_default();
    match names.iter().find(|name| query.contains(name)) {
        Some(name) => Err(invalid_request(&format!(
            "the parameter {name} stands in the URL: send it in the body"
        ))
        .own_choice("token parameters in the URL are refused")),
        None => Ok(()),
    }
}

pub(super) fn unsupported_grant_type(expected: &str) -> Answer {
    error(
        StatusCode::BAD_REQUEST,
        "unsupported_grant_type",
        &format!("the grant_type is not {expected}"),
    )
}

/// RFC 6749 sections 4.1.2 and 4.1.2.1: the answer of an authorization endpoint, with the `state` that was sent.
pub(super) fn redirect(to: &str, query: &Form, members: &[(&str, &str)]) -> Answer {
    let mut location = to.to_owned();
    let state = query.one("state").ok().map(|state| ("state", state));
    for (name, value) in members.iter().copied().chain(state) {
        location.push(if location.contains('?') { '&' } else { '?' });
        location.push_str(name);
        location.push('=');
        location.push_str(&form::encode(value));
    }
    Answer::empty(StatusCode::FOUND)
        .header(LOCATION, &location)
        .uncached()
}

/// HTTP: a method that a path does not know.
pub(super) fn method_not_allowed(allowed: &str) -> Answer {
    Answer::empty(StatusCode::METHOD_NOT_ALLOWED)
        .header(ALLOW, allowed)
        .note(format!("this path knows only {allowed}"))
}
