//! What a renewal does: load, adopt or exchange, save, publish.

use std::time::Duration;

use tokio::time::timeout;

use super::current::Current;
use super::flight::Outcome;
use super::shared::Shared;
use crate::policy::{Freshness, Window};
use crate::{Error, ErrorKind, Renewal, Token};

/// How long a save may take before the token is used without it.
const SAVE_DEADLINE: Duration = Duration::from_secs(10);

/// Between two tries to save a token: doubled each time, up to a minute.
const SAVE_PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Whether the newest token is in the store.
pub(super) enum Saved {
    Yes,
    No,
}

enum Exchanged {
    /// New, and still to be saved.
    Issued(Token),
    /// Found in the store.
    Adopted(Token),
}

impl Shared {
    pub(super) async fn renew(&self) -> (Outcome, Saved) {
        let previous = self.current.load_full();
        let token = match timeout(self.policy.deadline, self.exchange(previous.as_deref())).await {
            Ok(Ok(Exchanged::Issued(token))) => token,
            Ok(Ok(Exchanged::Adopted(token))) => return (self.publish(token, None), Saved::Yes),
            Ok(Err(error)) => return (Err(error), Saved::Yes),
            Err(_) => {
                let error = Error::new(ErrorKind::Timeout, "the token was not renewed in time");
                return (Err(error), Saved::Yes);
            }
        };
        // From here on a new refresh token may exist that is nowhere but here: no deadline, no early
        // return before it is saved and published.
        let saved = self.save(&token).await;
        (self.accept(token, previous.as_deref()), saved)
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
            let window = Window::of(token, &self.policy);
            if unseen && window.freshness(self.clock.now()) == Freshness::Fresh {
                let token = token.clone();
                return Ok(if is_stored {
                    Exchanged::Adopted(token)
                } else {
                    Exchanged::Issued(token)
                });
            }
        }
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
        let (mut pause, longest) = SAVE_PAUSE;
        while matches!(saved, Saved::No) && is_newest() {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
            if is_newest() {
                saved = self.save(&unsaved.token).await;
            }
        }
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
