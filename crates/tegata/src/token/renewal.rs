//! Carries out a decision: load, adopt or exchange. The result is then [saved](super::saving).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::provider::Renewal;
use crate::store::{BoxFuture, Lease, LeaseTerms, Record};
use crate::sync::{Instant, timeout};
use crate::token::decision::{Decision, decide};
use crate::token::flight::is_probed;
use crate::token::shared::Shared;
use crate::token::task::Task;
use crate::{Error, ErrorKind, RenewalOutcome, Token, TokenStore};

/// How much longer than the deadline of a renewal a lease lasts, unless it is prolonged.
pub(super) const LEASE_RESERVE: Duration = Duration::from_secs(20);

/// How long to wait for an answer that may hold the only valid refresh token. Usually the HTTP client's
/// timeouts end it earlier; this is for a client without any.
const LONGEST_EXCHANGE: Duration = Duration::from_secs(600);

/// The part of a deadline after which a step gives up, so that callers still get the reason in time.
pub(super) const IN_TIME: f64 = 0.9;

/// The limit of side tasks while the renewal waits: prolonging a lease, marking the end of a session.
const SHORT_LIMIT: Duration = Duration::from_secs(5);

/// How long callers wait for the lease only to mark a good token with its owner.
const TIME_TO_MARK: Duration = Duration::from_secs(1);

/// How many tokens one renewal tries. More than two occur only if the store keeps changing meanwhile.
const ROUNDS: usize = 8;

/// A token for callers.
pub(super) struct Obtained {
    pub(super) token: Arc<Token>,
    pub(super) is_adopted: bool,
    /// Why callers do not get it. It is kept all the same, since it came with the newest refresh token.
    pub(super) flaw: Option<Error>,
}

impl Task {
    /// Renews the token, sends the outcome to all waiters, and saves a new token.
    pub(super) async fn renew(mut self) {
        let mut lease = None;
        match self.obtain(&mut lease).await {
            Ok(obtained) => self.save(obtained, lease).await,
            Err(error) => {
                drop(lease);
                self.land(Err(error.clone()), RenewalOutcome::Failed(error));
            }
        }
    }

    async fn obtain(&self, lease: &mut Option<Lease>) -> Result<Obtained, Error> {
        let shared = &*self.shared;
        let mut store = shared.store_to_ask()?;
        let began_at = shared.clock.now();
        let mut is_store_failing = false;
        for _ in 0..ROUNDS {
            let stored = match store {
                None => None,
                Some(asked) => match self.in_time(asked.load()).await {
                    Ok(stored) => stored.map(|record| shared.unowned(record)),
                    Err(error) => {
                        shared.check_dispensable(asked, error)?;
                        (store, is_store_failing) = (None, true);
                        None
                    }
                },
            };
            let (decision, version) = shared.decide(stored.as_ref());
            if let Decision::Exchange { .. } = decision
                && let Some(error) = shared.lock().backoff.holding()
            {
                return Err(error.clone());
            }
            if let Some(asked) = store
                && lease.is_none()
                && shared.needs_lease(&decision)
            {
                let (terms, asked_at) = (self.lease_terms(&decision), shared.times());
                match (self.in_time(asked.lease(terms)).await, &decision) {
                    (Ok(taken), _) => {
                        shared.note_lease(&taken, asked_at);
                        *lease = Some(taken);
                    }
                    // The token is valid without the mark; the next renewal adds it.
                    (Err(_), Decision::Adopt(record, token)) => {
                        return Ok(self.adopt(record.clone(), token.clone(), false));
                    }
                    (Err(error), _) => {
                        shared.check_dispensable(asked, error)?;
                        (store, is_store_failing) = (None, true);
                    }
                }
                // Another process may have renewed meanwhile.
                continue;
            }
            let with = match decision {
                Decision::Use(token) => {
                    return Ok(self.keep(token, version.saturating_sub(1), false));
                }
                Decision::SaveOurs(token) => return Ok(self.keep(token, version, true)),
                Decision::Adopt(record, token) => {
                    let (record, is_unmarked) = shared.marked(record, version);
                    return Ok(self.adopt(record, token, is_unmarked));
                }
                Decision::Fail(error) => {
                    if let (Some(store), Some(stored)) = (store, stored) {
                        shared.note(store, stored, lease.is_some()).await;
                    }
                    return Err(error);
                }
                Decision::Exchange { with } => with,
            };
            // A process that can reach the store may have used the refresh token.
            let sent = with.as_ref().filter(|_| !is_store_failing);
            if shared.spends(sent) {
                self.check_lease(lease, began_at).await?;
            }
            let credentials = shared.source.credentials();
            match self.exchange(sent, version, lease).await {
                Ok(obtained) => return Ok(obtained),
                // The credentials were replaced meanwhile, so it may be the former ones that were denied.
                Err(error) if is_probed(&error) && shared.source.credentials() != credentials => {}
                Err(error) if shared.is_denied(with.as_ref(), &error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::new(
            ErrorKind::Interrupted,
            "the token store changes faster than a token can be renewed",
        ))
    }

    /// Limits a step before the exchange to the time that callers have.
    async fn in_time<T>(&self, work: BoxFuture<'_, Result<T, Error>>) -> Result<T, Error> {
        timeout(self.time_to_prepare(), work)
            .await
            .unwrap_or_else(|_| {
                let why = "the token store did not answer in time";
                Err(Error::new(ErrorKind::Timeout, why))
            })
    }

    /// Half of the deadline if the token endpoint can be asked without the store afterwards.
    fn time_to_prepare(&self) -> Duration {
        let deadline = self.shared.timing.deadline;
        let share = if self.shared.source.is_self_sufficient() {
            deadline / 2
        } else {
            deadline.mul_f64(IN_TIME)
        };
        share.saturating_sub(self.began.elapsed())
    }

    fn lease_terms(&self, decision: &Decision) -> LeaseTerms {
        // The store gives up first, since its error names the holder of the lease.
        let patience = self.time_to_prepare().mul_f64(IN_TIME);
        let is_needed = !matches!(decision, Decision::Adopt(..));
        LeaseTerms {
            lifetime: self.shared.lease_lifetime(),
            patience: if is_needed {
                patience
            } else {
                patience.min(TIME_TO_MARK)
            },
        }
    }

    fn keep(&self, token: Token, version: u64, is_unsaved: bool) -> Obtained {
        let token = Arc::new(token);
        let record = self.shared.record(Arc::clone(&token), version);
        self.shared.remember(record, is_unsaved, self.session);
        Obtained {
            token,
            is_adopted: false,
            flaw: None,
        }
    }

    /// Takes over the record that another process saved.
    fn adopt(&self, record: Record, token: Token, is_unsaved: bool) -> Obtained {
        let shared_token = record.shared_token().cloned();
        self.shared.remember(record, is_unsaved, self.session);
        Obtained {
            token: shared_token.unwrap_or_else(|| Arc::new(token)),
            is_adopted: true,
            flaw: None,
        }
    }

    /// Makes sure of the lease if this process, or its machine, was stopped since the renewal began: another
    /// process may have had the lease meanwhile, and used the refresh token.
    async fn check_lease(
        &self,
        lease: &mut Option<Lease>,
        began_at: SystemTime,
    ) -> Result<(), Error> {
        let (shared, Some(lease)) = (&*self.shared, lease) else {
            return Ok(());
        };
        let slept = shared.clock.now().duration_since(began_at);
        let took = self.began.elapsed().max(slept.unwrap_or_default());
        if took <= shared.timing.deadline {
            return Ok(());
        }
        let prolonged = timeout(SHORT_LIMIT, shared.prolong(lease)).await;
        let silent = || Error::new(ErrorKind::Timeout, "the token store did not answer in time");
        prolonged
            .unwrap_or_else(|_| Err(silent()))
            .map_err(Error::transient)
    }

    /// Asks the token endpoint, with this token's refresh token if it has one.
    async fn exchange(
        &self,
        with: Option<&Token>,
        version: u64,
        lease: &mut Option<Lease>,
    ) -> Result<Obtained, Error> {
        let shared = &*self.shared;
        let former = shared.current.load_full();
        let refused = former.filter(|former| former.credential.is_refused());
        let was_refused = |token: &Token| {
            (refused.as_ref())
                .is_some_and(|refused| refused.token.access_token() == token.access_token())
        };
        let sent_at = shared.clock.now();
        let answer = shared.source.issue(Renewal {
            current: with,
            // The token that is renewed may differ from the one that callers have.
            refused: with.is_some_and(was_refused),
            now: sent_at,
        });
        let spends = shared.spends(with);
        shared.lock().is_asking = true;
        let issued = self.answered(answer, spends, lease).await;
        shared.lock().is_asking = false;
        let is_self_sufficient = shared.source.is_self_sufficient();
        let issued = issued.map_err(|error| {
            let error = error.at_token_endpoint();
            error.of_self_sufficient(is_self_sufficient)
        })?;
        let unusable = issued.unusable;
        let token = Token::new(issued, sent_at, with);
        // Before anything else, for its refresh token may be the only good one from now on.
        let obtained = self.keep(token, version, shared.store.is_some());
        shared.lock().was_exchanged(with);
        let flaw = if let Some(reason) = unusable {
            Some((ErrorKind::InvalidResponse, reason))
        } else if was_refused(&obtained.token) {
            shared.lock().is_reissued = true;
            let why =
                "the server refused the token, and the token endpoint issued the same one again";
            Some((ErrorKind::CredentialRejected, why))
        } else if obtained.token.is_expired(shared.clock.now()) {
            let why = "the token endpoint issued a token that had already expired";
            Some((ErrorKind::ExpiredToken, why))
        } else {
            None
        };
        Ok(Obtained {
            flaw: flaw.map(|(kind, why)| match kind {
                // The service refused it, not the token endpoint.
                ErrorKind::CredentialRejected => Error::new(kind, why),
                _ => Error::new(kind, why).at_token_endpoint(),
            }),
            ..obtained
        })
    }

    /// The answer of the token endpoint. If it may hold a refresh token that replaces the one that was sent, it
    /// is awaited beyond the deadline of all callers: another request would send a spent token, and real
    /// servers end the session for that.
    async fn answered<T>(
        &self,
        answer: BoxFuture<'_, Result<T, Error>>,
        spends: bool,
        lease: &mut Option<Lease>,
    ) -> Result<T, Error> {
        let shared = &*self.shared;
        let answer = if spends {
            shared.under_lease(lease, LONGEST_EXCHANGE, answer).await
        } else {
            let left = shared.timing.deadline.saturating_sub(self.began.elapsed());
            let answer = shared.under_lease(lease, Duration::MAX, answer);
            timeout(left, answer).await.ok().flatten()
        };
        answer.unwrap_or_else(|| {
            let error = Error::new(ErrorKind::Timeout, "there was no answer in time");
            Err(error.at_token_endpoint_set_by(shared.source.setting()))
        })
    }
}

impl Shared {
    /// The store, unless there is none, or a task is saving the newest token there: that has the lease, keeps
    /// it until this renewal has ended, and saves its result.
    fn store_to_ask(&self) -> Result<Option<&dyn TokenStore>, Error> {
        let store = self.store.as_deref();
        let mut flight = self.lock();
        if !flight.is_saving {
            return Ok(store);
        }
        // If the lease has ended, while this process or its machine was stopped for one, and the save was
        // carried out after all, another process may have the token by now. The task that is saving finds
        // that out.
        let (now, time) = self.times();
        let is_over = |until: &(Instant, SystemTime)| now >= until.0 || time >= until.1;
        let may_be_known = flight.leased_until.as_deref().is_some_and(is_over)
            && !self.source.is_self_sufficient();
        let why = if may_be_known {
            "the newest token is unsaved, and the lease of the token store has to be taken again first"
        } else if store.is_some_and(TokenStore::is_required) {
            "nothing is renewed before the newest token has been saved, and that fails so far"
        } else {
            flight.needs_its_lease = true;
            return Ok(None);
        };
        Err(Error::new(ErrorKind::Store, why).transient())
    }

    /// Whether this token's refresh token may be spent by being sent. If the source needs none, it does not
    /// matter.
    fn spends(&self, with: Option<&Token>) -> bool {
        let sends = with.is_some_and(|with| with.refresh_token().is_some());
        sends && !self.source.is_self_sufficient()
    }

    /// Fails with this error of the store, unless the source can renew without a store.
    fn check_dispensable(&self, store: &dyn TokenStore, error: Error) -> Result<(), Error> {
        if store.is_required() || !self.source.is_self_sufficient() {
            return Err(error);
        }
        let (provider, account) = self.names();
        tracing::warn!(
            target: "tegata", provider, %account, %error,
            "the token store fails: renewing without it, in memory"
        );
        Ok(())
    }

    pub(super) fn lease_lifetime(&self) -> Duration {
        self.timing.deadline.saturating_add(self.lease_reserve)
    }

    pub(super) fn times(&self) -> (Instant, SystemTime) {
        (Instant::now(), self.clock.now())
    }

    /// Notes the end of a lease that was requested at this time.
    pub(super) fn note_lease(&self, lease: &Lease, (now, time): (Instant, SystemTime)) {
        let lifetime = self.lease_lifetime();
        // An end beyond the clock's range cannot be compared with the time, so none is kept.
        let until = time.checked_add(lifetime).filter(|_| lease.ends());
        self.lock().leased_until = until.map(|until| Box::new((now + lifetime, until)));
    }

    async fn prolong(&self, lease: &mut Lease) -> Result<(), Error> {
        let asked_at = self.times();
        lease.prolong(self.lease_lifetime()).await?;
        self.note_lease(lease, asked_at);
        Ok(())
    }

    /// Runs this within the limit, and prolongs the lease meanwhile.
    ///
    /// Time is counted in steps: while this process or its machine is stopped, at most the rest of one step
    /// passes, so that an answer that has arrived meanwhile is still read.
    pub(super) async fn under_lease<T>(
        &self,
        lease: &mut Option<Lease>,
        limit: Duration,
        mut work: BoxFuture<'_, T>,
    ) -> Option<T> {
        let lifetime = self.lease_lifetime();
        let mut left = limit;
        loop {
            let step = left.min(lifetime / 4);
            if let Ok(done) = timeout(step, work.as_mut()).await {
                return Some(done);
            }
            left = left.saturating_sub(step);
            if left.is_zero() {
                return None;
            }
            let Some(lease) = lease else { continue };
            let prolonged = timeout(SHORT_LIMIT, self.prolong(lease)).await;
            if let Ok(Err(error)) = prolonged {
                let (provider, account) = self.names();
                tracing::warn!(
                    target: "tegata", provider, %account, %error,
                    "the lease of the token store was not prolonged"
                );
            }
        }
    }

    /// The decision, and the version that the next record gets.
    fn decide(&self, stored: Option<&Record>) -> (Decision, u64) {
        let current = self.current.load_full();
        let flight = self.lock();
        let known = self.knowledge(&flight, stored, current.as_deref());
        (decide(&known), known.next_version())
    }

    fn needs_lease(&self, decision: &Decision) -> bool {
        match decision {
            Decision::SaveOurs(_) | Decision::Exchange { .. } => true,
            Decision::Adopt(record, _) => self.is_unmarked(record),
            Decision::Use(_) | Decision::Fail(_) => false,
        }
    }

    /// The record with this cache as its owner, and whether it had none before.
    pub(super) fn marked(&self, record: Record, version: u64) -> (Record, bool) {
        if self.is_unmarked(&record) {
            (record.with_version(version).with_owner(self.owner()), true)
        } else {
            (record, false)
        }
    }

    /// Whether it was written before records had an owner.
    fn is_unmarked(&self, record: &Record) -> bool {
        record.owner().is_none() && self.owner().is_some()
    }

    fn record(&self, token: Arc<Token>, version: u64) -> Record {
        Record::new(token)
            .with_version(version)
            .with_owner(self.owner())
    }

    /// Notes a permanent denial of the token endpoint, and returns whether this error is one.
    fn is_denied(&self, with: Option<&Token>, error: &Error) -> bool {
        let refresh_token = with.and_then(Token::refresh_token);
        let mut flight = self.lock();
        // An answer that cannot be read may have held the next refresh token: one more try shows whether the
        // one that was sent is still good, and after that it is not sent again.
        // A source that needs no refresh token loses nothing by asking again.
        let is_unreadable = error.may_have_held_a_refresh_token()
            && refresh_token.is_some()
            && !self.source.is_self_sufficient();
        let is_second = is_unreadable && flight.unreadable.as_deref() == refresh_token;
        if is_unreadable {
            flight.unreadable = refresh_token.cloned().map(Box::new);
        }
        let is_denied = error.is_denied() || is_second;
        if is_denied {
            if is_probed(error) {
                let share = 0.8 + 0.2 * (self.random)();
                let interval = self.timing.probe_interval.mul_f64(share);
                flight.probe_at = Some(Instant::now() + interval);
            }
            flight.denied.push((refresh_token.cloned(), error.clone()));
        }
        is_denied
    }

    /// Draws the consequences of a failure: drops a token whose user has logged out, and marks a session
    /// that has ended, so that other processes do not send the dead refresh token again.
    async fn note(&self, store: &dyn TokenStore, stored: Record, has_lease: bool) {
        if stored.deleted_at().is_some() {
            self.drop_token(stored);
            return;
        }
        let refresh_token = stored.token().and_then(Token::refresh_token);
        let is_dead =
            self.lock().denied.iter().any(|(denied, error)| {
                denied.as_ref() == refresh_token && error.needs_authorization()
            });
        if !is_dead || refresh_token.is_none() || stored.is_ended() || !has_lease {
            return;
        }
        // The version stays: the mark does not make the record newer, and the store may have gone back in time
        // to it.
        let marked = stored.ended().with_owner(self.owner());
        if let Ok(Err(error)) = timeout(SHORT_LIMIT, store.save(&marked)).await {
            let (provider, account) = self.names();
            tracing::debug!(
                target: "tegata", provider, %account, %error,
                "the end of a session could not be marked in the store"
            );
        }
    }
}
