//! Processes that share one token and that are killed, stopped, stalled and taken back in time, all at random.
//!
//! The endpoint rotates and is strict: a refresh token that comes a second time ends the session. After each round
//! every process must be served again, and each session that ended is judged by what the processes wrote down:
//! was there anything that a client could have known better? What no client can help is counted apart:
//!
//! * a process that is killed between the endpoint's answer and the saved token takes the only copy with it;
//! * one that is stopped there for longer than a Redis lease lasts holds the only copy back. A lock of a file does
//!   not end while its process is stopped;
//! * a process that slept through a renewal, and then finds that the store has gone back in time, cannot know.
//!
//! Time is real: a process that the system stops, and a Redis server, have no clock that a test could set.
//!
//! `TEGATA_CHAOS_ROUNDS=300` is the full bar, `TEGATA_CHAOS_SEED` repeats the choices of a run (not its timing).
#![cfg(unix)]

mod awake;
mod child;
mod diary;
mod endpoint;
mod fleet;
mod orders;
mod place;
mod random;
mod redis_server;
mod relay;
mod verdict;

use tokio::sync::Semaphore;

use fleet::{Fleet, Plan};
use orders::Wrong;
use place::Place;
use verdict::Tally;

/// So many fleets run at once, each with an endpoint and a store of its own: most of a round is waiting.
const FLEETS: u64 = 5;

/// So many tests run at once, however many the harness starts: their time is real, and what is late looks like a fault.
static TURNS: Semaphore = Semaphore::const_new(2);

/// As many rounds as take less than half a minute.
const FEW_ROUNDS: u64 = 20;

async fn chaos(name: &str, place: impl Fn() -> Place, wrong: Option<Wrong>, rounds: u64) -> Tally {
    let _turn = TURNS.acquire().await.expect("never closed");
    let seed = random::seed();
    let mut fleets = tokio::task::JoinSet::new();
    for number in 0..FLEETS.min(rounds) {
        let plan = Plan {
            rounds: rounds / FLEETS + u64::from(number < rounds % FLEETS),
            is_long: rounds > FEW_ROUNDS,
            seed: seed.wrapping_add(number * 0x9e37_79b9),
            wrong,
        };
        fleets.spawn(Fleet::launch(place(), plan));
    }
    let mut all = Tally::default();
    while let Some(tally) = fleets.join_next().await {
        all.add(tally.expect("no panic"));
    }
    say(&format!("chaos by {name}, seed {seed:#x}: {all}"));
    all
}

fn rounds() -> u64 {
    let rounds = std::env::var("TEGATA_CHAOS_ROUNDS").ok();
    rounds.map_or(FEW_ROUNDS, |rounds| {
        rounds.parse().expect("a number of rounds")
    })
}

/// Not by `println!`, whose output is kept back for tests that pass.
fn say(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_refresh_token_is_lost_by_processes_that_share_a_file() {
    let tally = chaos("file", Place::file, None, rounds()).await;
    tally.assert_nothing_was_lost();
    assert_eq!(tally.stopped_too_long, 0, "a lock does not end by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_sharing_a_redis_server_lose_no_refresh_token() {
    if !redis_server::is_there() {
        return;
    }
    let tally = chaos("Redis", Place::redis, None, rounds()).await;
    tally.assert_nothing_was_lost();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_drops_what_it_saves_is_noticed() {
    let tally = chaos("dropped saves", Place::file, Some(Wrong::DropsSaves), 2).await;
    assert!(tally.faults > 0, "{tally}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_that_is_always_granted_is_noticed() {
    let tally = chaos("leases for all", Place::file, Some(Wrong::LeasesToAll), 5).await;
    assert!(tally.faults > 0, "{tally}");
}
