//! The tasks of a cache, counted so that it can be shut down.

use std::sync::Arc;

use super::shared::Shared;

/// How many tasks are renewing or saving.
#[derive(Clone, Copy, Default)]
pub(super) struct Tasks {
    pub(super) running: u32,
    /// No more are to begin.
    pub(super) closing: bool,
    /// The last of them could not save its token.
    pub(super) unsaved: bool,
}

/// One of them, counted as long as it lives.
pub(super) struct Task(pub(super) Arc<Shared>);

impl Task {
    pub(super) fn begin(shared: &Arc<Shared>) -> Self {
        shared.tasks.send_modify(|tasks| tasks.running += 1);
        Self(Arc::clone(shared))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.tasks.send_modify(|tasks| tasks.running -= 1);
    }
}
