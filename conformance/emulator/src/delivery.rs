//! How an answer is sent: at once, after a delay, slowly, or cut short.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream;

/// A longer wait is no test any more but a mistake.
pub(super) const LONGEST: Duration = Duration::from_secs(600);

/// How many pieces a slow body is sent in.
const PIECES: usize = 10;

/// What is sent before the end must have left the buffers, or the client never sees it.
const FLUSH: Duration = Duration::from_millis(50);

/// How an answer is sent; times are real ones, since the client's own limits are about those.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Delivery {
    /// The wait before it.
    pub(super) delay: Duration,
    /// The body comes over this time, in pieces; zero means at once.
    pub(super) slow: Duration,
    /// The connection is closed after that many bytes.
    pub(super) cut_after: Option<usize>,
}

impl Delivery {
    /// The body; the client gets the length of the whole, also of one that is cut.
    pub(super) fn body(self, whole: Vec<u8>) -> Body {
        let mut kept = Bytes::from(whole);
        if let Some(bytes) = self.cut_after {
            kept.truncate(bytes);
        }
        let size = kept.len().div_ceil(PIECES).max(1);
        let pieces = u32::try_from(kept.len().div_ceil(size)).unwrap_or(u32::MAX);
        let pause = self.slow.checked_div(pieces).unwrap_or_default();
        let plan = Plan {
            rest: kept,
            size: if self.slow.is_zero() {
                usize::MAX
            } else {
                size
            },
            pause,
            is_cut: self.cut_after.is_some(),
        };
        Body::from_stream(stream::unfold(plan, Plan::next))
    }
}

struct Plan {
    rest: Bytes,
    size: usize,
    pause: Duration,
    is_cut: bool,
}

impl Plan {
    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        if self.rest.is_empty() {
            if !self.is_cut {
                return None;
            }
            self.is_cut = false;
            tokio::time::sleep(FLUSH).await;
            return Some((Err(io::ErrorKind::ConnectionAborted.into()), self));
        }
        if !self.pause.is_zero() {
            tokio::time::sleep(self.pause).await;
        }
        let piece = self.rest.split_to(self.size.min(self.rest.len()));
        Some((Ok(piece), self))
    }
}
