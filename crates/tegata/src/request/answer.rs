//! Rebuilds answers of reqwest without their URL.

use std::sync::LazyLock;

use reqwest::{Body, Response, ResponseBuilderExt as _};
use url::Url;

/// An answer without its URL, whose query may hold a secret, and which `Debug` and every later error of
/// reqwest would print.
pub(crate) fn without_url(response: Response) -> Response {
    static NOWHERE: LazyLock<Option<Url>> =
        LazyLock::new(|| Url::parse("http://removed.invalid/").ok());
    let response = http::Response::<Body>::from(response);
    match &*NOWHERE {
        Some(url) => with_url(response, url.clone()),
        None => response.into(),
    }
}

/// Without a URL reqwest would parse a placeholder, which takes longer than everything else here.
pub(crate) fn with_url(mut response: http::Response<Body>, url: Url) -> Response {
    // reqwest reads the URL of a response from a private extension, which only this builder method sets.
    let mut builder = http::Response::builder();
    if let Some(extensions) = builder.extensions_mut() {
        std::mem::swap(extensions, response.extensions_mut());
    }
    builder = builder.url(url);
    if let Some(extensions) = builder.extensions_mut() {
        std::mem::swap(extensions, response.extensions_mut());
    }
    response.into()
}
