//! What `tegata::sync` holds, so built that the scheduler may switch tasks at every step of it.
//!
//! Each stands for what its namesake promises, no more: atomics and cells are sequentially consistent, time
//! passes by as much as it likes between two looks at it, and a deadline comes whenever it likes.

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
