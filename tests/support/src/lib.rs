//! Helpers that the tests of our clients share.
#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "it serves the tests of this workspace, which fail by panics"
)]

pub mod coded;
pub mod flow;
pub mod frozen;
pub mod loopback;
pub mod pool;
pub mod port;
pub mod raw;
pub mod redact;
pub mod shown;
pub mod traced;
pub mod wire;

pub use flow::{Flow, Subject};

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tegata::Error;
use tegata::reqwest::Body;

/// What a caller decides by: the kind of an error, its status and its code.
pub fn facts(error: &Error) -> (tegata::ErrorKind, Option<u16>, Option<&str>) {
    (error.kind(), error.status().map(u16::from), error.code())
}

/// Starts a future and says whether it has to wait.
pub async fn waits<F: Future>(future: &mut Pin<Box<F>>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

/// A body that is made while it is sent, and so only once.
pub fn streamed(text: &'static str) -> Body {
    let halves = text.split_at(text.len() / 2);
    let chunks = [halves.0, halves.1].map(Ok::<_, std::io::Error>);
    Body::wrap_stream(futures_util::stream::iter(chunks))
}

/// Waits for something that a client does by itself, and fails if it does not. The limit is far beyond
/// what any machine needs, and no outcome depends on it.
pub async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    let limit = Duration::from_secs(60);
    let outcome = tokio::time::timeout(limit, future).await;
    outcome.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
