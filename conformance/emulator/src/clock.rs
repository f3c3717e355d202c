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

/// A wall time as RFC 3339 writes it, in UTC to the second.
pub(super) fn utc(wall: SystemTime) -> String {
    let since = wall.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.unwrap_or(Duration::ZERO).as_secs();
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    // Days since 1 March of the year 0, so that a leap day ends its year.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
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
    fn a_wall_time_is_written_as_a_date() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_772_323_200, "2026-03-01T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(utc(wall), expected);
        }
    }

    #[test]
    fn a_huge_advance_stops_at_the_end_of_time() {
        let clock = Clock::frozen();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Duration::from_millis(u64::MAX));
    }
}
