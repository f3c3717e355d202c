//! What a renewal does: load, adopt or exchange, save, publish.

use std::time::Duration;

use super::current::Current;
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
            Ok(Err(error)) => return Renewed::of(Err(error), Saved::Yes),
            Err(_) => {
                let error = Error::new(ErrorKind::Timeout, "the token was not renewed in time");
                return Renewed::of(Err(error), Saved::Yes);
            }
        };
        let renewed = match exchanged {
            Exchanged::Adopted(token) => {
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
                let saved = self.save(&token).await;
                Renewed::of(self.accept(token, previous, refused), saved)
            }
        };
        drop(lease);
        renewed
    }

    /// A token from the store, if somebody else has renewed it, or else a new one, under the lease.
    async fn obtain(&self, previous: Option<&Current>) -> Result<(Exchanged, Lease), Error> {
        let Some(store) = &self.store else {
            let known = self.newest_known(previous);
            return Ok((self.exchange(known, previous).await?, Lease::unneeded()));
        };
        if let Ok(Known::Stored(token)) = self.newest(store.as_ref(), previous, None).await {
            return Ok((Exchanged::Adopted(token), Lease::unneeded()));
        }
        let lease = store
            .lease(self.policy.deadline + SAVE_DEADLINE + LEASE_RESERVE)
            .await?;
        let known = match self.newest(store.as_ref(), previous, None).await? {
            Known::Stored(token) => return Ok((Exchanged::Adopted(token), lease)),
            Known::Ours(token) => {
                let refused = false;
                return Ok((Exchanged::Issued { token, refused }, lease));
            }
            Known::Due(token) => token,
        };
        match self.exchange(known.clone(), previous).await {
            // Somebody who had no lease may have used the refresh token and stored the next one.
            Err(error) if error.code() == Some("invalid_grant") => {
                let exchanged = match self
                    .newest(store.as_ref(), previous, known.as_ref())
                    .await?
                {
                    Known::Stored(token) => Exchanged::Adopted(token),
                    Known::Due(Some(token)) if known.as_ref() != Some(&token) => {
                        self.exchange(Some(token), previous).await?
                    }
                    Known::Ours(_) | Known::Due(_) => return Err(error),
                };
                Ok((exchanged, lease))
            }
            outcome => Ok((outcome?, lease)),
        }
    }

    /// The newest token that is known, in memory or in the store. Rather than one of which the server has
    /// said that it will not do, the one in the store, unless that is known to be spent: it may only seem
    /// to be older, for clocks are set.
    async fn newest(
        &self,
        store: &dyn TokenStore,
        previous: Option<&Current>,
        turned_down: Option<&Token>,
    ) -> Result<Known, Error> {
        let ours = self.newest_known(previous);
        let stored = match store.load().await {
            // Without a refresh token there is nothing that could be used twice.
            Err(error) if previous.is_some_and(|p| p.token.refresh_token().is_none()) => {
                tracing::warn!(target: "tegata", %error, "the token store could not be read");
                None
            }
            loaded => loaded?.filter(|stored| !self.is_spent(stored)),
        };
        let (known, is_stored) = match (ours, stored) {
            (Some(ours), Some(stored))
                if ours.issued_at() > stored.issued_at()
                    && Some(&ours) != turned_down
                    && !self.is_turned_down(&ours) =>
            {
                (Some(ours), false)
            }
            (_, Some(stored)) => (Some(stored), true),
            (ours, None) => (ours, false),
        };
        // A stale one will do to go on with, and is renewed behind the callers' backs. One that no request
        // can carry would be found here again and again.
        let is_new_and_good = |token: &Token| {
            let unseen = previous.is_none_or(|p| p.token.access_token() != token.access_token());
            let window = Window::of(token, &self.policy, 1.0);
            unseen
                && window.freshness(self.clock.now()) != Freshness::Expired
                && Credential::new(self.scheme, token.access_token()).is_ok()
        };
        Ok(match known {
            Some(token) if is_new_and_good(&token) => {
                if is_stored {
                    Known::Stored(token)
                } else {
                    Known::Ours(token)
                }
            }
            known => Known::Due(known),
        })
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
        let spent = known.as_ref().and_then(Token::refresh_token);
        if spent != token.refresh_token() {
            self.lock().spent.extend(spent.cloned());
        }
        Ok(Exchanged::Issued { token, refused })
    }

    fn is_spent(&self, token: &Token) -> bool {
        let refresh_token = token.refresh_token();
        refresh_token.is_some_and(|token| self.lock().spent.contains(token))
    }

    /// Whether the server has said its last word on the token's refresh token.
    fn is_turned_down(&self, token: &Token) -> bool {
        let flight = self.lock();
        let last_word = flight.backoff.last_word();
        last_word.is_some_and(|(_, refused)| refused == token.refresh_token())
    }

    /// After a final no, asking again is of no use unless there is another refresh token.
    fn check_changed(&self, known: Option<&Token>) -> Result<(), Error> {
        let refresh_token = known.and_then(Token::refresh_token);
        let mut flight = self.lock();
        flight.tried = refresh_token.cloned();
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
                self.lock().spent.clear();
                return Saved::Yes;
            }
            Ok(Err(error)) => error,
            Err(_) => Error::new(ErrorKind::Timeout, "saving the token took too long"),
        };
        tracing::warn!(target: "tegata", %error, "the token could not be saved and will be again");
        Saved::No
    }

    /// Saves a token after its lease has been given back, unless somebody has saved a newer one since.
    async fn save_late(&self, token: &Token) -> Saved {
        let Some(store) = &self.store else {
            return Saved::Yes;
        };
        let lease = timeout(SAVE_DEADLINE, store.lease(SAVE_DEADLINE + LEASE_RESERVE)).await;
        let Ok(Ok(_lease)) = lease else {
            return Saved::No;
        };
        match timeout(SAVE_DEADLINE, store.load()).await {
            Ok(Ok(Some(stored))) if stored.issued_at() > token.issued_at() => Saved::Yes,
            Ok(Ok(_)) => self.save(token).await,
            _ => Saved::No,
        }
    }

    /// Saves the newest token until that has succeeded or a newer one has taken its place.
    pub(super) async fn save_until_done(&self, mut saved: Saved) {
        let Some(unsaved) = self.current.load_full() else {
            return;
        };
        let is_newest = || {
            let current = self.current.load();
            current
                .as_ref()
                .is_some_and(|c| c.generation() == unsaved.generation())
        };
        let mut tasks = self.tasks.subscribe();
        let (mut pause, longest) = SAVE_PAUSE;
        while saved == Saved::No && is_newest() {
            // Whoever shuts down does not wait for the pause, and gets one last try.
            let last = timeout(pause, tasks.wait_for(|tasks| tasks.closing))
                .await
                .is_ok();
            pause = (pause * 2).min(longest);
            if is_newest() {
                saved = self.save_late(&unsaved.token).await;
            }
            if last {
                break;
            }
        }
        let unsaved = saved == Saved::No && is_newest();
        self.tasks.send_modify(|tasks| tasks.unsaved = unsaved);
    }

    /// Makes an issued token the current one, even if it is of no use as such: what came with it, a new
    /// refresh token, is the only one that is good from now on.
    fn accept(&self, token: Token, previous: Option<&Current>, refused: bool) -> Outcome {
        // The same token with another expiry is no new generation: a refusal of it that is still on its
        // way must count.
        let same = previous.filter(|p| p.token.access_token() == token.access_token());
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
