//! The renewal under way, how it ends, and what it leaves for the next.

use std::sync::Arc;
use std::time::SystemTime;

use crate::store::Record;
use crate::sync::{Instant, panicking, watch};
use crate::token::backoff::Backoff;
use crate::token::current::Current;
use crate::token::shared::Shared;
use crate::{Error, ErrorKind, RenewalEvent, RenewalOutcome, RenewalReason, Secret, Token};

/// What changes in a cache, besides the token that callers get.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // Each is a fact of its own.
pub(super) struct Flight {
    /// Where the outcome of the renewal under way will be.
    pub(super) running: Option<watch::Receiver<Option<Outcome>>>,
    pub(super) backoff: Backoff,
    /// The newest record of which this process knows. Callers get its token when it is saved, or when that
    /// fails; should a renewal be cut off in between, its refresh token may be the only good one.
    pub(super) newest: Option<Arc<Record>>,
    /// Whether that still has to be saved.
    pub(super) is_unsaved: bool,
    /// Whether a task is at it.
    pub(super) is_saving: bool,
    /// Until when that task's lease lasts, by both clocks: one of them may stand still while the machine
    /// sleeps. `None` if it does not end by itself.
    pub(super) leased_until: Option<Box<(Instant, SystemTime)>>,
    /// Whether the renewal under way relies on the lease of that task.
    pub(super) needs_its_lease: bool,
    /// Whether the token endpoint is being asked.
    pub(super) is_asking: bool,
    /// The token that the cache was built with, until it is the newest record.
    pub(super) handed_over: Option<Arc<Token>>,
    /// Whether that comes from a login just made.
    pub(super) is_login: bool,
    /// What the token endpoint refused for good since it last issued a token: refresh tokens, or `None` for a
    /// request without one.
    pub(super) denied: Vec<(Option<Secret>, Error)>,
    /// When it is asked once more whether it still refuses the client.
    pub(super) probe_at: Option<Instant>,
    /// Whether the token that callers have was refused by the server and issued again: it is used once more after
    /// the pause.
    pub(super) is_reissued: bool,
    /// The refresh token to which the answer could not be read.
    pub(super) unreadable: Option<Box<Secret>>,
    /// Whether the mark of an ended session is ignored, since the user says that things have changed.
    pub(super) ignores_ended: bool,
    /// Whether the user has logged out.
    pub(super) is_forgotten: bool,
    /// Counts up with each token that is new to callers.
    pub(super) generation: u64,
    /// How many tasks are renewing or saving.
    pub(super) tasks: u32,
    /// Whether no more may begin.
    pub(super) is_closing: bool,
    /// Counts logins and logouts: what comes of a renewal that began before one is thrown away.
    pub(super) session: u32,
}

impl Flight {
    /// A token has been issued for this one, whose refresh token is spent by that, wherever else it came
    /// from.
    pub(super) fn was_exchanged(&mut self, with: Option<&Token>) {
        let spent = with.and_then(Token::refresh_token);
        let is_spent = |token: &mut Arc<Token>| spent.is_some() && token.refresh_token() == spent;
        self.handed_over.take_if(is_spent);
        self.forget_denials();
    }

    /// Forgets what was refused, since a token has been issued or the user says that things have changed.
    pub(super) fn forget_denials(&mut self) {
        self.denied.clear();
        self.probe_at = None;
        self.is_reissued = false;
        self.unreadable = None;
        self.ignores_ended = false;
    }

    /// Forgets that the client was refused, once that has stood for long enough.
    pub(super) fn forget_old_denials(&mut self) {
        if self.probe_at.is_some_and(|at| Instant::now() >= at) {
            self.probe_at = None;
            self.denied.retain(|(_, error)| !is_probed(error));
        }
    }
}

/// Whether the server may take it back: a client can be registered anew, a grant that is gone stays gone.
pub(super) fn is_probed(error: &Error) -> bool {
    error.is_denied() && !error.needs_authorization()
}

pub(super) type Outcome = Result<Arc<Current>, Error>;

/// A renewal, from its beginning until its token is saved. It ends for those who wait when it
/// [lands](Self::land), also if it panics or vanishes with its runtime.
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
    /// Enters a renewal into the slot; all who wait get a copy of the receiver.
    pub(super) fn enter(
        shared: &Arc<Shared>,
        flight: &mut Flight,
    ) -> (Self, watch::Receiver<Option<Outcome>>) {
        let (sender, receiver) = watch::channel(None);
        // Once a renewal: what was refused in it is not asked for again in it.
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

    /// Gives the outcome to all who wait, and reports it.
    pub(super) fn land(&mut self, outcome: Outcome, reported: RenewalOutcome) {
        let (attempt, is_held) = {
            let backoff = &self.shared.lock().backoff;
            let is_held = outcome
                .as_ref()
                .is_err_and(|error| backoff.is_holding(error));
            (backoff.failures().saturating_add(1), is_held)
        };
        self.end(Some(outcome));
        // It was reported when it happened; since then the store alone has been asked.
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

    /// Whether there is anything to save that no other task is saving.
    pub(super) fn begin_saving(&mut self) -> bool {
        let mut flight = self.shared.lock();
        self.is_saving = flight.is_unsaved && !flight.is_saving;
        flight.is_saving |= self.is_saving;
        self.is_saving
    }

    /// Stops saving, unless there is more to save, or may be soon: a renewal that began while the token was
    /// unsaved may be sending that token's refresh token, which others could send as well once it is saved.
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
                // Another try would only panic again, so it is a failure like any other.
                let error = Error::new(ErrorKind::Interrupted, "the renewal of the token panicked");
                self.land(Err(error.clone()), RenewalOutcome::Failed(error));
            } else {
                // A runtime that was shut down may not be the waiters' own.
                self.end(None);
            }
        }
        self.shared.lock().tasks -= 1;
        self.shared.changed.notify_waiters();
    }
}
