//! One token for all callers, renewed by one task at a time.

mod backoff;
mod common;
mod current;
mod flight;
mod local;
mod renewal;
mod shared;
mod tasks;
#[cfg(test)]
mod tests;
mod watched;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::observe::Label;
use crate::policy::Freshness;
use crate::random;
use crate::spec::Scheme;
use crate::sync::watch;
use crate::{
    AccountHash, Authenticator, BoxFuture, Credential, Error, RenewalObserver, RenewalPolicy,
    SharedClock, Snapshot, Token, TokenSource, TokenStore,
};

use shared::Shared;

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
    label: Label,
    account: AccountHash,
    random: fn() -> f64,
}

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
            label: Label::default(),
            account: AccountHash::default(),
            random: random::fraction,
        }
    }

    /// What is known of the token.
    pub fn snapshot(&self) -> Snapshot {
        self.0.snapshot()
    }

    /// When the token expires; `None` if there is none, or if it does not.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.snapshot().expires_at
    }

    /// Makes sure that there is a valid token.
    ///
    /// # Errors
    /// What issuing it failed with.
    ///
    /// # Cancellation
    /// Dropping the future stops nothing: the next caller gets the token.
    pub async fn warm_up(&self) -> Result<(), Error> {
        match self.cached() {
            Some(_) => Ok(()),
            None => self.0.wait(None).await.map(drop),
        }
    }

    /// Forgets that the token is good, and every failure: the next caller renews, whatever was said
    /// before. For when credentials were changed on the server.
    pub fn invalidate(&self) {
        self.0.invalidate();
    }

    /// The generation of the token, and a way to wait for the next. It counts up with every token that
    /// is new to callers.
    pub fn renewals(&self) -> watch::Receiver<u64> {
        self.0.published.receiver()
    }

    /// Starts no more renewals, and waits until the one under way has ended and its token is saved. A
    /// token that could not be saved before is tried once more, at once.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the newest token could not be saved.
    ///
    /// # Cancellation
    /// Dropping the future stops nothing but the waiting.
    pub async fn shutdown(&self) -> Result<(), Error> {
        self.0.shutdown().await
    }

    /// The token there is, expired or not.
    pub fn token(&self) -> Option<Token> {
        self.0
            .current
            .load()
            .as_ref()
            .map(|current| current.token())
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

    /// Says whose tokens these are, for events: the provider, and the account, of which only a hash is kept.
    pub fn account(mut self, provider: &'static str, account: &str) -> Self {
        self.label.provider = provider;
        self.account = AccountHash::of(account);
        self
    }

    /// Tells this observer of every renewal.
    pub fn observer(mut self, observer: Arc<dyn RenewalObserver>) -> Self {
        self.label.observer = Some(observer);
        self
    }

    /// Draws the chance in windows and pauses by this, from 0 to 1, so that a test can be repeated.
    #[cfg(feature = "test-util")]
    pub fn random(mut self, random: fn() -> f64) -> Self {
        self.random = random;
        self
    }

    /// Builds the cache. Nothing is sent or loaded yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if the token to start with cannot be sent.
    pub fn build(self) -> Result<TokenCache, Error> {
        Shared::new(self).map(|shared| TokenCache(Arc::new(shared)))
    }
}

impl Authenticator for TokenCache {
    fn scheme(&self) -> Scheme {
        self.0.scheme
    }

    fn cached(&self) -> Option<Credential> {
        let shared = &self.0;
        let now = shared.clock.now();
        let (credential, freshness) = shared.epoch.copy(now).or_else(|| {
            let current = shared.current.load_full()?;
            shared.epoch.keep(|| shared.current.load_full());
            Some((current.credential.clone(), current.freshness(now)))
        })?;
        match freshness {
            Freshness::Fresh => Some(credential),
            Freshness::Stale => {
                shared.renew_in_background();
                Some(credential)
            }
            Freshness::Expired => None,
        }
    }

    fn token_cache(&self) -> Option<&TokenCache> {
        Some(self)
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
            .field("token", &self.token())
            .finish_non_exhaustive()
    }
}
