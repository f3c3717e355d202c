//! The state of renewals: the one under way, and the results of earlier ones.

use std::sync::Arc;
use std::time::SystemTime;

use crate::store::Record;
use crate::sync::{Instant, panicking, watch};
use crate::token::backoff::Backoff;
use crate::token::current::Current;
use crate::token::shared::Shared;
use crate::{Error, ErrorKind, RenewalEvent, RenewalOutcome, RenewalReason, Secret, Token};

/// The mutable state of a cache, besides the token that callers get.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // Each is a fact of its own.
pub(super) struct Flight {
    /// Receives the outcome of the renewal under way.
    pub(super) running: Option<watch::Receiver<Option<Outcome>>>,
    pub(super) backoff: Backoff,
    /// The newest record that this process knows. Callers get its token once it is saved, or saving has failed.
    /// If a renewal is cut off before that, its refresh token may be the only valid one.
    pub(super) newest: Option<Arc<Record>>,
    /// Whether that record still has to be saved.
    pub(super) is_unsaved: bool,
    /// Whether a task is saving it.
    pub(super) is_saving: bool,
    /// The end of that task's lease, by both clocks, since the monotonic one may stop while the machine sleeps.
    /// `None` if it does not end by itself.
    pub(super) leased_until: Option<Box<(Instant, SystemTime)>>,
    /// Whether the renewal under way relies on the lease of that task.
    pub(super) needs_its_lease: bool,
    /// Whether the token endpoint is being asked.
    pub(super) is_asking: bool,
    /// The token that the cache was built with, until it is the newest record.
    pub(super) handed_over: Option<Arc<Token>>,
    /// Whether that token comes from a new login.
    pub(super) is_login: bool,
    /// The permanent denials since the last token was issued, by refresh token, or `None` for a request without
    /// one.
    pub(super) denied: Vec<(Option<Secret>, Error)>,
    /// When the endpoint is probed once more, after it has denied the client.
    pub(super) probe_at: Option<Instant>,
    /// Whether the token endpoint issued the refused token again: it is used once more after the pause.
    pub(super) is_reissued: bool,
    /// The refresh token whose answer could not be read.
    pub(super) unreadable: Option<Box<Secret>>,
    /// Whether the mark of an ended session is ignored, after an invalidation.
    pub(super) ignores_ended: bool,
    /// Whether the user has logged out.
    pub(super) is_forgotten: bool,
    /// Counts up with each token that is new to callers.
    pub(super) generation: u64,
    /// How many tasks are renewing or saving.
    pub(super) tasks: u32,
    /// Whether no further task may begin, because of a shutdown.
    pub(super) is_closing: bool,
    /// Counts logins and logouts: the result of a renewal that began before one is discarded.
    pub(super) session: u32,
}

impl Flight {
    /// Notes that a token was issued for this one, so that its refresh token is spent, wherever else it is
    /// held.
    pub(super) fn was_exchanged(&mut self, with: Option<&Token>) {
        let spent = with.and_then(Token::refresh_token);
        let is_spent = |token: &mut Arc<Token>| spent.is_some() && token.refresh_token() == spent;
        self.handed_over.take_if(is_spent);
        self.forget_denials();
    }

    /// Forgets the denials, after a token was issued or an invalidation.
    pub(super) fn forget_denials(&mut self) {
        self.denied.clear();
        self.probe_at = None;
        self.is_reissued = false;
        self.unreadable = None;
        self.ignores_ended = false;
    }

    /// Forgets the denial of the client once the probe is due.
    pub(super) fn forget_old_denials(&mut self) {
        if self.probe_at.is_some_and(|at| Instant::now() >= at) {
            self.probe_at = None;
            self.denied.retain(|(_, error)| !is_probed(error));
        }
    }
}

/// Whether the denial may be temporary: a client can be registered anew, but an ended grant does not come back.
pub(super) fn is_probed(error: &Error) -> bool {
    error.is_denied() && !error.needs_authorization()
}

pub(super) type Outcome = Result<Arc<Current>, Error>;

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
        let longest = shared.policy.retry_interval;
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
