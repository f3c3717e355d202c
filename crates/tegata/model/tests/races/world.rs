//! A token endpoint, a wall clock and a store, and what must hold between them and the cache.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use shuttle::future::yield_now;
use shuttle::rand::{Rng as _, thread_rng};
use tegata_model::spec::{Placement, Scheme};
use tegata_model::sync::{Runtime, panic_now};
use tegata_model::{
    Authenticator as _, BoxFuture, Clock as _, Credential, Error, ErrorKind, Issued, Lease,
    ManualClock, Refresh, Renewal, Secret, SharedClock, Token, TokenCache, TokenCacheBuilder,
    TokenSource, TokenStore, sent,
};

pub(crate) const LIFETIME: Duration = Duration::from_secs(100);

const BEARER: Scheme = Scheme {
    name: "OAuth2",
    placement: Placement::Bearer,
};

/// What the token endpoint does when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Fresh,
    /// The token that it issued last, with what is left of its time.
    Same,
    Dead,
    Busy,
    Denied,
    Panic,
    Hang,
}

#[derive(Clone)]
pub(crate) struct World(Arc<State>);

struct State {
    clock: ManualClock,
    answers: &'static [Answer],
    facts: Mutex<Facts>,
}

/// What has happened. Of the standard library: looking here is no step of its own.
#[derive(Default)]
struct Facts {
    requests: usize,
    /// Those that were cut off before they were answered.
    cut_off: usize,
    under_way: usize,
    /// When each header expires.
    expiry: HashMap<String, SystemTime>,
    refused: Vec<String>,
    /// Those of which somebody has begun to say that they were refused, or are no longer good.
    doubted: Vec<String>,
    /// How far the clock has been set back.
    rewound: Duration,
    last: Option<(String, SystemTime)>,
    rotates: bool,
    /// The refresh token that was issued last.
    refresh_token: Option<String>,
    stored: Option<Token>,
    failing_saves: usize,
    /// The endpoint has said a plain no, and nobody has said since that things have changed.
    denied: bool,
    /// From now on every answer is a good one.
    mended: bool,
    invalidating: usize,
}

struct Endpoint(World);

/// What was known when a call began: the time, how far the clock had been set back, and how many refusals
/// had been reported.
struct Began {
    at: SystemTime,
    rewound: Duration,
    refusals: usize,
}

/// Counts a request as long as it is under way, however it ends.
struct UnderWay {
    world: World,
    answered: bool,
}

impl World {
    pub(crate) fn answering(answers: &'static [Answer]) -> Self {
        Self(Arc::new(State {
            clock: ManualClock::default(),
            answers,
            facts: Mutex::default(),
        }))
    }

    /// Each answer holds a new refresh token, which is good once.
    pub(crate) fn rotating(self) -> Self {
        self.facts().rotates = true;
        self
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn cache(&self) -> TokenCache {
        self.cache_with(|builder| builder)
    }

    pub(crate) fn cache_with(
        &self,
        set: impl FnOnce(TokenCacheBuilder) -> TokenCacheBuilder,
    ) -> TokenCache {
        let builder = TokenCache::builder(BEARER, Endpoint(self.clone()));
        let builder = builder.clock(SharedClock::new(self.0.clock.clone()));
        set(builder).build().expect("valid settings")
    }

    /// A token to start with.
    pub(crate) fn first_token(&self) -> Token {
        let now = self.0.clock.now();
        let issued = self.facts().issue(now, LIFETIME);
        Token::new(issued, now, None)
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.clock.advance(by);
    }

    pub(crate) fn rewind(&self, by: Duration) {
        self.facts().rewound += by;
        self.0.clock.rewind(by);
    }

    pub(crate) fn requests(&self) -> usize {
        self.facts().requests
    }

    pub(crate) fn mend(&self) {
        self.facts().mended = true;
    }

    /// Requests that were answered.
    pub(crate) fn answered(&self) -> usize {
        let facts = self.facts();
        facts.requests - facts.cut_off
    }

    pub(crate) fn fail_saves(&self, count: usize) {
        self.facts().failing_saves = count;
    }

    pub(crate) fn stored(&self) -> Option<Token> {
        self.facts().stored.clone()
    }

    pub(crate) fn refresh_token(&self) -> Option<String> {
        self.facts().refresh_token.clone()
    }

    /// Asks for a credential as a request does, and holds it to what a request may expect.
    pub(crate) async fn call(&self, cache: &TokenCache) -> Result<Credential, Error> {
        let began = self.began();
        let outcome = match cache.cached() {
            Some(credential) => Ok(credential),
            None => cache.credential().await,
        };
        self.check(&began, outcome)
    }

    /// Reports a refusal, and asks for another credential.
    pub(crate) async fn replace(
        &self,
        cache: &TokenCache,
        refused: &Credential,
    ) -> Result<Credential, Error> {
        let began = self.began();
        self.facts().doubted.push(sent(refused));
        let mut replacing = pin!(cache.replace(refused));
        let first = std::future::poll_fn(|context| Poll::Ready(replacing.as_mut().poll(context)));
        let first = first.await;
        self.facts().refused.push(sent(refused));
        let outcome = match first {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => replacing.await,
        };
        let outcome = self.check(&began, outcome);
        if let Ok(other) = &outcome {
            assert_ne!(sent(other), sent(refused), "the refused token came back");
        }
        outcome
    }

    /// Says that things have changed.
    pub(crate) fn invalidate(&self, cache: &TokenCache) {
        {
            let mut facts = self.facts();
            facts.invalidating += 1;
            // Whichever is the current one when it comes to it.
            let all: Vec<_> = facts.expiry.keys().cloned().collect();
            facts.doubted.extend(all);
        }
        cache.invalidate();
        let mut facts = self.facts();
        facts.denied = false;
        facts.invalidating -= 1;
    }

    fn began(&self) -> Began {
        let facts = self.facts();
        Began {
            at: self.0.clock.now(),
            rewound: facts.rewound,
            refusals: facts.refused.len(),
        }
    }

    fn check(
        &self,
        began: &Began,
        outcome: Result<Credential, Error>,
    ) -> Result<Credential, Error> {
        if let Ok(credential) = &outcome {
            let facts = self.facts();
            let header = sent(credential);
            let rewound = facts.rewound.saturating_sub(began.rewound);
            let earliest = began.at - rewound;
            assert!(
                facts.expiry[&header] > earliest,
                "{header} had expired before it was asked for"
            );
            assert!(
                !facts.refused[..began.refusals].contains(&header),
                "{header} had been refused before it was asked for"
            );
        }
        outcome
    }

    /// Polls a call a few times and drops it, wherever it is.
    pub(crate) async fn give_up(&self, cache: &TokenCache) {
        let mut call = pin!(self.call(cache));
        for _ in 0..thread_rng().gen_range(1..4) {
            let polled = std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context)));
            if polled.await.is_ready() {
                return;
            }
            yield_now().await;
        }
    }
}

impl Facts {
    fn issue(&mut self, now: SystemTime, lifetime: Duration) -> Issued {
        let number = self.expiry.len() + 1;
        let token = format!("T{number}");
        self.expiry
            .insert(format!("Bearer {token}"), now + lifetime);
        self.last = Some((token.clone(), now + lifetime));
        let refresh = if self.rotates {
            let token = format!("R{number}");
            self.refresh_token = Some(token.clone());
            Refresh::Replace {
                token: token.into(),
                lifetime: None,
            }
        } else {
            Refresh::Keep
        };
        Issued {
            access_token: token.into(),
            lifetime: Some(lifetime),
            refresh,
        }
    }
}

impl UnderWay {
    fn begin(world: &World) -> Self {
        let mut facts = world.facts();
        facts.requests += 1;
        facts.under_way += 1;
        assert_eq!(facts.under_way, 1, "two renewals at a time");
        assert!(
            !facts.denied || facts.invalidating > 0,
            "asked again after a plain no"
        );
        Self {
            world: world.clone(),
            answered: false,
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut facts = self.world.facts();
        facts.under_way -= 1;
        facts.cut_off += usize::from(!self.answered);
    }
}

impl TokenSource for Endpoint {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async move {
            let world = &self.0;
            let mut under_way = UnderWay::begin(world);
            let current = renewal.current.map(Token::access_token);
            let current = current.map(|token| format!("Bearer {}", token.expose()));
            assert!(
                !renewal.refused || world.facts().doubted.contains(&current.unwrap_or_default()),
                "renewed as refused, but only another one was"
            );
            let known = renewal.current.and_then(Token::refresh_token);
            assert_eq!(
                known.map(Secret::expose),
                world.refresh_token().as_deref(),
                "not the newest refresh token"
            );
            yield_now().await;
            let answers = if world.facts().mended {
                &[Answer::Fresh]
            } else {
                world.0.answers
            };
            let answer = answers[thread_rng().gen_range(0..answers.len())];
            match answer {
                Answer::Panic => panic_now().await,
                Answer::Hang => std::future::pending().await,
                _ => {}
            }
            under_way.answered = true;
            let mut facts = world.facts();
            let now = world.0.clock.now();
            match (answer, facts.last.clone()) {
                (Answer::Busy, _) => Err(Error::new(ErrorKind::Connection, "busy")),
                (Answer::Denied, _) => {
                    facts.denied = true;
                    Err(Error::new(ErrorKind::TokenDenied, "denied"))
                }
                (Answer::Dead, _) => Ok(facts.issue(renewal.now, Duration::ZERO)),
                (Answer::Same, Some((token, expiry))) if expiry > now => Ok(Issued {
                    access_token: token.into(),
                    lifetime: expiry.duration_since(renewal.now).ok(),
                    refresh: Refresh::Keep,
                }),
                // From when the request was sent, as the cache counts.
                _ => Ok(facts.issue(renewal.now, LIFETIME)),
            }
        })
    }
}

/// A store that several caches share.
pub(crate) struct Store {
    world: World,
    lease: Arc<shuttle::sync::Mutex<bool>>,
}

impl Store {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            world: world.clone(),
            lease: Arc::new(shuttle::sync::Mutex::new(false)),
        }
    }
}

impl TokenStore for Store {
    fn load(&self) -> BoxFuture<'_, Result<Option<Token>, Error>> {
        Box::pin(async {
            yield_now().await;
            Ok(self.world.stored())
        })
    }

    fn save<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            yield_now().await;
            let mut facts = self.world.facts();
            if let Some(left) = facts.failing_saves.checked_sub(1) {
                facts.failing_saves = left;
                return Err(Error::store("not saved", std::io::Error::other("full")));
            }
            facts.stored = Some(token.clone());
            Ok(())
        })
    }

    fn lease(&self, _: Duration) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async {
            loop {
                {
                    let mut taken = self.lease.lock().unwrap_or_else(PoisonError::into_inner);
                    if !std::mem::replace(&mut taken, true) {
                        break;
                    }
                }
                yield_now().await;
            }
            let lease = Arc::clone(&self.lease);
            Ok(Lease::new(move || {
                *lease.lock().unwrap_or_else(PoisonError::into_inner) = false;
            }))
        })
    }
}

/// As many tasks of one kind, numbered; they and what they started all end, or the check fails.
pub(crate) async fn together<F>(runtime: &Runtime, count: usize, task: impl Fn(usize) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let tasks: Vec<_> = (0..count)
        .map(|number| runtime.spawn(task(number)))
        .collect();
    for task in tasks {
        let _ = task.await.expect("no task fails");
    }
    runtime.finish().await;
}
