//! A clock that only the test moves, although the tested code waits for sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use tegata::ManualClock;
use tokio::time::Instant;

/// After so much real time a test is stuck. Then time flies, whatever it waits for in vain times out, and it fails.
const STUCK: Duration = Duration::from_secs(60);

/// Stands still until the test moves it, pauses and deadlines of the clients included, for as long as this
/// lives. To be made first of all in a test with `start_paused`: timers count in whole milliseconds from the
/// runtime's start, and so a deadline is exact only if time stood from the beginning.
///
/// Paused time alone will not do: tokio moves it on as soon as a runtime has nothing to do but to wait, be it
/// for an answer that is on its way. It does not while something blocks, so something does.
pub struct FrozenTime {
    _blocks: Sender<()>,
    is_stuck: Arc<AtomicBool>,
    began: Instant,
}

impl FrozenTime {
    pub fn begin() -> Self {
        let (blocks, blocked) = channel::<()>();
        let is_stuck = Arc::new(AtomicBool::new(false));
        tokio::task::spawn_blocking({
            let is_stuck = Arc::clone(&is_stuck);
            move || {
                let over = blocked.recv_timeout(STUCK);
                is_stuck.store(over == Err(RecvTimeoutError::Timeout), Ordering::SeqCst);
            }
        });
        Self {
            _blocks: blocks,
            is_stuck,
            began: Instant::now(),
        }
    }

    /// How much has passed.
    pub fn passed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Lets time pass for pauses and deadlines, but not for the age of tokens.
    pub async fn pass(&self, by: Duration) {
        tokio::time::advance(by).await;
    }

    /// Lets time pass for tokens as well.
    pub async fn pass_with(&self, clock: &ManualClock, by: Duration) {
        clock.advance(by);
        tokio::time::advance(by).await;
    }
}

impl Drop for FrozenTime {
    fn drop(&mut self) {
        // It would pass a minute late: a store whose lock was still being given back was once tried again by a timer.
        let is_stuck = self.is_stuck.load(Ordering::SeqCst);
        assert!(
            !is_stuck || std::thread::panicking(),
            "the test waited for a timer, and moved no time"
        );
    }
}
