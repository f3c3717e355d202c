//! The items of `tegata::sync`, built so that the scheduler may switch tasks at every step.
//!
//! Each keeps only the documented promises of its original: atomics and cells are sequentially consistent, any
//! time may pass between two readings of the clock, and a deadline may come at any moment.

mod cell;
mod notify;
mod runtime;
mod time;
pub mod watch;

pub(crate) use shuttle::sync::atomic::{AtomicBool, Ordering};
pub(crate) use shuttle::sync::{Mutex, MutexGuard};

pub(crate) use cell::ArcSwapOption;
pub(crate) use notify::Notify;
pub(crate) use runtime::{Handle, panicking};
pub use runtime::{Runtime, panic_now};
pub(crate) use time::Instant;
pub use time::timeout;
