//! Scripted answers for tests: content and timing.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Body, Response};
use tokio::time::{Interval, interval};

/// An answer with status 200.
pub(crate) fn answer(content_type: &str, body: impl Into<Body>) -> Response {
    let builder = http::Response::builder().header(CONTENT_TYPE, content_type);
    builder.body(body.into()).expect("an answer").into()
}

/// An answer in JSON with this `Content-Encoding`.
pub(crate) fn coded(coding: &str, body: impl Into<Body>) -> Response {
    let mut answer = answer("application/json", body);
    let coding = coding.parse().expect("a value");
    answer.headers_mut().insert(CONTENT_ENCODING, coding);
    answer
}

/// A body of these frames, without a `Content-Length`.
pub(crate) fn frames(
    frames: impl IntoIterator<Item = Result<Frame<Bytes>, std::io::Error>>,
) -> Body {
    Body::wrap(Scripted {
        frames: frames.into_iter().collect(),
        ticks: None,
    })
}

/// These pieces of data.
pub(crate) fn pieces<T: Into<Bytes>>(pieces: impl IntoIterator<Item = T>) -> Body {
    let data = pieces
        .into_iter()
        .map(|piece| Ok(Frame::data(piece.into())));
    frames(data)
}

/// This text, one byte at each interval, without an end.
pub(crate) fn drip(text: impl Into<Bytes>, every: Duration) -> Body {
    let text = text.into();
    let bytes = (0..text.len()).map(|at| Ok(Frame::data(text.slice(at..=at))));
    Body::wrap(Scripted {
        frames: bytes.collect(),
        ticks: Some(interval(every)),
    })
}

struct Scripted {
    frames: VecDeque<Result<Frame<Bytes>, std::io::Error>>,
    ticks: Option<Interval>,
}

impl http_body::Body for Scripted {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(ticks) = &mut self.ticks {
            ready!(ticks.poll_tick(context));
            return match self.frames.pop_front() {
                Some(frame) => Poll::Ready(Some(frame)),
                None => Poll::Pending,
            };
        }
        Poll::Ready(self.frames.pop_front())
    }
}
