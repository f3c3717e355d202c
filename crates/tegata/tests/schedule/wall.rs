//! The wall clock of a schedule.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use tegata::Clock;
use tokio::time::Instant;

/// It advances with the paused time of the runtime, and can be set.
#[derive(Clone)]
pub(crate) struct Wall {
    start: Instant,
    set_by: Arc<AtomicI64>,
}

impl Wall {
    pub(crate) fn start() -> Self {
        Self {
            start: Instant::now(),
            set_by: Arc::default(),
        }
    }

    /// Sets it forward or back.
    pub(crate) fn jump(&self, seconds: i64) {
        self.set_by.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Wall {
    fn now(&self) -> SystemTime {
        let set_by = self.set_by.load(Ordering::SeqCst);
        let start =
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000) + self.start.elapsed();
        shifted(start, set_by)
    }
}

/// This time, moved forward or back.
pub(crate) fn shifted(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { time - by } else { time + by }
}
