//! A typed answer.

use std::fmt;
use std::ops::Deref;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

/// The answer of an operation: the typed value, to which it dereferences, with status and headers.
#[derive(Clone)]
pub struct Reply<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
}

impl<T> Reply<T> {
    pub(crate) fn new(value: T, status: StatusCode, headers: HeaderMap) -> Self {
        Self {
            value,
            status,
            headers,
        }
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers, such as those with rate limits.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl<T> Deref for Reply<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither body nor headers: both may hold personal data or secrets.
        f.debug_struct("Reply")
            .field("status", &self.status.as_u16())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_gives_status_and_headers_but_debug_shows_no_content() {
        let name = reqwest::header::RETRY_AFTER;
        let headers = [(name.clone(), "120".parse().expect("a value"))];
        let reply = Reply::new("CANARY", StatusCode::CREATED, headers.into_iter().collect());
        assert_eq!(reply.status(), StatusCode::CREATED);
        assert_eq!(reply.headers()[&name], "120");
        let shown = format!("{reply:?}");
        assert!(
            shown.contains("201") && !shown.contains("CANARY"),
            "{shown}"
        );
    }
}
