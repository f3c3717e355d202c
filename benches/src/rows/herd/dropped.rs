//! The caller that started a renewal goes away.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tegata_marketo::{MemoryStore, Settings, TokenCache};

use super::{Effort, Scene, builder};
use crate::endpoint::{Knobs, serve};
use crate::report::Row;

const LATENCY: Duration = Duration::from_millis(100);

pub(super) async fn rows(_: Effort) -> Vec<Row> {
    let knobs = Knobs::new(LATENCY, 3600);
    let store = MemoryStore::default();
    let address = serve(Arc::clone(&knobs)).await;
    let client = builder(address, Settings::new())
        .store(Arc::new(store.clone()))
        .build()
        .expect("a valid client");
    let scene = Scene { knobs, client };
    let dropped = tokio::time::timeout(LATENCY * 2 / 5, scene.client.warm_up())
        .await
        .is_err();
    let served = scene.client.warm_up().await.is_ok();
    let (used, stored) = (
        scene.client.token_cache().and_then(TokenCache::token),
        store.token(),
    );
    let is_stored = used.is_some() && used == stored;
    // A second request would have come by now.
    tokio::time::sleep(LATENCY * 2).await;
    let requests = scene.knobs.requests();
    vec![Row::counted(
        "caller dropped in mid-renewal, then another",
        "1 token request, its result used and stored",
        format!("{requests}, next served: {served}, stored: {is_stored}"),
        dropped && served && is_stored && requests == 1,
        json!({
            "dropped": dropped, "next_served": served, "stored": is_stored, "requests": requests,
        }),
    )]
}
