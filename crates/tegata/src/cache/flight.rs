//! A renewal under way, and how it ends.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;

use super::current::Current;
use super::shared::Shared;
use crate::{Error, ErrorKind};

/// The renewal that is under way, and the last one that failed.
#[derive(Default)]
pub(super) struct Flight {
    pub(super) running: Option<watch::Receiver<Option<Outcome>>>,
    pub(super) failed: Option<(Instant, Error)>,
}

pub(super) type Outcome = Result<Arc<Current>, Error>;

impl Flight {
    /// The last failure, as long as it stands.
    pub(super) fn failure(&self) -> Option<&Error> {
        self.failed
            .as_ref()
            .filter(|(until, _)| Instant::now() < *until)
            .map(|(_, error)| error)
    }
}

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

    /// Hands the outcome to all who wait.
    pub(super) fn land(mut self, outcome: Outcome) {
        self.end(Some(outcome));
    }

    fn end(&mut self, outcome: Option<Outcome>) {
        self.landed = true;
        let mut flight = self.shared.lock();
        flight.running = None;
        flight.failed = match &outcome {
            Some(Err(error)) => Some((Instant::now() + self.shared.policy.pause, error.clone())),
            _ => None,
        };
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
        let panicked = std::thread::panicking().then(|| {
            Err(Error::new(
                ErrorKind::Interrupted,
                "the token source panicked",
            ))
        });
        self.end(panicked);
    }
}
