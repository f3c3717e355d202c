//! The same scenarios with other libraries. There are no bars here, only measurements.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Effort, Herd, LATENCY, herd_of, ms};
use crate::endpoint::Knobs;
use crate::report::Row;
use crate::subject::peers::{Call, PEERS, Peer};

/// Of the callers who meet a due token.
const FEW: usize = 4;

async fn herd(call: &Call, callers: usize) -> Herd {
    herd_of(callers, || call()).await
}

pub(super) async fn cold(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for peer in &PEERS {
        let knobs = Knobs::new(LATENCY, 3600);
        let call = peer.call(&knobs).await;
        let callers = effort.callers.min(peer.callers);
        let herd = herd(&call, callers).await;
        let (requests, failed, last) = (knobs.requests(), herd.failed, ms(herd.last));
        rows.push(Row::informational(
            format!("{}: {callers} callers, cold", peer.name),
            format!("{requests} token requests, {failed} not served, last after {last:.0} ms"),
            json!({ "callers": callers, "requests": requests, "failed": failed, "last_ms": last }),
        ));
    }
    rows
}

/// All at once, since they mostly wait.
async fn all(measure: impl AsyncFn(&'static Peer) -> Row) -> Vec<Row> {
    let [a, b, c, d, e] = &PEERS;
    let (a, b, c, d, e) = tokio::join!(measure(a), measure(b), measure(c), measure(d), measure(e));
    vec![a, b, c, d, e]
}

pub(super) async fn down(effort: Effort) -> Vec<Row> {
    all(async |peer| {
        let knobs = Knobs::new(LATENCY, 3600);
        knobs.set_failing(true);
        let call = peer.call(&knobs).await;
        let callers = effort.callers.min(1000).min(peer.callers_of_down);
        let herd = herd(&call, callers).await;
        let (requests, last) = (knobs.requests(), herd.last);
        knobs.set_failing(false);
        let back = Instant::now();
        let mut served = None;
        while served.is_none() && back.elapsed() < effort.patience {
            if call().await {
                served = Some(ms(back.elapsed()));
            } else {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        let again = served.map_or_else(
            || format!("not within {:?}", effort.patience),
            |after| format!("after {after:.0} ms"),
        );
        Row::informational(
            format!("{}: endpoint down, {callers} callers", peer.name),
            format!(
                "{requests} token requests, the last fails after {:.1} s; served again {again}",
                last.as_secs_f64()
            ),
            json!({
                "callers": callers, "requests": requests, "failed": herd.failed, "last_ms": ms(last),
                "served_after_ms": served,
            }),
        )
    })
    .await
}

pub(super) async fn due(_: Effort) -> Vec<Row> {
    all(async |peer| {
        let slow = due_with(peer, |knobs| knobs.set_latency(Duration::from_millis(500))).await;
        let down = due_with(peer, |knobs| knobs.set_failing(true)).await;
        Row::informational(
            format!("{}: due but valid, {FEW} callers", peer.name),
            format!(
                "endpoint of 500 ms: served after {:.0} ms; down: {} of {FEW} failed",
                ms(slow.last),
                down.failed
            ),
            json!({ "slow_last_ms": ms(slow.last), "slow_failed": slow.failed, "down_failed": down.failed }),
        )
    })
    .await
}

async fn due_with(peer: &Peer, trouble: impl Fn(&Knobs)) -> Herd {
    let knobs = Knobs::new(Duration::from_millis(1), peer.due);
    let call = peer.call(&knobs).await;
    assert!(call().await, "{} gets no token", peer.name);
    // What comes next is not due at once.
    knobs.set_lifetime(3600);
    trouble(&knobs);
    herd(&call, FEW).await
}

pub(super) async fn short(_: Effort) -> Vec<Row> {
    all(async |peer| {
        let mut requests = Vec::new();
        for lifetime in [5, 45, 200] {
            let knobs = Knobs::new(Duration::from_millis(1), lifetime);
            let call = peer.call(&knobs).await;
            for _ in 0..200 {
                call().await;
            }
            requests.push(knobs.requests());
        }
        let [a, b, c] = requests[..] else {
            unreachable!("three lifetimes")
        };
        Row::informational(
            format!("{}: 200 calls in a row", peer.name),
            format!("{a} token requests with 5 s tokens, {b} with 45 s, {c} with 200 s"),
            json!(requests),
        )
    })
    .await
}

pub(super) async fn dropped(_: Effort) -> Vec<Row> {
    let latency = Duration::from_millis(100);
    all(async |peer| {
        let knobs = Knobs::new(latency, 3600);
        let call = peer.call(&knobs).await;
        let gone = tokio::time::timeout(latency * 2 / 5, call()).await.is_err();
        let served = call().await;
        tokio::time::sleep(latency * 2).await;
        let requests = knobs.requests();
        Row::informational(
            format!("{}: caller dropped in mid-renewal, then another", peer.name),
            format!("{requests} token requests, next served: {served}"),
            json!({ "dropped": gone, "next_served": served, "requests": requests }),
        )
    })
    .await
}

pub(super) async fn hanging(effort: Effort) -> Vec<Row> {
    all(async |peer| {
        let knobs = Knobs::new(Duration::from_secs(3600), 3600);
        let call = peer.call(&knobs).await;
        let start = Instant::now();
        let served = tokio::time::timeout(effort.patience, call()).await;
        let after = start.elapsed().as_secs_f64();
        let (what, after) = match served {
            Ok(served) => (if served { "served" } else { "failed" }, Some(after)),
            Err(_) => ("waiting", None),
        };
        Row::informational(
            format!("{}: hanging endpoint", peer.name),
            after.map_or_else(
                || format!("still waiting after {:?}", effort.patience),
                |after| format!("{what} after {after:.1} s"),
            ),
            json!({ "what": what, "after_s": after }),
        )
    })
    .await
}
