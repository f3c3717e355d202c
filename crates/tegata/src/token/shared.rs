//! The state of a cache that its clones and tasks share, and how callers get the token.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::provider::spec::Scheme;
use crate::provider::{Credential, TokenSource};
use crate::store::{LeaseTerms, Owner, Record};
use crate::sync::{ArcSwapOption, Handle, Mutex, MutexGuard, Notify, timeout, watch};
use crate::token::current::Current;
use crate::token::decision::{Decision, Knowledge, decide, is_news, logged_out};
use crate::token::flight::{Flight, Outcome};
use crate::token::observe::Label;
use crate::token::policy::{Freshness, Timing};
use crate::{
    AccountHash, Error, ErrorKind, RenewalReason, SharedClock, Snapshot, Token, TokenState,
    TokenStore,
};

/// The shared state of a cache.
pub(super) struct Shared {
    pub(super) scheme: Scheme,
    pub(super) source: Box<dyn TokenSource>,
    pub(super) store: Option<Arc<dyn TokenStore>>,
    pub(super) clock: SharedClock,
    pub(super) timing: Timing,
    pub(super) random: fn() -> f64,
    pub(super) lease_reserve: Duration,
    pub(super) label: Label,
    /// `None` if it was not set.
    pub(super) account: Option<AccountHash>,
    /// The account above it, if it is a sub-account.
    pub(super) account_above: Option<Box<AccountHash>>,
    pub(super) current: ArcSwapOption<Current>,
    pub(super) flight: Mutex<Flight>,
    /// Wakes the tasks that wait for a change of the state.
    pub(super) changed: Notify,
}

impl Shared {
    /// Waits for a credential that is not of the refused generation, at most until the policy's deadline. The
    /// renewal goes on beyond that.
    pub(super) async fn wait(self: &Arc<Self>, refused: Option<u64>) -> Result<Credential, Error> {
        let renewed = self.renewed(refused);
        let result = if Handle::try_current().is_ok() {
            timeout(self.timing.deadline, renewed).await.unwrap_or_else(|_| {
                let why = "the token was not renewed in time; the renewal goes on, and a later call gets its result";
                let error = Error::new(ErrorKind::Timeout, why);
                let is_asking = self.lock().is_asking;
                Err(if is_asking { error.at_token_endpoint_set_by(self.source.setting()) } else { error })
            })
        } else {
            // A caller on another runtime has no timer here.
            renewed.await
        };
        match result {
            // In its last seconds a token is better than none.
            Err(error) => self.last_resort().ok_or(error),
            result => result,
        }
    }

    fn last_resort(&self) -> Option<Credential> {
        let current = self.current.load_full()?;
        let is_usable = current.is_usable(self.clock.now());
        is_usable.then(|| current.credential.clone())
    }

    async fn renewed(self: &Arc<Self>, refused: Option<u64>) -> Result<Credential, Error> {
        // A second round, because a renewal can be lost with its runtime, and because its token may have been
        // refused, or may have expired, since it was published.
        for _ in 0..2 {
            let mut running = match self.ready_or_running(refused)? {
                Ok(current) => return Ok(current.credential.clone()),
                Err(running) => running,
            };
            let outcome = match running.wait_for(Option::is_some).await {
                Ok(outcome) => outcome.clone(),
                Err(_) => None,
            };
            match outcome {
                Some(Ok(current)) if current.is_usable(self.clock.now()) => {
                    // A token from a store may be close to its expiry.
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

    /// Either a usable token, or the receiver of the outcome of a renewal, which is started if there is none.
    #[allow(clippy::type_complexity)] // A type of its own would be one more to know.
    fn ready_or_running(
        self: &Arc<Self>,
        refused: Option<u64>,
    ) -> Result<Result<Arc<Current>, watch::Receiver<Option<Outcome>>>, Error> {
        if let Some(current) = self.current.load().as_ref()
            && Some(current.generation()) == refused
        {
            current.credential.refuse();
        }
        let mut flight = self.lock();
        // Checked under the lock: a renewal publishes its token before it ends, so no second one is started
        // after that.
        if let Some(current) = self.current.load_full()
            && current.freshness(self.clock.now()) != Freshness::Expired
        {
            return Ok(Ok(current));
        }
        if let Some(current) = self.once_more(&mut flight) {
            return Ok(Ok(current));
        }
        if let Some(running) = &flight.running {
            return Ok(Err(running.clone()));
        }
        if flight.is_forgotten {
            return Err(logged_out());
        }
        if flight.is_closing {
            return Err(shut_down());
        }
        flight.note_credentials(self.source.credentials());
        if let Some(error) = flight.backoff.pausing() {
            return Err(error.clone());
        }
        if let Some(error) = self.standing_denial(&mut flight) {
            return Err(error);
        }
        let (start, receiver) = self.prepare(&mut flight)?;
        drop(flight);
        start();
        Ok(Err(receiver))
    }

    /// The token that the server refused, if the token endpoint has issued it again and the pause after that is
    /// over: a service may learn of a new token late. If it is refused again, the endpoint is asked again, and
    /// the next pause is longer.
    fn once_more(&self, flight: &mut Flight) -> Option<Arc<Current>> {
        let current = self.current.load_full()?;
        let is_due =
            flight.is_reissued && flight.running.is_none() && flight.backoff.pausing().is_none();
        if !is_due || current.has_expired(self.clock.now()) {
            return None;
        }
        flight.is_reissued = false;
        flight.generation += 1;
        let current = Arc::new(current.with_generation(flight.generation));
        self.current.store(Some(Arc::clone(&current)));
        self.changed.notify_waiters();
        Some(current)
    }

    pub(super) fn renew_in_background(self: &Arc<Self>) {
        let mut flight = self.lock();
        flight.note_credentials(self.source.credentials());
        if flight.running.is_some()
            || flight.is_closing
            || flight.backoff.is_resting()
            || self.standing_denial(&mut flight).is_some()
        {
            return;
        }
        // Without a runtime the present token is still valid; the error is returned once it has expired.
        if let Ok((start, _)) = self.prepare(&mut flight) {
            drop(flight);
            start();
        }
    }

    /// The error with which a renewal would fail without a request. Not with a store, which may hold another
    /// token by now.
    fn standing_denial(&self, flight: &mut Flight) -> Option<Error> {
        flight.forget_old_denials();
        let current = self.current.load_full();
        match decide(&self.knowledge(flight, None, current.as_deref())) {
            Decision::Fail(error) if self.store.is_none() => Some(error),
            _ => None,
        }
    }

    /// Why a renewal is due.
    pub(super) fn reason(&self, flight: &Flight) -> RenewalReason {
        if flight.is_login {
            return RenewalReason::Login;
        }
        let Some(current) = self.current.load_full() else {
            return RenewalReason::Missing;
        };
        if current.credential.is_refused() {
            RenewalReason::Refused
        } else if current.freshness(self.clock.now()) == Freshness::Expired {
            RenewalReason::Expired
        } else {
            RenewalReason::Early
        }
    }

    /// The record as a decision sees it: one of the account above, which an earlier version or a client without
    /// a sub-account has saved, counts as one without an owner, and is taken over.
    pub(super) fn unowned(&self, record: Record) -> Record {
        let above = self
            .account_above
            .as_deref()
            .map(|above| Owner::new(self.label.provider, *above));
        match record.owner() {
            Some(owner) if Some(owner) == above.as_ref() => record.with_owner(None),
            _ => record,
        }
    }

    /// The owner of this cache's records in the store.
    pub(super) fn owner(&self) -> Option<Owner> {
        Some(Owner::new(self.label.provider, self.account?))
    }

    /// Provider and account, for logs.
    pub(super) fn names(&self) -> (&'static str, AccountHash) {
        (self.label.provider, self.account.unwrap_or_default())
    }

    /// The input for a decision.
    pub(super) fn knowledge<'a>(
        &'a self,
        flight: &'a Flight,
        stored: Option<&'a Record>,
        replaced: Option<&'a Current>,
    ) -> Knowledge<'a> {
        Knowledge {
            memory: flight.newest.as_deref(),
            stored,
            handed_over: flight.handed_over.as_deref(),
            is_login: flight.is_login,
            replaced: replaced.map(|current| current.token.access_token()),
            denied: &flight.denied,
            ignores_ended: flight.ignores_ended,
            has_store: self.store.is_some(),
            owner: self.owner(),
            timing: &self.timing,
            scheme: self.scheme,
            now: self.clock.now(),
        }
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
        flight.backoff.forget();
        flight.forget_denials();
        flight.ignores_ended = true;
        if let Some(current) = self.current.load().as_ref() {
            current.credential.refuse();
        }
    }

    pub(super) async fn shutdown(&self) -> Result<(), Error> {
        self.lock().is_closing = true;
        self.changed.notify_waiters();
        let is_unsaved = self.until(|flight| (flight.tasks == 0).then_some(flight.is_unsaved));
        if is_unsaved.await {
            return Err(Error::new(
                ErrorKind::Store,
                "the newest token could not be saved",
            ));
        }
        Ok(())
    }

    /// Waits until this returns a value.
    pub(super) async fn until<T>(&self, ready: impl Fn(&Flight) -> Option<T>) -> T {
        loop {
            // Created before the check, so that no change in between goes unnoticed.
            let changed = self.changed.notified();
            let found = ready(&self.lock());
            match found {
                Some(found) => return found,
                None => changed.await,
            }
        }
    }

    /// The terms for a lease outside of a renewal.
    pub(super) fn lease_terms(&self) -> LeaseTerms {
        LeaseTerms {
            lifetime: self.lease_lifetime(),
            patience: self.timing.deadline,
        }
    }

    /// Makes this the newest record, from which the next renewal starts.
    pub(super) fn remember(&self, record: Record, is_unsaved: bool, session: u32) {
        let mut flight = self.lock();
        if flight.session != session {
            return;
        }
        let is_handed_over =
            |token: &Token| record.token().is_some_and(|newest| newest.is_same(token));
        if flight.handed_over.as_deref().is_some_and(is_handed_over) {
            flight.handed_over = None;
        }
        flight.is_login = false;
        flight.is_unsaved = is_unsaved;
        flight.newest = Some(Arc::new(record));
    }

    /// Forgets the token, because the user has logged out. The record of the logout is ignored if it is older
    /// than the token.
    pub(super) fn drop_token(&self, logged_out: Record) {
        let mut flight = self.lock();
        let newest = flight.newest.as_ref();
        if newest.is_some_and(|newest| !is_news(&logged_out, newest)) {
            return;
        }
        flight.newest = Some(Arc::new(logged_out));
        flight.is_unsaved = false;
        self.current.store(None);
    }

    /// Publishes this token to callers.
    pub(super) fn publish(&self, token: Arc<Token>, is_adopted: bool, session: u32) -> Outcome {
        // Under the lock, so that no logout happens in between.
        let mut flight = self.lock();
        if flight.session != session {
            return Err(logged_out());
        }
        let former = self.current.load_full();
        let same = former.filter(|former| former.token.access_token() == token.access_token());
        let next = flight.generation + 1;
        let generation = same.as_ref().map_or(next, |same| same.generation());
        let random = (self.random)();
        let mut current = Current::new(self.scheme, token, &self.timing, generation, random)?;
        current.is_adopted = is_adopted;
        if let Some(same) = same {
            // The same token with another expiry keeps its generation, so that a late refusal of it still
            // counts.
            current.credential = same.credential.clone();
        }
        let current = Arc::new(current);
        self.current.store(Some(Arc::clone(&current)));
        // A different token, so the mark of a reissued one is cleared.
        flight.is_reissued &= generation != next;
        flight.generation = generation;
        drop(flight);
        self.changed.notify_waiters();
        Ok(current)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Flight> {
        // Nothing panics while the lock is held, and the state is consistent at every point anyway.
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn shut_down() -> Error {
    Error::new(ErrorKind::Closed, "the client was shut down")
}
