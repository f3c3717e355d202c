//! The verdict on each lost session: whether a client could have avoided it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Duration;

use crate::diary::Entry;
use crate::endpoint::{Reuse, parse};

/// The disturbances by the test, of the processes and their store.
#[derive(Default)]
pub(crate) struct Deeds {
    pub(crate) killed: HashMap<u64, Duration>,
    pub(crate) stopped: Vec<Stop>,
    /// When the store went back in time.
    pub(crate) taken_back: Vec<Duration>,
    /// How long a lease lasts, if it ends although its process lives.
    pub(crate) lease: Option<Duration>,
}

/// How long what was under way when a process was stopped takes to reach the endpoint.
const JUST_WOKEN: Duration = Duration::from_millis(300);

pub(crate) struct Stop {
    pub(crate) who: u64,
    pub(crate) from: Duration,
    pub(crate) to: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The only copy of the newest token ended with its process.
    Killed,
    /// The only copy of the newest token was in a process that was stopped for longer than its lease lasted; or the
    /// sender was stopped for that long between its last look at the lease and the wire, where it cannot look again.
    StoppedTooLong,
    /// The store went back in time, and the sender had slept through the renewal.
    Behind,
    /// It could have known better.
    Fault,
}

pub(crate) fn judge(reuse: &Reuse, entries: &[Entry], deeds: &Deeds) -> Verdict {
    let next = format!("{}-{}", reuse.session, reuse.number + 1);
    let before = || entries.iter().filter(|entry| entry.at <= reuse.at);
    let mut of_sender = before().filter(|entry| entry.who == reuse.sender);
    let knew = of_sender.any(|entry| {
        let is_newer = parse(&entry.token)
            .is_some_and(|(session, number)| session == reuse.session && number > reuse.number);
        is_newer && matches!(entry.what.as_str(), "loaded" | "received" | "saved")
    });
    if knew {
        return Verdict::Fault;
    }
    let has_just_woken = |stop: &Stop| {
        let lease = deeds.lease.filter(|_| stop.who == reuse.sender);
        let was_long = lease.is_some_and(|lease| stop.to.saturating_sub(stop.from) >= lease / 2);
        let awake = reuse.at.checked_sub(stop.to);
        was_long && awake.is_some_and(|awake| awake <= JUST_WOKEN)
    };
    if deeds.stopped.iter().any(has_just_woken) {
        return Verdict::StoppedTooLong;
    }
    let of_next = |what: &str| before().find(|entry| entry.what == what && entry.token == next);
    if let Some(saved) = of_next("saved") {
        let went_back = |at: &Duration| (saved.at..=reuse.at).contains(at);
        let is_behind = deeds.taken_back.iter().any(went_back);
        return if is_behind {
            Verdict::Behind
        } else {
            Verdict::Fault
        };
    }
    let is_killed = deeds
        .killed
        .get(&reuse.given_to)
        .is_some_and(|at| *at <= reuse.at);
    if is_killed {
        // The next process finds it beside the file, whole.
        let is_beside = of_next("written").is_some();
        return if is_beside {
            Verdict::Fault
        } else {
            Verdict::Killed
        };
    }
    let outlasts = |stop: &Stop| {
        let lease = deeds
            .lease
            .filter(|_| stop.who == reuse.given_to && stop.from <= reuse.at);
        // It may have been prolonged a while before the stop, so that it ended a while after its beginning.
        lease.is_some_and(|lease| reuse.at.min(stop.to).saturating_sub(stop.from) >= lease / 2)
    };
    if deeds.stopped.iter().any(outlasts) {
        return Verdict::StoppedTooLong;
    }
    Verdict::Fault
}

/// The totals of all rounds.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) rounds: BTreeMap<&'static str, u64>,
    pub(crate) renewals: u64,
    pub(crate) killed: u64,
    pub(crate) stopped_too_long: u64,
    pub(crate) behind: u64,
    /// Refresh tokens that were sent again although the client could have known better.
    pub(crate) faults: u64,
    /// Rounds after which not all processes were served again, though the session was alive.
    pub(crate) stuck: u64,
    pub(crate) hung: u64,
    pub(crate) details: String,
}

impl Tally {
    pub(crate) fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Killed => self.killed += 1,
            Verdict::StoppedTooLong => self.stopped_too_long += 1,
            Verdict::Behind => self.behind += 1,
            Verdict::Fault => self.faults += 1,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (kind, rounds) in other.rounds {
            *self.rounds.entry(kind).or_default() += rounds;
        }
        self.renewals += other.renewals;
        self.killed += other.killed;
        self.stopped_too_long += other.stopped_too_long;
        self.behind += other.behind;
        self.faults += other.faults;
        self.stuck += other.stuck;
        self.hung += other.hung;
        self.details.push_str(&other.details);
    }

    #[track_caller]
    pub(crate) fn assert_nothing_was_lost(&self) {
        let all = (self.faults, self.stuck, self.hung);
        assert_eq!(all, (0, 0, 0), "{self}\n{}", self.details);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounds: u64 = self.rounds.values().sum();
        write!(
            f,
            "{rounds} rounds {:?}, {} renewals; sent twice: {}; not served again: {}; hung: {}; lost where no client \
             can help: killed {}, stopped longer than the lease {}, behind a store that went back {}",
            self.rounds,
            self.renewals,
            self.faults,
            self.stuck,
            self.hung,
            self.killed,
            self.stopped_too_long,
            self.behind
        )
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn second(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    fn entry(at: u64, who: u64, what: &str, token: &str) -> Entry {
        Entry {
            at: second(at),
            who,
            what: what.to_owned(),
            token: token.to_owned(),
        }
    }

    /// Process 2 sends token 4 in second 50, after process 1 was given token 5.
    #[rstest]
    #[case::another_lives_and_has_it(vec![entry(40, 1, "received", "1-5")], Verdict::Fault)]
    #[case::another_waits_for_it(vec![], Verdict::Fault)]
    #[case::it_was_saved(vec![entry(40, 3, "saved", "1-5")], Verdict::Fault)]
    #[case::it_was_loaded(vec![entry(40, 2, "loaded", "1-5"), entry(41, 1, "killed", "")], Verdict::Fault)]
    #[case::another_was_killed(vec![entry(41, 1, "killed", "")], Verdict::Killed)]
    #[case::another_was_killed_later(vec![entry(51, 1, "killed", "")], Verdict::Fault)]
    #[case::it_is_beside(vec![entry(40, 1, "written", "1-5"), entry(41, 1, "killed", "")], Verdict::Fault)]
    #[case::another_is_stopped(vec![entry(30, 1, "stopped", "")], Verdict::StoppedTooLong)]
    #[case::it_has_just_woken(vec![entry(30, 2, "woken", "")], Verdict::StoppedTooLong)]
    #[case::it_has_just_woken_after_a_nap(vec![entry(48, 2, "woken", "")], Verdict::Fault)]
    #[case::another_has_just_woken(vec![entry(40, 3, "saved", "1-5"), entry(30, 3, "woken", "")], Verdict::Fault)]
    #[case::another_is_stopped_briefly(vec![entry(48, 1, "stopped", "")], Verdict::Fault)]
    #[case::the_store_went_back(
        vec![entry(40, 1, "saved", "1-5"), entry(45, 0, "taken back", "")],
        Verdict::Behind
    )]
    #[case::the_store_went_back_before(
        vec![entry(40, 1, "saved", "1-5"), entry(35, 0, "taken back", "")],
        Verdict::Fault
    )]
    #[case::the_store_went_back_and_the_sender_knew(
        vec![entry(40, 2, "saved", "1-5"), entry(45, 0, "taken back", "")],
        Verdict::Fault
    )]
    fn it_is_a_fault_unless_no_client_could_have_known(
        #[case] entries: Vec<Entry>,
        #[case] expected: Verdict,
    ) {
        let mut deeds = Deeds {
            lease: Some(second(10)),
            ..Deeds::default()
        };
        for entry in &entries {
            match entry.what.as_str() {
                "killed" => drop(deeds.killed.insert(entry.who, entry.at)),
                "taken back" => deeds.taken_back.push(entry.at),
                "stopped" => deeds.stopped.push(Stop {
                    who: entry.who,
                    from: entry.at,
                    to: Duration::MAX,
                }),
                "woken" => deeds.stopped.push(Stop {
                    who: entry.who,
                    from: entry.at,
                    to: second(50),
                }),
                _ => {}
            }
        }
        let reuse = Reuse {
            at: second(50),
            session: 1,
            number: 4,
            sender: 2,
            given_to: 1,
        };
        assert_eq!(judge(&reuse, &entries, &deeds), expected);
    }
}
