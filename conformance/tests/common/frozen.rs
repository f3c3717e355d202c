//! Time that only a test moves, though what it tests waits for sockets.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use tegata::ManualClock;
use tokio::time::Instant;

/// After so much real time a test is stuck. Then time flies, and whatever it waits for in vain times out.
const STUCK: Duration = Duration::from_secs(60);

/// Stands still until the test moves it, pauses and deadlines of the clients included, for as long as this
/// lives. To be made first of all in a test with `start_paused`: timers count in whole milliseconds from the
/// runtime's start, and so a deadline is exact only if time stood from the beginning.
///
/// Paused time alone will not do: tokio moves it on as soon as a runtime has nothing to do but to wait, be it
/// for an answer that is on its way. It does not while something blocks, so something does.
pub(crate) struct FrozenTime {
    _blocks: Sender<()>,
    began: Instant,
}

impl FrozenTime {
    pub(crate) fn begin() -> Self {
        let (blocks, blocked) = channel::<()>();
        tokio::task::spawn_blocking(move || {
            // Either way it is over.
            let _ = blocked.recv_timeout(STUCK);
        });
        Self {
            _blocks: blocks,
            began: Instant::now(),
        }
    }

    /// How much has passed.
    pub(crate) fn passed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Lets time pass for pauses and deadlines, but not for the age of tokens.
    pub(crate) async fn pass(&self, by: Duration) {
        tokio::time::advance(by).await;
    }

    /// Lets time pass for tokens as well.
    pub(crate) async fn pass_with(&self, clock: &ManualClock, by: Duration) {
        clock.advance(by);
        tokio::time::advance(by).await;
    }
}
