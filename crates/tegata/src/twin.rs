//! A request to send again.

use reqwest::{Body, Request};

/// Up to this length it costs less to copy a body than to have `try_clone` share it.
const SHORT: usize = 1024;

/// The same request once more, unless its body is a stream.
///
/// `Request::try_clone` makes a table for a timeout even where there is none, which is half of what it costs,
/// so the usual request is copied without it. A timeout, which nothing else can copy, is left to it.
pub(crate) fn twin(request: &Request) -> Option<Request> {
    let body = request.body().map(Body::as_bytes);
    let body = match body {
        None => None,
        Some(bytes) => Some(bytes?),
    };
    if request.timeout().is_some() || body.is_some_and(|bytes| bytes.len() > SHORT) {
        return request.try_clone();
    }
    let mut twin = Request::new(request.method().clone(), request.url().clone());
    *twin.headers_mut() = request.headers().clone();
    *twin.version_mut() = request.version();
    *twin.body_mut() = body.map(|bytes| Body::from(bytes.to_vec()));
    Some(twin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use reqwest::header::HeaderValue;
    use reqwest::{Method, Version};
    use rstest::rstest;

    fn request(body: impl Into<Body>, timeout: Option<Duration>) -> Request {
        let url = "https://h/a%20b?c=d#e".parse().expect("a URL");
        let mut request = Request::new(Method::PATCH, url);
        let mut hidden = HeaderValue::from_static("CANARY");
        hidden.set_sensitive(true);
        request.headers_mut().append("x-several", hidden);
        let plain = HeaderValue::from_static("plain");
        request.headers_mut().append("x-several", plain);
        *request.version_mut() = Version::HTTP_2;
        *request.body_mut() = Some(body.into());
        if timeout.is_some() {
            *request.timeout_mut() = timeout;
        }
        request
    }

    #[rstest]
    fn a_twin_is_the_same_in_every_respect(
        #[values(0, 1, SHORT, SHORT + 1)] length: usize,
        #[values(None, Some(Duration::from_secs(7)))] timeout: Option<Duration>,
    ) {
        let first = request("x".repeat(length), timeout);
        let second = twin(&first).expect("no stream");
        assert_eq!(second.method(), first.method());
        assert_eq!(second.url(), first.url());
        assert_eq!(second.version(), first.version());
        assert_eq!(second.timeout(), first.timeout());
        assert_eq!(second.headers(), first.headers());
        let sensitive = |request: &Request| -> Vec<_> {
            let values = request.headers().get_all("x-several");
            values.iter().map(HeaderValue::is_sensitive).collect()
        };
        assert_eq!(sensitive(&second), [true, false]);
        let bytes = second.body().and_then(Body::as_bytes).expect("a body");
        assert_eq!(bytes, "x".repeat(length).as_bytes());
    }

    #[rstest]
    #[case(1, false)]
    #[case(SHORT, false)]
    #[case(SHORT + 1, true)]
    #[case(SHORT * 10, true)]
    fn a_long_body_is_shared_and_a_short_one_copied(#[case] length: usize, #[case] shared: bool) {
        let first = request("x".repeat(length), None);
        let second = twin(&first).expect("no stream");
        let place = |request: &Request| request.body()?.as_bytes().map(<[u8]>::as_ptr);
        assert_eq!(place(&second) == place(&first), shared);
    }

    #[test]
    fn what_has_no_body_gets_none() {
        let get = Request::new(Method::GET, "https://h/".parse().expect("a URL"));
        assert!(twin(&get).expect("no stream").body().is_none());
    }

    #[rstest]
    fn a_stream_has_no_twin(
        #[values(None, Some(Duration::from_secs(7)))] timeout: Option<Duration>,
    ) {
        let stream = Body::wrap(http_body_util::Full::new(bytes::Bytes::from_static(b"x")));
        assert!(twin(&request(stream, timeout)).is_none());
    }
}
