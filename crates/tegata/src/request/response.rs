//! An untyped answer.

use std::fmt;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Body, StatusCode, Version};
use serde::de::DeserializeOwned;

use crate::request::body::{whole, with_status};
use crate::request::{coding, failure, typed};
use crate::{Error, Reply};

/// The answer to a request that was sent with the client's credential, whose body is still to be read.
///
/// Reading it fails with the errors of this crate, which show nothing of a URL or a body.
pub struct Response(reqwest::Response);

/// Marks an answer with a successful status whose body says that the call failed.
#[derive(Clone)]
pub(crate) struct FailedCall(pub(crate) Error);

impl Response {
    pub(crate) fn new(response: reqwest::Response) -> Self {
        Self(response)
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// The HTTP version of the answer.
    pub fn version(&self) -> Version {
        self.0.version()
    }

    /// The answer itself if the call succeeded: its status is a success (2xx), and there is no code of a failure in it,
    /// where the provider puts codes into successful answers.
    ///
    /// # Errors
    /// [`ErrorKind::Status`](crate::ErrorKind::Status) with the status, `Retry-After`, and the code and description in
    /// the body, of which at most 64 KiB are read in at most five seconds.
    pub async fn error_for_status(self) -> Result<Self, Error> {
        match self.0.extensions().get::<FailedCall>() {
            Some(FailedCall(error)) => Err(error.clone()),
            None => failure::unless_success(self.0).await.map(Self),
        }
    }

    /// The whole body as JSON, of at most 64 MiB in at most half an hour. Neither status nor codes are looked at.
    ///
    /// # Errors
    /// * [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if it is not JSON of this type, with
    ///   the place but without the text, or too long, or compressed in a way that cannot be read here.
    /// * Connection errors and timeouts.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        typed::read(self.0).await.map(Reply::into_inner)
    }

    /// The whole body as text in UTF-8, of at most 64 MiB in at most half an hour. Bytes that are not UTF-8 are
    /// replaced by U+FFFD.
    ///
    /// # Errors
    /// * [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if it is too long, or compressed in a way
    ///   that cannot be read here.
    /// * Connection errors and timeouts.
    pub async fn text(self) -> Result<String, Error> {
        let (head, body) = http::Response::<Body>::from(self.0).into_parts();
        let body = whole(&head.headers, body, &typed::LIMITS).await;
        let body = body.map_err(|error| with_status(error, head.status))?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    /// The whole body as it came, of at most 64 MiB in at most half an hour; compressed if the request asked for that.
    /// A longer one is read in [pieces](Self::chunk).
    ///
    /// # Errors
    /// * [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if it is too long.
    /// * Connection errors and timeouts.
    pub async fn bytes(self) -> Result<Bytes, Error> {
        let (head, body) = http::Response::<Body>::from(self.0).into_parts();
        let body = whole(&HeaderMap::new(), body, &typed::LIMITS).await;
        body.map_err(|error| with_status(error, head.status))
    }

    /// The next piece of the body as it came, or `None` at its end.
    ///
    /// # Errors
    /// Connection errors and timeouts.
    ///
    /// # Cancellation
    /// Nothing is lost if the future is dropped.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        self.0.chunk().await.map_err(unread)
    }

    /// The `reqwest::Response`, to read the body as a stream for example. Its errors may show parts of the
    /// body. Its URL is a placeholder if the real one may have held a secret, and after a renewal.
    pub fn into_reqwest(self) -> reqwest::Response {
        self.0
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn unread(error: reqwest::Error) -> Error {
    coding::undecodable(&error).unwrap_or_else(|| Error::from_reqwest(error))
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may hold personal data or secrets.
        f.debug_struct("Response")
            .field("status", &self.status().as_u16())
            .finish_non_exhaustive()
    }
}
