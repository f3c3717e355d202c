//! A valid credential is put into a request.

use std::sync::Arc;

use serde_json::json;
use tokio::runtime::Runtime;

use super::Effort;
use crate::measure::instructions::tegata_bench_window;
use crate::measure::numbers::{Ratio, median};
use crate::measure::{allocations, hot, instructions};
use crate::report::{Row, Verdict};
use crate::runtime;
use crate::subject::{Subject, floors, named, ours, request};

/// The name under which it is measured.
pub(crate) const TOPIC: &str = "attach";

const OURS: usize = 0;
const FLOOR: usize = 1;

const ONE_THREAD: f64 = 1.1;
const INSTRUCTIONS: u64 = 450;
const FASTER: f64 = 3.5;
/// With two threads, than those that are used most.
const FASTER_WITH_TWO: (f64, [&str; 3]) = (
    2.0,
    ["google-cloud-auth", "azure_identity", "aws LazyCache"],
);

/// Operations over which instructions are counted.
const WINDOW: usize = 1000;

/// Operations over which allocations are counted.
const OPERATIONS: usize = 10_000;

/// Ours and the floors, in the order of the constants above.
fn subjects() -> Vec<Arc<dyn Subject>> {
    vec![
        named("tegata", ours::Cache::new()),
        named("floor (a) + clock check", floors::Shared::new()),
        named(
            "floor (c), a copy for each thread",
            floors::PerThread::new(),
        ),
    ]
}

pub(crate) fn rows(effort: Effort) -> Vec<Row> {
    let own = subjects();
    // Peers need it for as long as they live.
    let runtime = runtime::of_two_workers();
    let peers = peers(&runtime);
    let subjects = [own.clone(), peers.clone()].concat();
    let times = hot::measure(&subjects, effort.rounds);
    let one = Ratio::of(&times.one[OURS], &times.one[FLOOR]);
    let two = Ratio::of(&times.two[OURS], &times.one[OURS]);
    let mut rows = vec![
        Row::new(
            "attach a valid credential, 1 thread, to floor (a) + clock check",
            format!("≤ {ONE_THREAD} ×"),
            one.text(2),
            Verdict::at_most(one.median, ONE_THREAD),
            one.json(),
        ),
        instruction_row(&own, effort),
        allocation_row(own[OURS].as_ref()),
        Row::informational(
            "the same with 2 threads, to our own with 1",
            two.text(2),
            two.json(),
        ),
    ];
    for (index, peer) in peers.iter().enumerate() {
        let faster = Ratio::of(&times.one[own.len() + index], &times.one[OURS]);
        rows.push(Row::new(
            format!("faster than {}", peer.name()),
            format!("≥ {FASTER} ×"),
            faster.text(1),
            Verdict::at_least(faster.median, FASTER),
            faster.json(),
        ));
        let (bar, names) = FASTER_WITH_TWO;
        if names.contains(&peer.name()) {
            let faster = Ratio::of(&times.two[own.len() + index], &times.two[OURS]);
            rows.push(Row::new(
                format!("faster than {}, 2 threads", peer.name()),
                format!("≥ {bar} ×"),
                faster.text(1),
                Verdict::at_least(faster.median, bar),
                faster.json(),
            ));
        }
    }
    if peers.is_empty() {
        rows.push(Row::skipped(
            "faster than google-cloud-auth, azure_identity, aws LazyCache, yup-oauth2 and gcp_auth",
            format!("≥ {FASTER} × each"),
            "built without `--features peers`",
        ));
    }
    for (index, subject) in subjects.iter().enumerate() {
        let (one, two) = (median(&times.one[index]), median(&times.two[index]));
        rows.push(Row::informational(
            format!("in this run: {}", subject.name()),
            format!("{}, with 2 threads {}", nanoseconds(one), nanoseconds(two)),
            json!({ "one_thread_ns": one, "two_threads_ns": two }),
        ));
    }
    rows.push(Row::informational(
        "batches that ran undisturbed",
        format!("{} of {}", times.counted, times.tried),
        json!({ "counted": times.counted, "tried": times.tried }),
    ));
    rows
}

/// What runs under callgrind.
pub(crate) fn windows() {
    for subject in subjects() {
        let runtime = runtime::of_this_thread();
        let mut request = request();
        subject.operations(&runtime, &mut request, 50);
        tegata_bench_window(&mut || subject.operations(&runtime, &mut request, WINDOW));
    }
}

/// Threads that queue up for a lock are put to sleep, so that no batch is undisturbed.
fn nanoseconds(time: f64) -> String {
    if time.is_nan() {
        "never undisturbed".into()
    } else {
        format!("{time:.0} ns")
    }
}

#[cfg(feature = "peers")]
fn peers(runtime: &Runtime) -> Vec<Arc<dyn Subject>> {
    crate::subject::peers::all(runtime)
}

#[cfg(not(feature = "peers"))]
fn peers(_: &Runtime) -> Vec<Arc<dyn Subject>> {
    Vec::new()
}

fn instruction_row(subjects: &[Arc<dyn Subject>], effort: Effort) -> Row {
    let (what, bar) = ("its instructions", format!("≤ {INSTRUCTIONS}"));
    if !effort.instructions {
        return Row::skipped(what, bar, "not asked for");
    }
    let counts = match instructions::count(TOPIC, subjects.len(), WINDOW) {
        Ok(counts) => counts,
        Err(why) => return Row::skipped(what, bar, why),
    };
    let all: Vec<_> = subjects
        .iter()
        .zip(&counts)
        .map(|(s, count)| json!({ "subject": s.name(), "instructions": count }))
        .collect();
    let measured = format!(
        "{} (floor (a) {}, floor (c) {})",
        counts[OURS], counts[FLOOR], counts[2]
    );
    Row::counted(
        what,
        bar,
        measured,
        counts[OURS] <= INSTRUCTIONS,
        json!(all),
    )
}

fn allocation_row(ours: &dyn Subject) -> Row {
    let runtime = runtime::of_this_thread();
    let mut request = request();
    ours.operations(&runtime, &mut request, 100);
    let ((), idle) = allocations::during(|| runtime.block_on(async {}));
    let ((), counts) = allocations::during(|| ours.operations(&runtime, &mut request, OPERATIONS));
    let count = counts.allocations - idle.allocations;
    Row::counted(
        format!("its allocations, {OPERATIONS} times"),
        "0",
        count.to_string(),
        count == 0,
        json!(count),
    )
}
