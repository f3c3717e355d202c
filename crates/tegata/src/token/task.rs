//! The task of a renewal, and how it ends.

use std::sync::Arc;

use crate::sync::{Handle, Instant, panicking, watch};
use crate::token::flight::{Flight, Outcome};
use crate::token::shared::Shared;
use crate::{Error, ErrorKind, RenewalEvent, RenewalOutcome, RenewalReason};

/// A renewal, from its beginning until its token is saved. It ends for its waiters when it [lands](Self::land),
/// also if it panics or its runtime is shut down.
pub(super) struct Task {
    pub(super) shared: Arc<Shared>,
    pub(super) began: Instant,
    reason: RenewalReason,
    sender: watch::Sender<Option<Outcome>>,
    pub(super) session: u32,
    has_landed: bool,
    is_saving: bool,
}

impl Task {
    /// Registers a renewal as the one under way; all waiters get a copy of the receiver.
    pub(super) fn enter(
        shared: &Arc<Shared>,
        flight: &mut Flight,
    ) -> (Self, watch::Receiver<Option<Outcome>>) {
        let (sender, receiver) = watch::channel(None);
        // Only at the start of a renewal, so that no denial of this renewal is retried within it.
        flight.forget_old_denials();
        flight.running = Some(receiver.clone());
        flight.tasks += 1;
        let task = Self {
            shared: Arc::clone(shared),
            began: Instant::now(),
            reason: shared.reason(flight),
            sender,
            session: flight.session,
            has_landed: false,
            is_saving: false,
        };
        (task, receiver)
    }

    /// Sends the outcome to all waiters, and reports it.
    pub(super) fn land(&mut self, outcome: Outcome, reported: RenewalOutcome) {
        let (attempt, is_held) = {
            let backoff = &self.shared.lock().backoff;
            let is_held = outcome
                .as_ref()
                .is_err_and(|error| backoff.is_holding(error));
            (backoff.failures().saturating_add(1), is_held)
        };
        self.end(Some(outcome));
        // This error was reported when it occurred; since then only the store has been read.
        if is_held {
            return;
        }
        let shared = &self.shared;
        let (provider, account) = shared.names();
        shared.label.report(&RenewalEvent {
            provider,
            account,
            reason: self.reason,
            outcome: reported,
            duration: self.began.elapsed(),
            attempt,
        });
    }

    pub(super) fn has_landed(&self) -> bool {
        self.has_landed
    }

    fn end(&mut self, outcome: Option<Outcome>) {
        self.has_landed = true;
        let shared = &self.shared;
        let mut flight = shared.lock();
        flight.running = None;
        flight.needs_its_lease = false;
        flight.is_asking = false;
        let longest = shared.timing.retry_interval;
        match &outcome {
            Some(Ok(_)) => flight.backoff.succeeded(longest),
            Some(Err(error)) => {
                let is_listed = flight
                    .denied
                    .iter()
                    .any(|(_, denied)| denied.is_same(error));
                let stands = is_listed || error.is_denied();
                let random = (shared.random)();
                let backoff = &mut flight.backoff;
                if !backoff.is_holding(error) {
                    backoff.failed(error, stands, longest, random);
                }
                if shared.store.is_some() {
                    backoff.look_again_after(longest);
                }
            }
            None => {}
        }
        drop(flight);
        if outcome.is_some() {
            self.sender.send_replace(outcome);
        }
    }

    /// Whether there is a token to save that no other task is saving.
    pub(super) fn begin_saving(&mut self) -> bool {
        let mut flight = self.shared.lock();
        self.is_saving = flight.is_unsaved && !flight.is_saving;
        flight.is_saving |= self.is_saving;
        self.is_saving
    }

    /// Stops saving, unless there is another token to save, or may be soon: a renewal that began while the
    /// token was unsaved may be sending its refresh token, which other processes could send as well once it is
    /// saved.
    pub(super) fn end_saving(&mut self) -> bool {
        let mut flight = self.shared.lock();
        if flight.is_unsaved || flight.needs_its_lease {
            return false;
        }
        flight.is_saving = false;
        self.is_saving = false;
        true
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if self.is_saving {
            self.shared.lock().is_saving = false;
        }
        if !self.has_landed {
            if panicking() {
                // The next try would probably panic again, so a panic counts as a failure, with a pause.
                let error = Error::new(ErrorKind::Interrupted, "the renewal of the token panicked");
                self.land(Err(error.clone()), RenewalOutcome::Failed(error));
            } else {
                // The waiters may run on another runtime than the one that was shut down.
                self.end(None);
            }
        }
        self.shared.lock().tasks -= 1;
        self.shared.changed.notify_waiters();
    }
}

impl Shared {
    /// Registers a renewal. Start it after the lock is released: a runtime that is shutting down drops the task
    /// at once, and dropping it takes the lock.
    pub(super) fn prepare(
        self: &Arc<Self>,
        flight: &mut Flight,
    ) -> Result<(impl FnOnce() + use<>, watch::Receiver<Option<Outcome>>), Error> {
        let runtime = Handle::try_current().map_err(|_| {
            Error::configuration("a token is due, and renewing it needs a tokio runtime")
        })?;
        let (task, receiver) = Task::enter(self, flight);
        let start = move || {
            runtime.spawn(task.renew());
        };
        Ok((start, receiver))
    }
}
