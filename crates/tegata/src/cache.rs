//! One token for all callers, renewed by one task at a time.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::policy::{Freshness, Window};
use crate::spec::Scheme;
use crate::{
    Authenticator, BoxFuture, Credential, Error, ErrorKind, Renewal, RenewalPolicy, SharedClock,
    Token, TokenSource, TokenStore,
};

/// Keeps the token of one account valid for any number of callers.
///
/// * A valid token costs one lock-free read.
/// * Otherwise there is one renewal for all who wait, and they share its outcome, failures included.
/// * The renewal runs in a task of its own, started on demand: a caller that is dropped, or gives up,
///   neither stops it nor loses its result. Nothing runs while nobody asks.
/// * [`replace`](Authenticator::replace) names the credential that was refused: only if it is still the
///   current one is anything renewed.
///
/// It needs a tokio runtime when a token is due, not when it is built. Cloning it is cheap; clones share
/// the token.
#[derive(Clone)]
pub struct TokenCache(Arc<Shared>);

/// Settings of a [`TokenCache`].
#[must_use]
pub struct TokenCacheBuilder {
    scheme: Scheme,
    source: Box<dyn TokenSource>,
    store: Option<Arc<dyn TokenStore>>,
    clock: SharedClock,
    policy: RenewalPolicy,
    token: Option<Token>,
}

struct Shared {
    scheme: Scheme,
    source: Box<dyn TokenSource>,
    store: Option<Arc<dyn TokenStore>>,
    clock: SharedClock,
    policy: RenewalPolicy,
    /// The token to start with, until it has been saved and published.
    start: Option<Token>,
    current: ArcSwapOption<Current>,
    generations: AtomicU64,
    flight: Mutex<Flight>,
}

/// A token as it is handed out. Immutable but for the mark that it was refused, which all that is known
/// of one generation shares.
struct Current {
    token: Token,
    credential: Credential,
    window: Window,
    refused: Arc<AtomicBool>,
}

/// The renewal that is under way, and the last one that failed.
#[derive(Default)]
struct Flight {
    running: Option<watch::Receiver<Option<Outcome>>>,
    failed: Option<(Instant, Error)>,
}

type Outcome = Result<Arc<Current>, Error>;

/// How a caller comes by a credential.
enum Step {
    Ready(Arc<Current>),
    Wait(watch::Receiver<Option<Outcome>>),
}

/// How long a save may take before the token is used without it.
const SAVE_DEADLINE: Duration = Duration::from_secs(10);

/// Between two tries to save a token: doubled each time, up to a minute.
const SAVE_PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

impl TokenCache {
    /// A cache of tokens of this source, attached by this scheme.
    pub fn builder(scheme: Scheme, source: impl TokenSource) -> TokenCacheBuilder {
        TokenCacheBuilder {
            scheme,
            source: Box::new(source),
            store: None,
            clock: SharedClock::default(),
            policy: RenewalPolicy::default(),
            token: None,
        }
    }

    /// The token there is, expired or not.
    pub fn token(&self) -> Option<Token> {
        self.0
            .current
            .load()
            .as_ref()
            .map(|current| current.token.clone())
    }
}

impl TokenCacheBuilder {
    /// Starts with this token instead of none. If there is a store, that holds none or an older one, the
    /// token is saved there before it is first used.
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Loads from and saves to this store.
    pub fn store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// Tells the time by this clock.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// Renews by this policy.
    pub fn policy(mut self, policy: RenewalPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Builds the cache. Nothing is sent or loaded yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if the token to start with cannot be sent.
    pub fn build(self) -> Result<TokenCache, Error> {
        let shared = Shared {
            scheme: self.scheme,
            source: self.source,
            store: self.store,
            clock: self.clock,
            policy: self.policy,
            start: self.token,
            current: ArcSwapOption::empty(),
            generations: AtomicU64::new(0),
            flight: Mutex::default(),
        };
        if let (Some(token), None) = (&shared.start, &shared.store) {
            shared.publish(token.clone(), None)?;
        }
        Ok(TokenCache(Arc::new(shared)))
    }
}

impl Authenticator for TokenCache {
    fn scheme(&self) -> Scheme {
        self.0.scheme
    }

    fn cached(&self) -> Option<Credential> {
        let current = self.0.current.load();
        let current = current.as_ref()?;
        match current.freshness(self.0.clock.now()) {
            Freshness::Fresh => Some(current.credential.clone()),
            Freshness::Stale => {
                self.0.renew_in_background();
                Some(current.credential.clone())
            }
            Freshness::Expired => None,
        }
    }

    /// Cancel safe: a renewal that was started goes on, and the next caller gets its result.
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        Box::pin(self.0.wait(None))
    }

    /// Cancel safe, as [`credential`](Authenticator::credential).
    fn replace<'a>(&'a self, refused: &'a Credential) -> BoxFuture<'a, Result<Credential, Error>> {
        Box::pin(self.0.wait(Some(refused.generation())))
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("scheme", &self.0.scheme.name)
            .field(
                "token",
                &self.0.current.load().as_ref().map(|current| &current.token),
            )
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Waits for a credential that is not of the refused generation.
    async fn wait(self: &Arc<Self>, refused: Option<u64>) -> Result<Credential, Error> {
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
                Some(Ok(current)) if Some(current.credential.generation()) != refused => {
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
            && Some(current.credential.generation()) == refused
        {
            current.refused.store(true, Ordering::Release);
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
        if let Some((until, error)) = &flight.failed
            && Instant::now() < *until
        {
            return Err(error.clone());
        }
        let (start, receiver) = self.prepare(&mut flight)?;
        drop(flight);
        start();
        Ok(Step::Wait(receiver))
    }

    fn renew_in_background(self: &Arc<Self>) {
        let mut flight = self.lock();
        let paused = flight
            .failed
            .as_ref()
            .is_some_and(|(until, _)| Instant::now() < *until);
        if flight.running.is_some() || paused {
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
        let (sender, receiver) = watch::channel(None);
        flight.running = Some(receiver.clone());
        let landing = Landing {
            shared: Arc::clone(self),
            sender,
            landed: false,
        };
        let start = move || {
            runtime.spawn(async move {
                let outcome = landing.shared.renew().await;
                let unsaved = landing.land(outcome);
                if let Some((shared, current)) = unsaved {
                    shared.save_until_done(&current).await;
                }
            });
        };
        Ok((start, receiver))
    }

    async fn renew(&self) -> (Outcome, Saved) {
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
        let refused = previous.is_some_and(|p| p.refused.load(Ordering::Acquire));
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

    async fn save_until_done(&self, unsaved: &Current) {
        let (mut pause, longest) = SAVE_PAUSE;
        let generation = unsaved.credential.generation();
        while self.is_current(generation) {
            tokio::time::sleep(pause).await;
            if self.is_current(generation) && matches!(self.save(&unsaved.token).await, Saved::Yes)
            {
                return;
            }
            pause = (pause * 2).min(longest);
        }
    }

    fn is_current(&self, generation: u64) -> bool {
        self.current
            .load()
            .as_ref()
            .is_some_and(|c| c.credential.generation() == generation)
    }

    /// Makes an issued token the current one, even if it is of no use as such: what came with it, a new
    /// refresh token, is the only one that is good from now on.
    fn accept(&self, token: Token, previous: Option<&Current>) -> Outcome {
        // The same token with another expiry is no new generation: a refusal of it that is still on its
        // way must count.
        let same = previous.filter(|p| p.token.access_token() == token.access_token());
        let expired = token.is_expired(self.clock.now());
        let current = self.publish(token, same)?;
        if current.refused.load(Ordering::Acquire) {
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

    fn publish(&self, token: Token, same: Option<&Current>) -> Outcome {
        let (generation, refused) = match same {
            Some(same) => (same.credential.generation(), Arc::clone(&same.refused)),
            None => (
                self.generations.fetch_add(1, Ordering::Relaxed) + 1,
                Arc::default(),
            ),
        };
        let credential = Credential::new(self.scheme, token.access_token())
            .map_err(|error| {
                Error::new(
                    ErrorKind::InvalidResponse,
                    "the token cannot be sent in a request",
                )
                .with_source(error)
            })?
            .with_generation(generation);
        let window = Window::of(&token, &self.policy);
        let current = Arc::new(Current {
            token,
            credential,
            window,
            refused,
        });
        self.current.store(Some(Arc::clone(&current)));
        Ok(current)
    }

    fn lock(&self) -> MutexGuard<'_, Flight> {
        // Nothing panics while the lock is held, and the state is whole at every point anyway.
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Current {
    fn freshness(&self, now: SystemTime) -> Freshness {
        if self.refused.load(Ordering::Acquire) {
            return Freshness::Expired;
        }
        self.window.freshness(now)
    }
}

enum Exchanged {
    /// New, and still to be saved.
    Issued(Token),
    /// Found in the store.
    Adopted(Token),
}

#[derive(Clone, Copy)]
enum Saved {
    Yes,
    No,
}

/// Ends a flight, also when its task panics or vanishes with its runtime.
struct Landing {
    shared: Arc<Shared>,
    sender: watch::Sender<Option<Outcome>>,
    landed: bool,
}

impl Landing {
    /// Publishes the outcome to all who wait. Returns the token if it is still to be saved.
    fn land(mut self, (outcome, saved): (Outcome, Saved)) -> Option<(Arc<Shared>, Arc<Current>)> {
        self.end(Some(outcome));
        match saved {
            Saved::Yes => None,
            Saved::No => self
                .shared
                .current
                .load_full()
                .map(|c| (Arc::clone(&self.shared), c)),
        }
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

#[cfg(test)]
mod tests;
