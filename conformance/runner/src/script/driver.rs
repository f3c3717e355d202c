//! The seam between the suite and a client under test.

use std::future::Future;

use super::{Context, Failure, Outcome, Task};
use crate::case::Feature;

/// Drives one kind of client.
pub trait Driver: Sync {
    /// A client in the middle of a case.
    type Session: Session;

    /// What the client can do. A case that needs more is not run.
    fn features(&self) -> &[Feature];

    /// Makes a client with the given configuration. It must keep nothing from earlier cases.
    ///
    /// A client that refuses its configuration fails here: that is the outcome of the step, and
    /// the session is asked for again at the next one.
    fn open(
        &self,
        context: &Context,
    ) -> impl Future<Output = Result<Self::Session, Failure>> + Send;
}

/// A client in the middle of a case.
pub trait Session: Send {
    /// Performs one task at the given time (seconds since 1970, never going back). It must come
    /// to an end by itself.
    fn perform(&mut self, task: &Task, now: u64) -> impl Future<Output = Outcome> + Send;
}
