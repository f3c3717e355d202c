//! Runtimes.

use tokio::runtime::{Builder, Runtime};

/// One that runs on the thread that blocks on it.
pub(crate) fn of_this_thread() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// One with as many workers as the machine has processors that all measurements assume.
pub(crate) fn of_two_workers() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}
