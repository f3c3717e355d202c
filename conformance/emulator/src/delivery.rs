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
    /// This over another: what it does not say stays as the other has it.
    pub(super) fn over(self, other: Self) -> Self {
        let either = |own: Duration, other| if own.is_zero() { other } else { own };
        Self {
            delay: either(self.delay, other.delay),
            slow: either(self.slow, other.slow),
            cut_after: self.cut_after.or(other.cut_after),
        }
    }

    pub(super) fn is_about_body(self) -> bool {
        !self.slow.is_zero() || self.cut_after.is_some()
    }

    /// The length to announce for a body of that length: a cut one always lacks a byte at least.
    pub(super) fn announced(self, length: usize) -> usize {
        let least = self.cut_after.map_or(0, |bytes| bytes.saturating_add(1));
        length.max(least)
    }

    /// The body, whose length is [`Self::announced`] to the client.
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

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(None, 10, 10)]
    #[case(Some(7), 10, 10)]
    #[case(Some(10), 10, 11)]
    #[case(Some(12), 10, 13)]
    #[case(Some(0), 0, 1)]
    #[case(Some(usize::MAX), 1, usize::MAX)]
    fn a_cut_answer_announces_more_than_it_sends(
        #[case] cut_after: Option<usize>,
        #[case] length: usize,
        #[case] expected: usize,
    ) {
        let delivery = Delivery {
            cut_after,
            ..Delivery::default()
        };
        assert_eq!(delivery.announced(length), expected);
    }

    #[test]
    fn one_delivery_over_another_keeps_what_it_does_not_say() {
        let of = |delay, slow, cut_after| Delivery {
            delay: Duration::from_millis(delay),
            slow: Duration::from_millis(slow),
            cut_after,
        };
        assert_eq!(of(0, 1, None).over(of(5, 6, Some(7))), of(5, 1, Some(7)));
        assert_eq!(of(2, 0, Some(0)).over(of(5, 6, Some(7))), of(2, 6, Some(0)));
    }
}
