//! The emulator's own clock: tests move it, nothing waits for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// Time since the emulator started, moved forward by tests.
#[derive(Debug)]
pub(super) struct Clock {
    /// `None` when only `advance` moves the clock.
    started: Option<Instant>,
    /// The wall time at the start.
    from: SystemTime,
    offset_millis: AtomicU64,
}

impl Clock {
    pub(super) fn running() -> Self {
        Self {
            started: Some(Instant::now()),
            from: SystemTime::now(),
            offset_millis: AtomicU64::new(0),
        }
    }

    pub(super) fn frozen() -> Self {
        Self {
            started: None,
            from: SystemTime::now(),
            offset_millis: AtomicU64::new(0),
        }
    }

    pub(super) fn now(&self) -> Duration {
        let offset = Duration::from_millis(self.offset_millis.load(Ordering::SeqCst));
        self.started
            .map_or(Duration::ZERO, |started| started.elapsed())
            .saturating_add(offset)
    }

    /// As wall time, for a client that runs on this clock.
    pub(super) fn wall(&self) -> SystemTime {
        // Where a system's time ends earlier than ours, it stands still in the year 9999.
        let last = Duration::from_secs(253_402_300_799);
        let end = SystemTime::UNIX_EPOCH + last;
        self.from.checked_add(self.now()).unwrap_or(end)
    }

    pub(super) fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let add = |offset: u64| Some(offset.saturating_add(millis));
        // The closure never gives up, so the update always takes place.
        let _ = self
            .offset_millis
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, add);
    }

    /// Takes back every advance.
    pub(super) fn reset(&self) {
        self.offset_millis.store(0, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_advanced() {
        let clock = Clock::frozen();
        assert_eq!(clock.now(), Duration::ZERO);
        clock.advance(Duration::from_secs(3600));
        assert_eq!(clock.now(), Duration::from_secs(3600));
        assert_eq!(clock.wall(), clock.from + Duration::from_secs(3600));
    }

    #[test]
    fn a_running_clock_keeps_what_was_added() {
        let clock = Clock::running();
        clock.advance(Duration::from_secs(7));
        let now = clock.now();
        assert!(now >= Duration::from_secs(7), "{now:?}");
    }

    #[test]
    fn a_huge_advance_stops_at_the_end_of_time() {
        let clock = Clock::frozen();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Duration::from_millis(u64::MAX));
    }
}
