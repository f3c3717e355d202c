//! Hours of a token's life, drawn at random and simulated in an instant: the events of callers, servers,
//! clocks, stores and processes, and the promises of the cache throughout.
//!
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` draw more schedules, or others. A failing schedule is shrunk, kept
//! in `main.regressions`, and run first from then on.

mod event;
mod ledger;
mod process;
mod server;
mod store;
mod wall;
mod world;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestRunner};

use event::{Setup, schedule};
use world::World;

thread_local! {
    static SEEN: RefCell<BTreeMap<&'static str, usize>> = const { RefCell::new(BTreeMap::new()) };
}

/// Counts the situations that the schedules have reached, so that no promise holds only because it was never
/// tested.
fn seen(what: &'static str) {
    SEEN.with_borrow_mut(|seen| *seen.entry(what).or_default() += 1);
}

fn config() -> Config {
    let mut config = Config {
        source_file: Some(file!()),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(0x7465_6761_7461);
    }
    config
}

fn live(setup: Setup, corners: &[&str]) {
    let outcome = TestRunner::new(config()).run(&schedule(), |(chance, events)| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let mut world = World::new(setup, chance);
            for event in &events {
                world.live(event).await;
            }
            world.end_well().await;
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let seen = SEEN.take();
    let unseen: Vec<_> = corners
        .iter()
        .filter(|corner| !seen.contains_key(**corner))
        .collect();
    assert!(
        unseen.is_empty(),
        "no schedule has come to {unseen:?}, only to {seen:?}"
    );
}

const EVERYWHERE: [&str; 20] = [
    "a call was answered at once",
    "a call was answered at once while renewing failed",
    "a call waited",
    "a call failed within a pause",
    "a call failed after a renewal",
    "a call was served in a token's last seconds",
    "a call was given up",
    "a token was refused",
    "a request waited for the end of a pause",
    "an old token was refused",
    "a server hung",
    "an answer could not be used",
    "an answer could not be read",
    "a source panicked",
    "a token came dead",
    "a token came again",
    "a server asked for a longer pause",
    "the clock jumped back",
    "a process was killed",
    "a process was shut down",
];

/// The situations of sources that spend their refresh tokens.
const SPENDING: [&str; 2] = [
    "an answer came after the deadline",
    "a call timed out and the exchange went on",
];

#[test]
fn client_credentials_keep_every_promise() {
    live(Setup::ClientCredentials, &EVERYWHERE);
}

#[test]
fn a_rotating_token_without_a_store_keeps_every_promise() {
    live(Setup::Rotating, &[&EVERYWHERE[..], &SPENDING].concat());
}

#[test]
fn a_rotating_token_in_a_shared_store_keeps_every_promise() {
    let corners = [
        "a grant ended",
        "a save failed",
        "a save hung",
        "a load failed",
        "a shutdown could not save",
        "another process renewed",
        "a killed process had saved its token",
        "a lease was prolonged",
        "a store went back in time",
        "another process logged out",
        "a login after a logout",
        "an ended session was marked",
        "a new process respected the end of a session",
    ];
    live(
        Setup::Stored,
        &[&EVERYWHERE[..], &SPENDING, &corners].concat(),
    );
}
