//! An answer, with notes for the log on its reason, and how it is sent.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, PRAGMA};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::delivery::Delivery;
use super::request::Seen;

/// Says in the answer itself that no document prescribes it.
const OWN_CHOICE: HeaderName = HeaderName::from_static("x-emulator-own-choice");

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Vec<u8>,
    /// Why a request was refused, for the log.
    pub(super) note: Option<String>,
    /// Which rule or default answered, for the log.
    pub(super) rule: Option<String>,
    /// How it is sent, unless at once and whole.
    pub(super) delivery: Option<Box<Delivery>>,
}

impl Answer {
    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            note: None,
            rule: None,
            delivery: None,
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

    /// What was received: our own choice for calls of which the documents say nothing.
    pub(super) fn received(seen: &Seen) -> Self {
        let body = json!({
            "method": seen.method.as_str(),
            "path": seen.path,
            "body_bytes": seen.body.len(),
        });
        Self::json(StatusCode::OK, &body)
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

    /// Sets a header that may be there already.
    pub(super) fn replace_header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.retain(|(present, _)| *present != name);
        self.header(name, value)
    }

    pub(super) fn has(&self, name: &HeaderName) -> bool {
        self.headers.iter().any(|(present, _)| present == name)
    }

    pub(super) fn by_rule(mut self, name: impl Into<String>) -> Self {
        self.rule = Some(name.into());
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

    /// Sends it so; what is at once and whole needs no plan.
    pub(super) fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = (delivery != Delivery::default()).then(|| Box::new(delivery));
        self
    }

    pub(super) fn into_response(mut self) -> Response<Body> {
        if is_without_body(self.status) {
            self.body.clear();
            self.delivery = None;
        }
        let length = self.body.len();
        let announced = self.delivery.as_ref().map(|plan| plan.announced(length));
        let body = match self.delivery {
            None => Body::from(self.body),
            Some(delivery) => delivery.body(self.body),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        if let Some(announced) = announced {
            let length = HeaderValue::from(announced);
            response.headers_mut().insert(CONTENT_LENGTH, length);
        }
        response
    }
}

/// RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5.
pub(super) fn is_without_body(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
    )
}
