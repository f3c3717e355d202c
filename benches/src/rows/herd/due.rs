//! The token is valid but due, and the endpoint fails.

use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;
use tegata::{ManualClock, RenewalPolicy};
use tegata_marketo::{Client, Settings};

use super::{Effort, LATENCY, MARGIN, Scene, WINDOW, ms};
use crate::endpoint::Knobs;
use crate::report::Row;

const LIFETIME: u64 = 200;
const CALLERS: usize = 1000;

const HOURS: Duration = Duration::from_secs(3 * 3600);

/// What is wrong with the endpoint.
type Trouble = (&'static str, fn(&Knobs));

const TROUBLES: [Trouble; 3] = [
    ("answers after 500 ms", |knobs| {
        knobs.set_latency(Duration::from_millis(500));
    }),
    ("is down", |knobs| knobs.set_failing(true)),
    ("never answers", |knobs| knobs.set_latency(HOURS)),
];

#[derive(Default)]
struct Seen {
    calls: usize,
    waited: usize,
    failed: usize,
}

pub(super) async fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for (what, trouble) in TROUBLES {
        rows.push(row(what, trouble, effort.length / 2).await);
    }
    rows
}

/// Callers go on asking for this long.
async fn row(what: &str, trouble: fn(&Knobs), length: Duration) -> Row {
    let clock = ManualClock::at(SystemTime::now());
    let settings = Settings::new().clock(clock.clone()).renewal(
        RenewalPolicy::new()
            .refresh_window(WINDOW)
            .expiry_leeway(MARGIN),
    );
    let scene = Scene::new(Knobs::new(LATENCY, LIFETIME), settings).await;
    scene.client.warm_up().await.expect("a token");
    let before = scene.knobs.requests();
    trouble(&scene.knobs);
    // After a success a cache rests for as long.
    tokio::time::sleep(RenewalPolicy::new().timing().retry_interval).await;
    // Between the stale instant, at most a quarter of the lifetime before expiry, and the margin.
    clock.advance(Duration::from_secs(LIFETIME - 20));
    let start = Instant::now();
    let tasks: Vec<_> = (0..CALLERS)
        .map(|_| {
            let client = scene.client.clone();
            tokio::spawn(async move {
                let mut seen = Seen::default();
                while start.elapsed() < length {
                    call(&client, &mut seen);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                seen
            })
        })
        .collect();
    let mut all = Seen::default();
    for task in tasks {
        let seen = task.await.expect("a caller panicked");
        all.calls += seen.calls;
        all.waited += seen.waited;
        all.failed += seen.failed;
    }
    let requests = scene.knobs.requests() - before;
    let Seen {
        calls,
        waited,
        failed,
    } = all;
    Row::counted(
        format!("due but valid, the endpoint {what}, {CALLERS} callers for {length:?}"),
        "0 callers wait, 0 fail",
        format!("{waited} waited, {failed} failed ({calls} calls, {requests} token requests)"),
        waited == 0 && failed == 0 && requests > 0,
        json!({
            "calls": calls, "waited": waited, "failed": failed, "token_requests": requests,
            "length_ms": ms(length),
        }),
    )
}

/// A caller that is not served at once waits.
fn call(client: &Client, seen: &mut Seen) {
    seen.calls += 1;
    match pin!(client.warm_up()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(())) => {}
        Poll::Ready(Err(_)) => seen.failed += 1,
        Poll::Pending => seen.waited += 1,
    }
}
