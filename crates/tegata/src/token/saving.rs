//! Saves the token of a renewal, under its lease, until that succeeds.
//!
//! Until then the store holds a refresh token that is spent. A process that got the lease would send it
//! again, for which real servers end the session: so the lease is kept, and prolonged, as long as the newest
//! token is unsaved.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use crate::store::{Lease, Record};
use crate::sync::timeout;
use crate::token::decision::{check_owner, is_news};
use crate::token::renewal::{IN_TIME, Obtained};
use crate::token::shared::Shared;
use crate::token::task::Task;
use crate::{Error, ErrorKind, RenewalOutcome, TokenStore};

/// The pause between two tries: doubled each time, up to the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// How long callers wait for the first try, if they have that much time left.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How long they wait if they have no time left, since callers that came later still have some.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);

/// How long a try may hang, in steps; a shutdown abandons it at the end of a step.
const HANGING: (u32, Duration) = (6, Duration::from_secs(10));

impl Task {
    /// Sends the token to all waiters, once it is saved or the first try has failed, and goes on saving it.
    pub(super) async fn save(mut self, mut obtained: Obtained, mut lease: Option<Lease>) {
        let shared = Arc::clone(&self.shared);
        let Some(store) = shared.store.as_deref().filter(|_| self.begin_saving()) else {
            drop(lease);
            let is_saved = !shared.lock().is_unsaved;
            self.land_with(&obtained, is_saved);
            return;
        };
        if lease.is_none() {
            // The store has failed before, so callers do not wait for it again.
            self.land_with(&obtained, false);
        }
        let (mut pause, longest) = PAUSE;
        let (mut is_first, mut is_closing) = (true, false);
        loop {
            let mut attempt = pin!(shared.save_once(store, &mut lease, is_first, self.session));
            let in_time = timeout(self.time_to_save(), attempt.as_mut()).await;
            let result = if let Ok(result) = in_time {
                result
            } else {
                self.land_with(&obtained, false);
                self.outwait(attempt).await
            };
            is_first = false;
            match result {
                Ok(replacement) => obtained = replacement.unwrap_or(obtained),
                Err(error) => {
                    let (provider, account) = shared.names();
                    tracing::warn!(
                        target: "tegata", provider, %account, %error,
                        "the token could not be saved and will be again"
                    );
                }
            }
            let is_saved = self.end_saving();
            self.land_with(&obtained, is_saved);
            if is_saved || is_closing {
                return;
            }
            is_closing = self.pause(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    /// Waits for the next try. A newer token, or a shutdown, ends the pause at once. Returns whether the next
    /// try is the last one, because of a shutdown.
    async fn pause(&self, pause: Duration) -> bool {
        let shared = &self.shared;
        let is_shared = shared.lock().needs_its_lease;
        let alone = shared.until(|flight| {
            let is_next = flight.tasks == 1 && (flight.is_closing || is_shared);
            is_next.then_some(flight.is_closing)
        });
        timeout(pause, alone).await.unwrap_or(false)
    }

    /// Sends the token to all waiters, unless they have got it before.
    fn land_with(&mut self, obtained: &Obtained, is_saved: bool) {
        if self.has_landed() {
            return;
        }
        let published = self.shared.publish(
            Arc::clone(&obtained.token),
            obtained.is_adopted,
            self.session,
        );
        let outcome = match &obtained.flaw {
            Some(flaw) => Err(flaw.clone()),
            None => published,
        };
        let reported = match &outcome {
            Err(error) => RenewalOutcome::Failed(error.clone()),
            Ok(_) if obtained.is_adopted => RenewalOutcome::Adopted,
            Ok(_) if is_saved => RenewalOutcome::Issued,
            Ok(_) => RenewalOutcome::Unsaved,
        };
        self.land(outcome, reported);
    }

    fn time_to_save(&self) -> Duration {
        let in_time = self.shared.timing.deadline.mul_f64(IN_TIME);
        let left = in_time.saturating_sub(self.began.elapsed());
        left.clamp(SHORTEST_WAIT, LONGEST_WAIT)
    }

    /// Waits for a hanging try, since it could overtake a second one.
    async fn outwait<T>(
        &self,
        mut attempt: Pin<&mut impl Future<Output = Result<T, Error>>>,
    ) -> Result<T, Error> {
        let (steps, step) = HANGING;
        for _ in 0..steps {
            if let Ok(result) = timeout(step, attempt.as_mut()).await {
                return result;
            }
            if self.shared.lock().is_closing {
                break;
            }
        }
        Err(took_too_long())
    }
}

impl Shared {
    /// Saves the newest token under the lease, which is taken anew if it was lost. Returns the token that
    /// another process has saved in the meantime, if any.
    async fn save_once(
        &self,
        store: &dyn TokenStore,
        lease: &mut Option<Lease>,
        is_first: bool,
        session: u32,
    ) -> Result<Option<Obtained>, Error> {
        if !is_first || lease.is_none() {
            let asked_at = self.times();
            self.hold(store, lease).await?;
            // The stored record may have changed, while the lease was lost, or because the store went back in
            // time.
            let stored = store.load().await?.map(|record| self.unowned(record));
            if let Err(error) = check_owner(self.owner().as_ref(), stored.as_ref()) {
                *lease = None;
                return Err(error);
            }
            let theirs = stored.and_then(|stored| self.give_way(stored, session));
            if let Some(lease) = lease {
                self.note_lease(lease, asked_at);
            }
            if theirs.is_some() {
                return Ok(theirs);
            }
        }
        let unsaved = {
            let flight = self.lock();
            flight.newest.clone().filter(|_| flight.is_unsaved)
        };
        if let Some(newest) = unsaved {
            let saved = self.under_lease(lease, Duration::MAX, store.save(&newest));
            saved.await.unwrap_or_else(|| Err(took_too_long()))?;
            let mut flight = self.lock();
            let is_newest = |now: &Arc<Record>| Arc::ptr_eq(now, &newest);
            if flight.newest.as_ref().is_some_and(is_newest) {
                flight.is_unsaved = false;
            }
        }
        Ok(None)
    }

    /// Prolongs the lease, or takes a new one if it has passed to another process.
    async fn hold(&self, store: &dyn TokenStore, lease: &mut Option<Lease>) -> Result<(), Error> {
        if let Some(held) = lease {
            match held.prolong(self.lease_lifetime()).await {
                Err(error) if error.is_transient() => return Err(error),
                Ok(()) => return Ok(()),
                Err(_) => {
                    self.lock().leased_until = Some(Box::new(self.times()));
                    *lease = None;
                }
            }
        }
        *lease = Some(store.lease(self.lease_terms()).await?);
        Ok(())
    }

    /// Takes over the record that another process saved while this one had no lease, and keeps its own token as
    /// a fallback, unless that record is a logout.
    fn give_way(&self, stored: Record, session: u32) -> Option<Obtained> {
        let ours = self.lock().newest.clone()?;
        if stored.deleted_at().is_some() {
            self.drop_token(stored);
            return None;
        }
        let theirs = Arc::clone(stored.shared_token()?);
        if !is_news(&stored, &ours) {
            return None;
        }
        let is_ours = ours.token().is_some_and(|ours| ours.is_same(&theirs));
        let version = stored.version().max(ours.version()).saturating_add(1);
        let (record, is_unmarked) = self.marked(stored, version);
        self.remember(record, is_unmarked, session);
        if is_ours {
            return None;
        }
        self.lock().handed_over = ours.shared_token().cloned();
        let obtained = Obtained {
            token: theirs,
            is_adopted: true,
            flaw: None,
        };
        // Callers may already have our own token.
        let _ = self.publish(Arc::clone(&obtained.token), true, session);
        Some(obtained)
    }
}

fn took_too_long() -> Error {
    Error::new(ErrorKind::Timeout, "saving the token took too long")
}
