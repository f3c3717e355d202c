//! Normalizes token answers as servers really write them, before they are read by type.
//!
//! A server that rotates refresh tokens has revoked the old one when it answers. To discard the answer for an
//! unrelated flaw would end the session, so the new refresh token is kept whatever else is wrong.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Body, Response, StatusCode};
use serde_json::{Map, Value};

use crate::error::{NO_BODY, NO_REFRESH_TOKEN};
use crate::provider::Seconds;
use crate::provider::spec::TokenAnswer;
use crate::request::body::{Limits, json, whole, with_status};
use crate::request::failure;
use crate::request::media::media_type;
use crate::request::members::Members;
use crate::{Error, ErrorKind};

/// Tokens are a few kilobytes long. A truncated answer may have held the only good refresh token, so the limit
/// is as long as our HTTP client waits for a single byte.
const LIMITS: Limits = Limits {
    bytes: 1_048_576,
    time: Duration::from_secs(120),
};

/// The token type if none is given: the only one with a scheme here (RFC 6750).
const BEARER: &str = "Bearer";

/// Converts any 2xx answer into the one that generated code expects.
///
/// # Errors
/// As [`read`].
pub(super) async fn typed(response: Response, answer: &TokenAnswer<'_>) -> Result<Response, Error> {
    let (response, object) = read(response, answer).await?;
    let mut response = response.map(|()| Body::from(Value::Object(object).to_string()));
    // Generated code accepts only the documented status.
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    Ok(response.into())
}

/// Reads a 2xx answer as a token, with the head beside it. In the object
///
/// * the access token is a text, empty only if a refresh token stands beside it;
/// * the refresh token is a text that is not blank (RFC 6749, A.17: at least one character), or absent;
/// * the lifetime can be read, or is absent;
/// * the type is a text, and `Bearer` if there was none.
///
/// # Errors
/// * With the server's code if it holds an error instead of tokens.
/// * [`ErrorKind::InvalidResponse`] if it holds neither.
/// * Connection errors and timeouts.
pub(crate) async fn read(
    response: Response,
    answer: &TokenAnswer<'_>,
) -> Result<(http::Response<()>, Map<String, Value>), Error> {
    let (head, body) = http::Response::<Body>::from(response).into_parts();
    let body = whole(&head.headers, body, &LIMITS).await;
    let body = body.map_err(|error| with_status(error, head.status))?;
    let object = token(&body, &head.headers, answer)
        .map_err(|error| error.with_status(head.status.as_u16()))?;
    Ok((http::Response::from_parts(head, ()), object))
}

fn token(
    body: &[u8],
    headers: &HeaderMap,
    answer: &TokenAnswer<'_>,
) -> Result<Map<String, Value>, Error> {
    // A text in another encoding is replaced on its own, so that the other members stay readable.
    let json = json(body);
    let text = String::from_utf8_lossy(&json);
    read_text(&text, headers, answer).map_err(|error| {
        let mentions_one = text.to_ascii_lowercase().contains("token");
        if mentions_one || error.kind() != ErrorKind::InvalidResponse {
            return error;
        }
        // Such as `{"message": "maintenance"}`: no refresh token is lost with it.
        error.with_media(Some(NO_REFRESH_TOKEN))
    })
}

fn read_text(
    text: &str,
    headers: &HeaderMap,
    answer: &TokenAnswer<'_>,
) -> Result<Map<String, Value>, Error> {
    let Some(members) = Members::read(text) else {
        return Err(no_object(text, headers));
    };
    let mut object = put_right(&members, answer);
    if object.contains_key(answer.access_token) {
        return Ok(object);
    }
    if answer
        .refresh_token
        .is_some_and(|name| object.contains_key(name))
    {
        object.insert(answer.access_token.to_owned(), "".into());
        return Ok(object);
    }
    Err(no_token(&members, object, answer))
}

fn put_right(members: &Members<'_>, answer: &TokenAnswer<'_>) -> Map<String, Value> {
    let mut object = members.readable();
    let mut put = |name: &str, value: Option<Value>| match value {
        Some(value) => drop(object.insert(name.to_owned(), value)),
        None => drop(object.remove(name)),
    };
    let text = |name, pleases: fn(&String) -> bool| members.last(name, pleases).map(Value::String);
    for name in answer.texts {
        put(name, text(name, |_| true));
    }
    put(
        answer.access_token,
        text(answer.access_token, |token| is_token(token)),
    );
    if let Some(name) = answer.refresh_token {
        put(name, text(name, |token| is_token(token)));
    }
    if let Some(name) = answer.expires_in {
        let seconds = members.last(name, |_: &Seconds| true);
        put(name, seconds.map(|seconds| seconds.get().into()));
    }
    if let Some(name) = answer.token_type {
        put(name, Some(token_type(members, name).into()));
    }
    object
}

fn token_type(members: &Members<'_>, name: &str) -> String {
    let is_there = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !is_blank(text),
        _ => true,
    };
    match members.last(name, is_there) {
        None => BEARER.to_owned(),
        Some(Value::String(text)) => text,
        // A token type that is not a text: the empty one matches no scheme, so the token is refused.
        Some(_) => String::new(),
    }
}

/// Whether it may be a token: bytes in another encoding have been replaced, and such a text is none.
fn is_token(text: &str) -> bool {
    !is_blank(text) && !text.contains('\u{fffd}')
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The error for an object without any token.
fn no_token(members: &Members<'_>, object: Map<String, Value>, answer: &TokenAnswer<'_>) -> Error {
    let name = answer.access_token;
    let is_error = match object.get("error") {
        Some(Value::String(code)) => !is_blank(code),
        Some(Value::Object(error)) => !error.is_empty(),
        _ => false,
    };
    let (code, description) = failure::read_body(&Value::Object(object));
    let code = code.filter(|code| !is_blank(code.as_str()));
    let error = if is_error || code.is_some() {
        Error::new(
            ErrorKind::Status,
            "the token endpoint refused to issue a token",
        )
    } else if members.contains(name) {
        let error = invalid(format!(
            "the answer of the token endpoint holds no text as `{name}`"
        ));
        let refresh_token = answer.refresh_token;
        if refresh_token.is_some_and(|name| members.contains(name)) {
            error
        } else {
            // It uses the documented names, so a refresh token would be under its documented name too.
            error.with_media(Some(NO_REFRESH_TOKEN))
        }
    } else {
        invalid(format!("the answer of the token endpoint lacks `{name}`"))
    };
    error.with_code(code).with_description(description)
}

/// The error for a body that is no JSON object.
fn no_object(text: &str, headers: &HeaderMap) -> Error {
    let (message, media) = if text.is_empty() {
        (
            "the answer of the token endpoint is empty".to_owned(),
            Some(NO_BODY),
        )
    } else {
        match media_type(headers) {
            None => (
                "the answer of the token endpoint is no JSON object".to_owned(),
                None,
            ),
            Some(media) => (
                format!("the token endpoint answered with {media}, which is no token"),
                Some(media),
            ),
        }
    };
    invalid(message).with_media(media)
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidResponse, message)
}

#[cfg(test)]
mod tests;
