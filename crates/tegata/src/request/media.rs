//! The media type of an answer, without text that the server chose.

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

/// The media type of the answer, if there is one and it is not JSON.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<&'static str> {
    let essence = essence(headers)?;
    let mut known = KNOWN.into_iter();
    let known = known.find(|known| essence.eq_ignore_ascii_case(known.as_bytes()));
    (!names_json(essence)).then(|| known.unwrap_or("another media type"))
}

/// Whether the media type is JSON (RFC 6839, 3.1 included).
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    essence(headers).is_some_and(names_json)
}

fn names_json(essence: &[u8]) -> bool {
    let ends_with = |suffix: &[u8]| {
        let start = essence.len().checked_sub(suffix.len());
        start.is_some_and(|start| essence[start..].eq_ignore_ascii_case(suffix))
    };
    essence.eq_ignore_ascii_case(b"application/json") || ends_with(b"+json")
}

/// The media type without its parameters.
fn essence(headers: &HeaderMap) -> Option<&[u8]> {
    // There are few headers, so comparing them is quicker than hashing the name.
    let (_, value) = headers.iter().find(|(name, _)| *name == CONTENT_TYPE)?;
    let essence = value.as_bytes().split(|byte| *byte == b';').next()?;
    Some(essence.trim_ascii())
}
