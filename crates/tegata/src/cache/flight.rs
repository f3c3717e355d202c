//! A renewal under way, and how it ends.

use std::sync::Arc;

use super::backoff::Backoff;
use super::current::Current;
use super::shared::Shared;
use crate::sync::{Instant, panicking, watch};
use crate::{Error, ErrorKind, RenewalOutcome, Secret, Token};

/// The renewal that is under way, those that failed, and what they leave for the next.
///
/// What is there only sometimes is boxed: nearly always nearly all accounts are idle.
#[derive(Default)]
pub(super) struct Flight {
    pub(super) running: Option<Box<Running>>,
    pub(super) backoff: Backoff,
    /// The newest token, until it has been published: the one to start with, or one whose renewal was cut
    /// off before it was saved. Its refresh token may be the only good one.
    pub(super) unpublished: Option<Box<Token>>,
    /// What was in the store when this process last took over from it or saved there, if it ever did.
    pub(super) stored: Option<Held>,
}

/// A renewal under way.
pub(super) struct Running {
    pub(super) outcome: watch::Receiver<Option<Outcome>>,
    /// The refresh token with which it asked.
    pub(super) tried: Option<Secret>,
}

/// What a store held when it was last looked into. Most accounts have no store, so it takes little room if
/// there is none.
#[derive(Clone)]
pub(super) struct Held(Box<Option<Token>>);

impl Held {
    pub(super) fn of(token: Option<Token>) -> Self {
        Self(Box::new(token))
    }

    pub(super) fn token(&self) -> Option<&Token> {
        self.0.as_ref().as_ref()
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
        flight.running = Some(Box::new(Running {
            outcome: receiver.clone(),
            tried: None,
        }));
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
        let shared = &self.shared;
        let took = self.began.elapsed();
        shared.label.tell(shared.account, told, took, attempt);
    }

    fn end(&mut self, outcome: Option<Outcome>) {
        self.landed = true;
        let mut flight = self.shared.lock();
        let ended = flight.running.take();
        match &outcome {
            Some(Ok(_)) => flight.backoff.succeeded(self.shared.policy.pause),
            Some(Err(error)) => {
                let shared = &self.shared;
                let random = (shared.random)();
                let longest = shared.policy.pause;
                let tried = ended.and_then(|ended| ended.tried);
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
