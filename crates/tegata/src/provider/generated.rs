//! The functions that generated code calls: the border to progenitor.
//!
//! progenitor lets a hook own the request, but not raise an error of its own, and its errors print URLs,
//! headers and bodies. So the whole exchange happens here, an error travels through the generated method inside
//! an answer that no server can send, and [`finish`] takes it out again.

use http_body_util::Limited;
use progenitor_client::ResponseValue;
use reqwest::header::{ACCEPT, HeaderMap};
use reqwest::{Body, Method, Request, Response, StatusCode};
use serde_json::{Map, Value};

use crate::provider::spec::{Operation, Provider, TokenAnswer};
use crate::provider::{Transport, token_answer};
use crate::request::coding::{self, Coding};
#[cfg(feature = "multipart")]
use crate::request::fill;
use crate::request::fill::Fill;
use crate::request::{path, typed};
use crate::{Error, ErrorKind, Reply};

pub use crate::request::path::encode_path;
pub use crate::request::typed::unreadable;

/// No spec declares this status, so generated code hands the answer on as unexpected.
const CARRIER: u16 = 999;

#[derive(Clone)]
struct Carried(Error);

/// Sends a request that generated code has built: `ClientHooks::exec`.
///
/// An answer that holds a token ([`Operation::token`]) is put right first. Any 2xx counts as the documented
/// status, also for [`Reply::status`]. A byte order mark is skipped; of members of one name the last counts
/// that can be read; a refresh token that is blank or no text and a lifetime that is none are absent;
/// a missing type is `Bearer`; and the access token is empty if only a refresh token can be read.
///
/// # Errors
/// Never: an error is carried in the answer, and [`finish`] takes it out.
pub async fn execute(
    transport: &Transport,
    request: Request,
    provider: &'static Provider,
    operation_id: &str,
) -> reqwest::Result<Response> {
    // Where generated code hands on a stream, it says nothing.
    let is_stream = !request.headers().contains_key(ACCEPT);
    let how = How::default().streamed(is_stream);
    execute_as(transport, request, provider, operation_id, how).await
}

/// How a generated request is sent, and its answer read.
#[derive(Default)]
pub struct How {
    is_stream: bool,
    #[cfg(feature = "multipart")]
    form: Option<crate::multipart::Form>,
}

impl How {
    /// Whether the answer is handed on as a stream, and not read as JSON.
    #[must_use]
    pub fn streamed(mut self, is_stream: bool) -> Self {
        self.is_stream = is_stream;
        self
    }

    /// The form that is the body. It is made each time the request is sent.
    #[cfg(feature = "multipart")]
    #[must_use]
    pub fn form(mut self, form: Option<&crate::multipart::Form>) -> Self {
        self.form = form.cloned();
        self
    }

    #[cfg_attr(not(feature = "multipart"), expect(clippy::unused_self))]
    fn fill(&mut self, transport: &Transport) -> Option<Fill> {
        #[cfg(feature = "multipart")]
        if let Some(form) = self.form.take() {
            let http = transport.http_client().clone();
            return Some(fill::form(http, move || form.clone().made()));
        }
        let _ = transport;
        None
    }
}

/// As [`execute`], in the way that generated code says.
///
/// # Errors
/// As [`execute`].
pub async fn execute_as(
    transport: &Transport,
    mut request: Request,
    provider: &'static Provider,
    operation_id: &str,
    how: How,
) -> reqwest::Result<Response> {
    // progenitor sends the spec's version with every request; no provider documents the header.
    request.headers_mut().remove("api-version");
    let answer = match provider.operation(operation_id) {
        Some(operation) => answer(transport, request, operation, how).await,
        // An unknown operation may need a credential, so it is not sent without one.
        None => Err(Error::configuration(
            "the operation is not in the generated table",
        )),
    };
    Ok(answer.unwrap_or_else(carry))
}

async fn answer(
    transport: &Transport,
    request: Request,
    operation: &Operation,
    mut how: How,
) -> Result<Response, Error> {
    path::check_built(request.url(), operation.path)?;
    let fill = how.fill(transport);
    let response = transport.call(request, operation, fill.as_ref()).await?;
    match &operation.token {
        Some(token) => token_answer::typed(response, token)
            .await
            .map_err(|error| transport.placed(error, operation)),
        None if !how.is_stream => {
            let (head, text) = typed::text(response).await?;
            if text.is_empty() {
                return Err(typed::no_body(head.status));
            }
            Ok(http::Response::from_parts(head, Body::from(text)).into())
        }
        None => limited(response),
    }
}

/// Converts the result of a generated method into our types.
///
/// # Errors
/// The error of the exchange; [`ErrorKind::InvalidResponse`] if the answer does not match the spec, with the
/// place but without the text.
pub fn finish<T, E>(
    outcome: Result<ResponseValue<T>, progenitor_client::Error<E>>,
) -> Result<Reply<T>, Error> {
    use progenitor_client::Error as Generated;
    let error = match outcome {
        Ok(value) => {
            let (status, headers) = (value.status(), value.headers().clone());
            return Ok(Reply::new(value.into_inner(), status, headers));
        }
        Err(error) => error,
    };
    // None of these is formatted: they hold URLs, headers and bodies.
    Err(match error {
        Generated::UnexpectedResponse(response) => match response.extensions().get::<Carried>() {
            Some(Carried(error)) => error.clone(),
            None => unexpected(response.status()),
        },
        Generated::ErrorResponse(value) => unexpected(value.status()),
        Generated::InvalidResponsePayload(_, error) => unreadable(&error),
        Generated::CommunicationError(error)
        | Generated::InvalidUpgrade(error)
        | Generated::ResponseBodyError(error) => Error::from_reqwest(error),
        Generated::InvalidRequest(_) | Generated::Custom(_) => {
            Error::configuration("the request could not be encoded")
        }
    })
}

/// Calls an operation that answers with a token, with a JSON body and an answer that are not of the generated
/// types, because a caller renamed fields of them. The answer is put right as by [`execute`], for
/// [`issued_from`](crate::provider::issued_from).
///
/// # Errors
/// As a generated method.
pub async fn exchange_json(
    transport: &Transport,
    operation: &'static Operation,
    body: &Value,
    token: &TokenAnswer<'_>,
) -> Result<Map<String, Value>, Error> {
    let method = Method::from_bytes(operation.method.as_bytes())
        .map_err(|_| Error::configuration("the operation has no valid method"))?;
    let request = transport
        .request(method, operation.path)
        .header(ACCEPT, "application/json")
        .json(body)
        .build()?;
    let answer = transport.call(request, operation, None).await?;
    let (_, object) = token_answer::read(answer, token)
        .await
        .map_err(|error| transport.placed(error, operation))?;
    Ok(object)
}

fn unexpected(status: StatusCode) -> Error {
    Error::new(
        ErrorKind::InvalidResponse,
        "the server answered with a status that the spec lacks",
    )
    .with_status(status.as_u16())
}

fn limited(response: Response) -> Result<Response, Error> {
    if let Some(Coding::Unreadable(name)) = coding::of(response.headers()) {
        return Err(coding::unreadable(name).with_status(response.status().as_u16()));
    }
    let response = http::Response::<Body>::from(response);
    let response = response.map(|body| Body::wrap(Limited::new(body, typed::LIMITS.bytes)));
    Ok(response.into())
}

fn carry(error: Error) -> Response {
    let mut answer = http::Response::new(Body::default());
    *answer.status_mut() = StatusCode::from_u16(CARRIER).unwrap_or(StatusCode::NOT_EXTENDED);
    *answer.headers_mut() = HeaderMap::new();
    answer.extensions_mut().insert(Carried(error));
    answer.into()
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use rstest::rstest;

    use super::*;
    use crate::request::scripted::coded;

    #[test]
    fn a_stream_that_cannot_be_decompressed_is_named() {
        let error = limited(coded("br", "CANARY")).expect_err("coded");
        let expected = (ErrorKind::InvalidResponse, Some(200));
        assert_eq!((error.kind(), error.status().map(u16::from)), expected);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("(br)") && !shown.contains("CANARY"),
            "{shown}"
        );
    }

    #[rstest]
    #[case(64 << 20, true)]
    #[case((64 << 20) + 1, false)]
    #[tokio::test]
    async fn a_typed_answer_may_have_64_mebibytes(#[case] length: usize, #[case] whole: bool) {
        let body = vec![b' '; length];
        let mut body = Body::from(limited(http::Response::new(body).into()).expect("readable"));
        let mut read = 0;
        let ended = loop {
            match body.frame().await {
                None => break true,
                Some(Err(_)) => break false,
                Some(Ok(frame)) => read += frame.into_data().map_or(0, |data| data.len()),
            }
        };
        assert_eq!(ended, whole, "after {read} bytes");
        assert_eq!(read == length, whole);
    }
}
