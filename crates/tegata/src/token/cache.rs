//! One token for all callers, renewed by one task at a time.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::provider::spec::Scheme;
use crate::provider::{Authenticator, BoxFuture, Credential, TokenSource, check_credential};
use crate::random;
use crate::store::Record;
use crate::sync::{ArcSwapOption, Mutex, Notify};
use crate::token::observe::Label;
use crate::token::policy::Freshness;
use crate::token::renewal::LEASE_RESERVE;
use crate::token::shared::Shared;
use crate::{
    AccountHash, Error, RenewalObserver, RenewalPolicy, SharedClock, Snapshot, Token, TokenStore,
};

/// Keeps the token of one account valid for any number of callers.
///
/// * A valid token costs one lock-free read.
/// * Otherwise there is one renewal for all waiting callers, and they share its outcome, failures included.
/// * The renewal runs in a task of its own, started on demand: a dropped or timed-out caller neither stops it
///   nor loses its result. Nothing runs without a request.
/// * [`replace`](Authenticator::replace) names the refused credential: a renewal starts only if that is still
///   the current one.
///
/// It needs a tokio runtime when a token is due, not when it is built. Cloning it is cheap; clones share
/// the token.
#[derive(Clone)]
pub struct TokenCache(Arc<Shared>);

/// Settings of a [`TokenCache`].
#[must_use]
pub struct TokenCacheBuilder {
    pub(super) scheme: Scheme,
    pub(super) source: Box<dyn TokenSource>,
    pub(super) store: Option<Arc<dyn TokenStore>>,
    pub(super) clock: SharedClock,
    renewal: RenewalPolicy,
    pub(super) token: Option<Token>,
    pub(super) is_login: bool,
    pub(super) label: Label,
    pub(super) account: Option<AccountHash>,
    pub(super) account_above: Option<AccountHash>,
    sub_account: Option<String>,
    pub(super) random: fn() -> f64,
    pub(super) lease_reserve: Duration,
}

impl TokenCache {
    /// A cache of tokens of this source, attached by this scheme.
    pub fn builder(scheme: Scheme, source: impl TokenSource) -> TokenCacheBuilder {
        TokenCacheBuilder {
            scheme,
            source: Box::new(source),
            store: None,
            clock: SharedClock::default(),
            renewal: RenewalPolicy::new(),
            token: None,
            is_login: false,
            label: Label::default(),
            account: None,
            account_above: None,
            sub_account: None,
            random: random::fraction,
            lease_reserve: LEASE_RESERVE,
        }
    }

    /// The state of the token.
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
    /// The error of issuing it.
    ///
    /// # Cancellation
    /// Dropping the future stops nothing: the next caller gets the token.
    pub async fn warm_up(&self) -> Result<(), Error> {
        match self.cached() {
            Some(_) => Ok(()),
            None => self.0.wait(None).await.map(drop),
        }
    }

    /// Drops the token and every remembered failure: the next caller renews in any case. For when credentials
    /// were changed on the server.
    pub fn invalidate(&self) {
        self.0.invalidate();
    }

    /// Waits until callers get a token of a later generation than this one, and returns its generation; see
    /// [`Snapshot::generation`], which is 0 as long as there was none.
    ///
    /// # Cancellation
    /// Dropping the future stops nothing but the waiting.
    pub async fn renewed_since(&self, generation: u64) -> u64 {
        let is_later = |now: u64| (now > generation).then_some(now);
        self.0.until(|flight| is_later(flight.generation)).await
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

    /// Logs in with the token that this future gets, from an authorization code for example. It replaces the
    /// token in memory and in the store, also after a logout.
    ///
    /// The store is checked before the future is polled, since a code is good for one exchange. If saving fails
    /// afterwards, a warning says so, and the token is used and saved later.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store cannot be used, and
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed) after a [`shutdown`](Self::shutdown): nothing was sent.
    /// Also the error of the future.
    ///
    /// # Cancellation
    /// It goes on in a task of its own if it is dropped, so that a web server whose user has closed the
    /// browser does not lose the login.
    pub async fn log_in(
        &self,
        exchange: impl Future<Output = Result<Token, Error>> + Send + 'static,
    ) -> Result<(), Error> {
        self.0.log_in(exchange).await
    }

    /// Logs out: forgets the token at once, starts no more renewals, and replaces the token in the store by a
    /// record that says so, which all processes respect until a person logs in again. The result of a renewal
    /// under way is discarded. At the vendor the token stays valid until it expires.
    ///
    /// From then on calls fail with [`ErrorKind::TokenDenied`](crate::ErrorKind::TokenDenied).
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store could not be changed, so that other processes
    /// go on; it can be tried again.
    ///
    /// # Cancellation
    /// If the future is dropped, this process has forgotten the token, and the store may or may not have.
    pub async fn forget(&self) -> Result<(), Error> {
        self.0.forget().await
    }

    /// The token there is, expired or not.
    pub fn token(&self) -> Option<Token> {
        self.0
            .current
            .load()
            .as_ref()
            .map(|current| Token::clone(&current.token))
    }
}

impl TokenCacheBuilder {
    /// Starts with this token instead of none. If there is a store, that holds none or an older one, the
    /// token is saved there before it is first used.
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Starts with this token of a login that has just been made: it replaces the token in the store, also
    /// after a logout. See [`TokenCache::log_in`], which also saves it at once.
    pub fn login(mut self, token: Token) -> Self {
        self.is_login = true;
        self.token(token)
    }

    /// Loads from and saves to this store.
    pub fn store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// Takes the time from this clock.
    pub fn clock(mut self, clock: impl Into<SharedClock>) -> Self {
        self.clock = clock.into();
        self
    }

    /// Renews by this policy; what it leaves open stays as it was set before.
    pub fn renewal(mut self, policy: RenewalPolicy) -> Self {
        self.renewal = policy.or(self.renewal);
        self
    }

    /// Says whose tokens these are, for events: the provider, and the account, of which only a hash is kept.
    pub fn account(mut self, provider: &'static str, account: &str) -> Self {
        self.label.provider = provider;
        self.account = Some(AccountHash::of(account));
        self
    }

    /// Says which of several accounts with the same credentials this is, such as an organization of an
    /// application, in addition to [`account`](Self::account). Records that were saved without it are taken
    /// over.
    pub fn sub_account(mut self, name: &str) -> Self {
        self.sub_account = Some(name.to_owned());
        self
    }

    /// Reports every renewal to this observer.
    pub fn observer(mut self, observer: Arc<dyn RenewalObserver>) -> Self {
        self.label.observer = Some(observer);
        self
    }

    /// The source of jitter in windows and pauses, from 0 to 1, so that a test can be repeated.
    #[cfg(feature = "test-util")]
    pub fn random(mut self, random: fn() -> f64) -> Self {
        self.random = random;
        self
    }

    /// Lets a lease last this much longer than the deadline, instead of 20 s, so that a test can outlast it.
    #[cfg(feature = "test-util")]
    pub fn lease_reserve(mut self, reserve: Duration) -> Self {
        self.lease_reserve = reserve;
        self
    }

    /// Builds the cache. Nothing is sent or loaded yet.
    ///
    /// # Errors
    /// * [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the token to start with, or its
    ///   refresh token, holds a control character, or begins or ends with a blank: see
    ///   [`check_credential`](crate::provider::check_credential).
    /// * [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if there is neither an access
    ///   token nor a refresh token in it.
    pub fn build(mut self) -> Result<TokenCache, Error> {
        if let Some(name) = self.sub_account.take() {
            self.account_above = self.account;
            self.account = Some(self.account.unwrap_or_default().with(&name));
        }
        if let Some(token) = &self.token {
            // An empty one stands for an unusable access token, and is renewed.
            if !token.access_token().is_empty() {
                Credential::new(self.scheme, token.access_token())?;
            }
            if let Some(token) = token.refresh_token() {
                check_credential("refresh token", token.expose())?;
            }
        }
        self.shared().map(|shared| TokenCache(Arc::new(shared)))
    }

    /// A cache with these settings.
    fn shared(self) -> Result<Shared, Error> {
        let shared = Shared {
            scheme: self.scheme,
            source: self.source,
            store: self.store,
            clock: self.clock,
            timing: self.renewal.timing().countable(),
            random: self.random,
            lease_reserve: self.lease_reserve,
            label: self.label,
            account: self.account,
            account_above: self.account_above.map(Box::new),
            current: ArcSwapOption::empty(),
            flight: Mutex::default(),
            changed: Notify::new(),
        };
        match (self.token, &shared.store) {
            // With a store it is saved before it is used.
            (Some(token), Some(_)) => {
                let mut flight = shared.lock();
                flight.handed_over = Some(Arc::new(token));
                flight.is_login = self.is_login;
            }
            (Some(token), None) => {
                let token = Arc::new(token);
                shared.remember(Record::new(Arc::clone(&token)), false, 0);
                let may_be_renewed = token.refresh_token().is_some();
                match shared.publish(token, false, 0) {
                    // A login with an unusable access token: the first call renews it.
                    Err(_) if may_be_renewed => {}
                    published => drop(published?),
                }
            }
            (None, _) => {}
        }
        Ok(shared)
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

    /// A token that another process saved may have been refused as well by now, or may not work for this
    /// process.
    fn may_replace_again(&self, replacement: &Credential) -> bool {
        let current = self.0.current.load_full();
        current.is_some_and(|current| {
            current.is_adopted && current.generation() == replacement.generation()
        })
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
