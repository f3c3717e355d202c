//! The state of a scenario, and the conditions that must hold between callers, token endpoint, store and cache.

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use shuttle::future::yield_now;
use shuttle::rand::{Rng as _, thread_rng};
use tegata_model::provider::spec::{Placement, Scheme};
use tegata_model::provider::{Authenticator as _, Credential, Issued, Refresh, TokenCacheBuilder};
use tegata_model::store::Record;
use tegata_model::sync::Runtime;
use tegata_model::{Clock as _, Error, ManualClock, Token, TokenCache, sent};

use crate::endpoint::{Answer, Endpoint};

pub(crate) const LIFETIME: Duration = Duration::from_secs(100);

const BEARER: Scheme = Scheme {
    name: "OAuth2",
    placement: Placement::Bearer,
};

#[derive(Clone)]
pub(crate) struct World(Arc<State>);

struct State {
    clock: ManualClock,
    answers: &'static [Answer],
    facts: Mutex<Facts>,
}

/// The state. The standard library's mutex, so that locking it is no scheduler step.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) requests: usize,
    /// The requests that were cut off before they were answered.
    pub(crate) cut_off: usize,
    pub(crate) under_way: usize,
    /// When each header expires.
    expiry: HashMap<String, SystemTime>,
    refused: Vec<(String, u64)>,
    /// The tokens that the endpoint issued again: after a pause they are used once more, though refused.
    issued_again: HashSet<String>,
    /// The tokens that a caller has begun to report as refused or to invalidate.
    pub(crate) doubted: Vec<String>,
    /// How far the clock has been set back.
    rewound: Duration,
    pub(crate) last: Option<(String, SystemTime)>,
    rotates: bool,
    /// The refresh token that was issued last.
    refresh_token: Option<String>,
    stored: Option<Record>,
    /// The former records of the store.
    formerly: Vec<Record>,
    pub(crate) failing_saves: usize,
    /// The endpoint has denied permanently, and there was no invalidation since.
    pub(crate) denied: bool,
    /// The refresh token of a session that has ended.
    pub(crate) ended: Option<String>,
    /// From now on every answer is a good token.
    fixed: bool,
    pub(crate) invalidating: usize,
}

/// The state when a call began: the time, how far the clock had been set back, and how many refusals had been
/// reported.
struct Began {
    at: SystemTime,
    rewound: Duration,
    refusals: usize,
}

impl World {
    pub(crate) fn answering(answers: &'static [Answer]) -> Self {
        Self(Arc::new(State {
            clock: ManualClock::default(),
            answers,
            facts: Mutex::default(),
        }))
    }

    /// Each answer holds a new refresh token, which can be used once.
    pub(crate) fn rotating(self) -> Self {
        self.facts().rotates = true;
        self
    }

    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
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
        let builder = builder.clock(self.0.clock.clone());
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

    pub(crate) fn fix(&self) {
        self.facts().fixed = true;
    }

    /// Requests that were answered.
    pub(crate) fn answered(&self) -> usize {
        let facts = self.facts();
        facts.requests - facts.cut_off
    }

    pub(crate) fn fail_saves(&self, count: usize) {
        self.facts().failing_saves = count;
    }

    pub(crate) fn stored(&self) -> Option<Record> {
        self.facts().stored.clone()
    }

    pub(crate) fn stored_token(&self) -> Option<Token> {
        self.stored()?.token().cloned()
    }

    pub(crate) fn is_logged_out(&self) -> bool {
        let stored = self.stored();
        stored.is_some_and(|record| record.deleted_at().is_some())
    }

    /// The store loses its last save, or all records, as after a fail-over or a restored backup.
    pub(crate) fn go_back_in_time(&self) {
        let mut facts = self.facts();
        let older = facts.formerly.len();
        let older = (older > 0).then(|| thread_rng().gen_range(0..=older));
        if let Some(older) = older {
            facts.stored = facts.formerly.get(older).cloned();
        }
    }

    pub(crate) fn refresh_token(&self) -> Option<String> {
        self.facts().refresh_token.clone()
    }

    /// Asks for a credential as a request does, and checks the result.
    pub(crate) async fn call(&self, cache: &TokenCache) -> Result<Credential, Error> {
        let began = self.began();
        let outcome = match cache.cached() {
            Some(credential) => Ok(credential),
            None => cache.credential().await,
        };
        self.check(&began, outcome)
    }

    /// Makes one call, and waits for everything that it started.
    pub(crate) async fn call_on(&self, runtime: &Runtime, cache: &TokenCache) {
        let (world, cache) = (self.clone(), cache.clone());
        let call = runtime.spawn(async move { world.call(&cache).await.map(drop) });
        let _ = call.await.expect("no task fails");
        runtime.finish().await;
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
        let what = (sent(refused), refused.generation());
        self.facts().refused.push(what);
        let outcome = match first {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => replacing.await,
        };
        let outcome = self.check(&began, outcome);
        if let Ok(other) = &outcome {
            let is_another = other.generation() != refused.generation();
            let came_again = is_another && self.facts().issued_again.contains(&sent(other));
            let comes_back = sent(other) == sent(refused) && !came_again;
            assert!(!comes_back, "the refused token came back");
        }
        outcome
    }

    /// Invalidates the token.
    pub(crate) fn invalidate(&self, cache: &TokenCache) {
        self.facts().invalidating += 1;
        cache.invalidate();
        let mut facts = self.facts();
        // Whichever token was the current one at that moment.
        let all: Vec<_> = facts.expiry.keys().cloned().collect();
        facts.doubted.extend(all);
        facts.denied = false;
        facts.invalidating -= 1;
    }

    pub(crate) fn clock(&self) -> &ManualClock {
        &self.0.clock
    }

    pub(crate) fn next_answer(&self) -> Answer {
        let answers = if self.facts().fixed {
            &[Answer::Fresh]
        } else {
            self.0.answers
        };
        answers[thread_rng().gen_range(0..answers.len())]
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
            let came_again = facts.issued_again.contains(&header);
            let is_this = |(refused, generation): &(String, u64)| {
                *refused == header && (*generation == credential.generation() || !came_again)
            };
            let had_been = facts.refused[..began.refusals].iter().any(is_this);
            assert!(
                !had_been,
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
    pub(crate) fn issued_again(&mut self, token: &str) {
        self.issued_again.insert(format!("Bearer {token}"));
    }

    pub(crate) fn put(&mut self, record: Record) {
        let former = self.stored.replace(record);
        self.formerly.extend(former);
    }

    pub(crate) fn issue(&mut self, now: SystemTime, lifetime: Duration) -> Issued {
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
        Issued::new(token, Some(lifetime), refresh)
    }
}

/// Runs numbered tasks of one kind; they and all that they started must end, or the check fails.
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
