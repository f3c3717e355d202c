//! Commands that the server carries out, but whose answers are lost.

use std::time::Duration;

use rstest::rstest;
use tegata::TokenStore as _;
use tegata_redis::RedisStore;
use tegata_redis::redis::{self, Commands as _};

use crate::lease::calls;
use crate::support::{
    Answers, LONG,
    Make::{self, Redis6, Redis7, Valkey},
    Proxy, RedisServer, record, soon,
};

/// A store behind a proxy, already connected.
async fn behind_proxy(server: &RedisServer) -> (Proxy, RedisStore) {
    let proxy = Proxy::before(&server.url()).await;
    let builder = RedisStore::builder(proxy.url()).timeout(Duration::from_secs(1));
    let store = builder.build("jooto", "main").expect("a store");
    assert_eq!(store.load().await.expect("connected"), None);
    (proxy, store)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_whose_answer_was_cut_off_is_held_without_a_wait(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let (proxy, store) = behind_proxy(&server).await;
    proxy.set(Answers::Break);
    let lease = soon("the lease", store.lease(LONG))
        .await
        .expect("asked twice");
    let place = server.place();
    let held: String = place.raw().get(place.lease_key()).expect("held");
    assert!(held.ends_with(":1"), "{held}");
    assert_eq!(calls(&place, "eval"), 2, "the answer was not cut off");
    store
        .save(&record("main", 1, 0))
        .await
        .expect("the lease is good");
    drop(lease);
    store.released().await;
    assert!(
        !place
            .raw()
            .exists::<_, bool>(place.lease_key())
            .expect("asked")
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_save_whose_answer_was_cut_off_is_done_once(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let (proxy, store) = behind_proxy(&server).await;
    proxy.set(Answers::Break);
    store
        .save(&record("main", 1, 0))
        .await
        .expect("asked twice");
    let place = server.place();
    assert_eq!(calls(&place, "eval"), 2, "the answer was not cut off");
    assert_eq!(place.version(), Some(1));
    store
        .save(&record("main", 2, 0))
        .await
        .expect("it knows what it saved");
    assert_eq!(place.version(), Some(2));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_whose_answer_never_came_is_given_back(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let (proxy, store) = behind_proxy(&server).await;
    proxy.set(Answers::Vanish);
    let error = soon("an error", store.lease(LONG))
        .await
        .expect_err("no answer");
    assert!(
        error.to_string().contains("did not answer within 1s"),
        "{error}"
    );
    let place = server.place();
    let given: u64 = place
        .raw()
        .get(place.lease_key().replace(":lease", ":lease-number"))
        .expect("asked");
    assert_eq!(given, 1, "the server was not asked");
    drop(
        soon("the next lease", place.store().lease(LONG))
            .await
            .expect("given back"),
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_save_whose_answer_never_came_can_be_done_again(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let (proxy, store) = behind_proxy(&server).await;
    let lease = store.lease(LONG).await.expect("a lease");
    proxy.set(Answers::Vanish);
    let error = store
        .save(&record("main", 1, 0))
        .await
        .expect_err("no answer");
    assert!(error.is_transient(), "{error:?}");
    // As the cache does it: a new lease, a load, and another save.
    drop(lease);
    let lease = store.lease(LONG).await.expect("a lease");
    assert_eq!(
        store.load().await.expect("loaded"),
        Some(record("main", 1, 0))
    );
    store.save(&record("main", 1, 0)).await.expect("saved");
    drop(lease);
}

#[rstest]
#[tokio::test]
async fn a_connection_closed_while_idle_is_silently_replaced(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let store = server.place().store();
    let mut raw = server.place().raw();
    let mut close = || {
        let closed: u64 = redis::cmd("CLIENT")
            .arg(&["KILL", "TYPE", "normal", "SKIPME", "yes"])
            .query(&mut raw)
            .expect("asked");
        assert_eq!(closed, 1);
    };
    store.save(&record("main", 1, 0)).await.expect("saved");
    close();
    assert_eq!(
        store.load().await.expect("loaded"),
        Some(record("main", 1, 0))
    );
    close();
    let lease = store.lease(LONG).await.expect("a lease");
    close();
    store.save(&record("main", 2, 0)).await.expect("saved");
    close();
    drop(lease);
    store.released().await;
    let place = server.place();
    assert!(
        !place
            .raw()
            .exists::<_, bool>(place.lease_key())
            .expect("asked"),
        "not given back"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_save_is_repeated_under_the_same_lease_without_a_look(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let (proxy, store) = behind_proxy(&server).await;
    let mut lease = store.lease(LONG).await.expect("a lease");
    assert_eq!(store.load().await.expect("loaded"), None);
    proxy.set(Answers::Vanish);
    store
        .save(&record("main", 1, 0))
        .await
        .expect_err("no answer");
    lease.prolong(LONG.lifetime).await.expect("still its own");
    store.save(&record("main", 1, 0)).await.expect("saved");
    let place = server.place();
    assert_eq!(place.version(), Some(1));
    proxy.set(Answers::Vanish);
    store
        .save(&record("main", 2, 0))
        .await
        .expect_err("no answer");
    // What comes after it need not wait for it either.
    store.save(&record("main", 3, 0)).await.expect("saved");
    assert_eq!(place.version(), Some(3));
    drop(lease);
    // But another process's record is still not replaced.
    store.released().await;
    proxy.set(Answers::Vanish);
    store
        .save(&record("main", 4, 0))
        .await
        .expect_err("no answer");
    let other = place.store();
    other.load().await.expect("loaded");
    other.save(&record("main", 5, 0)).await.expect("saved");
    store.save(&record("main", 6, 0)).await.expect_err("moved");
    store.save(&record("main", 4, 0)).await.expect_err("moved");
    assert_eq!(place.version(), Some(5));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_completed_save_counts_even_if_the_lease_has_ended_since(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let (proxy, store) = behind_proxy(&server).await;
    let lease = store.lease(LONG).await.expect("a lease");
    proxy.set(Answers::Vanish);
    store
        .save(&record("main", 1, 0))
        .await
        .expect_err("no answer");
    let place = server.place();
    place.raw().del::<_, ()>(place.lease_key()).expect("ended");
    store
        .save(&record("main", 1, 0))
        .await
        .expect("it is there");
    let error = store.save(&record("main", 2, 0)).await.expect_err("lost");
    assert!(error.to_string().contains("the lease was lost"), "{error}");
    assert_eq!(place.version(), Some(1));
    drop(lease);
}
