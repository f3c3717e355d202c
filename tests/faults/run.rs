//! One client and a few faults in a row.

use std::sync::Arc;
use std::time::Duration;

use tegata::reqwest;
use tegata::store::Record;
use tegata::{
    Error, ErrorKind, MemoryStore, RenewalPolicy, Settings, Token, TokenCache, TokenStore,
};
use tegata_marketo::TokenRequest;
use tokio::task::JoinHandle;

use crate::draw::{Draw, Effect, Fault};
use crate::front::{Conduct, Front};
use tegata_test_support::frozen::FrozenTime;
use tegata_test_support::loopback::{
    AISPF_ID, AISPF_SECRET, HOUR, JOOTO_ID, JOOTO_SECRET, Loopback, MARKETO_ID, MARKETO_SECRET,
    WINDOW,
};
use tegata_test_support::shown::Shown;
use tegata_test_support::traced::Traced;
use tegata_test_support::wire::credential;
use tegata_test_support::{Flow, Subject};

const DEADLINE: Duration = Duration::from_secs(30);
/// How long an answer is waited for that may hold the only good refresh token.
const LONGEST_EXCHANGE: Duration = Duration::from_secs(600);
/// How long, once it has begun.
const LONGEST_ANSWER: Duration = Duration::from_secs(120);
/// What its steps may add to that.
const STEPS: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);
const MILLISECOND: Duration = Duration::from_millis(1);

pub(crate) struct Run {
    flow: Flow,
    /// The history, printed on failure.
    history: String,
    draw: Draw,
    time: FrozenTime,
    loopback: Loopback,
    front: Front,
    client: Subject,
    store: MemoryStore,
    /// Callers have a token that is still good, and do not wait.
    is_stale: bool,
    /// Failures since the last success.
    failures: u32,
    /// How many of them may or may not pass.
    unknown: u32,
    /// How many answers to the current refresh token could not be read.
    unreadable: u32,
    shown: Shown,
    traced: Traced,
}

impl Run {
    pub(crate) async fn begin(flow: Flow, seed: u64, mut draw: Draw) -> Self {
        let traced = Traced::begin();
        let time = FrozenTime::begin();
        let loopback = Loopback::with(|config| config.fujitsu_aispf.rotate = true);
        let front = Front::start(loopback.emulator.base_url()).await;
        let store = MemoryStore::default();
        let client = client(flow, &loopback, &front, &store).await;
        let renews_early = !matches!(flow, Flow::MarketoGet | Flow::MarketoForm);
        let is_stale = renews_early && draw.below(2) == 0;
        if is_stale {
            client.warm_up().await.expect("a token");
            loopback.advance(HOUR - WINDOW);
            // As long a cache rests after a success.
            time.pass(LONGEST_PAUSE).await;
        }
        Self {
            flow,
            history: format!("{flow:?}, seed {seed:#x}"),
            draw,
            time,
            loopback,
            front,
            client,
            store,
            is_stale,
            failures: 0,
            unknown: 0,
            unreadable: 0,
            shown: Shown::default(),
            traced,
        }
    }

    /// Says how many faults it met.
    pub(crate) async fn play(mut self) -> usize {
        let faults = 1 + self.draw.below(5);
        for number in 1..=faults {
            let fault = self.draw.fault(self.flow);
            self.history = format!("{}\n{number}. {:.1500}", self.history, format!("{fault:?}"));
            self.meet(&fault).await;
        }
        self.recover().await;
        self.shown.text("a run that showed nothing", "");
        self.shown.assert_clean(&[]);
        self.traced.assert_clean();
        faults
    }

    async fn meet(&mut self, fault: &Fault) {
        self.front.set(fault.conduct.clone()).await;
        let (before, began) = (self.front.arrived(), self.time.passed());
        let callers = 1 + self.draw.below(5);
        let callers: Vec<_> = (0..callers).map(|_| self.call()).collect();
        let outcomes = if self.is_stale {
            // Whatever the endpoint does, no caller waits and no call fails.
            let outcomes = all(callers).await;
            assert!(
                outcomes.iter().all(|outcome| matches!(outcome, Ok(200))),
                "{}: {outcomes:?}",
                self.history
            );
            assert_eq!(self.time.passed(), began, "{}", self.history);
            self.pass(fault.effect, before).await;
            Vec::new()
        } else {
            self.pass(fault.effect, before).await;
            all(callers).await
        };
        self.client.settled().await;
        let waited = self.time.passed().saturating_sub(began);
        let (expected, steps) = match fault.effect {
            Effect::Fails => (Duration::ZERO, Duration::ZERO),
            Effect::Hangs if self.flow != Flow::JootoOAuth2 => (DEADLINE, Duration::ZERO),
            Effect::Hangs if fault.conduct.begins_an_answer() => (LONGEST_ANSWER, STEPS),
            Effect::Hangs => (LONGEST_EXCHANGE, STEPS),
            Effect::Late(after) => (after, Duration::ZERO),
        };
        let expected = expected..=expected + steps;
        assert!(expected.contains(&waited), "{}: {waited:?}", self.history);
        let asked = self.front.arrived() - before;
        // AISPF's conventional method asks by id and secret if its refresh is refused.
        let most = if self.flow == Flow::AispfLegacy && self.is_stale {
            2
        } else {
            1
        };
        assert!(asked <= most, "{}: {asked} requests", self.history);
        if let Effect::Late(_) = fault.effect {
            assert!(
                outcomes.iter().all(|outcome| matches!(outcome, Ok(200))),
                "{}: {outcomes:?}",
                self.history
            );
            self.due_again().await;
            return;
        }
        self.failures += 1;
        for outcome in outcomes {
            let error = outcome.expect_err(&self.history);
            assert_eq!(
                error.is_timeout(),
                fault.effect == Effect::Hangs,
                "{}: {error:?}",
                self.history
            );
            self.shown.error(&self.history, &error);
        }
        self.pause(fault).await;
        if self.unreadable == 2 {
            self.grant_anew().await;
        }
    }

    /// Each of two unreadable answers to the same refresh token may have held the next one: it is not sent
    /// again.
    async fn grant_anew(&mut self) {
        let before = self.front.arrived();
        for outcome in all(vec![self.call(), self.call()]).await {
            match outcome {
                Ok(200) if self.is_stale => {}
                Err(error) if !self.is_stale => {
                    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{}", self.history);
                }
                other => panic!("{}: {other:?} without a good refresh token", self.history),
            }
        }
        self.client.settled().await;
        assert_eq!(
            self.front.arrived(),
            before,
            "{}: asked again",
            self.history
        );
        let granted = self.loopback.token(&self.loopback.app()).await;
        let saved = TokenStore::save(&self.store, &Record::new(granted)).await;
        saved.expect("saved");
        // A renewal looks into the store and finds it.
        self.time.pass(LONGEST_PAUSE).await;
        self.front.set(Conduct::Through(Duration::ZERO)).await;
        let status = self.call().await.expect("no panic");
        assert!(matches!(status, Ok(200)), "{}: {status:?}", self.history);
        self.client.settled().await;
        self.due_again().await;
    }

    /// Lets the time pass that it takes, and no more.
    async fn pass(&self, effect: Effect, before: usize) {
        let by = match effect {
            Effect::Fails => return,
            Effect::Hangs => DEADLINE,
            Effect::Late(after) => after,
        };
        self.until(|| self.front.arrived() > before).await;
        if effect == Effect::Hangs && self.flow == Flow::JootoOAuth2 {
            self.pass_the_longest_exchange().await;
            return;
        }
        self.time.pass(by.saturating_sub(MILLISECOND)).await;
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        let cache = self.client.token_cache().expect("tokens");
        assert!(
            cache.snapshot().is_renewing,
            "{}: it ended too early",
            self.history
        );
        self.time.pass(MILLISECOND).await;
    }

    /// Callers give up at their deadline. The answer is waited for in many steps, each counted from the end
    /// of the one before, so time must not jump over one.
    async fn pass_the_longest_exchange(&self) {
        let step = Duration::from_millis(100);
        let cache = self.client.token_cache().expect("tokens");
        while cache.snapshot().is_renewing {
            self.time.pass(step).await;
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Within the pause no request is sent; with its last millisecond the next one may be.
    async fn pause(&mut self, fault: &Fault) {
        let cache = self.client.token_cache().expect("tokens");
        let snapshot = cache.snapshot();
        let error = snapshot
            .last_error
            .unwrap_or_else(|| panic!("{}: no error", self.history));
        self.shown.error(&self.history, &error);
        assert_eq!(snapshot.failures, self.failures, "{}", self.history);
        if self.flow == Flow::JootoOAuth2 && may_have_held_a_refresh_token(&error, &fault.conduct) {
            self.unreadable += 1;
        }
        if let Some(seconds) = fault.retry_after {
            assert_eq!(
                error.retry_after(),
                Some(Duration::from_secs(seconds)),
                "{}",
                self.history
            );
        }
        let by_policy = if error.is_transient() || self.unreadable == 2 {
            let doubled = Duration::from_millis(100) * (1 << (self.failures - 1).min(10));
            // A refresh token that is not sent again is kept; meanwhile the store is read again.
            let least = if self.unreadable == 2 {
                LONGEST_PAUSE
            } else {
                doubled
            };
            least.min(LONGEST_PAUSE)
        } else {
            let quadrupled = LONGEST_PAUSE / 4 * (1 << (2 * self.unknown).min(10));
            self.unknown += 1;
            quadrupled.min(LONGEST_PAUSE * 60)
        };
        let asked_for = error
            .retry_after()
            .unwrap_or_default()
            .min(LONGEST_RETRY_AFTER);
        let pause = by_policy.max(asked_for);
        let before = self.front.arrived();
        for by in [Duration::ZERO, pause.saturating_sub(MILLISECOND)] {
            self.time.pass(by).await;
            let outcomes = all(vec![self.call(), self.call()]).await;
            for outcome in outcomes {
                match outcome {
                    Ok(200) if self.is_stale => {}
                    Err(again) if !self.is_stale => {
                        assert_eq!(again.kind(), error.kind(), "{}", self.history);
                    }
                    other => panic!("{}: {other:?} within the pause", self.history),
                }
            }
            self.client.settled().await;
            assert_eq!(
                self.front.arrived(),
                before,
                "{}: asked within the pause",
                self.history
            );
        }
        self.time.pass(MILLISECOND).await;
    }

    async fn recover(&mut self) {
        self.front.set(Conduct::Through(Duration::ZERO)).await;
        let path = self.flow.path();
        for round in 0..2 {
            let began = self.time.passed();
            for _ in 0..2 {
                let status = self.client.get(path).await;
                assert!(
                    matches!(status, Ok(200)),
                    "{}: round {round}: {status:?}",
                    self.history
                );
                self.client.settled().await;
            }
            assert_eq!(self.time.passed(), began, "{}", self.history);
            let cache = self.client.token_cache().expect("tokens");
            let token = cache.token().expect("a token");
            let calls = self.loopback.calls(self.flow.provider());
            let last = credential(calls.last().expect("a call"));
            let right = self.flow.on_the_wire(token.access_token().expose());
            assert!(last == right, "{}: another token is in use", self.history);
            assert!(
                self.store.token() == Some(token),
                "{}: the store has another",
                self.history
            );
            assert_eq!(cache.snapshot().failures, 0, "{}", self.history);
            // What came with it, a new refresh token, has to be good as well.
            self.loopback.advance(HOUR);
        }
    }

    /// The token that has just come is soon due.
    async fn due_again(&mut self) {
        let age = if self.is_stale { HOUR - WINDOW } else { HOUR };
        self.loopback.advance(age);
        self.time.pass(LONGEST_PAUSE).await;
        self.failures = 0;
        self.unknown = 0;
        self.unreadable = 0;
    }

    fn call(&self) -> JoinHandle<Result<u16, Error>> {
        let (client, path) = (self.client.clone(), self.flow.path());
        tokio::spawn(async move { client.get(path).await })
    }

    async fn until(&self, is_so: impl Fn() -> bool) {
        // Real time, in which a run that is stuck has to end; no outcome depends on it.
        let began = std::time::Instant::now();
        while !is_so() {
            assert!(
                began.elapsed().as_secs() < 60,
                "{}: waited in vain",
                self.history
            );
            tokio::task::yield_now().await;
        }
    }
}

/// A page of HTML holds none.
fn may_have_held_a_refresh_token(error: &Error, conduct: &Conduct) -> bool {
    let is_page = error.to_string().contains("text/html");
    error.kind() == ErrorKind::InvalidResponse && !is_page && conduct.may_hold_a_refresh_token()
}

async fn all(callers: Vec<JoinHandle<Result<u16, Error>>>) -> Vec<Result<u16, Error>> {
    let mut outcomes = Vec::new();
    for caller in callers {
        outcomes.push(caller.await.expect("no panic"));
    }
    outcomes
}

/// A client whose token endpoint is behind the front, with no token, or with one that has expired.
async fn client(flow: Flow, loopback: &Loopback, front: &Front, store: &MemoryStore) -> Subject {
    // Every token request a connection of its own, so that each meets the front.
    let http = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0);
    let settings: Settings = loopback
        .settings()
        .renewal(RenewalPolicy::new().retry_interval(LONGEST_PAUSE))
        .random(|| 1.0)
        .http_client(http);
    let url = format!("{}/{}", front.url(), flow.provider());
    let stored = Arc::new(store.clone());
    let built = match flow {
        Flow::AispfOAuth2 => {
            let builder = loopback.aispf_oauth2(AISPF_ID, AISPF_SECRET);
            let builder = builder.auth_url(url).settings(settings).store(stored);
            builder.build().map(Subject::Aispf)
        }
        Flow::AispfLegacy => {
            let builder = loopback.aispf_legacy(AISPF_ID, AISPF_SECRET);
            let builder = builder.auth_url(url).settings(settings).store(stored);
            builder.build().map(Subject::Aispf)
        }
        Flow::JootoOAuth2 => {
            let app = loopback.jooto_app(JOOTO_ID, JOOTO_SECRET);
            let app = app
                .oauth_url(url)
                .settings(settings)
                .build()
                .expect("valid");
            let token: Token = loopback.token(&loopback.app()).await;
            loopback.advance(HOUR);
            TokenStore::save(store, &Record::new(token))
                .await
                .expect("saved");
            app.client_from(stored).build().map(Subject::Jooto)
        }
        Flow::MarketoGet | Flow::MarketoForm => {
            let builder = loopback.marketo(MARKETO_ID, MARKETO_SECRET);
            let builder = builder.identity_url(url).settings(settings).store(stored);
            let request = if flow == Flow::MarketoForm {
                TokenRequest::PostForm
            } else {
                TokenRequest::Get
            };
            builder.token_request(request).build().map(Subject::Marketo)
        }
        other => panic!("{other:?} has no token"),
    };
    let client = built.expect("valid");
    assert!(client.token_cache().and_then(TokenCache::token).is_none());
    client
}
