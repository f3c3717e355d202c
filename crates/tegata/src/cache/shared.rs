//! How callers come by the token.

use std::ops::Deref;
use std::sync::{Arc, PoisonError};

use super::TokenCacheBuilder;
use super::common::Common;
use super::current::Current;
use super::flight::{Flight, Landing, Outcome};
use super::local::Epoch;
use super::tasks::{Task, Tasks};
use super::watched::Watched;
use crate::policy::Freshness;
use crate::sync::{ArcSwapOption, Handle, Mutex, MutexGuard, watch};
use crate::{
    AccountHash, Credential, Error, ErrorKind, Snapshot, Token, TokenSource, TokenState, TokenStore,
};

pub(super) struct Shared {
    common: Arc<Common>,
    pub(super) source: Box<dyn TokenSource>,
    pub(super) store: Option<Arc<dyn TokenStore>>,
    pub(super) current: ArcSwapOption<Current>,
    pub(super) epoch: Epoch,
    pub(super) account: AccountHash,
    /// The generation of the newest token, from which the next is counted.
    pub(super) published: Watched<u64>,
    /// How many tasks are renewing or saving, and whether no more are to begin.
    pub(super) tasks: Watched<Tasks>,
    flight: Mutex<Flight>,
}

/// What is set for it reads as if it were its own.
impl Deref for Shared {
    type Target = Common;

    fn deref(&self) -> &Common {
        &self.common
    }
}

/// How a caller comes by a credential.
enum Step {
    Ready(Arc<Current>),
    Wait(watch::Receiver<Option<Outcome>>),
}

impl Shared {
    pub(super) fn new(settings: TokenCacheBuilder) -> Result<Self, Error> {
        let common = Common {
            scheme: settings.scheme,
            clock: settings.clock,
            policy: settings.policy,
            random: settings.random,
            label: settings.label,
        };
        let shared = Self {
            common: common.shared(),
            source: settings.source,
            store: settings.store,
            current: ArcSwapOption::empty(),
            epoch: Epoch::new(),
            account: settings.account,
            published: Watched::new(0),
            tasks: Watched::new(Tasks::default()),
            flight: Mutex::default(),
        };
        shared.keep(settings.token);
        // With a store it is saved first.
        if let (Some(token), None) = (shared.newest_known(None), &shared.store) {
            shared.publish(token, None)?;
        }
        Ok(shared)
    }

    /// Waits for a credential that is not of the refused generation.
    pub(super) async fn wait(self: &Arc<Self>, refused: Option<u64>) -> Result<Credential, Error> {
        match self.renewed(refused).await {
            // In its last seconds a token is better than none.
            Err(error) => self.last_resort().ok_or(error),
            outcome => outcome,
        }
    }

    fn last_resort(&self) -> Option<Credential> {
        let current = self.current.load();
        let current = current.as_ref().filter(|current| self.is_usable(current))?;
        Some(current.credential.clone())
    }

    /// Whether a request may carry it, if only for its last seconds.
    fn is_usable(&self, current: &Current) -> bool {
        !current.is_refused() && !current.is_expired(self.clock.now())
    }

    async fn renewed(self: &Arc<Self>, refused: Option<u64>) -> Result<Credential, Error> {
        // A second round, because a flight can vanish with its runtime, and because it may land with a
        // token that was refused, or has expired, since it was published.
        for _ in 0..2 {
            let mut flight = match self.step(refused)? {
                Step::Ready(current) => return Ok(current.credential.clone()),
                Step::Wait(flight) => flight,
            };
            let outcome = match flight.wait_for(Option::is_some).await {
                Ok(outcome) => outcome.clone(),
                Err(_) => None,
            };
            match outcome {
                Some(Ok(current)) if self.is_usable(&current) => {
                    // What comes from a store may be near its end already.
                    if current.freshness(self.clock.now()) == Freshness::Stale {
                        self.renew_in_background();
                    }
                    return Ok(current.credential.clone());
                }
                Some(Err(error)) => return Err(error),
                Some(Ok(_)) | None => {}
            }
        }
        Err(Error::new(
            ErrorKind::Interrupted,
            "the renewal of the token was cut off",
        ))
    }

    /// Either there is a usable token, or a flight to wait for, which is started if need be.
    fn step(self: &Arc<Self>, refused: Option<u64>) -> Result<Step, Error> {
        if let Some(current) = self.current.load().as_ref()
            && Some(current.generation()) == refused
        {
            current.refuse();
            self.epoch.end();
        }
        let mut flight = self.lock();
        // Looked at under the lock: a flight publishes its token before it lands, so no second one is
        // started for a token that is already there.
        if let Some(current) = self.current.load_full()
            && current.freshness(self.clock.now()) != Freshness::Expired
        {
            return Ok(Step::Ready(current));
        }
        if let Some(running) = &flight.running {
            return Ok(Step::Wait(running.outcome.clone()));
        }
        if self.tasks.borrow().closing {
            return Err(Error::configuration("the client was shut down"));
        }
        if let Some(error) = flight.backoff.standing()
            && !self.may_have_changed(&flight)
        {
            return Err(error.clone());
        }
        let (start, receiver) = self.prepare(&mut flight)?;
        drop(flight);
        start();
        Ok(Step::Wait(receiver))
    }

    pub(super) fn renew_in_background(self: &Arc<Self>) {
        let mut flight = self.lock();
        if flight.running.is_some() || self.tasks.borrow().closing || flight.backoff.is_resting() {
            return;
        }
        // Without a runtime the token in hand is still good; whoever needs the next one will be told.
        if let Ok((start, _)) = self.prepare(&mut flight) {
            drop(flight);
            start();
        }
    }

    /// Enters a flight. It is to be started after the lock is released: a runtime that is shutting down
    /// drops the task at once, and its landing takes the lock.
    fn prepare(
        self: &Arc<Self>,
        flight: &mut Flight,
    ) -> Result<(impl FnOnce() + use<>, watch::Receiver<Option<Outcome>>), Error> {
        let runtime = Handle::try_current().map_err(|_| {
            Error::configuration("a token is due, and renewing it needs a tokio runtime")
        })?;
        let (landing, receiver) = Landing::enter(self, flight);
        let task = Task::begin(self);
        let start = move || {
            runtime.spawn(async move {
                let renewed = task.0.renew().await;
                let told = renewed.told();
                landing.land(renewed.outcome, told);
                task.0.save_until_done(renewed.saved).await;
            });
        };
        Ok((start, receiver))
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let current = self.current.load_full();
        let state = current.as_ref().map_or(TokenState::Absent, |current| {
            match current.freshness(self.clock.now()) {
                Freshness::Fresh => TokenState::Fresh,
                Freshness::Stale => TokenState::Stale,
                Freshness::Expired => TokenState::Expired,
            }
        });
        let flight = self.lock();
        Snapshot {
            state,
            expires_at: current.as_ref().and_then(|current| current.expires_at()),
            generation: current.as_ref().map_or(0, |current| current.generation()),
            is_renewing: flight.running.is_some(),
            failures: flight.backoff.failures(),
            last_error: flight.backoff.last_error().cloned(),
        }
    }

    pub(super) fn invalidate(&self) {
        let mut flight = self.lock();
        flight.backoff.forget();
        if let Some(current) = self.current.load().as_ref() {
            current.refuse();
            self.epoch.end();
        }
    }

    pub(super) async fn shutdown(&self) -> Result<(), Error> {
        {
            // Tasks begin under this lock, so none can slip in between.
            let _flight = self.lock();
            self.tasks.send_modify(|tasks| tasks.closing = true);
        }
        let mut tasks = self.tasks.subscribe();
        // The sender is ours, so it cannot be gone.
        let unsaved = tasks
            .wait_for(|tasks| tasks.running == 0)
            .await
            .map(|tasks| tasks.unsaved);
        if unsaved.unwrap_or_default() {
            return Err(Error::new(
                ErrorKind::Store,
                "the newest token could not be saved",
            ));
        }
        Ok(())
    }

    /// After a final no only other credentials help, and they could have come into the store.
    fn may_have_changed(&self, flight: &Flight) -> bool {
        self.store.is_some() && flight.backoff.pausing().is_none()
    }

    pub(super) fn publish(&self, token: Token, same: Option<&Current>) -> Outcome {
        // One renewal at a time publishes.
        let next = || self.published.borrow() + 1;
        let generation = same.map_or_else(next, Current::generation);
        let mut current = Current::new(
            self.scheme,
            token,
            &self.policy,
            generation,
            (self.random)(),
        )?;
        if let Some(same) = same {
            current = current.sharing(same);
        }
        let current = Arc::new(current);
        self.current.store(Some(Arc::clone(&current)));
        self.keep(None);
        self.epoch.end();
        self.published.send_if_modified(|newest| {
            std::mem::replace(newest, current.generation()) != current.generation()
        });
        Ok(current)
    }

    /// The newest token in memory.
    pub(super) fn newest_known(&self, published: Option<&Current>) -> Option<Token> {
        let unpublished = self.lock().unpublished.as_deref().cloned();
        unpublished.or_else(|| published.map(Current::token))
    }

    /// Keeps a token until it is published, should its renewal be cut off.
    pub(super) fn keep(&self, token: Option<Token>) {
        self.lock().unpublished = token.map(Box::new);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Flight> {
        // Nothing panics while the lock is held, and the state is whole at every point anyway.
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
