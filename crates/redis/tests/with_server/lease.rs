//! The right to renew.

use std::time::Duration;

use rstest::rstest;
use tegata::TokenStore as _;
use tegata_redis::redis::{self, Commands as _};

use crate::support::{
    BRIEF, LONG,
    Make::{self, Redis6, Redis7, Valkey},
    Place, RedisServer, SECOND, soon, until,
};

#[rstest]
#[tokio::test]
async fn a_lease_has_an_owner_a_number_and_an_end(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let mut raw = place.raw();
    let mut owners = Vec::new();
    for number in 1..=3 {
        let lease = store.lease(LONG).await.expect("a lease");
        let held: String = raw.get(place.lease_key()).expect("held");
        let (owner, counted) = held.split_once(':').expect("owner and number");
        assert_eq!(counted, number.to_string());
        assert_eq!(owner.len(), 32, "{owner}");
        owners.push(owner.to_owned());
        let left: u64 = raw.pttl(place.lease_key()).expect("asked");
        assert!((50_000..=60_000).contains(&left), "{left} ms");
        drop(lease);
        store.released().await;
        assert!(!raw.exists::<_, bool>(place.lease_key()).expect("asked"));
    }
    owners.dedup();
    assert_eq!(owners.len(), 3, "an owner's name came again");
}

/// <https://github.com/OpenHikmah/openhikmah-web/pull/595>: a lease released by its former owner.
#[rstest]
#[tokio::test]
async fn a_lease_that_ran_out_is_not_given_back_by_its_former_owner(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let (former, holder) = (place.store(), place.store());
    let lost = former.lease(BRIEF).await.expect("a lease");
    let lease = holder.lease(LONG).await.expect("the next lease");
    drop(lost);
    former.released().await;
    let held: Option<String> = place.raw().get(place.lease_key()).expect("asked");
    assert!(
        held.is_some_and(|held| held.ends_with(":2")),
        "the holder lost its lease"
    );
    drop(lease);
}

#[rstest]
#[tokio::test]
async fn a_waiter_gets_the_lease_as_soon_as_it_is_released(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let (holder, waiter) = (place.store(), place.store());
    let lease = holder.lease(LONG).await.expect("a lease");
    let waiting = tokio::spawn(async move { waiter.lease(LONG).await.map(drop) });
    let evals = || calls(&place, "eval");
    let before = evals();
    until("the waiter has asked a few times", || evals() >= before + 3).await;
    assert!(!waiting.is_finished());
    drop(lease);
    soon("the waiter's lease", waiting)
        .await
        .expect("no panic")
        .expect("a lease");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_dropped_at_any_point_leaves_no_lease(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    for round in 0..100 {
        let store = place.store();
        let mut lease = store.lease(LONG);
        // Polled a little longer each time, until the request is on its way, answered, or granted.
        let _ = tokio::time::timeout(Duration::from_micros(20 * round), &mut lease).await;
        drop(lease);
        let next = soon("the next lease", place.store().lease(LONG)).await;
        drop(next.expect("a lease"));
    }
}

#[rstest]
#[test]
fn a_lease_needs_a_runtime_when_taken_but_not_when_dropped(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().expect("a runtime")
    };
    let first = runtime();
    let lease = first.block_on(store.lease(LONG)).expect("a lease");
    drop(lease);
    first.block_on(store.released());
    let lease = first.block_on(store.lease(SECOND)).expect("a lease");
    drop(first);
    // No task is left to release it, so it expires.
    drop(lease);
    // The connection was closed with the runtime.
    let second = runtime();
    let lease = second.block_on(async { soon("the next lease", store.lease(LONG)).await });
    drop(lease.expect("a lease"));
    let mut without = std::pin::pin!(store.load());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match without.as_mut().poll(&mut context) {
        std::task::Poll::Ready(Err(error)) => {
            assert!(
                error.to_string().contains("a tokio runtime is needed"),
                "{error}"
            );
        }
        other => panic!("{other:?}"),
    }
}

/// <https://github.com/AzureAD/microsoft-authentication-extensions-for-dotnet/issues/110>: a lock that
/// no process holds and none can get.
#[rstest]
#[tokio::test]
async fn a_lease_without_an_end_is_an_error_and_no_wait_for_ever(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let mut raw = place.raw();
    raw.set::<_, _, ()>(place.lease_key(), "by hand")
        .expect("set");
    let error = soon("an error", place.store().lease(LONG))
        .await
        .expect_err("no end");
    let text = error.to_string();
    assert!(
        text.contains("no expiry") && text.contains(&place.lease_key()),
        "{text}"
    );
    assert!(!error.is_transient(), "{error:?}");
    assert_eq!(
        raw.get::<_, String>(place.lease_key()).expect("left alone"),
        "by hand"
    );
}

#[rstest]
#[tokio::test]
async fn accounts_do_not_wait_for_each_other(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let other = store.for_account("jooto", "other").expect("a store");
    let lease = store.lease(LONG).await.expect("a lease");
    let another = soon("the other account's lease", other.lease(LONG))
        .await
        .expect("a lease");
    drop((lease, another));
}

#[rstest]
#[tokio::test]
async fn accounts_share_one_connection(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let store = server.place().store();
    let mut raw = server.place().raw();
    let mut connected = || -> usize {
        let clients: String = redis::cmd("CLIENT")
            .arg("LIST")
            .query(&mut raw)
            .expect("asked");
        clients.lines().count() - 1
    };
    let stores: Vec<_> = (0..50)
        .map(|n| store.for_account("jooto", &n.to_string()).expect("a store"))
        .collect();
    assert_eq!(connected(), 0, "it connects before it is used");
    let mut loads = tokio::task::JoinSet::new();
    for store in stores {
        loads.spawn(async move { store.load().await.expect("loaded") });
    }
    loads.join_all().await;
    assert_eq!(connected(), 1);
}

/// How often the server has carried out a command.
pub(crate) fn calls(place: &Place, command: &str) -> u64 {
    let info: String = redis::cmd("INFO")
        .arg("commandstats")
        .query(&mut place.raw())
        .expect("asked");
    let line = info.lines().find_map(|line| {
        line.strip_prefix(&format!("cmdstat_{command}:calls="))?
            .split(',')
            .next()
    });
    line.map_or(0, |calls| calls.parse().expect("a number"))
}
