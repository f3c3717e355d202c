//! What an answer says that it is, without text that the server chose.

use reqwest::header::{CONTENT_TYPE, HeaderMap};

/// The media types that a message may name: any other is text that the server chose.
const KNOWN: [&str; 7] = [
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "application/xhtml+xml",
    "application/xml",
    "text/html",
    "text/plain",
    "text/xml",
];

/// What the answer says that it is, unless it says JSON or nothing.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<&'static str> {
    let value = headers.get(CONTENT_TYPE)?.to_str().unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    let lower = essence.to_ascii_lowercase();
    if lower == "application/json" || lower.ends_with("+json") {
        return None;
    }
    let known = KNOWN.into_iter().find(|known| *known == lower);
    Some(known.unwrap_or("another media type"))
}
