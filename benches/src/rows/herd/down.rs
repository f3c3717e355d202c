//! The token endpoint is down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use serde_json::json;
use tegata::RenewalEvent;
use tegata_marketo::Settings;

use super::{Effort, LATENCY, Scene, herd, ms};
use crate::endpoint::Knobs;
use crate::measure::numbers::quantile;
use crate::report::{Row, Verdict};

const CALLERS: usize = 1000;
/// Between a caller's failure and its next call.
const AGAIN: Duration = Duration::from_millis(20);
const BAR: Duration = Duration::from_secs(1);
/// What the machine may take to notify all callers of one failure.
const TOGETHER: Duration = Duration::from_millis(40);

pub(super) async fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = at_once(effort).await;
    rows.extend(outage(effort).await);
    rows
}

async fn at_once(effort: Effort) -> Vec<Row> {
    let (mut requests, mut all_failed, mut last, mut apart) = (0, true, 0.0_f64, 0.0_f64);
    for _ in 0..effort.trials {
        let scene = Scene::new(Knobs::new(LATENCY, 3600), Settings::new()).await;
        scene.knobs.set_failing(true);
        let herd = herd(&scene.client, CALLERS).await;
        requests = requests.max(scene.knobs.requests());
        all_failed &= herd.failed == CALLERS;
        last = last.max(ms(herd.last));
        apart = apart.max(ms(herd.last.saturating_sub(herd.first)));
    }
    let what = format!("endpoint down, {CALLERS} callers at once");
    vec![
        Row::counted(
            what.clone(),
            "1 token request, all fail",
            format!("{requests} token requests, all failed: {all_failed}"),
            requests == 1 && all_failed,
            json!({ "requests": requests, "all_failed": all_failed }),
        ),
        Row::new(
            format!("{what}: together"),
            format!("≤ {} ms apart", ms(TOGETHER)),
            format!("{apart:.0} ms apart, the last after {last:.0} ms"),
            Verdict::at_most(apart, ms(TOGETHER)),
            json!({ "last_ms": last, "apart_ms": apart }),
        ),
    ]
}

/// Callers who ask again and again, until they are served.
async fn outage(effort: Effort) -> [Row; 2] {
    let (mut requests, mut periods, mut peak) = (Vec::new(), Vec::new(), 0);
    let (mut calls, mut served) = (0, Vec::new());
    for _ in 0..effort.trials {
        let failed = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&failed);
        let settings = Settings::new().observer(move |event: &RenewalEvent| {
            if event.outcome.as_str() == "failed" {
                counter.fetch_add(1, SeqCst);
            }
        });
        let scene = Scene::new(Knobs::new(LATENCY, 3600), settings).await;
        scene.knobs.set_failing(true);
        let recovered = Arc::new(AtomicBool::new(false));
        let tasks: Vec<_> = (0..CALLERS)
            .map(|_| {
                let (client, recovered) = (scene.client.clone(), Arc::clone(&recovered));
                tokio::spawn(async move {
                    let mut calls = 1_usize;
                    while client.warm_up().await.is_err() {
                        tokio::time::sleep(AGAIN).await;
                        calls += usize::from(!recovered.load(SeqCst));
                    }
                    (calls, Instant::now())
                })
            })
            .collect();
        tokio::time::sleep(effort.length).await;
        requests.push(scene.knobs.requests());
        scene.knobs.set_failing(false);
        let back = Instant::now();
        recovered.store(true, SeqCst);
        let mut last = back;
        for task in tasks {
            let (made, at) = task.await.expect("a caller panicked");
            calls += made;
            last = last.max(at);
        }
        // The request that was under way when the endpoint came back was answered well or badly.
        periods.push(failed.load(SeqCst));
        peak = peak.max(scene.knobs.peak());
        served.push(ms(last - back));
    }
    let one_each = requests
        .iter()
        .zip(&periods)
        .all(|(requests, periods)| requests.abs_diff(*periods) <= 1);
    let (total, bar) = (requests.iter().sum::<usize>(), ms(BAR + LATENCY));
    let worst = quantile(&served, 1.0);
    [
        Row::counted(
            format!(
                "down for {:?}, {CALLERS} callers who ask again every 20 ms",
                effort.length
            ),
            "1 token request a back-off period",
            format!(
                "{:.1} on average, each in a period of its own, at most {peak} at once ({calls} calls in all)",
                total as f64 / requests.len() as f64
            ),
            one_each && peak == 1,
            json!({ "requests": requests, "failed_renewals": periods, "peak": peak, "calls": calls }),
        ),
        Row::new(
            "the last of them is served again after recovery",
            format!("≤ 1 s + one latency ({bar} ms), and the 20 ms of the caller"),
            format!("{worst:.0} ms (worst of {})", served.len()),
            Verdict::at_most(worst, bar + ms(AGAIN)),
            json!({ "served_after_ms": served }),
        ),
    ]
}
