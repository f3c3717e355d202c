//! Runs a scenario under many schedules.

use std::future::Future;

use shuttle::scheduler::{PctScheduler, RandomScheduler, ReplayScheduler, Scheduler};
use shuttle::{Config, Runner};

/// The number of schedules of each kind, by default.
const RUNS: usize = 600;

const SEED: u64 = 0x7465_6761_7461;

/// The number of preemptions, at chosen places.
const DEPTHS: [usize; 2] = [2, 4];

/// Runs it under random schedules, and under those with few preemptions, which find what takes a rare
/// coincidence. It fails when an assertion does, or on a deadlock.
pub(crate) fn explore<F: Future<Output = ()> + Send + 'static>(scenario: fn() -> F) {
    if let Ok(schedule) = std::env::var("TEGATA_MODEL_REPLAY") {
        return run(scenario, ReplayScheduler::new_from_encoded(&schedule));
    }
    let runs = std::env::var("TEGATA_MODEL_RUNS").map_or(RUNS, |runs| {
        runs.parse().expect("TEGATA_MODEL_RUNS is a number")
    });
    run(scenario, RandomScheduler::new_from_seed(SEED, runs));
    for depth in DEPTHS {
        run(scenario, PctScheduler::new_from_seed(SEED, depth, runs));
    }
}

fn run<F: Future<Output = ()> + Send + 'static>(
    scenario: fn() -> F,
    scheduler: impl Scheduler + 'static,
) {
    let mut config = Config::new();
    config.stack_size = 0x2_0000;
    Runner::new(scheduler, config).run(move || shuttle::future::block_on(scenario()));
}
