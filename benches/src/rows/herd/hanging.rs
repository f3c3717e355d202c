//! The endpoint accepts and never answers.

use std::time::{Duration, Instant};

use serde_json::json;
use tegata::RenewalPolicy;
use tegata_marketo::Settings;

use super::{Effort, Scene, herd, ms};
use crate::endpoint::Knobs;
use crate::report::{Row, Verdict};

const CALLERS: usize = 1000;
const DEADLINE: Duration = Duration::from_millis(300);
/// What the machine may take to notify all callers.
const ALLOWANCE: Duration = Duration::from_millis(100);

pub(super) async fn rows(_: Effort) -> Vec<Row> {
    let knobs = Knobs::new(Duration::from_secs(3600), 3600);
    let scene = Scene::new(
        knobs,
        Settings::new().renewal(RenewalPolicy::new().deadline(DEADLINE)),
    )
    .await;
    let hung = herd(&scene.client, CALLERS).await;
    let during = scene.knobs.requests();
    scene.knobs.set_latency(Duration::ZERO);
    let healed = Instant::now();
    while scene.client.warm_up().await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert!(healed.elapsed() < Duration::from_secs(10), "no new attempt");
    }
    let (served, all) = (healed.elapsed(), scene.knobs.requests());
    let default = RenewalPolicy::new().timing().deadline.as_secs();
    let what = format!("hanging endpoint, {CALLERS} callers, deadline set to {DEADLINE:?}");
    vec![
        Row::counted(
            what.clone(),
            "error, then a new attempt; default 30 s",
            format!(
                "{} failed by {during} request, served by number {all} {:.0} ms after it healed; default {default} s",
                hung.failed,
                ms(served)
            ),
            hung.failed == CALLERS && (during, all) == (1, 2) && default == 30,
            json!({
                "failed": hung.failed, "requests_while_hanging": during, "requests": all,
                "served_after_ms": ms(served), "default_deadline_s": default,
            }),
        ),
        Row::new(
            format!("{what}: within the deadline"),
            format!("≤ {DEADLINE:?} and {ALLOWANCE:?} to notify them all"),
            format!("{:.0} ms", ms(hung.last)),
            Verdict::at_most(ms(hung.last), ms(DEADLINE + ALLOWANCE)),
            json!({ "last_ms": ms(hung.last) }),
        ),
    ]
}
