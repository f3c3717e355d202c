//! A renewal under way, and how it ends.

use std::sync::Arc;

use super::backoff::Backoff;
use super::current::Current;
use super::shared::Shared;
use crate::sync::{panicking, watch};
use crate::{Error, ErrorKind, Secret, Token};

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
                landed: false,
            },
            receiver,
        )
    }

    /// Hands the outcome to all who wait. Says how many tries there have been since the last success.
    pub(super) fn land(mut self, outcome: Outcome) -> u32 {
        let attempt = self.shared.lock().backoff.failures().saturating_add(1);
        self.end(Some(outcome));
        attempt
    }

    fn end(&mut self, outcome: Option<Outcome>) {
        self.landed = true;
        let mut flight = self.shared.lock();
        flight.running = None;
        match &outcome {
            Some(Ok(_)) => flight.backoff.succeeded(),
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
        // A panic would only happen again; a runtime that was shut down may not be the waiters' own.
        let panicked = panicking().then(|| {
            Err(Error::new(
                ErrorKind::Interrupted,
                "the token source panicked",
            ))
        });
        self.end(panicked);
    }
}
