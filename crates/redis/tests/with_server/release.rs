//! Leases that are prolonged, kept by others, and given back to a server that does not take them.

use std::time::Duration;

use rstest::rstest;
use tegata::store::LeaseTerms;
use tegata::{ErrorKind, TokenStore as _};
use tegata_redis::redis::{self, Commands as _};
use tegata_redis::{RedisStore, Unavailable};

use crate::support::Make::{self, Redis6, Redis7, Valkey};
use crate::support::{BRIEF, LONG, Log, Place, RedisServer, record, soon, until};

/// The terms of a caller that does not wait.
const NOW: LeaseTerms = LeaseTerms {
    lifetime: LONG.lifetime,
    patience: Duration::ZERO,
};

#[rstest]
#[tokio::test]
async fn the_lease_of_another_process_is_named_with_its_time_left(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let lease = place.store().lease(LONG).await.expect("a lease");
    let mut raw = place.raw();
    let shortened: bool = raw.pexpire(place.lease_key(), 11_999).expect("asked");
    assert!(shortened, "there is none");
    let error = place.store().lease(NOW).await.expect_err("held");
    let text = error.to_string();
    assert!(text.contains(&place.lease_key()), "{text}");
    assert!(
        text.contains("held by another process for another 1"),
        "{text}"
    );
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Store, true),
        "{error:?}"
    );
    drop(lease);
}

#[rstest]
#[tokio::test]
async fn a_lease_of_another_task_here_is_named_too(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let mut lease = store.lease(LONG).await.expect("a lease");
    lease
        .prolong(Duration::from_secs(600))
        .await
        .expect("prolonged");
    let error = store.clone().lease(NOW).await.expect_err("held");
    let text = error.to_string();
    assert!(text.contains(&place.lease_key()), "{text}");
    assert!(
        text.contains("held by another task of this process for another 600 s"),
        "{text}"
    );
    assert!(error.is_transient(), "{error:?}");
    drop(lease);
    drop(store.lease(LONG).await.expect("its turn"));
}

#[rstest]
#[tokio::test]
async fn a_prolonged_lease_outlives_its_first_lifetime(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let mut lease = store.lease(LONG).await.expect("a lease");
    lease
        .prolong(Duration::from_secs(600))
        .await
        .expect("prolonged");
    let left: u64 = place.raw().pttl(place.lease_key()).expect("asked");
    assert!((590_000..=600_000).contains(&left), "{left} ms");
    store
        .save(&record("main", 1, 0))
        .await
        .expect("still its own");
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
#[tokio::test]
async fn a_lease_that_has_passed_to_another_cannot_be_prolonged(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let (former, holder) = (place.store(), place.store());
    let mut lost = former.lease(BRIEF).await.expect("a lease");
    let lease = holder.lease(LONG).await.expect("the next lease");
    let held: String = place.raw().get(place.lease_key()).expect("held");
    let passed = lost.prolong(LONG.lifetime).await.expect_err("passed");
    assert!(
        passed.to_string().contains("has passed to another process"),
        "{passed}"
    );
    assert_eq!(
        place
            .raw()
            .get::<_, String>(place.lease_key())
            .expect("held"),
        held,
        "taken away"
    );
    drop(lease);
    holder.released().await;
    let ended = lost.prolong(LONG.lifetime).await.expect_err("ended");
    assert!(ended.to_string().contains("it ran out"), "{ended}");
    for error in [passed, ended] {
        assert!(error.to_string().contains(&place.lease_key()), "{error}");
        assert_eq!(
            (error.kind(), error.is_transient()),
            (ErrorKind::Store, false),
            "{error:?}"
        );
    }
    let error = former.save(&record("main", 1, 0)).await.expect_err("lost");
    assert!(error.to_string().contains("the lease was lost"), "{error}");
}

#[tokio::test]
async fn a_lease_is_prolonged_again_once_the_server_is_back() {
    let arguments = ["--appendonly", "yes", "--appendfsync", "always"];
    let Some(mut server) = RedisServer::start_with(Redis7, &arguments) else {
        return;
    };
    let store = server.place().store();
    let mut lease = store.lease(LONG).await.expect("a lease");
    server.stop();
    let error = lease.prolong(LONG.lifetime).await.expect_err("away");
    assert!(error.to_string().contains("was refused"), "{error}");
    assert!(error.is_transient(), "{error:?}");
    server.start_again();
    lease.prolong(LONG.lifetime).await.expect("prolonged");
    drop(lease);
}

#[tokio::test]
async fn a_turn_without_a_server_needs_not_be_prolonged() {
    let Some(mut server) = RedisServer::start(Redis7) else {
        return;
    };
    server.stop();
    let builder = server.place().builder().unavailable(Unavailable::GoOn);
    let store = builder.build("jooto", "main").expect("a store");
    let mut turn = store.lease(NOW).await.expect("its turn in this process");
    turn.prolong(LONG.lifetime)
        .await
        .expect("nothing to prolong");
}

/// Without the right to `DEL`, which no other step needs.
#[rstest]
#[tokio::test]
async fn a_refused_release_warns_and_does_not_block_this_process(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let (log, _guard) = Log::capture();
    let mut user = redis::cmd("ACL");
    user.arg("SETUSER")
        .arg(&["u", "on", ">CANARY", "~tegata:*", "+eval", "+get", "+set"])
        .arg(&["+incr", "+pexpire", "+pttl"]);
    user.exec(&mut server.place().raw()).expect("a user");
    let url = server.url().replace("//", "//u:CANARY@");
    let store = RedisStore::builder(&url)
        .build("jooto", "main")
        .expect("a store");
    for number in 1..=2 {
        let lease = soon("a lease", store.lease(NOW))
            .await
            .expect("its own is no hindrance");
        store.save(&record("main", number, 0)).await.expect("saved");
        drop(lease);
        store.released().await;
    }
    let text = log.text();
    let warning = text.lines().find(|line| line.contains("WARN"));
    let warning = warning.expect("a warning");
    for part in [
        "could not be given back",
        "tegata:{jooto:main}:lease",
        "left=\"60 s\"",
        "+del",
    ] {
        assert!(warning.contains(part), "{part}: {warning}");
    }
    assert_eq!(
        warning.contains("may not run DEL"),
        make == Valkey,
        "{warning}"
    );
    assert!(!text.contains("CANARY"), "{text}");
    let error = server.place().store().lease(NOW).await.expect_err("held");
    assert!(error.to_string().contains("for another 60 s"), "{error}");
}

#[rstest]
#[tokio::test]
async fn a_release_is_tried_again_until_writes_go_through(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let (log, _guard) = Log::capture();
    let place = server.place();
    let builder = place.builder().timeout(Duration::from_millis(500));
    let store = builder.build("jooto", "main").expect("a store");
    let lease = store.lease(LONG).await.expect("a lease");
    let mut pause = redis::cmd("CLIENT");
    pause
        .arg(&["PAUSE", "1200", "WRITE"])
        .exec(&mut place.raw())
        .expect("paused");
    drop(lease);
    store.released().await;
    assert!(
        !place
            .raw()
            .exists::<_, bool>(place.lease_key())
            .expect("asked")
    );
    assert!(!log.text().contains("WARN"), "{}", log.text());
}

#[tokio::test]
async fn a_release_that_fails_for_good_says_how_long_others_wait() {
    let Some(mut server) = RedisServer::start(Redis7) else {
        return;
    };
    let (log, _guard) = Log::capture();
    let store = server.place().store();
    let lease = store.lease(LONG).await.expect("a lease");
    server.stop();
    drop(lease);
    soon("the end of its tries", store.released()).await;
    let text = log.text();
    assert!(
        text.contains("WARN") && text.contains("left=\"") && text.contains("was refused"),
        "{text}"
    );
    // A lease that was never granted needs no warning.
    let before = text.matches("WARN").count();
    store.lease(NOW).await.expect_err("away");
    store.released().await;
    let text = log.text();
    assert_eq!(text.matches("WARN").count(), before, "{text}");
    // One that was never requested need not be released.
    assert!(!text.contains("never been given"), "{text}");
}

#[tokio::test]
async fn the_next_task_does_not_wait_while_a_release_is_tried_again() {
    let Some(mut server) = RedisServer::start(Redis7) else {
        return;
    };
    let store = server.place().store();
    let lease = store.lease(LONG).await.expect("a lease");
    server.stop();
    drop(lease);
    tokio::select! {
        biased;
        outcome = store.lease(LONG) => {
            let error = outcome.expect_err("away");
            assert!(error.to_string().contains("was refused"), "{error}");
        }
        () = store.released() => panic!("the release was tried to its end first"),
    }
}

/// An abandoned request may be carried out late, by a server that was stopped for a while.
#[rstest]
#[tokio::test]
async fn a_late_request_of_an_earlier_turn_takes_no_lease_away(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let mut raw = place.raw();
    let mut acquire = |store: char, turn: u64| -> (u64, i64) {
        let owner = format!("{}{turn:016}", store.to_string().repeat(16));
        let mut command = redis::cmd("EVAL");
        command
            .arg(include_str!("../../src/scripts/acquire.lua"))
            .arg(2)
            .arg(place.lease_key())
            .arg("tegata:{jooto:main}:lease-number")
            .arg(owner)
            .arg(60_000)
            .arg(60_000);
        command.query(&mut raw).expect("an answer")
    };
    assert_eq!(acquire('a', 9), (1, 0));
    assert_eq!(acquire('a', 9), (1, 0), "its answer was lost");
    assert_eq!(acquire('a', 8).0, 0, "an earlier turn took it");
    assert_eq!(acquire('b', 10).0, 0, "another store took it");
    assert_eq!(
        acquire('a', 10),
        (2, 0),
        "what an earlier turn left is in the way"
    );
}

#[rstest]
#[tokio::test]
async fn patience_is_waited_out_before_the_error(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let lease = place.store().lease(LONG).await.expect("a lease");
    let terms = LeaseTerms {
        patience: Duration::from_millis(300),
        ..LONG
    };
    let waiter = place.store();
    let waiting = tokio::spawn(async move { waiter.lease(terms).await.map(drop) });
    let before = crate::lease::calls(&place, "eval");
    until("the waiter has asked a few times", || {
        crate::lease::calls(&place, "eval") >= before + 3
    })
    .await;
    let outcome = soon("the end of its patience", waiting)
        .await
        .expect("no panic");
    let error = outcome.expect_err("held");
    assert!(
        error.to_string().contains("held by another process"),
        "{error}"
    );
    drop(lease);
}
