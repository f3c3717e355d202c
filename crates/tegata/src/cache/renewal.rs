//! What a renewal does: load, adopt or exchange, save, publish.

use std::time::Duration;

use tokio::time::timeout;

use super::current::Current;
use super::flight::Outcome;
use super::shared::Shared;
use crate::policy::{Freshness, Window};
use crate::{Error, ErrorKind, Renewal, RenewalOutcome, Token};

/// How long a save may take before the token is used without it.
const SAVE_DEADLINE: Duration = Duration::from_secs(10);

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

enum Exchanged {
    /// New, and still to be saved.
    Issued(Token),
    /// Found in the store.
    Adopted(Token),
}

impl Shared {
    pub(super) async fn renew(&self) -> Renewed {
        let previous = self.current.load_full();
        let token = match timeout(self.policy.deadline, self.exchange(previous.as_deref())).await {
            Ok(Ok(Exchanged::Issued(token))) => token,
            Ok(Ok(Exchanged::Adopted(token))) => {
                let outcome = self.publish(token, None);
                return Renewed {
                    outcome,
                    saved: Saved::Yes,
                    adopted: true,
                };
            }
            Ok(Err(error)) => return Renewed::of(Err(error), Saved::Yes),
            Err(_) => {
                let error = Error::new(ErrorKind::Timeout, "the token was not renewed in time");
                return Renewed::of(Err(error), Saved::Yes);
            }
        };
        // From here on a new refresh token may exist that is nowhere but here: no deadline, no early
        // return before it is saved and published.
        let saved = self.save(&token).await;
        Renewed::of(self.accept(token, previous.as_deref()), saved)
    }

    async fn exchange(&self, previous: Option<&Current>) -> Result<Exchanged, Error> {
        let ours = previous.map(|p| &p.token).or(self.start.as_ref()).cloned();
        let (known, is_stored) = match (ours, self.load(previous.is_some()).await?) {
            (Some(ours), Some(stored)) if ours.issued_at() > stored.issued_at() => {
                (Some(ours), false)
            }
            (_, Some(stored)) => (Some(stored), true),
            (ours, None) => (ours, false),
        };
        if let Some(token) = &known {
            let unseen = previous.is_none_or(|p| p.token.access_token() != token.access_token());
            let window = Window::of(token, &self.policy, 1.0);
            if unseen && window.freshness(self.clock.now()) == Freshness::Fresh {
                let token = token.clone();
                return Ok(if is_stored {
                    Exchanged::Adopted(token)
                } else {
                    Exchanged::Issued(token)
                });
            }
        }
        self.check_changed(known.as_ref())?;
        let now = self.clock.now();
        let refused = previous.is_some_and(Current::is_refused);
        let renewal = Renewal {
            current: known.as_ref(),
            refused,
            now,
        };
        let issued = self.source.issue(renewal).await?;
        Ok(Exchanged::Issued(Token::new(issued, now, known.as_ref())))
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

    /// What is stored. A store that cannot be read matters only as long as nobody has got a token.
    async fn load(&self, have_one: bool) -> Result<Option<Token>, Error> {
        let Some(store) = &self.store else {
            return Ok(None);
        };
        match store.load().await {
            Err(error) if have_one => {
                tracing::warn!(target: "tegata", %error, "the token store could not be read");
                Ok(None)
            }
            loaded => loaded,
        }
    }

    async fn save(&self, token: &Token) -> Saved {
        let Some(store) = &self.store else {
            return Saved::Yes;
        };
        let error = match timeout(SAVE_DEADLINE, store.save(token)).await {
            Ok(Ok(())) => return Saved::Yes,
            Ok(Err(error)) => error,
            Err(_) => Error::new(ErrorKind::Timeout, "saving the token took too long"),
        };
        tracing::warn!(target: "tegata", %error, "the token could not be saved and will be again");
        Saved::No
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
                saved = self.save(&unsaved.token).await;
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
    fn accept(&self, token: Token, previous: Option<&Current>) -> Outcome {
        // The same token with another expiry is no new generation: a refusal of it that is still on its
        // way must count.
        let same = previous.filter(|p| p.token.access_token() == token.access_token());
        let expired = token.is_expired(self.clock.now());
        let current = self.publish(token, same)?;
        if current.is_refused() {
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
