//! What a renewal does: load, adopt or exchange, save, publish.

use std::sync::Arc;
use std::time::Duration;

use super::current::Current;
use super::flight::Held;
use super::flight::Outcome;
use super::shared::Shared;
use crate::policy::{Freshness, Window};
use crate::sync::timeout;
use crate::{Credential, Error, ErrorKind, Lease, Renewal, RenewalOutcome, Token, TokenStore};

/// How long a save may take before the token is used without it.
const SAVE_DEADLINE: Duration = Duration::from_secs(10);

/// A lease outlasts the renewal that it is for, saving included, by this much.
const LEASE_RESERVE: Duration = Duration::from_secs(10);

/// Between two tries to save a token: doubled each time, up to a minute.
const SAVE_PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Whether the newest token is in the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Saved {
    Yes,
    No,
    /// There is no new one; whether the last was saved is for the task to say that issued it.
    Unchanged,
}

/// What a renewal came to.
pub(super) struct Renewed {
    pub(super) outcome: Outcome,
    pub(super) saved: Saved,
    adopted: bool,
}

impl Renewed {
    fn of(outcome: Outcome, saved: Saved) -> Self {
        Self {
            outcome,
            saved,
            adopted: false,
        }
    }

    pub(super) fn told(&self) -> RenewalOutcome {
        match &self.outcome {
            Err(error) => RenewalOutcome::Failed(error.clone()),
            Ok(_) if self.adopted => RenewalOutcome::Adopted,
            Ok(_) if self.saved == Saved::No => RenewalOutcome::Unsaved,
            Ok(_) => RenewalOutcome::Issued,
        }
    }
}

/// What is known before anything is asked.
enum Known {
    /// In the store there is a token that callers have not seen, and it is good.
    Stored(Token),
    /// The token to start with is good, and still to be saved.
    Ours(Token),
    /// A new one is needed; this is the newest of the old.
    Due(Option<Token>),
}

enum Exchanged {
    /// New, and still to be saved.
    Issued {
        token: Token,
        /// The source was told that the former one was refused.
        refused: bool,
    },
    /// Found in the store.
    Adopted(Token),
}

impl Shared {
    pub(super) async fn renew(&self) -> Renewed {
        let previous = self.current.load_full();
        let previous = previous.as_deref();
        let (exchanged, lease) = match timeout(self.policy.deadline, self.obtain(previous)).await {
            Ok(Ok(obtained)) => obtained,
            Ok(Err(error)) => return Renewed::of(Err(error), Saved::Unchanged),
            Err(_) => {
                let error = Error::new(ErrorKind::Timeout, "the token was not renewed in time");
                return Renewed::of(Err(error), Saved::Unchanged);
            }
        };
        let renewed = match exchanged {
            Exchanged::Adopted(token) => {
                self.lock().stored = Some(Held::of(Some(token.clone())));
                let outcome = self.publish(token, None);
                Renewed {
                    outcome,
                    saved: Saved::Yes,
                    adopted: true,
                }
            }
            // From here on a new refresh token may exist that is nowhere but here: no deadline, no early
            // return before it is saved and published.
            Exchanged::Issued { token, refused } => {
                let saved = match &lease {
                    Some(_) => self.save(&token).await,
                    None => Saved::No,
                };
                Renewed::of(self.accept(token, previous, refused), saved)
            }
        };
        drop(lease);
        renewed
    }

    /// A token from the store, if somebody else has renewed it, or else a new one, under the lease. Without
    /// a lease it is not to be saved yet.
    async fn obtain(
        &self,
        previous: Option<&Current>,
    ) -> Result<(Exchanged, Option<Lease>), Error> {
        let Some(store) = &self.store else {
            let known = self.newest_known(previous);
            return Ok((
                self.exchange(known, previous).await?,
                Some(Lease::unneeded()),
            ));
        };
        let reached = self.reach(store.as_ref(), previous);
        let (known, stored, lease) = if self.source.is_self_sufficient() && !store.is_required() {
            // Time has to be left for the source.
            let patience = self.policy.deadline / 2;
            let reached = timeout(patience, reached).await.unwrap_or_else(|_| {
                let why = "the token store did not answer in time";
                Err(Error::new(ErrorKind::Timeout, why))
            });
            match reached {
                Ok(reached) => reached,
                Err(error) => {
                    let (provider, account) = (self.label.provider, self.account);
                    tracing::warn!(
                        target: "tegata", provider, %account, %error,
                        "the token store fails: renewing without it, in memory"
                    );
                    return Ok((self.obtain_without_store(previous).await?, None));
                }
            }
        } else {
            reached.await?
        };
        // What could not be read is not to be overwritten.
        let lease = stored.is_some().then_some(lease);
        let known = match known {
            Known::Stored(token) => return Ok((Exchanged::Adopted(token), lease)),
            Known::Ours(token) => {
                self.lock().stored = stored;
                let refused = false;
                return Ok((Exchanged::Issued { token, refused }, lease));
            }
            Known::Due(token) => token,
        };
        match self.exchange(known.clone(), previous).await {
            // Somebody who had no lease may have used the refresh token and stored the next one.
            Err(error) if error.code() == Some("invalid_grant") => {
                let (newest, stored) = self.look(store.as_ref(), previous).await?;
                let exchanged = match newest {
                    Known::Stored(token) => Exchanged::Adopted(token),
                    Known::Due(Some(token)) if known.as_ref() != Some(&token) => {
                        let exchanged = self.exchange(Some(token), previous).await?;
                        self.lock().stored = stored;
                        exchanged
                    }
                    Known::Ours(_) | Known::Due(_) => return Err(error),
                };
                Ok((exchanged, lease))
            }
            outcome => {
                let exchanged = outcome?;
                self.lock().stored = stored;
                Ok((exchanged, lease))
            }
        }
    }

    /// What is known once it is this process's turn to renew, or as soon as there is nothing to renew.
    async fn reach(
        &self,
        store: &dyn TokenStore,
        previous: Option<&Current>,
    ) -> Result<(Known, Option<Held>, Lease), Error> {
        // A store that says here what is wrong with it may not say so a second time: a damaged file is set
        // aside.
        let (known, stored) = self.look(store, previous).await?;
        if let Known::Stored(_) = known {
            return Ok((known, stored, Lease::unneeded()));
        }
        let lease = store
            .lease(self.policy.deadline + SAVE_DEADLINE + LEASE_RESERVE)
            .await?;
        let (known, stored) = self.look(store, previous).await?;
        Ok((known, stored, lease))
    }

    /// A token from a source that needs none: a refresh token in memory may have been used up by somebody
    /// who could reach the store.
    async fn obtain_without_store(&self, previous: Option<&Current>) -> Result<Exchanged, Error> {
        let known = self.newest_known(previous);
        let refused = false;
        match known.filter(|token| self.is_new_and_good(token, previous)) {
            Some(token) => Ok(Exchanged::Issued { token, refused }),
            None => self.exchange(None, previous).await,
        }
    }

    /// Looks for the newest token that is known, in memory or in the store, and says what is in the store
    /// if that could be read.
    async fn look(
        &self,
        store: &dyn TokenStore,
        previous: Option<&Current>,
    ) -> Result<(Known, Option<Held>), Error> {
        let ours = self.newest_known(previous);
        let stored = match store.load().await {
            // Without a refresh token there is nothing that could be used twice.
            Err(error) if previous.is_some_and(|p| !p.has_refresh_token()) => {
                tracing::warn!(target: "tegata", %error, "the token store could not be read");
                None
            }
            loaded => Some(Held::of(loaded?)),
        };
        let found = stored.as_ref().and_then(Held::token).cloned();
        let (known, is_stored) = match (ours, found) {
            (Some(ours), Some(stored)) if self.is_newer(&ours, &stored) => (Some(ours), false),
            (_, Some(stored)) => (Some(stored), true),
            (ours, None) => (ours, false),
        };
        let known = match known {
            Some(token) if self.is_new_and_good(&token, previous) => {
                if is_stored {
                    Known::Stored(token)
                } else {
                    Known::Ours(token)
                }
            }
            known => Known::Due(known),
        };
        Ok((known, stored))
    }

    /// A stale one will do to go on with, and is renewed behind the callers' backs. One that no request can
    /// carry would be found again and again.
    fn is_new_and_good(&self, token: &Token, previous: Option<&Current>) -> bool {
        let unseen = previous.is_none_or(|p| p.token().access_token() != token.access_token());
        let window = Window::of(token, &self.policy, 1.0);
        unseen
            && window.freshness(self.clock.now()) != Freshness::Expired
            && Credential::new(self.scheme, token.access_token()).is_ok()
    }

    /// Whether our token is newer than the one in the store: unless somebody has put that there since we
    /// last did. Times tell only as long as we never have, for clocks are set, and differ between machines.
    fn is_newer(&self, ours: &Token, stored: &Token) -> bool {
        match &self.lock().stored {
            Some(held) => held.token().is_some_and(|before| before.is_same(stored)),
            None => ours.issued_at() > stored.issued_at(),
        }
    }

    async fn exchange(
        &self,
        known: Option<Token>,
        previous: Option<&Current>,
    ) -> Result<Exchanged, Error> {
        self.check_changed(known.as_ref())?;
        let now = self.clock.now();
        let refused = previous.is_some_and(Current::is_refused);
        let renewal = Renewal {
            current: known.as_ref(),
            refused,
            now,
        };
        let issued = self.source.issue(renewal).await?;
        let token = Token::new(issued, now, known.as_ref());
        self.keep(Some(token.clone()));
        Ok(Exchanged::Issued { token, refused })
    }

    /// After a final no, asking again is of no use unless there is another refresh token.
    fn check_changed(&self, known: Option<&Token>) -> Result<(), Error> {
        let refresh_token = known.and_then(Token::refresh_token);
        let mut flight = self.lock();
        if let Some(running) = &mut flight.running {
            running.tried = refresh_token.cloned();
        }
        match flight.backoff.last_word() {
            Some((error, refused)) if refused == refresh_token => Err(error.clone()),
            _ => Ok(()),
        }
    }

    async fn save(&self, token: &Token) -> Saved {
        let Some(store) = &self.store else {
            return Saved::Yes;
        };
        let error = match timeout(SAVE_DEADLINE, store.save(token)).await {
            Ok(Ok(())) => {
                self.lock().stored = Some(Held::of(Some(token.clone())));
                return Saved::Yes;
            }
            Ok(Err(error)) => error,
            Err(_) => Error::new(ErrorKind::Timeout, "saving the token took too long"),
        };
        tracing::warn!(target: "tegata", %error, "the token could not be saved and will be again");
        Saved::No
    }

    /// Saves the token of this generation after its lease has been given back, unless there is a newer one.
    async fn save_late(&self, generation: u64) -> Saved {
        let Some(store) = &self.store else {
            return Saved::Yes;
        };
        // A renewal may have it, of this process or of another.
        let patience = self.policy.deadline + SAVE_DEADLINE;
        let lease = timeout(patience, store.lease(SAVE_DEADLINE + LEASE_RESERVE)).await;
        let Ok(Ok(_lease)) = lease else {
            return Saved::No;
        };
        // As long as it has the lease, this process renews nothing.
        let Some(current) = self.newest_if(generation) else {
            return Saved::Yes;
        };
        match timeout(SAVE_DEADLINE, store.load()).await {
            Ok(Ok(Some(stored))) if !self.is_newer(&current.token(), &stored) => Saved::Yes,
            Ok(Ok(_)) => self.save(&current.token()).await,
            _ => Saved::No,
        }
    }

    fn has_saved(&self, token: &Token) -> bool {
        let flight = self.lock();
        flight.stored.as_ref().and_then(Held::token) == Some(token)
    }

    /// The newest token, if it is of this generation.
    fn newest_if(&self, generation: u64) -> Option<Arc<Current>> {
        let current = self.current.load_full();
        current.filter(|current| current.generation() == generation)
    }

    /// Saves the newest token until that has succeeded or a newer one has taken its place.
    pub(super) async fn save_until_done(&self, mut saved: Saved) {
        let Some(current) = self.current.load_full() else {
            return;
        };
        if saved == Saved::Unchanged {
            return;
        }
        let generation = current.generation();
        // The same token with another expiry is of the same generation, and has a task of its own.
        let is_unsaved = |saved| {
            let newest = self.newest_if(generation);
            saved == Saved::No && newest.is_some_and(|newest| !self.has_saved(&newest.token()))
        };
        let mut tasks = self.tasks.subscribe();
        let (mut pause, longest) = SAVE_PAUSE;
        while is_unsaved(saved) {
            // Whoever shuts down does not wait for the pause, and gets one last try.
            let last = timeout(pause, tasks.wait_for(|tasks| tasks.closing))
                .await
                .is_ok();
            pause = (pause * 2).min(longest);
            if is_unsaved(saved) {
                saved = self.save_late(generation).await;
            }
            if last {
                break;
            }
        }
        let unsaved = is_unsaved(saved);
        self.tasks.send_modify(|tasks| tasks.unsaved = unsaved);
    }

    /// Makes an issued token the current one, even if it is of no use as such: what came with it, a new
    /// refresh token, is the only one that is good from now on.
    fn accept(&self, token: Token, previous: Option<&Current>, refused: bool) -> Outcome {
        // The same token with another expiry is no new generation: a refusal of it that is still on its
        // way must count.
        let same = previous.filter(|p| p.token().access_token() == token.access_token());
        let expired = token.is_expired(self.clock.now());
        let current = self.publish(token, same)?;
        // If it has been refused meanwhile, whoever waits sees that, and asks once more.
        if refused && same.is_some() {
            return Err(Error::new(
                ErrorKind::CredentialRejected,
                "the server refused the token, and the token endpoint issued the same one again",
            ));
        }
        if expired {
            return Err(Error::new(
                ErrorKind::ExpiredToken,
                "the token endpoint issued a token that had already expired",
            ));
        }
        Ok(current)
    }
}
