//! Reads the beginning of an answer, and returns the answer with its body complete.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use reqwest::{Body, Response};
use tokio::time::timeout;

use crate::Error;
use crate::request::{answer, coding};

/// How long is read ahead. The caller reads the same bytes anyway, so this delays only answers that are
/// produced slowly.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// An answer that has been read ahead.
pub(crate) struct Peeked {
    /// Its whole body, if that ended without an error within the limits.
    pub(crate) whole: Option<Bytes>,
    /// The answer, complete.
    pub(crate) response: Response,
}

/// Reads ahead until the body ends, until it is longer than `limit`, or for [`LONGEST_WAIT`].
///
/// # Errors
/// If the body is not coded as it said.
pub(crate) async fn peek(response: Response, limit: usize) -> Result<Peeked, Error> {
    let url = response.url().clone();
    let mut response = http::Response::<Body>::from(response);
    let body = response.body_mut();
    let mut start = Start::default();
    // Most answers arrive at once and in one piece; for those no timer and no queue is needed.
    let first = poll_fn(|context| Poll::Ready(Pin::new(&mut *body).poll_frame(context))).await;
    let has_ended = match first {
        Poll::Ready(Some(Ok(frame))) if is_whole(&frame, limit, body) => {
            let whole = frame.into_data().ok();
            *body = whole.clone().map(Body::from).unwrap_or_default();
            let response = answer::with_url(response, url);
            return Ok(Peeked { whole, response });
        }
        Poll::Ready(next) => start.take(next, limit),
        Poll::Pending => None,
    };
    let has_ended = match has_ended {
        Some(has_ended) => has_ended,
        None => timeout(LONGEST_WAIT, start.read(body, limit))
            .await
            .unwrap_or(false),
    };
    if let Some(error) = start
        .error
        .as_ref()
        .and_then(|error| coding::undecodable(error))
    {
        return Err(error);
    }
    let whole = has_ended.then(|| start.bytes());
    let rest = response.body_mut();
    *rest = match &whole {
        Some(bytes) if start.frames.iter().all(Frame::is_data) => Body::from(bytes.clone()),
        _ => start.before(std::mem::take(rest)),
    };
    Ok(Peeked {
        whole,
        response: answer::with_url(response, url),
    })
}

fn is_whole(frame: &Frame<Bytes>, limit: usize, body: &Body) -> bool {
    frame.data_ref().is_some_and(|data| data.len() <= limit) && body.is_end_stream()
}

/// The part of a body that has been read.
#[derive(Default)]
struct Start {
    frames: VecDeque<Frame<Bytes>>,
    length: usize,
    error: Option<reqwest::Error>,
}

impl Start {
    /// Whether the body has ended without an error.
    async fn read(&mut self, body: &mut Body, limit: usize) -> bool {
        loop {
            let next = body.frame().await;
            if let Some(has_ended) = self.take(next, limit) {
                return has_ended;
            }
        }
    }

    /// The same, unless the next frame is wanted as well.
    fn take(
        &mut self,
        next: Option<Result<Frame<Bytes>, reqwest::Error>>,
        limit: usize,
    ) -> Option<bool> {
        match next {
            None => Some(true),
            Some(Ok(frame)) => {
                self.length += frame.data_ref().map_or(0, Bytes::len);
                self.frames.push_back(frame);
                (self.length > limit).then_some(false)
            }
            Some(Err(error)) => {
                // The caller gets the same error at the same place.
                self.error = Some(error.without_url());
                Some(false)
            }
        }
    }

    fn bytes(&self) -> Bytes {
        let mut data = self.frames.iter().filter_map(Frame::data_ref);
        match (data.next(), data.next()) {
            (None, _) => Bytes::new(),
            (Some(only), None) => only.clone(),
            (Some(first), Some(second)) => {
                let rest = data.flatten();
                first.iter().chain(second).chain(rest).copied().collect()
            }
        }
    }

    fn before(self, rest: Body) -> Body {
        Body::wrap(Resumed { start: self, rest })
    }
}

/// A body whose beginning has been read already.
struct Resumed {
    start: Start,
    rest: Body,
}

impl http_body::Body for Resumed {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        if let Some(frame) = self.start.frames.pop_front() {
            return Poll::Ready(Some(Ok(frame)));
        }
        if let Some(error) = self.start.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        Pin::new(&mut self.rest).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.start.frames.is_empty() && self.start.error.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let data = self.start.frames.iter().filter_map(Frame::data_ref);
        let read: usize = data.map(Bytes::len).sum();
        let read = read as u64;
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(read));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(read)) {
            hint.set_upper(upper);
        }
        hint
    }
}

#[cfg(test)]
mod tests;
