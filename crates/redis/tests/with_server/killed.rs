//! Processes that are killed while they have the lease.

use tegata::TokenStore as _;
use tegata_redis::redis::Commands as _;

use crate::lease::calls;
use crate::support::{
    DEADLINE, Endpoint, Fleet, Gate, LONG, Make, Place, RedisServer, Worker, record, stored_token,
    token, until,
};

/// One process is killed when its token request is at the gate; another has been asked for a token and waits.
async fn killed_at(gate: Gate, place: &Place, endpoint: &Endpoint) -> Worker {
    endpoint.log_in("main", 1);
    place
        .store()
        .save(&record("main", 1, 0))
        .await
        .expect("saved");
    let fleet = Fleet::new(place, endpoint, "main");
    let (mut first, mut second) = (fleet.worker(), fleet.worker());
    endpoint.set(gate);
    first.order("renew 4000").await;
    endpoint.arrived(1).await;
    first.kill().await;
    endpoint.set(Gate::Open);

    // The lease outlives its owner, but by no more than the time for a renewal.
    let left: u64 = place.raw().pttl(place.lease_key()).expect("asked");
    assert!((30_000..=60_000).contains(&left), "{left} ms");
    let before = endpoint.family("main").renewals;
    let asked = calls(place, "eval");
    second.order("renew 4000").await;
    until("the second process has asked a few times", || {
        calls(place, "eval") >= asked + 3
    })
    .await;
    assert_eq!(
        endpoint.family("main").renewals,
        before,
        "renewed without the lease"
    );

    // Time passes.
    let shortened: bool = place.raw().pexpire(place.lease_key(), 20).expect("asked");
    assert!(shortened, "the lease is gone");
    second
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_renews_once_a_killed_ones_lease_has_ended() {
    let Some(server) = RedisServer::start(Make::Redis7) else {
        return;
    };
    let (place, endpoint) = (server.place(), Endpoint::start().await);
    let mut second = killed_at(Gate::ClosedBefore, &place, &endpoint).await;
    assert_eq!(second.answer().await, "renewed");
    let family = endpoint.family("main");
    assert_eq!((family.renewals, family.reused), (1, 0), "{family:?}");
    assert_eq!(
        stored_token(&place.store()).await,
        Some(token("main", 2, 4000))
    );
}

/// The one moment at which a session is lost, and no store can prevent it: the endpoint has used up the old
/// refresh token, and the new one died with the process. It is lost with a clear error, and no other session is
/// lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_exchange_and_save_loses_only_that_session() {
    let Some(server) = RedisServer::start(Make::Redis7) else {
        return;
    };
    let (place, endpoint) = (server.place(), Endpoint::start().await);
    endpoint.log_in("other", 1);
    let other = place
        .store()
        .for_account("jooto", "other")
        .expect("a store");
    other.save(&record("other", 1, 0)).await.expect("saved");
    let mut second = killed_at(Gate::ClosedAfter, &place, &endpoint).await;
    let answer = second.answer().await;
    assert!(
        answer.contains("refused to issue a token (status 400, code invalid_grant)"),
        "{answer}"
    );
    assert_eq!(
        endpoint.family("main").reused,
        1,
        "once, and not again and again"
    );
    second.order("renew 4001").await;
    second.answer().await;
    assert_eq!(
        endpoint.family("main").reused,
        1,
        "asked again after a final no"
    );

    let mut worker = Fleet::new(&place, &endpoint, "other").worker();
    worker.order("renew 4000").await;
    assert_eq!(worker.answer().await, "renewed");
    let family = endpoint.family("other");
    assert_eq!((family.renewals, family.reused), (1, 0), "{family:?}");

    // After a login all processes go on without a restart.
    endpoint.log_in("main", 5);
    let store = place.store();
    let lease = store.lease(LONG).await.expect("a lease");
    store.save(&record("main", 5, 4002)).await.expect("saved");
    drop(lease);
    // After a denial the store is read once a pause. Until then the same error is returned, and the endpoint is
    // not asked.
    let began = std::time::Instant::now();
    loop {
        second.order("renew 4002").await;
        let answer = second.answer().await;
        if answer == "renewed" {
            break;
        }
        assert!(
            answer.contains("refused to issue a token (status 400, code invalid_grant)"),
            "{answer}"
        );
        assert!(began.elapsed() < DEADLINE, "{answer}");
    }
    assert_eq!(
        endpoint.family("main").reused,
        0,
        "asked again with the spent refresh token"
    );
    second.order("run 8002").await;
    assert_eq!(second.answer().await, "200 good");
    assert_eq!(endpoint.family("main").renewals, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_s_saved_token_is_used_despite_its_lease() {
    let Some(place) = Place::find(Make::Redis7) else {
        return;
    };
    let endpoint = Endpoint::start().await;
    endpoint.log_in("main", 1);
    let fleet = Fleet::new(&place, &endpoint, "main");
    let (mut first, mut second) = (fleet.worker(), fleet.worker());
    first.order("hold").await;
    assert_eq!(first.answer().await, "holding true");
    first.kill().await;
    second.order("run 4000").await;
    assert_eq!(second.answer().await, "200 good");
    assert!(
        place
            .raw()
            .exists::<_, bool>(place.lease_key())
            .expect("asked"),
        "the lease was not needed"
    );
    assert_eq!(endpoint.family("main").renewals, 0);
}
