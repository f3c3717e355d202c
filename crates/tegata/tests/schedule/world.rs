//! A process, a server, a store and a clock, and what happens to them.

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use tegata::provider::{Authenticator as _, Credential};
use tegata::{Clock, Secret, Token};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use crate::event::{Answer, Edge, Event, Setup, Which};
use crate::process::{BEARER, Called, First, Process};
use crate::seen;
use crate::server::Server;
use crate::store::Shared;

/// The deadline of a caller, whatever is waited for.
const LONGEST_CALL: Duration = Duration::from_secs(30);

/// How long an exchange may take, and then saving, twice.
const LONGEST_SHUTDOWN: Duration = Duration::from_secs(600 + 2 * 30);

/// After that an exchange has ended, and what came of it is saved.
const A_LONG_EXCHANGE: Duration = Duration::from_secs(700);

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
    first: Option<First>,
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
            Event::Answer(answer) => {
                // Once more than it may be asked.
                let times = if matches!(answer, Answer::Unreadable) {
                    3
                } else {
                    1
                };
                (0..times).for_each(|_| self.server.will(*answer));
            }
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
            Event::GoBack(saves) => self.go_back(*saves),
            Event::LogOut => self.log_out_elsewhere(),
            Event::Kill => {
                seen("a process was killed");
                self.assert_survives();
                self.process.kill();
                self.restart().await;
            }
            Event::ShutDown => {
                self.shut_down().await;
                self.restart().await;
            }
        }
        self.settle().await;
        self.assert_nothing_spent_is_to_be_had();
    }

    /// Lets everything happen that takes no time.
    async fn settle(&self) {
        for _ in 0..50 {
            yield_now().await;
        }
        if let Some(broken) = self.process.broken().or_else(|| self.store.broken()) {
            panic!("not kept: {broken}");
        }
        self.assert_nothing_lost();
    }

    /// What another process finds in the store when it gets the lease, it sends.
    fn assert_nothing_spent_is_to_be_had(&self) {
        if self.setup != Setup::Stored {
            return;
        }
        let stored = self.store.token();
        let refresh_token = stored.as_ref().and_then(Token::refresh_token);
        let refresh_token = refresh_token.map(Secret::expose);
        if self.store.is_ended() {
            assert!(
                self.server.is_dead(refresh_token),
                "not kept: only a session that has ended is marked as such"
            );
        }
        let is_spent = self.server.is_spent(refresh_token) && !self.server.is_dead(refresh_token);
        assert!(
            !is_spent || self.store.is_leased() || self.store.has_gone_back(),
            "not kept: the lease is kept as long as the store holds a spent refresh token"
        );
    }

    /// The newest refresh token is held in memory or in the store, whenever no renewal is under way.
    fn assert_nothing_lost(&self) {
        let cache = &self.process.cache;
        let is_visible = !cache.snapshot().is_renewing && !self.server.is_hidden();
        if self.setup == Setup::ClientCredentials || !is_visible || self.store.is_logged_out() {
            return;
        }
        let first = self.first.as_ref().map(|first| first.token().clone());
        let held = [cache.token(), self.store.token(), first].map(|token| {
            let refresh_token = token?.refresh_token()?.expose().to_owned();
            Some(refresh_token)
        });
        let newest = self.server.good_refresh_token();
        assert!(
            held.contains(&newest),
            "not kept: the newest refresh token is not lost: {newest:?} is in none of {held:?}"
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
        let is_over = self.store.is_logged_out() || self.server.has_ended_grant();
        let is_excused = self.store.has_gone_back() || is_over;
        assert!(
            self.store.is_unsaved() || is_excused,
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
            Err(error) if error.is_timeout() && self.process.is_waiting() => {
                seen("a call timed out and the exchange went on");
            }
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

    /// Whether a person has to log in again, and has not.
    fn is_logged_out(&self) -> bool {
        let has_logged_in = matches!(self.first, Some(First::Login(_)));
        self.store.is_logged_out() && !has_logged_in
    }

    fn go_back(&self, saves: usize) {
        let held = self.process.cache.token();
        // What only the store has is lost with it.
        if self.setup == Setup::Stored && held.is_some_and(|token| self.is_newest(&token)) {
            self.store.go_back(saves);
            seen(if self.store.has_gone_back() {
                "a store went back in time"
            } else {
                "a store had nothing to go back to"
            });
        }
    }

    /// Under its own lease, which it gets when this process has none.
    fn log_out_elsewhere(&mut self) {
        let knows_the_store = self.process.cache.token().is_some();
        let is_free = !self.store.is_leased() && !self.store.is_behind();
        let is_free = is_free && !self.store.says_logged_out();
        if self.setup == Setup::Stored && knows_the_store && is_free {
            seen("another process logged out");
            self.elsewhere = true;
            self.first = None;
            self.process.forget_login();
            self.store.log_out(self.wall.now());
        }
    }

    /// Another process renews under its own lease, or brings a person's new consent.
    fn renew_elsewhere(&mut self, off: i64) {
        if self.setup != Setup::Stored || self.store.is_leased() {
            return;
        }
        if self.store.says_logged_out() && !self.store.is_logged_out() {
            return;
        }
        self.elsewhere = true;
        let now = shifted(self.wall.now(), off);
        if self.server.has_ended_grant() || self.is_logged_out() {
            self.store.set(self.server.consent(now));
            return;
        }
        // What it saved after the store went back would be no news to a process that knows of a later version.
        let stored = self.store.token().filter(|_| !self.store.is_behind());
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
        let is_told = !self.server.is_hidden() && !self.store.has_gone_back();
        if self.setup == Setup::Stored && !self.elsewhere && is_told {
            let held = cache.token();
            let is_there = held.is_none() || held == self.store.token();
            // The same token may have come again, so that what could not be saved is there all the same.
            let is_saved = is_there && (saved || !self.store.is_unsaved());
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

    async fn restart(&mut self) {
        self.processes += 1;
        self.elsewhere = false;
        if self.setup == Setup::Stored && self.store.is_ended() && self.store.is_good() {
            self.assert_ended_for_others().await;
        }
        let is_stored = |token: Token| self.is_newest(&token);
        let lost = self.setup == Setup::Stored && !self.store.token().is_some_and(is_stored);
        let (server, store) = (&self.server, &self.store);
        let is_login = self.setup == Setup::Stored && store.says_logged_out();
        if (lost || server.has_ended_grant()) && !is_login {
            // A person has to consent again.
            store.set(server.consent(self.wall.now()));
        }
        (self.process, self.first) = if is_login {
            seen("a login after a logout");
            let first = First::Login(server.consent(self.wall.now()));
            start_with(
                Some(first),
                self.setup,
                self.processes,
                server,
                store,
                &self.wall,
            )
        } else {
            start(self.setup, self.processes, server, store, &self.wall)
        };
    }

    /// A process that is new to it does not send the refresh token of a session that has ended.
    async fn assert_ended_for_others(&mut self) {
        let (server, store) = (&self.server, &self.store);
        self.processes += 1;
        let (other, _) = start_with(None, self.setup, self.processes, server, store, &self.wall);
        let called = other
            .call(None, &self.wall)
            .await
            .expect("no caller panics");
        if let Err(error) = called.outcome {
            let code = error.code();
            assert_eq!(
                code,
                Some("invalid_grant"),
                "not kept: it has ended: {error:?}"
            );
            seen("a new process respected the end of a session");
        }
        assert_eq!(
            other.requests(),
            0,
            "not kept: a dead refresh token is not sent again"
        );
        other.kill();
    }

    /// All faults are fixed; then everybody is served, and nothing is only in memory.
    pub(crate) async fn end_well(&mut self) {
        self.server.will_be_good();
        self.store.will_be_good();
        sleep(A_LONG_EXCHANGE).await;
        let needs_login = self.server.has_ended_grant() || self.is_logged_out();
        let needs_hand = !needs_login && self.process.ledger().is_at_an_end();
        if self.store.has_gone_back() || needs_hand {
            self.process.ledger().invalidate();
            self.process.cache.invalidate();
        }
        if needs_login {
            match self.setup {
                // The cache has to find it there by itself.
                Setup::Stored => self.store.set(self.server.consent(self.wall.now())),
                _ => self.restart().await,
            }
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
) -> (Process, Option<First>) {
    let needs_consent = match setup {
        Setup::ClientCredentials => false,
        Setup::Rotating => true,
        Setup::Stored => number == 0,
    };
    let first = needs_consent.then(|| First::Known(server.consent(wall.now())));
    start_with(first, setup, number, server, store, wall)
}

fn start_with(
    first: Option<First>,
    setup: Setup,
    number: u64,
    server: &Server,
    store: &Shared,
    wall: &Wall,
) -> (Process, Option<First>) {
    let store = (setup == Setup::Stored).then_some(store);
    let process = Process::start(number, server, store, wall, || CHANCE.get(), first.clone());
    (process, first)
}
