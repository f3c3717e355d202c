//! Wall clocks, which tests can set.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// A wall clock. Expiry is wall time, since tokens outlive processes and monotonic clocks stop while a
/// machine sleeps.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> SystemTime;
}

/// A clock that is cheap to clone. A function that returns the time can be converted into one, so that a test
/// can pass the clock of a server.
#[derive(Clone, Default)]
pub struct SharedClock(Kind);

#[derive(Clone, Default)]
enum Kind {
    #[default]
    System,
    Other(Arc<dyn Clock>),
}

impl SharedClock {
    /// Wraps a clock.
    pub fn new(clock: impl Clock) -> Self {
        Self(Kind::Other(Arc::new(clock)))
    }

    /// The time now.
    pub fn now(&self) -> SystemTime {
        match &self.0 {
            Kind::System => SystemClock.now(),
            Kind::Other(clock) => clock.now(),
        }
    }
}

impl From<SystemClock> for SharedClock {
    fn from(SystemClock: SystemClock) -> Self {
        Self::default()
    }
}

impl<F: Fn() -> SystemTime + Send + Sync + 'static> From<F> for SharedClock {
    fn from(now: F) -> Self {
        Self::new(Function(now))
    }
}

struct Function<F>(F);

impl<F: Fn() -> SystemTime + Send + Sync + 'static> Clock for Function<F> {
    fn now(&self) -> SystemTime {
        self.0()
    }
}

impl fmt::Debug for SharedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedClock(..)")
    }
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

#[cfg(feature = "test-util")]
pub use manual::ManualClock;

#[cfg(feature = "test-util")]
mod manual {
    use std::sync::Mutex;
    use std::sync::PoisonError;
    use std::time::Duration;

    use super::{Arc, Clock, SharedClock, SystemTime};

    /// A clock that stands still until it is moved, forwards or back. Clones share the time.
    #[derive(Clone, Debug)]
    pub struct ManualClock(Arc<Mutex<SystemTime>>);

    impl ManualClock {
        /// A clock that stands at this time.
        pub fn at(time: SystemTime) -> Self {
            Self(Arc::new(Mutex::new(time)))
        }

        /// Sets it.
        pub fn set(&self, time: SystemTime) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = time;
        }

        /// Moves it forwards.
        pub fn advance(&self, by: Duration) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }

        /// Moves it back, as when a user sets the clock.
        pub fn rewind(&self, by: Duration) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) -= by;
        }
    }

    impl Default for ManualClock {
        /// Stands at a billion seconds after the epoch.
        fn default() -> Self {
            Self::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000))
        }
    }

    impl From<ManualClock> for SharedClock {
        fn from(clock: ManualClock) -> Self {
            Self::new(clock)
        }
    }

    impl Clock for ManualClock {
        fn now(&self) -> SystemTime {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_manual_clock_keeps_the_time_that_was_set() {
        let clock = ManualClock::at(SystemTime::UNIX_EPOCH);
        let shared = SharedClock::new(clock.clone());
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        clock.set(at(100));
        assert_eq!(shared.now(), at(100));
        clock.rewind(Duration::from_secs(30));
        assert_eq!(shared.now(), at(70));
        clock.advance(Duration::from_secs(5));
        assert_eq!(shared.now(), at(75));
    }

    #[test]
    fn a_function_becomes_a_clock() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        assert_eq!(SharedClock::from(move || time).now(), time);
    }
}
