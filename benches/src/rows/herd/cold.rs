//! No token yet, and all callers ask at once.

use std::time::Duration;

use serde_json::json;
use tegata_marketo::Settings;

use super::{Effort, LATENCY, Scene, herd, ms};
use crate::endpoint::Knobs;
use crate::measure::numbers::{median, quantile};
use crate::report::{Row, Verdict};

const BAR: Duration = Duration::from_millis(40);

pub(super) async fn rows(effort: Effort) -> Vec<Row> {
    let (mut requests, mut last, mut failed) = (0, Vec::new(), 0);
    for _ in 0..effort.rounds {
        let scene = Scene::new(Knobs::new(LATENCY, 3600), Settings::new()).await;
        let herd = herd(&scene.client, effort.callers).await;
        requests = requests.max(scene.knobs.requests());
        failed += herd.failed;
        last.push(ms(herd.last));
    }
    let bar = ms(LATENCY + BAR);
    let (middle, worst) = (median(&last), quantile(&last, 1.0));
    let what = format!("{} callers, cold, endpoint of 20 ms", effort.callers);
    vec![
        Row::counted(
            what.clone(),
            "1 token request, all served",
            format!("{requests} token requests, {failed} not served"),
            requests == 1 && failed == 0,
            json!({ "requests": requests, "failed": failed }),
        ),
        Row::new(
            format!("{what}: the last is served"),
            format!("≤ {bar} ms"),
            format!("{middle:.0} ms (worst {worst:.0} ms)"),
            Verdict::at_most(middle, bar),
            json!({ "last_served_ms": last }),
        ),
    ]
}
