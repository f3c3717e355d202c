//! A server that is restarted in mid-renewal.

use std::sync::Arc;
use std::time::Duration;

use tegata::{ManualClock, SharedClock, TokenStore as _};

use crate::support::{Endpoint, Gate, Make, RedisServer, START, record, soon, stored_token, token};

async fn renewed_across_a_restart(mut server: RedisServer) {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::at(START));
    endpoint.log_in("main", 1);
    let store = server.place().store();
    store.save(&record("main", 1, 0)).await.expect("saved");
    let app = endpoint.app(SharedClock::new(clock.clone()));
    let client = app
        .client_from(Arc::new(store.clone()))
        .build()
        .expect("a client");
    clock.advance(Duration::from_secs(4000));
    endpoint.set(Gate::ClosedAfter);
    let renewing = tokio::spawn({
        let client = client.clone();
        async move { client.warm_up().await }
    });
    endpoint.arrived(1).await;
    server.stop();
    server.start_again();
    endpoint.set(Gate::Open);
    soon("the renewal", renewing)
        .await
        .expect("no panic")
        .expect("renewed");
    let cache = client.token_cache().expect("a cache").clone();
    soon("the end", cache.shutdown()).await.expect("saved");
    store.released().await;
    let family = endpoint.family("main");
    assert_eq!((family.renewals, family.reused), (1, 0));
    // A process that comes after it finds the token.
    let next = endpoint
        .app(SharedClock::new(clock))
        .client_from(Arc::new(server.place().store()));
    next.build()
        .expect("a client")
        .warm_up()
        .await
        .expect("loaded");
    assert_eq!(stored_token(&store).await, Some(token("main", 2, 4000)));
    assert_eq!(endpoint.family("main").renewals, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_mid_renewal_loses_nothing() {
    let Some(server) = RedisServer::start_with(
        Make::Redis7,
        &["--appendonly", "yes", "--appendfsync", "always"],
    ) else {
        return;
    };
    renewed_across_a_restart(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_that_loses_all_data_does_not_lose_the_new_token() {
    let Some(server) = RedisServer::start(Make::Redis7) else {
        return;
    };
    renewed_across_a_restart(server).await;
}
