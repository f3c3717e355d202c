//! The synchronization and time primitives of the cache in one module, so that the model check
//! (`crates/tegata/model`) can compile the cache against its own versions of them.

pub(crate) use std::sync::atomic::{AtomicBool, Ordering};
pub(crate) use std::sync::{Mutex, MutexGuard};
pub(crate) use std::thread::panicking;

pub(crate) use arc_swap::ArcSwapOption;
pub(crate) use tokio::runtime::Handle;
pub(crate) use tokio::sync::{Notify, watch};
pub(crate) use tokio::time::{Instant, timeout};
