//! Servers that are unavailable.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use tegata::provider::spec::{Placement, Scheme};
use tegata::provider::{BoxFuture, Issued, Refresh, Renewal, TokenSource};
use tegata::{Error, ErrorKind, ManualClock, SharedClock, TokenCache, TokenStore as _};
use tegata_jooto::Client;
use tegata_redis::redis::{self, Commands as _};
use tegata_redis::{RedisStore, Unavailable};

use crate::support::{
    Endpoint, LONG, Log,
    Make::{self, Redis6, Redis7, Valkey},
    RedisServer, START, connections, record, soon, stored_token, token,
};

fn away(error: &Error, store: &RedisStore, why: &str) {
    let text = error.to_string();
    assert!(text.contains(why), "{text}");
    let lease = store.key().replace(":token", ":lease");
    assert!(
        text.contains(store.key()) || text.contains(&lease),
        "{text}"
    );
    assert!(
        !text.contains("redis://") && !text.contains("127.0.0.1"),
        "{text}"
    );
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Store, true),
        "{error:?}"
    );
}

#[rstest]
#[tokio::test]
async fn every_operation_fails_clearly_until_the_server_is_back(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(mut server) = RedisServer::start(make) else {
        return;
    };
    let store = server.place().store();
    let lease = store.lease(LONG).await.expect("a lease");
    store.save(&record("main", 1, 0)).await.expect("saved");
    server.stop();
    away(
        &store.load().await.expect_err("away"),
        &store,
        "was refused",
    );
    away(
        &store.save(&record("main", 2, 0)).await.expect_err("away"),
        &store,
        "was refused",
    );
    drop(lease);
    away(
        &store.lease(LONG).await.expect_err("away"),
        &store,
        "was refused",
    );
    server.start_again();
    assert_eq!(store.load().await.expect("back, and empty"), None);
    let lease = store.lease(LONG).await.expect("a lease");
    store.save(&record("main", 2, 0)).await.expect("saved");
    drop(lease);
}

/// <https://github.com/whitenoise-rs/whitenoise-rs/issues/809>: a store that blocks for ever.
#[rstest]
#[tokio::test]
async fn a_server_that_never_answers_is_given_up_and_left_behind(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let builder = server.place().builder().timeout(Duration::from_secs(1));
    let store = builder.build("jooto", "main").expect("a store");
    store.save(&record("main", 1, 0)).await.expect("saved");
    server.suspend();
    away(
        &store.load().await.expect_err("silent"),
        &store,
        "did not answer within 1s",
    );
    // Not even a new connection is answered.
    away(
        &store.lease(LONG).await.expect_err("silent"),
        &store,
        "did not answer within 1s",
    );
    server.resume();
    assert_eq!(
        store.load().await.expect("loaded"),
        Some(record("main", 1, 0))
    );
    let first = connections(&server);
    server.suspend();
    store.load().await.expect_err("silent");
    server.resume();
    store.load().await.expect("loaded");
    let second = connections(&server);
    assert!(
        second.iter().all(|id| !first.contains(id)),
        "the connection is used on that did not answer: {first:?} {second:?}"
    );
    // The lease of the failed request was given back, too.
    drop(soon("a lease", store.lease(LONG)).await.expect("a lease"));
}

#[tokio::test]
async fn a_server_that_is_not_redis_is_reported_as_such() {
    let endpoint = Endpoint::start().await;
    let url = endpoint.url().replace("http:", "redis:");
    let store = RedisStore::builder(&url)
        .build("jooto", "main")
        .expect("a store");
    let error = store.load().await.expect_err("HTTP");
    let text = error.to_string();
    assert!(text.contains("host and port"), "{text}");
}

async fn client(store: &RedisStore, endpoint: &Endpoint, clock: &ManualClock) -> Client {
    let app = endpoint.app(SharedClock::new(clock.clone()));
    let client = app
        .client_from(Arc::new(store.clone()))
        .build()
        .expect("a client");
    client.warm_up().await.expect("the token is loaded");
    client
}

#[tokio::test]
async fn by_default_a_valid_token_is_used_but_none_is_renewed() {
    let Some(mut server) = RedisServer::start(Redis7) else {
        return;
    };
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::at(START));
    endpoint.log_in("main", 1);
    let store = server.place().store();
    store.save(&record("main", 1, 0)).await.expect("saved");
    let client = client(&store, &endpoint, &clock).await;
    server.stop();
    client.warm_up().await.expect("still valid");
    clock.advance(Duration::from_secs(4000));
    away(
        &client.warm_up().await.expect_err("away"),
        &store,
        "was refused",
    );
    assert_eq!(
        endpoint.family("main").renewals,
        0,
        "renewed without a lease"
    );
    server.start_again();
    // It is empty now, and the token in memory is all there is.
    soon("a renewal", async {
        while client.warm_up().await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let family = endpoint.family("main");
    assert_eq!((family.renewals, family.reused), (1, 0));
    assert_eq!(stored_token(&store).await, Some(token("main", 2, 4000)));
}

#[tokio::test]
async fn going_on_it_renews_without_a_lease_says_so_and_saves_later() {
    let Some(mut server) = RedisServer::start(Redis7) else {
        return;
    };
    let (log, _guard) = Log::capture();
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::at(START));
    endpoint.log_in("main", 1);
    let builder = server.place().builder().unavailable(Unavailable::GoOn);
    let store = builder.build("jooto", "main").expect("a store");
    store.save(&record("main", 1, 0)).await.expect("saved");
    let client = client(&store, &endpoint, &clock).await;
    server.stop();
    for round in 1..=2 {
        clock.advance(Duration::from_secs(4000));
        client.warm_up().await.expect("renewed all the same");
        let family = endpoint.family("main");
        assert_eq!((family.renewals, family.reused), (round, 0));
    }
    let text = log.text();
    assert!(
        text.contains("WARN") && text.contains("renewing a token without a lease"),
        "{text}"
    );
    assert!(text.contains("going on with the token in memory"), "{text}");
    assert!(
        text.contains(store.key()) && !text.contains("CANARY"),
        "{text}"
    );
    server.start_again();
    // The failed save is tried once more.
    let cache = client.token_cache().expect("a cache").clone();
    soon("the end", cache.shutdown())
        .await
        .expect("saved in the end");
    store.released().await;
    assert_eq!(stored_token(&store).await, Some(token("main", 3, 8000)));
}

#[tokio::test]
async fn it_goes_on_only_with_a_token_it_has_seen() {
    let Some(mut server) = RedisServer::start(Redis7) else {
        return;
    };
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::at(START));
    endpoint.log_in("main", 2);
    server.stop();
    let builder = server.place().builder().unavailable(Unavailable::GoOn);
    let store = builder.build("jooto", "main").expect("a store");
    // The token that the process was configured with was used up long ago; the good one is in the store.
    let app = endpoint.app(SharedClock::new(clock.clone()));
    clock.advance(Duration::from_secs(4000));
    let client = app
        .client(token("main", 1, 0))
        .store(Arc::new(store.clone()))
        .build()
        .expect("a client");
    away(
        &client.warm_up().await.expect_err("nothing seen"),
        &store,
        "was refused",
    );
    assert_eq!(
        endpoint.family("main").reused,
        0,
        "a used refresh token was sent"
    );
}

/// Issues by its own credentials, like a source with client id and secret.
struct Granted;

impl TokenSource for Granted {
    fn issue<'a>(&'a self, _: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async {
            Ok(Issued::new(
                "CANARY-granted",
                Some(Duration::from_secs(3600)),
                Refresh::Forget,
            ))
        })
    }

    fn is_self_sufficient(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn client_credentials_do_without_a_server_only_if_set_to_go_on() {
    let Some(mut server) = RedisServer::start(Redis7) else {
        return;
    };
    server.stop();
    for unavailable in [Unavailable::Fail, Unavailable::GoOn] {
        let builder = server.place().builder().unavailable(unavailable);
        let store = builder.build("marketo", "main").expect("a store");
        let bearer = Scheme {
            name: "OAuth2",
            placement: Placement::Bearer,
        };
        let cache = TokenCache::builder(bearer, Granted).store(Arc::new(store.clone()));
        let cache = cache.build().expect("a cache");
        let outcome = soon("a token", cache.warm_up()).await;
        match unavailable {
            Unavailable::GoOn => outcome.expect("in memory"),
            _ => away(&outcome.expect_err("away"), &store, "was refused"),
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_process_that_went_on_alone_overwrites_no_other_record(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(mut server) =
        RedisServer::start_with(make, &["--appendonly", "yes", "--appendfsync", "always"])
    else {
        return;
    };
    let builder = server.place().builder().unavailable(Unavailable::GoOn);
    let store = builder.build("jooto", "main").expect("a store");
    store.save(&record("main", 1, 0)).await.expect("saved");
    server.stop();
    let alone = store.lease(LONG).await.expect("its turn in this process");
    assert_eq!(
        store.load().await.expect("from memory"),
        Some(record("main", 1, 0))
    );
    server.start_again();
    let other = server.place().store();
    let lease = other.lease(LONG).await.expect("a lease");
    other.load().await.expect("loaded");
    other.save(&record("main", 2, 1)).await.expect("saved");
    drop(lease);
    let error = store.save(&record("main", 9, 0)).await.expect_err("moved");
    assert!(
        error.to_string().contains("another process has saved one"),
        "{error}"
    );
    drop(alone);
    assert_eq!(
        store.load().await.expect("loaded"),
        Some(record("main", 2, 1))
    );
}

#[rstest]
#[tokio::test]
async fn carrying_on_still_reports_a_server_that_answers_with_errors(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let builder = server.place().builder().unavailable(Unavailable::GoOn);
    let store = builder.build("jooto", "main").expect("a store");
    store.save(&record("main", 1, 0)).await.expect("saved");
    let mut raw = server.place().raw();
    raw.set::<_, _, ()>(store.key(), "garbage").expect("set");
    store.load().await.expect_err("garbage");
    raw.del::<_, ()>(store.key()).expect("deleted");
    raw.rpush::<_, _, ()>(store.key(), "a list").expect("set");
    store.load().await.expect_err("a list");
}

#[rstest]
#[tokio::test]
async fn a_server_that_cannot_write_counts_as_away(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let builder = server.place().builder().unavailable(Unavailable::GoOn);
    let going_on = builder.build("jooto", "main").expect("a store");
    let store = server.place().store();
    let mut raw = server.place().raw();
    redis::cmd("CONFIG")
        .arg(&["SET", "maxmemory", "1"])
        .exec(&mut raw)
        .expect("set");
    away(
        &store.lease(LONG).await.expect_err("full"),
        &store,
        "not ready (OOM)",
    );
    drop(
        going_on
            .lease(LONG)
            .await
            .expect("its turn in this process"),
    );
    redis::cmd("CONFIG")
        .arg(&["SET", "maxmemory", "0"])
        .exec(&mut raw)
        .expect("set");
    drop(
        soon("a lease", store.lease(LONG))
            .await
            .expect("room again"),
    );
}
