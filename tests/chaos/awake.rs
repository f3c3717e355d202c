//! How long a process has been awake: time in which it was stopped does not count.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(20);

static AWAKE: AtomicU64 = AtomicU64::new(0);

/// Starts to count.
pub(crate) fn begin() {
    std::thread::spawn(|| {
        loop {
            let before = Instant::now();
            std::thread::sleep(TICK);
            let slept = before.elapsed().min(TICK * 3);
            AWAKE.fetch_add(
                u64::try_from(slept.as_micros()).unwrap_or_default(),
                Ordering::SeqCst,
            );
        }
    });
}

pub(crate) fn time() -> Duration {
    Duration::from_micros(AWAKE.load(Ordering::SeqCst))
}
