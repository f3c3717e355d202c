//! Error codes and request ids in vendors' answers.

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::ErrorCode;

/// The members in which vendors put the id of a request.
pub(crate) const REQUEST_IDS: [&str; 2] = ["requestId", "request_id"];

const LONGEST_ID: usize = 64;

/// The id in the body, or else in `X-Request-Id`, which is not registered, but which most servers and gateways
/// write.
pub(crate) fn request_id<'a>(in_body: Option<&'a str>, headers: &'a HeaderMap) -> Option<&'a str> {
    let is_id = |id: &&str| {
        let mut bytes = id.bytes();
        (1..=LONGEST_ID).contains(&id.len())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"#-_.:".contains(&byte))
    };
    let in_headers = || headers.get("x-request-id")?.to_str().ok();
    let in_body = in_body.filter(is_id);
    in_body.or_else(|| in_headers().filter(is_id))
}

pub(crate) fn code_of(value: &Value) -> Option<ErrorCode> {
    match value {
        Value::String(code) => Some(code.as_str().into()),
        Value::Number(code) => Some(code.to_string().as_str().into()),
        _ => None,
    }
}
