//! A renewal under way, and how it ends.

use std::sync::Arc;

use super::backoff::Backoff;
use super::current::Current;
use super::shared::Shared;
use crate::sync::{Instant, panicking, watch};
use crate::{Error, ErrorKind, RenewalOutcome, Secret, Token};

/// The renewal that is under way, and those that failed.
#[derive(Default)]
pub(super) struct Flight {
    pub(super) running: Option<watch::Receiver<Option<Outcome>>>,
    pub(super) backoff: Backoff,
    /// The refresh token with which the running renewal asked.
    pub(super) tried: Option<Secret>,
    /// What was in the store when this process last took over from it or saved there, if it ever did.
    pub(super) stored: Option<Held>,
}

/// What a store held when it was last looked into. Most accounts have no store, so it takes little room if
/// that is nothing.
#[derive(Clone)]
pub(super) struct Held(Option<Box<Token>>);

impl Held {
    pub(super) fn of(token: Option<Token>) -> Self {
        Self(token.map(Box::new))
    }

    pub(super) fn token(&self) -> Option<&Token> {
        self.0.as_deref()
    }
}

pub(super) type Outcome = Result<Arc<Current>, Error>;

/// Ends a flight, also when its task panics or vanishes with its runtime.
pub(super) struct Landing {
    pub(super) shared: Arc<Shared>,
    sender: watch::Sender<Option<Outcome>>,
    began: Instant,
    landed: bool,
}

impl Landing {
    /// Enters a flight into the slot; all who wait get a copy of the receiver.
    pub(super) fn enter(
        shared: &Arc<Shared>,
        flight: &mut Flight,
    ) -> (Self, watch::Receiver<Option<Outcome>>) {
        let (sender, receiver) = watch::channel(None);
        flight.running = Some(receiver.clone());
        (
            Self {
                shared: Arc::clone(shared),
                sender,
                began: Instant::now(),
                landed: false,
            },
            receiver,
        )
    }

    /// Hands the outcome to all who wait, and tells whoever observes.
    pub(super) fn land(mut self, outcome: Outcome, told: RenewalOutcome) {
        self.land_and_tell(outcome, told);
    }

    fn land_and_tell(&mut self, outcome: Outcome, told: RenewalOutcome) {
        let attempt = self.shared.lock().backoff.failures().saturating_add(1);
        self.end(Some(outcome));
        self.shared.label.tell(told, self.began.elapsed(), attempt);
    }

    fn end(&mut self, outcome: Option<Outcome>) {
        self.landed = true;
        let mut flight = self.shared.lock();
        flight.running = None;
        match &outcome {
            Some(Ok(_)) => flight.backoff.succeeded(self.shared.policy.pause),
            Some(Err(error)) => {
                let shared = &self.shared;
                let random = (shared.random)();
                let longest = shared.policy.pause;
                let tried = flight.tried.take();
                flight
                    .backoff
                    .failed(error, tried.as_ref(), longest, random);
            }
            None => {}
        }
        drop(flight);
        if outcome.is_some() {
            self.sender.send_replace(outcome);
        }
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if self.landed {
            return;
        }
        if panicking() {
            // Another try would only panic again, so it is a failure like any other.
            let error = Error::new(ErrorKind::Interrupted, "the renewal of the token panicked");
            self.land_and_tell(Err(error.clone()), RenewalOutcome::Failed(error));
        } else {
            // A runtime that was shut down may not be the waiters' own.
            self.end(None);
        }
    }
}
