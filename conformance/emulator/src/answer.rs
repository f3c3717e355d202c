//! An answer, with a note for the log on its reason.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;

/// Says in the answer itself that no document prescribes it.
const OWN_CHOICE: HeaderName = HeaderName::from_static("x-emulator-own-choice");

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Vec<u8>,
    /// Why a request was refused, for the log.
    pub(super) note: Option<String>,
}

impl Answer {
    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            note: None,
        }
    }

    pub(super) fn json(status: StatusCode, body: &Value) -> Self {
        Self::json_text(status, body.to_string())
    }

    pub(super) fn json_text(status: StatusCode, body: String) -> Self {
        Self {
            body: body.into_bytes(),
            ..Self::empty(status)
        }
        .header(CONTENT_TYPE, "application/json;charset=UTF-8")
    }

    /// The answer that carries a token, which RFC 6749 section 5.1 keeps out of every cache.
    pub(super) fn token(body: &Value) -> Self {
        Self::json(StatusCode::OK, body).uncached()
    }

    pub(super) fn uncached(self) -> Self {
        self.header(CACHE_CONTROL, "no-store")
            .header(PRAGMA, "no-cache")
    }

    pub(super) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Marks an answer that is the emulator's own choice, in the answer and in the log.
    pub(super) fn own_choice(self, why: &str) -> Self {
        let answer = self.header(OWN_CHOICE, why);
        match &answer.note {
            Some(_) => answer,
            None => answer.note(why),
        }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}
