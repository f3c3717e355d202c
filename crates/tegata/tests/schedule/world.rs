//! A process, a server, a store and a clock, and what happens to them.

mod calls;
mod elsewhere;
mod end;
mod promises;

use std::cell::Cell;

use tegata::{Clock as _, Secret, Token};
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::event::{Answer, Event, Setup};
use crate::process::{First, Process};
use crate::seen;
use crate::server::Server;
use crate::store::Shared;
use crate::wall::Wall;

thread_local! {
    static CHANCE: Cell<f64> = const { Cell::new(0.0) };
}

pub(crate) struct World {
    setup: Setup,
    server: Server,
    store: Shared,
    wall: Wall,
    processes: u64,
    process: Process,
    /// The token that the process was started with.
    first: Option<First>,
    /// Another process has renewed or logged out since this one started.
    elsewhere: bool,
}

impl World {
    pub(crate) fn new(setup: Setup, chance: f64) -> Self {
        CHANCE.set(chance);
        let server = Server::new(setup != Setup::ClientCredentials);
        let store = Shared::default();
        let wall = Wall::start();
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
                self.wall.jump(*seconds);
            }
            Event::Answer(answer) => {
                // Once more than the cache may ask.
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
        self.assert_no_spent_token_can_be_sent();
    }

    /// Lets all tasks run as far as they can without time passing.
    async fn settle(&self) {
        for _ in 0..50 {
            yield_now().await;
        }
        if let Some(broken) = self.process.broken().or_else(|| self.store.broken()) {
            panic!("not kept: {broken}");
        }
        self.assert_nothing_lost();
    }

    /// Whether a person has to log in again, and has not.
    fn is_logged_out(&self) -> bool {
        let has_logged_in = matches!(self.first, Some(First::Login(_)));
        self.store.is_logged_out() && !has_logged_in
    }

    fn is_newest(&self, token: &Token) -> bool {
        let refresh_token = token.refresh_token().map(Secret::expose);
        refresh_token == self.server.good_refresh_token().as_deref()
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
