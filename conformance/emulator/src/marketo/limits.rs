//! Marketo's limits. Vendor, its page on error codes: they are answered in the envelope, with HTTP 200 and
//! without a header that says when to come back.

/// What the envelope says for a code, where the vendor words it.
pub(super) fn message(code: u16) -> Option<&'static str> {
    Some(match code {
        606 => "Max rate limit '100' exceeded with in '20' secs",
        607 => "Daily quota reached",
        608 => "API Temporarily Unavailable",
        610 => "Requested resource not found",
        615 => "Concurrent access limit reached",
        _ => return None,
    })
}
