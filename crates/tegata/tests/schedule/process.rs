//! A process with a cache, which can be killed.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tegata::provider::spec::{Placement, Scheme};
use tegata::provider::{Authenticator as _, BoxFuture, Credential, Issued, Renewal, TokenSource};
use tegata::{
    Clock as _, Error, RenewalEvent, RenewalOutcome, RenewalPolicy, SharedClock, Token, TokenCache,
};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, sleep};

use crate::event::Answer;
use crate::ledger::Ledger;
use crate::seen;
use crate::server::Server;
use crate::store::{Shared, Store};
use crate::wall::Wall;

pub(crate) const BEARER: Scheme = Scheme {
    name: "OAuth2",
    placement: Placement::Bearer,
};

pub(crate) struct Process {
    pub(crate) cache: TokenCache,
    pub(crate) credentials: Vec<Credential>,
    state: Arc<State>,
}

/// The token that a process is started with.
#[derive(Clone)]
pub(crate) enum First {
    Known(Token),
    /// The token of a new login.
    Login(Token),
}

impl First {
    pub(crate) fn token(&self) -> &Token {
        match self {
            Self::Known(token) | Self::Login(token) => token,
        }
    }
}

struct State {
    number: u64,
    server: Server,
    store: Option<Shared>,
    alive: Arc<AtomicBool>,
    /// It was started by a login, and no logout came later.
    has_login: Arc<AtomicBool>,
    ledger: Mutex<Ledger>,
    requests: AtomicUsize,
    under_way: AtomicBool,
    /// The server's answer that is not published yet.
    answered: Mutex<Option<Issued>>,
    cache: OnceLock<TokenCache>,
    /// The first broken promise.
    broken: Mutex<Option<String>>,
}

struct Source(Arc<State>);

struct UnderWay(Arc<State>);

impl Process {
    pub(crate) fn start(
        number: u64,
        server: &Server,
        store: Option<&Shared>,
        wall: &Wall,
        chance: fn() -> f64,
        first: Option<First>,
    ) -> Self {
        let policy = RenewalPolicy::new();
        let state = Arc::new(State {
            number,
            server: server.clone(),
            store: store.cloned(),
            alive: Arc::new(AtomicBool::new(true)),
            has_login: Arc::new(AtomicBool::new(matches!(first, Some(First::Login(_))))),
            ledger: Mutex::new(Ledger::new(policy.timing(), chance())),
            requests: AtomicUsize::new(0),
            under_way: AtomicBool::new(false),
            answered: Mutex::default(),
            cache: OnceLock::new(),
            broken: Mutex::default(),
        });
        let observer = Arc::clone(&state);
        let mut cache = TokenCache::builder(BEARER, Source(Arc::clone(&state)))
            .clock(SharedClock::new(wall.clone()))
            .renewal(policy)
            .random(chance)
            .observer(Arc::new(move |event: &RenewalEvent| {
                observer.observe(event);
            }));
        cache = match first {
            Some(First::Known(token)) => cache.token(token),
            Some(First::Login(token)) => cache.login(token),
            None => cache,
        };
        if let Some(shared) = store {
            cache = cache.store(Arc::new(Store {
                shared: shared.clone(),
                process: number,
                alive: Arc::clone(&state.alive),
                has_login: Arc::clone(&state.has_login),
            }));
        }
        let cache = cache.build().expect("valid settings");
        if let Some(token) = cache.token() {
            let generation = cache.snapshot().generation;
            state.ledger().publish(generation, token);
        }
        assert!(state.cache.set(cache.clone()).is_ok());
        Self {
            cache,
            credentials: Vec::new(),
            state,
        }
    }

    /// Stops the process at once, whatever it was doing.
    pub(crate) fn kill(&self) {
        self.state.alive.store(false, Ordering::SeqCst);
        if let Some(store) = &self.state.store {
            store.free(self.state.number);
        }
    }

    /// Another process has logged out since this one logged in.
    pub(crate) fn forget_login(&self) {
        self.state.has_login.store(false, Ordering::SeqCst);
    }

    /// Whether the endpoint has still to answer.
    pub(crate) fn is_waiting(&self) -> bool {
        self.state.under_way.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> usize {
        self.state.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.state.ledger()
    }

    /// The first broken promise.
    pub(crate) fn broken(&self) -> Option<String> {
        let broken = self.state.broken.lock();
        broken.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks for a credential in a task of its own, and checks the outcome against the ledger.
    pub(crate) fn call(&self, refused: Option<Credential>, wall: &Wall) -> JoinHandle<Called> {
        let (cache, state, wall) = (self.cache.clone(), Arc::clone(&self.state), wall.clone());
        let refusals = self.ledger().refused();
        tokio::spawn(async move {
            let began = Instant::now();
            let outcome = match (refused, cache.cached()) {
                (Some(refused), _) => cache.replace(&refused).await,
                (None, Some(credential)) => Ok(credential),
                (None, None) => cache.credential().await,
            };
            let now = wall.now();
            let mut ledger = state.ledger();
            if let Ok(credential) = &outcome {
                ledger.used_again(credential.generation());
            }
            let kept = match &outcome {
                Ok(credential) => ledger.check_handed_out(credential.generation(), &refusals, now),
                Err(_) if ledger.is_usable(now) => Err("a good token is not held back".to_owned()),
                Err(_) => Ok(()),
            };
            drop(ledger);
            Called {
                outcome,
                kept,
                took: began.elapsed(),
            }
        })
    }
}

/// How a call ended.
pub(crate) struct Called {
    pub(crate) outcome: Result<Credential, Error>,
    pub(crate) kept: Result<(), String>,
    pub(crate) took: Duration,
}

impl State {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answered(&self) -> MutexGuard<'_, Option<Issued>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn broken(&self, promise: impl Into<String>) {
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.get_or_insert(promise.into());
    }

    fn promise(&self, kept: bool, what: &str) {
        if !kept {
            self.broken(what);
        }
    }

    /// Compares the cache's event with the answers of server and store.
    fn observe(&self, event: &RenewalEvent) {
        if !self.is_alive() {
            return;
        }
        let cache = self
            .cache
            .get()
            .expect("nothing is renewed before it is built");
        let issued = self.answered().take();
        let mut ledger = self.ledger();
        self.promise(
            event.attempt == ledger.failures() + 1,
            "attempts are counted",
        );
        let token = cache.token();
        let stored = self.store.as_ref().and_then(Shared::token);
        if let Some(token) = &token {
            let expiry = self.server.expiry(token.access_token().expose());
            let is_exact = token.expires_at() == expiry;
            self.promise(
                is_exact,
                "a lifetime counts from before the request was sent",
            );
        }
        if let Some(issued) = issued.filter(|issued| issued.unusable.is_none()) {
            let held = token.as_ref().map(Token::access_token);
            self.promise(
                held == Some(&issued.access_token),
                "what is issued is published",
            );
        }
        match &event.outcome {
            RenewalOutcome::Failed(error) => ledger.fail(error),
            RenewalOutcome::Adopted => {
                self.promise(token == stored, "what is stored is adopted");
                ledger.succeed();
            }
            RenewalOutcome::Unsaved => {
                // The same token may have been reissued, so that an unsaved token is in the store all the same.
                let has_failed = self.store.as_ref().is_some_and(Shared::is_unsaved);
                let is_true = token != stored || has_failed;
                self.promise(is_true, "what is saved is not reported as unsaved");
                ledger.succeed();
            }
            _ => {
                let is_saved = self.store.is_none() || token == stored;
                self.promise(is_saved, "a token that is not saved is reported");
                ledger.succeed();
            }
        }
        match token {
            Some(token) => ledger.publish(cache.snapshot().generation, token),
            None => ledger.drop_token(),
        }
    }

    fn is_alive(&self) -> bool {
        self.alive.load(Ordering::SeqCst)
    }

    /// Returns only if the process has not been killed.
    async fn step(&self) {
        yield_now().await;
        if !self.is_alive() {
            std::future::pending::<()>().await;
        }
    }
}

impl TokenSource for Source {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async move {
            let state = &self.0;
            let _under_way = UnderWay::begin(state);
            state.step().await;
            let sent = renewal.current.and_then(Token::refresh_token);
            let sent = sent.map(|token| token.expose().to_owned());
            if let Err(broken) = state.ledger().check_request(sent.as_deref(), renewal.now) {
                state.broken(broken);
            }
            if state.ledger().failures() > 0 {
                seen("a request waited for the end of a pause");
            }
            if let Err(broken) = state.server.may_be_sent(sent.as_deref()) {
                state.broken(broken);
            }
            let is_logged_out = state.store.as_ref().is_some_and(Shared::is_logged_out);
            state.promise(
                !is_logged_out || state.has_login.load(Ordering::SeqCst),
                "after a logout nothing is asked for, but for a login",
            );
            let answer = state.server.next();
            match answer {
                Answer::Hang => {
                    seen("a server hung");
                    std::future::pending::<()>().await;
                }
                Answer::Panic => {
                    seen("a source panicked");
                    panic!("scripted panic");
                }
                _ => {}
            }
            // From now on the sent refresh token is spent, whenever the answer comes.
            let answered = state.server.answer(answer, sent.as_deref(), renewal.now);
            if let Answer::Token { after, .. } = answer {
                sleep(Duration::from_secs(after)).await;
                if after > state.ledger().timing.deadline.as_secs() {
                    seen("an answer came after the deadline");
                }
            }
            state.step().await;
            state.ledger().answered(sent, answered.as_ref().err());
            let issued = answered?;
            *state.answered() = Some(issued.clone());
            Ok(issued)
        })
    }
}

impl UnderWay {
    fn begin(state: &Arc<State>) -> Self {
        state.requests.fetch_add(1, Ordering::SeqCst);
        let already = state.under_way.swap(true, Ordering::SeqCst);
        state.promise(!already, "one renewal at a time");
        Self(Arc::clone(state))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.store(false, Ordering::SeqCst);
    }
}
