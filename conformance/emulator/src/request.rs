//! A request as a provider sees it.

use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request};

/// Far above what a token request needs, and above the vendor's own limit for Marketo imports.
const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// A request with its body read, its path cut below the provider's name.
pub(super) struct Seen {
    pub(super) method: Method,
    /// As sent, not decoded.
    pub(super) path: String,
    /// As sent, not decoded.
    pub(super) query: Option<String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The content type, from all `Content-Type` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    Absent,
    Form,
    Json,
    Other,
    Repeated,
}

/// The credential, from all `Authorization` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Authorization<'a> {
    Absent,
    Basic(&'a str),
    Bearer(&'a str),
    Other,
    Repeated,
}

/// A header that must come once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header<'a> {
    Absent,
    Once(&'a [u8]),
    Repeated,
}

impl Seen {
    /// Reads the body; `None` when it is too large or breaks off.
    pub(super) async fn read(request: Request<Body>, path: &str) -> Option<Self> {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, BODY_LIMIT).await.ok()?;
        Some(Self {
            method: parts.method,
            path: path.to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers,
            body,
        })
    }

    pub(super) fn query_bytes(&self) -> &[u8] {
        self.query.as_deref().unwrap_or_default().as_bytes()
    }

    pub(super) fn header(&self, name: &str) -> Header<'_> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Header::Absent,
            (Some(value), None) => Header::Once(value.as_bytes()),
            (Some(_), Some(_)) => Header::Repeated,
        }
    }

    /// The type without its parameters: real clients add `;charset=UTF-8` to a form.
    pub(super) fn media_type(&self) -> MediaType {
        let value = match self.header(CONTENT_TYPE.as_str()) {
            Header::Absent => return MediaType::Absent,
            Header::Repeated => return MediaType::Repeated,
            Header::Once(value) => value,
        };
        let essence = value.split(|&byte| byte == b';').next().unwrap_or_default();
        let essence = essence.trim_ascii();
        if essence.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
            MediaType::Form
        } else if essence.eq_ignore_ascii_case(b"application/json") {
            MediaType::Json
        } else {
            MediaType::Other
        }
    }

    pub(super) fn authorization(&self) -> Authorization<'_> {
        let value = match self.header(AUTHORIZATION.as_str()) {
            Header::Absent => return Authorization::Absent,
            Header::Repeated => return Authorization::Repeated,
            Header::Once(value) => value,
        };
        let Ok(value) = std::str::from_utf8(value) else {
            return Authorization::Other;
        };
        let value = value.trim();
        let (scheme, credential) = value.split_once(' ').unwrap_or((value, ""));
        let credential = credential.trim_start();
        if scheme.eq_ignore_ascii_case("Basic") {
            Authorization::Basic(credential)
        } else if scheme.eq_ignore_ascii_case("Bearer") {
            Authorization::Bearer(credential)
        } else {
            Authorization::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use rstest::rstest;

    fn with(name: &'static str, values: &[&'static str]) -> Seen {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_static(value));
        }
        Seen {
            method: Method::POST,
            path: "/".to_owned(),
            query: None,
            headers,
            body: Bytes::new(),
        }
    }

    #[rstest]
    #[case(&[], MediaType::Absent)]
    #[case(&["application/x-www-form-urlencoded"], MediaType::Form)]
    #[case(&["Application/X-WWW-Form-Urlencoded; charset=UTF-8"], MediaType::Form)]
    #[case(&["application/json;charset=utf-8"], MediaType::Json)]
    #[case(&["text/plain"], MediaType::Other)]
    #[case(&["application/json", "application/json"], MediaType::Repeated)]
    fn the_media_type_is_read(#[case] values: &[&'static str], #[case] expected: MediaType) {
        assert_eq!(with("content-type", values).media_type(), expected);
    }

    #[rstest]
    #[case(&[], Authorization::Absent)]
    #[case(&["Bearer a:b"], Authorization::Bearer("a:b"))]
    #[case(&["bearer  a"], Authorization::Bearer("a"))]
    #[case(&["Bearer"], Authorization::Bearer(""))]
    #[case(&["Bearer \"a\""], Authorization::Bearer("\"a\""))]
    #[case(&["Basic YTpi"], Authorization::Basic("YTpi"))]
    #[case(&["Token a"], Authorization::Other)]
    #[case(&["Bearer a", "Bearer a"], Authorization::Repeated)]
    fn the_authorization_header_is_read(
        #[case] values: &[&'static str],
        #[case] expected: Authorization<'_>,
    ) {
        assert_eq!(with("authorization", values).authorization(), expected);
    }
}
