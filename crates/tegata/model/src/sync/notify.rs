//! Replaces `tokio::sync::Notify`, as far as it wakes all waiters.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use shuttle::sync::atomic::{AtomicBool, Ordering};

/// Wakes the waiting tasks.
#[derive(Default)]
pub(crate) struct Notify {
    state: Mutex<State>,
    step: AtomicBool,
}

#[derive(Default)]
struct State {
    times: u64,
    waiting: Vec<Waker>,
}

/// Ready once there was a notification after it was made, whether or not it was polled before.
pub(crate) struct Notified<'a> {
    notify: &'a Notify,
    made_at: u64,
}

impl Notify {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn notified(&self) -> Notified<'_> {
        // Another thread may come first.
        self.step.load(Ordering::SeqCst);
        let made_at = self.state().times;
        Notified {
            notify: self,
            made_at,
        }
    }

    pub(crate) fn notify_waiters(&self) {
        let waiting = {
            let mut state = self.state();
            state.times += 1;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    // The standard library's mutex, which is no scheduler step: with a step in here, a waker could be stored
    // too late.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.notify.state();
        if state.times != self.made_at {
            return Poll::Ready(());
        }
        state.waiting.push(context.waker().clone());
        Poll::Pending
    }
}
