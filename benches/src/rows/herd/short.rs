//! Tokens that live shorter than the usual window before expiry.

use std::time::{Duration, Instant};

use serde_json::json;
use tegata_marketo::{RenewalPolicy, Settings};

use super::{Effort, MARGIN, Scene, WINDOW};
use crate::endpoint::Knobs;
use crate::report::Row;

const CALLS: usize = 200;
const LIFETIMES: [u64; 3] = [5, 45, 200];
const LATENCY: Duration = Duration::from_millis(1);

struct Run {
    requests: usize,
    failed: usize,
    took: Duration,
}

impl Run {
    /// One for each period that was begun.
    fn allowed(&self, lifetime: u64) -> usize {
        1 + (self.took.as_secs_f64() / period(lifetime)) as usize
    }
}

/// The shortest time between two token requests.
fn period(lifetime: u64) -> f64 {
    (lifetime as f64 / 4.0).max(1.0)
}

pub(super) async fn rows(effort: Effort) -> Vec<Row> {
    // The calls that are spread out last for twice the lifetime, if they are meant to last.
    let length = effort.length * 5;
    let pause = length / CALLS as u32;
    let mut rows = Vec::new();
    for lifetime in LIFETIMES {
        let run = run(lifetime, early(), false, None).await;
        rows.push(row(
            format!("{CALLS} calls in a row with {lifetime} s tokens"),
            lifetime,
            &run,
        ));
    }
    let [fresh, same, same_early] = [
        ("", early(), false),
        (
            ", the same token comes back with its remaining seconds",
            Settings::new(),
            true,
        ),
        (", the same, and a client that asks early", early(), true),
    ]
    .map(|(what, settings, same)| {
        let run = run(LIFETIMES[0], settings, same, Some(pause));
        async move { (what, run.await) }
    });
    // They take long, and have nothing to do: together.
    let (fresh, same, same_early) = tokio::join!(fresh, same, same_early);
    for (what, run) in [fresh, same, same_early] {
        let lifetime = LIFETIMES[0];
        rows.push(row(
            format!("{CALLS} calls in {length:?} with {lifetime} s tokens{what}"),
            lifetime,
            &run,
        ));
    }
    rows
}

fn early() -> Settings {
    Settings::new().renewal(
        RenewalPolicy::new()
            .refresh_window(WINDOW)
            .expiry_leeway(MARGIN),
    )
}

async fn run(lifetime: u64, settings: Settings, same: bool, pause: Option<Duration>) -> Run {
    let knobs = Knobs::new(LATENCY, lifetime);
    if same {
        knobs.set_same_token();
    }
    let scene = Scene::new(knobs, settings).await;
    let (start, mut failed) = (Instant::now(), 0);
    for _ in 0..CALLS {
        failed += usize::from(scene.client.warm_up().await.is_err());
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
    }
    Run {
        requests: scene.knobs.requests(),
        failed,
        took: start.elapsed(),
    }
}

fn row(what: String, lifetime: u64, run: &Run) -> Row {
    let (allowed, period) = (run.allowed(lifetime), period(lifetime));
    let Run {
        requests,
        failed,
        took,
    } = run;
    Row::counted(
        what,
        format!("≤ {allowed} token requests (one each {period} s), 0 fail"),
        format!("{requests}, {failed} failed"),
        *requests <= allowed && *failed == 0,
        json!({
            "requests": requests, "allowed": allowed, "failed": failed,
            "took_ms": super::ms(*took),
        }),
    )
}
