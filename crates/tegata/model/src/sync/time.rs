//! Replaces `tokio::time`.

use std::cell::Cell;
use std::future::Future;
use std::ops::Add;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use shuttle::future::{spawn, yield_now};
use shuttle::rand::{Rng as _, thread_rng};

/// The time that may pass between two readings of the clock: none, a part of a pause, a pause, a long time.
const PASSES: [Duration; 5] = [
    Duration::ZERO,
    Duration::ZERO,
    Duration::from_millis(40),
    Duration::from_secs(2),
    Duration::from_secs(3600),
];

/// How many turns other tasks get before a deadline that does not come early.
const PATIENCE: u32 = 40;

/// A deadline this far away never comes early: every answer that comes at all has come by then.
const FAR: Duration = Duration::from_secs(300);
const LONG_PATIENCE: u32 = 1000;

std::thread_local! {
    // It goes on from one run to the next: only differences count.
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// An instant of a clock that never goes back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(Duration);

impl Instant {
    pub(crate) fn now() -> Self {
        let passed = PASSES[thread_rng().gen_range(0..PASSES.len())];
        NOW.set(NOW.get() + passed);
        Self(NOW.get())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self(self.0 + later)
    }
}

/// The deadline came first.
#[derive(Debug)]
pub struct Elapsed;

#[derive(Default)]
struct Timer {
    elapsed: AtomicBool,
    /// No task waits any more.
    idle: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

/// Marks its timer as idle when it is dropped.
struct Waiting(Arc<Timer>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.idle.store(true, Ordering::SeqCst);
    }
}

/// Waits for the future until the deadline, which comes at a time of the scheduler's choice: in one of four
/// cases early, unless it is minutes away, otherwise after the other tasks have had ample time. It always
/// comes.
///
/// # Errors
/// [`Elapsed`] when the deadline has come.
pub async fn timeout<F: Future>(after: Duration, future: F) -> Result<F::Output, Elapsed> {
    let timer = Waiting(Arc::default());
    let turns = match thread_rng().gen_range(0..4) {
        _ if after >= FAR => LONG_PATIENCE,
        0 => thread_rng().gen_range(0..12),
        _ => PATIENCE,
    };
    spawn(elapse(Arc::clone(&timer.0), turns));
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        *timer.0.waker.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(context.waker().clone());
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending if timer.0.elapsed.load(Ordering::SeqCst) => Poll::Ready(Err(Elapsed)),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

async fn elapse(timer: Arc<Timer>, turns: u32) {
    for _ in 0..turns {
        if timer.idle.load(Ordering::SeqCst) {
            return;
        }
        yield_now().await;
    }
    timer.elapsed.store(true, Ordering::SeqCst);
    let waker = timer
        .waker
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(waker) = waker {
        waker.wake();
    }
}
