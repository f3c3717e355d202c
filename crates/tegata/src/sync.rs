//! What the cache synchronizes with and tells time by, under one roof: the model check (`crates/tegata/model`)
//! compiles the cache with a module of its own in this one's place.

pub(crate) use std::sync::atomic::{AtomicBool, Ordering};
pub(crate) use std::sync::{Mutex, MutexGuard};
pub(crate) use std::thread::panicking;

pub(crate) use arc_swap::ArcSwapOption;
pub(crate) use tokio::runtime::Handle;
pub(crate) use tokio::sync::{Notify, watch};
pub(crate) use tokio::time::{Instant, timeout};
