//! Random numbers from the scheduler, which records them.

use shuttle::rand::{Rng as _, thread_rng};

/// A number from 0 to 1.
pub(crate) fn fraction() -> f64 {
    thread_rng().gen_range(0.0..=1.0)
}
