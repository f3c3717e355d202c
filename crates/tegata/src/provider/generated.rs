//! What generated code calls: the seam to progenitor.
//!
//! progenitor lets a hook own the request, but not raise an error of its own, and its errors print URLs,
//! headers and bodies. So the whole exchange happens here, an error travels through the generated method
//! inside an answer that no server can send, and comes out on the other side as ours.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Limited;
use progenitor_client::ResponseValue;
use reqwest::header::{ACCEPT, HeaderMap};
use reqwest::{Body, Method, Request, Response, StatusCode};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::error::NO_BODY;
use crate::provider::spec::{Operation, Provider, TokenAnswer};
use crate::provider::{Transport, token_answer};
use crate::request::body::{Limits, json, whole, with_status};
use crate::request::coding::{self, Coding};
use crate::request::media::media_type;
use crate::request::path;
use crate::{Error, ErrorKind, Reply};

pub use crate::request::path::encode_path;

/// No spec declares this status, so generated code hands the answer on as unexpected.
const CARRIER: u16 = 999;

/// A typed answer is held in memory, so it may not be endless. 64 MiB in half an hour come over the slowest
/// line.
const LIMITS: Limits = Limits {
    bytes: 64 * 1024 * 1024,
    time: Duration::from_secs(30 * 60),
};

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
    mut request: Request,
    provider: &'static Provider,
    operation_id: &str,
) -> reqwest::Result<Response> {
    // progenitor sends the spec's version with every request; no provider documents the header.
    request.headers_mut().remove("api-version");
    let answer = match provider.operation(operation_id) {
        Some(operation) => answer(transport, request, operation).await,
        // Sending it without a credential would be the worse guess.
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
) -> Result<Response, Error> {
    path::check_built(request.url(), operation.path)?;
    // Generated code says so where it reads JSON. Where it hands on a stream, it says nothing.
    let is_json = request.headers().contains_key(ACCEPT);
    let response = transport.call(request, operation).await?;
    match &operation.token {
        Some(token) => token_answer::typed(response, token)
            .await
            .map_err(|error| transport.placed(error, operation)),
        None if is_json => json_answer(response).await,
        None => limited(response),
    }
}

/// The same answer, read to its end, with nothing before the JSON.
async fn json_answer(response: Response) -> Result<Response, Error> {
    let (head, body) = http::Response::<Body>::from(response).into_parts();
    let body = whole(&head.headers, body, &LIMITS).await;
    let body = body.map_err(|error| with_status(error, head.status))?;
    let text = match json(&body) {
        Cow::Borrowed(text) => body.slice_ref(text),
        Cow::Owned(text) => Bytes::from(text),
    };
    let media = if text.is_empty() {
        Some(NO_BODY)
    } else {
        media_type(&head.headers)
    };
    if let Some(media) = media
        && serde_json::from_slice::<IgnoredAny>(&text).is_err()
    {
        return Err(no_json(media).with_status(head.status.as_u16()));
    }
    Ok(http::Response::from_parts(head, Body::from(text)).into())
}

/// Turns what a generated method returns into our types.
///
/// # Errors
/// Whatever the exchange failed with; [`ErrorKind::InvalidResponse`] if the answer is not what the spec
/// says, with the place but without the text.
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
/// types, because a caller renamed fields of them. The answer is put right as by [`execute`].
///
/// # Errors
/// As a generated method.
pub async fn exchange_json(
    transport: &Transport,
    operation: &'static Operation,
    body: &Value,
    token: &TokenAnswer<'_>,
) -> Result<Value, Error> {
    let method = Method::from_bytes(operation.method.as_bytes())
        .map_err(|_| Error::configuration("the operation has no valid method"))?;
    let request = transport
        .request(method, operation.path)?
        .header(ACCEPT, "application/json")
        .json(body)
        .build();
    let request = request.map_err(Error::from_reqwest)?;
    let answer = transport.call(request, operation).await?;
    let (_, object) = token_answer::read(answer, token)
        .await
        .map_err(|error| transport.placed(error, operation))?;
    Ok(Value::Object(object))
}

/// The error for what came in place of JSON, such as a gateway's page.
fn no_json(media: &str) -> Error {
    let message = format!("the server answered with {media} in place of JSON");
    Error::new(ErrorKind::InvalidResponse, message)
}

/// The error for JSON that is not what the spec says: with its place and the field that it lacks, never its text.
pub fn unreadable(error: &serde_json::Error) -> Error {
    let mut message = "the answer is not what the spec says".to_owned();
    // That name is the spec's. What else serde says may repeat a value.
    let text = error.to_string();
    let missing = text.strip_prefix("missing field `");
    if let Some((field, _)) = missing.and_then(|rest| rest.split_once('`')) {
        message.extend([": it has no `", field, "`"]);
    }
    // What was read into a value before has no lines any more.
    if error.line() > 0 {
        let place = format!(", at line {}, column {}", error.line(), error.column());
        message.push_str(&place);
    }
    Error::new(ErrorKind::InvalidResponse, message)
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
    let response = response.map(|body| Body::wrap(Limited::new(body, LIMITS.bytes)));
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
    use crate::request::scripted::{answer, coded, drip};

    #[rstest]
    #[case::a_mark(b"\xef\xbb\xbf[7]".to_vec())]
    #[case::utf16(b"\xff\xfe[\x007\0]\0".to_vec())]
    #[tokio::test]
    async fn json_is_read_behind_what_stands_before_it(#[case] body: Vec<u8>) {
        let answer = json_answer(http::Response::new(body).into()).await;
        let read: Vec<u8> = answer.expect("readable").json().await.expect("JSON");
        assert_eq!(read, [7]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_typed_answer_that_drips_is_waited_for_up_to_a_time() {
        let began = tokio::time::Instant::now();
        let body = drip("[7", Duration::from_secs(100));
        let error = json_answer(answer("application/json", body)).await;
        let error = error.expect_err("no end");
        assert_eq!(began.elapsed(), LIMITS.time);
        assert!(error.is_timeout(), "{error:?}");
    }

    #[tokio::test]
    async fn a_typed_answer_that_cannot_be_decompressed_is_named() {
        let read = json_answer(coded("br", "CANARY")).await;
        let stream = limited(coded("br", "CANARY"));
        for error in [read.expect_err("coded"), stream.expect_err("coded")] {
            let expected = (ErrorKind::InvalidResponse, Some(200));
            assert_eq!((error.kind(), error.status()), expected);
            let shown = format!("{error} {error:?}");
            assert!(
                shown.contains("(br)") && !shown.contains("CANARY"),
                "{shown}"
            );
        }
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

    #[rstest]
    #[case("text/html", "<html>CANARY", "text/html")]
    #[case("CANARY/x", "CANARY", "another media type")]
    #[case("application/json", "", "an empty body")]
    #[tokio::test]
    async fn what_came_in_place_of_json_is_named(
        #[case] content_type: &str,
        #[case] body: &'static str,
        #[case] expected: &str,
    ) {
        let error = json_answer(answer(content_type, body)).await;
        let error = error.expect_err("no JSON");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(expected), "{shown}");
        assert!(
            shown.contains("status 200") && !shown.contains("CANARY"),
            "{shown}"
        );
    }

    #[tokio::test]
    async fn json_under_another_name_is_read() {
        let answer = json_answer(answer("text/plain", "[7]")).await;
        let read: Vec<u8> = answer.expect("readable").json().await.expect("JSON");
        assert_eq!(read, [7]);
    }

    #[test]
    fn the_field_that_an_answer_lacks_is_named() {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code, reason = "it is not read")]
        struct Answer {
            name: u8,
        }
        let error = serde_json::from_str::<Answer>("{}").expect_err("it has no name");
        assert_eq!(
            unreadable(&error).to_string(),
            "the answer is not what the spec says: it has no `name`, at line 1, column 2"
        );
    }

    #[test]
    fn an_unreadable_answer_has_its_place_if_there_is_one() {
        let text = serde_json::from_str::<u8>("\"CANARY\"").expect_err("no number");
        let value = serde_json::from_value::<u8>("CANARY".into()).expect_err("no number");
        assert_eq!(
            unreadable(&text).to_string(),
            "the answer is not what the spec says, at line 1, column 8"
        );
        assert_eq!(
            unreadable(&value).to_string(),
            "the answer is not what the spec says"
        );
    }
}
