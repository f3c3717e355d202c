//! A few processes that share a token, and the disturbances of them.

use std::fmt::Write as _;
use std::time::Duration;

use tegata::provider::{Issued, Refresh};
use tegata::store::{LeaseTerms, Record};
use tegata::{Token, TokenStore};
use tokio::time::{sleep, timeout};

use crate::child::{Child, DEADLINE};
use crate::diary::{self, Diary};
use crate::endpoint::Endpoint;
use crate::orders::{Order, Orders, Wrong};
use crate::place::Place;
use crate::random::Random;
use crate::verdict::{Deeds, Stop, Tally, Verdict, judge};

const PROCESSES: usize = 3;

/// How long all may take to be served again, beyond what a lease lasts.
const RECOVERY: Duration = Duration::from_secs(30);

const TICK: Duration = Duration::from_millis(20);

#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) rounds: u64,
    /// With stalls of up to 6 s and leases that outlast them; otherwise all is shorter.
    pub(crate) is_long: bool,
    pub(crate) seed: u64,
    pub(crate) wrong: Option<Wrong>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    KillAtAStep,
    KillAnywhere,
    StopBeyondTheDeadline,
    StopBeyondTheLease,
    StallAnAnswer,
    StallASave,
    GoBack,
}

const DECK: [Kind; 12] = [
    Kind::KillAtAStep,
    Kind::KillAtAStep,
    Kind::KillAnywhere,
    Kind::StopBeyondTheDeadline,
    Kind::StopBeyondTheDeadline,
    Kind::StopBeyondTheLease,
    Kind::StallAnAnswer,
    Kind::StallAnAnswer,
    Kind::StallASave,
    Kind::StallASave,
    Kind::GoBack,
    Kind::GoBack,
];

pub(crate) struct Fleet {
    place: Place,
    store: Box<dyn TokenStore>,
    endpoint: Endpoint,
    random: Random,
    plan: Plan,
    children: Vec<Child>,
    started: u64,
    diary: Diary,
    deeds: Deeds,
    /// Earlier records of this session.
    copies: Vec<(u64, Vec<u8>)>,
    session: u64,
    tally: Tally,
    _folder: tempfile::TempDir,
}

impl Fleet {
    pub(crate) async fn launch(place: Place, plan: Plan) -> Tally {
        let folder = tempfile::tempdir().expect("a folder");
        let mut fleet = Self {
            store: place.store(),
            endpoint: Endpoint::start().await,
            random: Random::from(plan.seed),
            plan,
            children: Vec::new(),
            started: 0,
            diary: Diary::at(folder.path().join("diary")),
            deeds: Deeds::default(),
            copies: Vec::new(),
            session: 0,
            tally: Tally::default(),
            place,
            _folder: folder,
        };
        if fleet.place.has_leases_that_end() {
            fleet.deeds.lease = Some(fleet.lease());
        }
        fleet.log_in().await;
        for _ in 0..PROCESSES {
            let child = fleet.start();
            fleet.children.push(child);
        }
        fleet.settle("the beginning").await;
        let mut deck = Vec::new();
        for _ in 0..plan.rounds {
            if plan.wrong.is_some() && fleet.tally.faults > 0 {
                break;
            }
            if deck.is_empty() {
                deck = DECK.to_vec();
            }
            let at = fleet.random.below(deck.len() as u64);
            let kind = deck.swap_remove(usize::try_from(at).expect("an index"));
            fleet.round(kind).await;
        }
        fleet.tally.renewals = fleet.endpoint.renewals();
        fleet.tally
    }

    /// Long enough for every stall of a save.
    fn lease(&self) -> Duration {
        Duration::from_secs(if self.plan.is_long { 10 } else { 5 })
    }

    fn stall(&mut self) -> Duration {
        let longest = if self.plan.is_long { 6000 } else { 2500 };
        self.random.millis(1000, longest)
    }

    fn start(&mut self) -> Child {
        self.started += 1;
        let reserve = self.lease().saturating_sub(DEADLINE);
        Child::start(&Orders {
            number: self.started,
            endpoint: self.endpoint.port,
            store: self.place.describe(),
            diary: self.diary.path(),
            wrong: self.plan.wrong,
            lease_reserve_ms: u64::try_from(reserve.as_millis()).expect("a few seconds"),
        })
    }

    fn any(&mut self) -> usize {
        usize::try_from(self.random.below(PROCESSES as u64)).expect("an index")
    }

    async fn round(&mut self, kind: Kind) {
        let name = match kind {
            Kind::KillAtAStep => "kill at a step",
            Kind::KillAnywhere => "kill anywhere",
            Kind::StopBeyondTheDeadline => "stop beyond the deadline",
            Kind::StopBeyondTheLease => "stop beyond the lease",
            Kind::StallAnAnswer => "stall an answer",
            Kind::StallASave => "stall a save",
            Kind::GoBack => "go back in time",
        };
        *self.tally.rounds.entry(name).or_default() += 1;
        self.endpoint.set_delay(self.random.millis(1, 60));
        match kind {
            Kind::KillAtAStep => self.kill_at_a_step().await,
            Kind::KillAnywhere => self.kill_anywhere().await,
            Kind::StopBeyondTheDeadline => {
                let long = self.random.millis(800, 2000);
                self.stop(long).await;
            }
            Kind::StopBeyondTheLease => {
                let lease = self.deeds.lease.unwrap_or(Duration::from_secs(3));
                self.stop(lease + Duration::from_secs(1)).await;
            }
            Kind::StallAnAnswer => {
                let stall = self.stall();
                self.endpoint.stall(stall);
                self.until_renewed().await;
                sleep(stall).await;
            }
            Kind::StallASave => self.stall_a_save().await,
            Kind::GoBack => self.go_back().await,
        }
        self.settle(name).await;
    }

    async fn kill_at_a_step(&mut self) {
        let (at, step) = (self.any(), self.random.one(self.place.steps()));
        let child = &mut self.children[at];
        child.send(&Order::EndAt(step.to_owned())).await;
        let ended = async {
            while !child.has_ended() {
                sleep(TICK / 4).await;
            }
        };
        if timeout(Duration::from_secs(4), ended).await.is_err() {
            self.kill(at).await;
            return;
        }
        let number = self.children[at].number;
        self.diary.read();
        let order = self.diary.entries.iter().rev();
        let order = order
            .clone()
            .find(|entry| entry.who == number && entry.what == "order");
        let when = order.map_or_else(diary::now, |entry| entry.at);
        self.deeds.killed.insert(number, when);
        self.children[at] = self.start();
    }

    async fn kill_anywhere(&mut self) {
        self.until_renewed().await;
        let wait = self.random.millis(0, 60);
        sleep(wait).await;
        let at = self.any();
        self.kill(at).await;
    }

    async fn kill(&mut self, at: usize) {
        let now = diary::now();
        self.children[at].kill().await;
        self.deeds.killed.insert(self.children[at].number, now);
        self.children[at] = self.start();
    }

    async fn stop(&mut self, long: Duration) {
        let (at, step) = (self.any(), self.random.one(self.place.steps()));
        let child = &mut self.children[at];
        child.send(&Order::StopAt(step.to_owned())).await;
        let stopped = async {
            while !child.is_stopped() {
                sleep(TICK / 4).await;
            }
        };
        if timeout(Duration::from_secs(4), stopped).await.is_err() {
            child.send(&Order::Nothing).await;
            child.stop();
        }
        let from = diary::now();
        sleep(long).await;
        self.deeds.stopped.push(Stop {
            who: child.number,
            from,
            to: diary::now(),
        });
        child.go_on();
    }

    async fn stall_a_save(&mut self) {
        let stall = self.stall();
        if self.place.has_leases_that_end() {
            self.endpoint.set_delay(Duration::from_millis(100));
            self.until_renewed().await;
            self.place.pause_writes(stall);
            sleep(stall).await;
            return;
        }
        let millis = u64::try_from(stall.as_millis()).expect("a few seconds");
        for child in &mut self.children {
            child.send(&Order::StallSave(millis)).await;
        }
        self.until_renewed().await;
        sleep(stall).await;
        for child in &mut self.children {
            child.send(&Order::Nothing).await;
        }
    }

    /// Only when all processes have the newest token: one that has not could not know that there is a newer one.
    async fn go_back(&mut self) {
        self.endpoint.set_life(Duration::from_secs(4));
        self.until_renewed().await;
        self.endpoint.set_life(Duration::from_secs(1));
        let newest = self.endpoint.newest();
        let mut are_all_up_to_date = false;
        for _ in 0..150 {
            self.diary.read();
            let has_it = |child: &Child| {
                let mut entries = self.diary.entries.iter().rev();
                entries.any(|entry| {
                    entry.who == child.number && entry.what == "served" && entry.token == newest
                })
            };
            if self.children.iter().all(has_it) {
                are_all_up_to_date = true;
                break;
            }
            sleep(TICK).await;
        }
        let session = self.session;
        let copies: Vec<_> = self
            .copies
            .iter()
            .filter(|(of, _)| *of == session)
            .collect();
        let copies = &copies[copies.len().saturating_sub(6)..];
        if copies.is_empty() || !are_all_up_to_date {
            *self.tally.rounds.entry("did not go back").or_default() += 1;
            return;
        }
        let copy = self.random.one(copies).1.clone();
        if self.random.below(2) == 0 {
            // In the middle of a renewal: after the process has loaded the record, and before it saves the next.
            self.endpoint.stall(Duration::from_secs(1));
            self.until_renewed().await;
        }
        // Before the fact, so that what follows is later.
        self.deeds.taken_back.push(diary::now());
        self.place.restore(&copy);
        // The next renewal notices it, and saves a newer one.
        self.until_renewed().await;
    }

    /// Waits until a token has been renewed, or for as long as that takes at most.
    async fn until_renewed(&self) {
        let _ = timeout(Duration::from_secs(8), self.endpoint.renewed.notified()).await;
    }

    /// Waits until all are served again and the newest token is in the store. A session that has ended is judged,
    /// and a new login follows.
    async fn settle(&mut self, after: &str) {
        for _ in 0..3 {
            let from = diary::now();
            let limit = RECOVERY + self.lease();
            let is_settled = timeout(limit, self.until_settled(from)).await.is_ok();
            if is_settled && !self.endpoint.has_ended() {
                break;
            }
            self.diary.read();
            let reuses = self.endpoint.take_reuses();
            if reuses.is_empty() {
                self.tally.stuck += 1;
                self.detail(after, "not all were served again", diary::now());
            }
            for reuse in reuses {
                let verdict = judge(&reuse, &self.diary.entries, &self.deeds);
                self.tally.count(verdict);
                if verdict == Verdict::Fault {
                    self.detail(after, &format!("{reuse:?}"), reuse.at);
                }
            }
            if self.plan.wrong.is_some() {
                return;
            }
            self.log_in().await;
        }
        self.diary.read();
        for entry in &self.diary.entries {
            if entry.what == "hung" {
                self.tally.hung += 1;
                let _ = writeln!(
                    self.tally.details,
                    "after {after}: process {} hung: {}",
                    entry.who, entry.token
                );
            }
        }
        let while_ago = diary::now().saturating_sub(Duration::from_secs(30));
        self.diary.entries.retain(|entry| entry.what != "hung");
        self.diary.forget_before(while_ago);
        if let Some(copy) = self.place.copy() {
            self.copies.push((self.session, copy));
        }
    }

    async fn until_settled(&mut self, from: Duration) {
        loop {
            if self.endpoint.has_ended() {
                return;
            }
            self.diary.read();
            let is_served = |child: &Child| {
                let mut entries = self.diary.entries.iter().rev();
                entries.any(|entry| {
                    entry.who == child.number && entry.what == "served" && entry.at > from
                })
            };
            if self.children.iter().all(is_served) && self.is_newest_saved().await {
                return;
            }
            sleep(TICK).await;
        }
    }

    async fn is_newest_saved(&self) -> bool {
        let loaded = self.store.load().await.ok().flatten();
        let token = loaded.as_ref().and_then(Record::token);
        let refresh_token = token.and_then(Token::refresh_token);
        refresh_token.is_some_and(|token| token.expose() == format!("R-{}", self.endpoint.newest()))
    }

    /// As the product does at a login: under the lease, with a later version.
    async fn log_in(&mut self) {
        let terms = LeaseTerms {
            lifetime: Duration::from_secs(5),
            patience: RECOVERY,
        };
        let lease = self.store.lease(terms).await;
        if lease.is_err() {
            self.diary.read();
            self.detail("a login", "the lease is not given back", diary::now());
        }
        let lease = lease.unwrap_or_else(|error| panic!("{error}\n{}", self.tally.details));
        let stored = self.store.load().await.expect("whole");
        let (session, name) = self.endpoint.log_in();
        let refresh = Refresh::Replace {
            token: format!("R-{name}").into(),
            lifetime: None,
        };
        let issued = Issued::new(format!("A-{name}"), Some(Duration::ZERO), refresh);
        let token = Token::new(issued, std::time::SystemTime::now(), None);
        let version = stored.map_or(0, |stored| stored.version()) + 1;
        let record = Record::new(token).with_version(version);
        self.store.save(&record).await.expect("saved");
        drop(lease);
        self.session = session;
        self.copies.clear();
    }

    /// What all wrote down in the seconds before.
    fn detail(&mut self, after: &str, what: &str, until: Duration) {
        let _ = writeln!(
            self.tally.details,
            "after {after} (seed {:#x}): {what}",
            self.plan.seed
        );
        let from = until.saturating_sub(Duration::from_secs(4));
        let entries = self.diary.entries.iter();
        let entries = entries.filter(|entry| {
            entry.at >= from
                && entry.at <= until
                && !matches!(entry.what.as_str(), "served" | "failed")
        });
        for entry in entries {
            let _ = writeln!(
                self.tally.details,
                "  {:>9.3} process {} {} {}",
                (entry.at.saturating_sub(from)).as_secs_f64(),
                entry.who,
                entry.what,
                entry.token
            );
        }
    }
}
