//! Many processes, each with many tasks, and one account.

use tegata::TokenStore as _;
use tegata_redis::redis::Commands as _;

use crate::lease::calls;
use crate::support::{Endpoint, Fleet, Gate, Make, Place, RedisServer, Worker, record, until};

const PROCESSES: usize = 8;

/// All processes do this at once; every one must be served.
async fn all_at_once(workers: &mut [Worker], order: &str) {
    order_all(workers, order).await;
    all_served(workers, order).await;
}

async fn order_all(workers: &mut [Worker], order: &str) {
    for worker in workers {
        worker.order(order).await;
    }
}

async fn all_served(workers: &mut [Worker], order: &str) {
    for worker in workers {
        assert_eq!(worker.answer().await, "200 good", "{order}");
    }
}

/// <https://github.com/cloudflare/workers-sdk/issues/15089>,
/// <https://github.com/stacklok/toolhive/issues/4122>: two processes spend one refresh token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_renews_once_per_expiry_with_each_refresh_token_once() {
    let Some(place) = Place::find(Make::Redis7) else {
        return;
    };
    let endpoint = Endpoint::start().await;
    endpoint.log_in("main", 1);
    place
        .store()
        .save(&record("main", 1, 0))
        .await
        .expect("saved");
    let fleet = Fleet::new(&place, &endpoint, "main");
    let mut workers: Vec<_> = (0..PROCESSES).map(|_| fleet.worker()).collect();
    all_at_once(&mut workers, "run 0").await;
    assert_eq!(endpoint.family("main").renewals, 0, "renewed what was good");
    let mut renewals = 0;
    for round in 1..=5 {
        endpoint.expire("main");
        all_at_once(&mut workers, &format!("run {}", 4000 * round)).await;
        renewals += 1;
        let family = endpoint.family("main");
        assert_eq!(
            (family.renewals, family.reused, family.stale),
            (renewals, 0, 0),
            "expiry {round}"
        );
    }
    // The server revokes the token before its hour is over.
    for round in 1..=3 {
        endpoint.expire("main");
        all_at_once(&mut workers, &format!("run {}", 20_000 + round)).await;
        renewals += 1;
        let family = endpoint.family("main");
        assert_eq!(
            (family.renewals, family.reused),
            (renewals, 0),
            "refusal {round}"
        );
    }
    // The first record had no owner, and was marked.
    assert_eq!(
        place.version(),
        Some(2 + renewals),
        "one save for each renewal"
    );
    let good = endpoint.family("main").calls - endpoint.family("main").stale;
    assert_eq!(good, 9 * 200 * PROCESSES as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_outlives_a_killed_process_and_a_restarted_server() {
    let arguments = ["--appendonly", "yes", "--appendfsync", "always"];
    let Some(mut server) = RedisServer::start_with(Make::Redis7, &arguments) else {
        return;
    };
    let (place, endpoint) = (server.place(), Endpoint::start().await);
    endpoint.log_in("main", 1);
    place
        .store()
        .save(&record("main", 1, 0))
        .await
        .expect("saved");
    let fleet = Fleet::new(&place, &endpoint, "main");
    let mut workers: Vec<_> = (0..PROCESSES).map(|_| fleet.worker()).collect();

    endpoint.set(Gate::ClosedBefore);
    endpoint.expire("main");
    let mut holder = workers.pop().expect("one");
    holder.order("run 4000").await;
    endpoint.arrived(1).await;
    let asked = calls(&place, "eval");
    order_all(&mut workers, "run 4000").await;
    until("all the others wait", || {
        calls(&place, "eval") >= asked + 30
    })
    .await;
    holder.kill().await;
    endpoint.set(Gate::Open);
    // Time passes.
    assert!(
        place
            .raw()
            .pexpire::<_, bool>(place.lease_key(), 20)
            .expect("asked")
    );
    all_served(&mut workers, "after a killed process").await;
    let family = endpoint.family("main");
    assert_eq!((family.renewals, family.reused, family.stale), (1, 0, 0));

    endpoint.set(Gate::ClosedAfter);
    endpoint.expire("main");
    order_all(&mut workers, "insist 8000").await;
    endpoint.arrived(2).await;
    server.stop();
    server.start_again();
    endpoint.set(Gate::Open);
    all_served(&mut workers, "after a restart").await;
    let family = endpoint.family("main");
    assert_eq!((family.renewals, family.reused, family.stale), (2, 0, 0));
    assert_eq!(place.version(), Some(3), "one save for each renewal");
}
