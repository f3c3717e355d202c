//! How callers come by the token.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::Instant;

use super::TokenCacheBuilder;
use super::current::Current;
use super::flight::{Flight, Landing, Outcome};
use super::local::Epoch;
use super::tasks::{Task, Tasks};
use crate::observe::Label;
use crate::policy::Freshness;
use crate::spec::Scheme;
use crate::{
    Credential, Error, ErrorKind, RenewalPolicy, SharedClock, Snapshot, Token, TokenSource,
    TokenState, TokenStore,
};

pub(super) struct Shared {
    pub(super) scheme: Scheme,
    pub(super) source: Box<dyn TokenSource>,
    pub(super) store: Option<Arc<dyn TokenStore>>,
    pub(super) clock: SharedClock,
    pub(super) policy: RenewalPolicy,
    /// The token to start with, until it has been saved and published.
    pub(super) start: Option<Token>,
    pub(super) current: ArcSwapOption<Current>,
    pub(super) epoch: Epoch,
    generations: AtomicU64,
    pub(super) random: fn() -> f64,
    pub(super) label: Label,
    /// The generation of the newest token.
    pub(super) published: watch::Sender<u64>,
    /// How many tasks are renewing or saving, and whether no more are to begin.
    pub(super) tasks: watch::Sender<Tasks>,
    flight: Mutex<Flight>,
}

/// How a caller comes by a credential.
enum Step {
    Ready(Arc<Current>),
    Wait(watch::Receiver<Option<Outcome>>),
}

impl Shared {
    pub(super) fn new(settings: TokenCacheBuilder) -> Result<Self, Error> {
        let shared = Self {
            scheme: settings.scheme,
            source: settings.source,
            store: settings.store,
            clock: settings.clock,
            policy: settings.policy,
            start: settings.token,
            current: ArcSwapOption::empty(),
            epoch: Epoch::new(),
            generations: AtomicU64::new(0),
            random: settings.random,
            label: settings.label,
            published: watch::Sender::new(0),
            tasks: watch::Sender::new(Tasks::default()),
            flight: Mutex::default(),
        };
        // With a store it is saved first.
        if let (Some(token), None) = (&shared.start, &shared.store) {
            shared.publish(token.clone(), None)?;
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
        let current = current.as_ref()?;
        let valid = !current.is_refused() && !current.token.is_expired(self.clock.now());
        valid.then(|| current.credential.clone())
    }

    async fn renewed(self: &Arc<Self>, refused: Option<u64>) -> Result<Credential, Error> {
        // A second round, because a flight can vanish with its runtime, and because one that began
        // before the refusal may land with the very token that was refused.
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
                Some(Ok(current)) if Some(current.generation()) != refused => {
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
            return Ok(Step::Wait(running.clone()));
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
        if flight.running.is_some()
            || self.tasks.borrow().closing
            || flight.backoff.standing().is_some()
        {
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
                let shared = &task.0;
                let began = Instant::now();
                let renewed = shared.renew().await;
                let told = renewed.told();
                let attempt = landing.land(renewed.outcome);
                shared.label.tell(told, began.elapsed(), attempt);
                shared.save_until_done(renewed.saved).await;
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
            expires_at: current
                .as_ref()
                .and_then(|current| current.token.expires_at()),
            generation: current.as_ref().map_or(0, |current| current.generation()),
            is_renewing: flight.running.is_some(),
            failures: flight.backoff.failures(),
            last_error: flight.backoff.last_error().cloned(),
        }
    }

    pub(super) fn invalidate(&self) {
        let mut flight = self.lock();
        flight.backoff.succeeded();
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
        self.store.is_some() && flight.backoff.last_word().is_some()
    }

    pub(super) fn publish(&self, token: Token, same: Option<&Current>) -> Outcome {
        let next = || self.generations.fetch_add(1, Ordering::Relaxed) + 1;
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
        self.epoch.end();
        self.published.send_if_modified(|newest| {
            std::mem::replace(newest, current.generation()) != current.generation()
        });
        Ok(current)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Flight> {
        // Nothing panics while the lock is held, and the state is whole at every point anyway.
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
