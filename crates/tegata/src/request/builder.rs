//! The builder of untyped requests.

use std::fmt;
use std::io;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Method, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::provider::Transport;
#[cfg(feature = "multipart")]
use crate::request::fill;
use crate::request::fill::Fill;
use crate::request::path::IntoPath;
use crate::{Error, Reply, Response};

/// A request that is sent with the client's credential: `client.get(path).query(..).send().await?`.
///
/// An invalid path, header or body is reported by [`send`](Self::send), so that the calls before it need no
/// check.
#[must_use = "nothing is sent before `send`"]
pub struct RequestBuilder {
    transport: Transport,
    request: reqwest::RequestBuilder,
    fill: Option<Fill>,
    /// The error in the path, if any.
    refused: Option<Error>,
}

impl Transport {
    /// Starts a request for a path below the base URL, for calls that are in no spec.
    pub fn request(&self, method: Method, path: impl IntoPath) -> RequestBuilder {
        RequestBuilder::new(self, method, path)
    }
}

impl RequestBuilder {
    pub(crate) fn new(transport: &Transport, method: Method, path: impl IntoPath) -> Self {
        let http = transport.http_client();
        let (request, refused) = match path.url_below(transport.base_url()) {
            Ok(url) => (http.request(method, url), None),
            Err(error) => {
                let unused = http.request(method, transport.base_url().as_str());
                (unused, Some(error))
            }
        };
        Self {
            transport: transport.clone(),
            request,
            fill: None,
            refused,
        }
    }

    /// Adds these pairs to the query, such as `&[("filterType", "email")]` or a struct that can be serialized.
    pub fn query<T: Serialize + ?Sized>(self, query: &T) -> Self {
        self.with(|request| request.query(query))
    }

    /// Adds a header. `Host` is refused on sending, and so is a credential's header where a credential is attached.
    pub fn header<K, V>(self, name: K, value: V) -> Self
    where
        HeaderName: TryFrom<K, Error: Into<http::Error>>,
        HeaderValue: TryFrom<V, Error: Into<http::Error>>,
    {
        self.with(|request| request.header(name, value))
    }

    /// Sets these headers, in place of those of the same names.
    pub fn headers(self, headers: HeaderMap) -> Self {
        self.with(|request| request.headers(headers))
    }

    /// Sets the body to this as JSON, and `Content-Type` unless it is set.
    pub fn json<T: Serialize + ?Sized>(self, json: &T) -> Self {
        self.with_body(|request| request.json(json))
    }

    /// Sets the body to this as a form, and `Content-Type` unless it is set.
    pub fn form<T: Serialize + ?Sized>(self, form: &T) -> Self {
        self.with_body(|request| request.form(form))
    }

    /// Sets the body. A stream cannot be sent again with a new credential
    /// ([`ErrorKind::NotReplayable`](crate::ErrorKind::NotReplayable)): make it with
    /// [`body_with`](Self::body_with).
    pub fn body(self, body: impl Into<Body>) -> Self {
        self.with_body(|request| request.body(body))
    }

    /// Makes the body anew each time the request is sent: once, and once more if the credential was refused. For
    /// streams, such as a file:
    ///
    /// ```no_run
    /// # async fn example(request: tegata::RequestBuilder) -> Result<(), tegata::Error> {
    /// let request = request.body_with(|| tokio::fs::File::open("leads.csv"));
    /// # request.send().await.map(drop) }
    /// ```
    ///
    /// If it cannot be made, sending fails with [`ErrorKind::Configuration`](crate::ErrorKind::Configuration).
    pub fn body_with<B, F>(mut self, body: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        B: Into<Body>,
        F: Future<Output = io::Result<B>> + Send + 'static,
    {
        self.fill = Some(Box::new(move |mut request| {
            let body = body();
            Box::pin(async move {
                *request.body_mut() = Some(body.await.map_err(no_body)?.into());
                Ok(request)
            })
        }));
        self
    }

    /// Makes a form of several parts, files among them, each time the request is sent, as
    /// [`body_with`](Self::body_with) does:
    ///
    /// ```no_run
    /// # use tegata::reqwest::multipart::Form;
    /// # async fn example(request: tegata::RequestBuilder) -> Result<(), tegata::Error> {
    /// let request = request.multipart(|| Form::new().file("file", "leads.csv"));
    /// # request.send().await.map(drop) }
    /// ```
    ///
    /// A form of reqwest's writes names with blanks and the like as `name*=…`, which many servers do not read (0.13.5,
    /// `findings/reqwest-form-names-with-blanks.sh`); with `Form::percent_encode_noop` it writes them as they are.
    #[cfg(feature = "multipart")]
    pub fn multipart<F>(mut self, form: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<reqwest::multipart::Form>> + Send + 'static,
    {
        let http = self.transport.http_client().clone();
        self.fill = Some(fill::form(http, move || {
            let form = form();
            async move { form.await.map_err(no_body) }
        }));
        self
    }

    /// Limits the time from sending until the answer has been read, in place of the HTTP client's limit. It
    /// applies to each attempt; a renewal has its own limits.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|request| request.timeout(timeout))
    }

    /// Makes the request without sending it, to be changed and passed to the client's `execute`, which attaches
    /// the credential.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfScope`](crate::ErrorKind::OutOfScope) if the path could lead to another resource than the
    ///   one that was written: a segment that is empty, `.` or `..`, encoded or not; in a text also a backslash, a `#`,
    ///   a control character, or a blank at the end.
    /// * [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the path is a URL; if a header, the query or
    ///   the body cannot be encoded; or if the body is one that is made on sending.
    pub fn build(self) -> Result<Request, Error> {
        let (_, request, fill) = self.into_parts()?;
        match fill {
            Some(_) => Err(Error::configuration(
                "a body that is made anew each time is made on sending: use `send`, or `body` for one that is not",
            )),
            None => Ok(request),
        }
    }

    /// Sends it, and returns the answer unchanged, whatever its status. If the server refuses the credential,
    /// it is renewed once, and the request is sent once more.
    ///
    /// # Errors
    /// As [`build`](Self::build) and [`Transport::execute`].
    ///
    /// # Cancellation
    /// Dropping the future drops the request. A renewal that it started goes on.
    pub async fn send(self) -> Result<Response, Error> {
        let (transport, request, fill) = self.into_parts()?;
        let answer = transport.send(request, fill.as_ref()).await;
        answer.map(Response::new)
    }

    /// Sends it, and judges and reads the answer as that of a typed call: anything but a success is an error, with
    /// the server's code; also where the status is 200, if the provider documents codes in such answers.
    ///
    /// # Errors
    /// As [`send`](Self::send), and
    /// * [`ErrorKind::Status`](crate::ErrorKind::Status) if the call failed.
    /// * [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if the answer is not JSON of this
    ///   type, with the place but without the text.
    ///
    /// # Cancellation
    /// As [`send`](Self::send).
    pub async fn send_json<T: DeserializeOwned>(self) -> Result<Reply<T>, Error> {
        let (transport, request, fill) = self.into_parts()?;
        transport.send_json(request, fill.as_ref()).await
    }

    fn with(
        mut self,
        step: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Self {
        self.request = step(self.request);
        self
    }

    fn with_body(
        mut self,
        step: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Self {
        // The last body counts.
        self.fill = None;
        self.with(step)
    }

    fn into_parts(self) -> Result<(Transport, Request, Option<Fill>), Error> {
        if let Some(error) = self.refused {
            return Err(error);
        }
        let mut request = self.request.build().map_err(Error::from_reqwest)?;
        if self.fill.is_some() {
            *request.body_mut() = None;
        }
        Ok((self.transport, request, self.fill))
    }
}

fn no_body(error: io::Error) -> Error {
    Error::configuration("the body of the request could not be made").with_source(error)
}

impl fmt::Debug for RequestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither query, headers nor body: each may hold personal data or secrets.
        f.debug_struct("RequestBuilder")
            .field("transport", &self.transport)
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}
