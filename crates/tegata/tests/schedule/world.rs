//! A process, a server, a store and a clock, and what happens to them.

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use tegata::{Authenticator as _, Clock, Credential, Secret, Token};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use crate::event::{Edge, Event, Setup, Which};
use crate::process::{BEARER, Called, Process};
use crate::seen;
use crate::server::Server;
use crate::store::Shared;

/// A renewal's deadline with that of the saving after it, once for the one under way and once for the next.
const LONGEST_CALL: Duration = Duration::from_secs(2 * (30 + 10));

/// As that, with a last try to save, of which the lease, the reading and the writing each take ten seconds.
const LONGEST_SHUTDOWN: Duration = Duration::from_secs(30 + 10 + 2 * 30);

/// Longer than that no schedule waits for a token to expire.
const A_LONG_TIME: Duration = Duration::from_secs(100_000);

thread_local! {
    static CHANCE: Cell<f64> = const { Cell::new(0.0) };
}

/// The wall clock: it goes on with the time that waits take, and can be set.
#[derive(Clone)]
pub(crate) struct Wall {
    start: Instant,
    set_by: Arc<AtomicI64>,
}

impl Clock for Wall {
    fn now(&self) -> SystemTime {
        let set_by = self.set_by.load(Ordering::SeqCst);
        let start =
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000) + self.start.elapsed();
        shifted(start, set_by)
    }
}

fn shifted(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { time - by } else { time + by }
}

pub(crate) struct World {
    setup: Setup,
    server: Server,
    store: Shared,
    wall: Wall,
    processes: u64,
    process: Process,
    /// What the process was started with.
    first: Option<Token>,
    /// Another process has renewed in this one's life.
    elsewhere: bool,
}

impl World {
    pub(crate) fn new(setup: Setup, chance: f64) -> Self {
        CHANCE.set(chance);
        let server = Server::new(setup != Setup::ClientCredentials);
        let store = Shared::default();
        let wall = Wall {
            start: Instant::now(),
            set_by: Arc::default(),
        };
        let (process, first) = start(setup, 0, &server, &store, &wall);
        Self {
            setup,
            server,
            store,
            wall,
            processes: 0,
            process,
            first,
            elsewhere: false,
        }
    }

    pub(crate) async fn live(&mut self, event: &Event) {
        match event {
            Event::Call(count) => self.call(*count).await,
            Event::GiveUp => self.give_up(),
            Event::Refuse(which) => self.refuse(*which).await,
            Event::Invalidate => {
                self.process.ledger().invalidate();
                self.process.cache.invalidate();
            }
            Event::Pass(time) => sleep(*time).await,
            Event::PassTo(edge, after) => self.pass_to(*edge, *after).await,
            Event::Jump(seconds) => {
                if *seconds < 0 {
                    seen("the clock jumped back");
                }
                self.wall.set_by.fetch_add(*seconds, Ordering::SeqCst);
            }
            Event::Answer(answer) => self.server.will(*answer),
            Event::EndGrant => {
                // Between a token to start with and a stored one that it has never seen, a process has only
                // the clock to decide by.
                if self.setup != Setup::ClientCredentials && self.process.cache.token().is_some() {
                    self.server.end_grant();
                }
            }
            Event::Renew(off) => self.renew_elsewhere(*off),
            Event::FailSaves(times) => self.store.fail_saves(*times),
            Event::HangSaves(times) => self.store.hang_saves(*times),
            Event::FailLoads(times) => self.store.fail_loads(*times),
            Event::Kill => {
                seen("a process was killed");
                self.assert_survives();
                self.process.kill();
                self.restart();
            }
            Event::ShutDown => {
                self.shut_down().await;
                self.restart();
            }
        }
        self.settle().await;
    }

    /// Lets everything happen that takes no time.
    async fn settle(&self) {
        for _ in 0..50 {
            yield_now().await;
        }
        if let Some(broken) = self.process.broken() {
            panic!("not kept: {broken}");
        }
        self.assert_nothing_lost();
    }

    /// The newest refresh token is held in memory or in the store, whenever no renewal is under way.
    fn assert_nothing_lost(&self) {
        let cache = &self.process.cache;
        if self.setup == Setup::ClientCredentials || cache.snapshot().is_renewing {
            return;
        }
        let held = [cache.token(), self.store.token(), self.first.clone()];
        assert!(
            held.iter().flatten().any(|token| self.is_newest(token)),
            "not kept: the newest refresh token is not lost: {:?} is in none of {held:?}",
            self.server.good_refresh_token()
        );
    }

    /// What has been handed out is in the store, unless that has failed, which was told.
    fn assert_survives(&self) {
        let snapshot = self.process.cache.snapshot();
        if self.setup != Setup::Stored || snapshot.is_renewing || snapshot.generation == 0 {
            return;
        }
        let stored = self.store.token();
        if stored.as_ref().is_some_and(|token| self.is_newest(token)) {
            seen("a killed process had saved its token");
            return;
        }
        assert!(
            self.store.is_unsaved(),
            "not kept: a token is saved before it is handed out"
        );
    }

    async fn pass_to(&self, edge: Edge, after: i64) {
        let edge = self.process.ledger().edge(edge);
        let left = edge.and_then(|edge| edge.duration_since(self.wall.now()).ok());
        let after_millis = Duration::from_millis(after.unsigned_abs());
        match left.filter(|left| *left < A_LONG_TIME) {
            Some(left) if after < 0 => sleep(left.saturating_sub(after_millis)).await,
            Some(left) => sleep(left + after_millis).await,
            None => {}
        }
    }

    async fn call(&mut self, count: usize) {
        let now = self.wall.now();
        let (at_once, fresh) = {
            let ledger = self.process.ledger();
            (ledger.serves(now), ledger.is_fresh(now))
        };
        let requests = self.process.requests();
        let is_renewing = self.process.cache.snapshot().is_renewing;
        let calls: Vec<_> = (0..count)
            .map(|_| self.process.call(None, &self.wall))
            .collect();
        for call in calls {
            let called = call.await.expect("no caller panics");
            self.check(called, at_once);
        }
        self.settle().await;
        assert!(
            !fresh || is_renewing || self.process.requests() == requests,
            "not kept: a fresh token is not renewed"
        );
    }

    fn check(&mut self, called: Called, at_once: bool) {
        let Called {
            outcome,
            kept,
            took,
        } = called;
        kept.unwrap_or_else(|broken| panic!("not kept: {broken}"));
        assert!(
            took <= LONGEST_CALL,
            "not kept: a call ends, at the latest after {LONGEST_CALL:?}"
        );
        assert!(
            !at_once || (outcome.is_ok() && took.is_zero()),
            "not kept: nobody waits for what is there: {outcome:?} after {took:?}"
        );
        match &outcome {
            Ok(_) if at_once => {
                seen("a call was answered at once");
                let is_fresh = self.process.ledger().is_fresh(self.wall.now());
                if !is_fresh && self.process.cache.snapshot().failures > 0 {
                    seen("a call was answered at once while renewing failed");
                }
            }
            Ok(_) if self.process.cache.snapshot().failures > 0 => {
                seen("a call was served in a token's last seconds");
            }
            Ok(_) => seen("a call waited"),
            Err(_) if took.is_zero() => seen("a call failed within a pause"),
            Err(_) => seen("a call failed after a renewal"),
        }
        if let Ok(credential) = outcome {
            self.process.credentials.push(credential);
        }
    }

    fn give_up(&self) {
        let mut call = pin!(self.process.cache.credential());
        let mut context = Context::from_waker(Waker::noop());
        if call.as_mut().poll(&mut context).is_pending() {
            seen("a call was given up");
        }
    }

    async fn refuse(&mut self, which: Which) {
        let credentials = &self.process.credentials;
        let credential = match which {
            Which::Last => credentials.last().cloned(),
            Which::First => credentials.first().cloned(),
            Which::Unknown => {
                let unknown = Credential::new(BEARER, &Secret::from("unknown"));
                Some(unknown.expect("a credential").with_generation(u64::MAX))
            }
        };
        let Some(credential) = credential else {
            return;
        };
        let generation = credential.generation();
        let now = self.wall.now();
        let at_once = {
            let mut ledger = self.process.ledger();
            let is_held = ledger.holds() == Some(generation);
            seen(if is_held {
                "a token was refused"
            } else {
                "an old token was refused"
            });
            ledger.refuse(generation);
            ledger.serves(now)
        };
        let called = self.process.call(Some(credential), &self.wall).await;
        self.check(called.expect("no caller panics"), at_once);
    }

    /// Another process renews under its own lease, or brings a person's new consent.
    fn renew_elsewhere(&mut self, off: i64) {
        if self.setup != Setup::Stored || self.store.is_leased() {
            return;
        }
        self.elsewhere = true;
        let now = shifted(self.wall.now(), off);
        if self.server.has_ended_grant() {
            self.store.set(self.server.consent(now));
            return;
        }
        let stored = self.store.token();
        if let Some(known) = stored.filter(|token| self.is_newest(token)) {
            seen("another process renewed");
            self.store.set(self.server.renew(&known, now));
        }
    }

    fn is_newest(&self, token: &Token) -> bool {
        let refresh_token = token.refresh_token().map(Secret::expose);
        refresh_token == self.server.good_refresh_token().as_deref()
    }

    async fn shut_down(&self) {
        seen("a process was shut down");
        let began = Instant::now();
        let cache = &self.process.cache;
        let saved = cache.shutdown().await.is_ok();
        let took = began.elapsed();
        assert!(
            took <= LONGEST_SHUTDOWN,
            "not kept: a shutdown ends, but took {took:?}"
        );
        if self.setup == Setup::Stored && !self.elsewhere {
            let held = cache.token();
            let is_saved = held.is_none() || held == self.store.token();
            assert_eq!(
                saved, is_saved,
                "not kept: shutdown tells whether the newest token is saved"
            );
            if !saved {
                seen("a shutdown could not save");
            }
        }
        let requests = self.process.requests();
        drop(self.process.call(None, &self.wall).await);
        self.settle().await;
        assert_eq!(
            self.process.requests(),
            requests,
            "not kept: no renewal after a shutdown"
        );
        self.process.kill();
    }

    fn restart(&mut self) {
        self.processes += 1;
        self.elsewhere = false;
        let lost = self.setup == Setup::Stored
            && !self
                .store
                .token()
                .is_some_and(|token| self.is_newest(&token));
        if lost || self.server.has_ended_grant() {
            // A person has to consent again.
            self.store.set(self.server.consent(self.wall.now()));
        }
        let (server, store) = (&self.server, &self.store);
        (self.process, self.first) = start(self.setup, self.processes, server, store, &self.wall);
    }

    /// All faults are mended; then everybody is served, and nothing is only in memory.
    pub(crate) async fn end_well(&mut self) {
        self.server.will_be_good();
        self.store.will_be_good();
        if self.server.has_ended_grant() {
            match self.setup {
                // The cache has to find it there by itself.
                Setup::Stored => self.store.set(self.server.consent(self.wall.now())),
                _ => self.restart(),
            }
        } else if self.process.ledger().is_at_an_end() {
            self.process.ledger().invalidate();
            self.process.cache.invalidate();
        }
        sleep(Duration::from_secs(600)).await;
        let called = self
            .process
            .call(None, &self.wall)
            .await
            .expect("no caller panics");
        assert!(
            called.outcome.is_ok(),
            "not kept: {:?} when all is well",
            called.outcome
        );
        self.check(called, false);
        sleep(Duration::from_secs(600)).await;
        self.settle().await;
        if self.setup == Setup::Stored {
            let stored = self.store.token().expect("a token");
            assert!(
                self.is_newest(&stored),
                "not kept: the newest token is saved in the end"
            );
        }
    }
}

fn start(
    setup: Setup,
    number: u64,
    server: &Server,
    store: &Shared,
    wall: &Wall,
) -> (Process, Option<Token>) {
    let is_first = number == 0;
    let first = match setup {
        Setup::ClientCredentials => None,
        Setup::Rotating => Some(server.consent(wall.now())),
        Setup::Stored => is_first.then(|| server.consent(wall.now())),
    };
    let store = (setup == Setup::Stored).then_some(store);
    let process = Process::start(number, server, store, wall, || CHANCE.get(), first.clone());
    (process, first)
}
