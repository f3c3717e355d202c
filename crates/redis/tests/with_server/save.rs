//! The right to save, and how long records are kept.

use std::time::Duration;

use rstest::rstest;
use tegata::provider::{Issued, Refresh};
use tegata::store::Record;
use tegata::{ErrorKind, Token, TokenStore as _};
use tegata_redis::redis::Commands as _;

use crate::support::{
    BRIEF, LONG,
    Make::{self, Redis6, Redis7, Valkey},
    Place, START, record, until,
};

#[rstest]
#[tokio::test]
async fn the_version_is_stored_beside_the_record(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    assert_eq!(place.version(), None);
    for version in 1..=3 {
        let lease = store.lease(LONG).await.expect("a lease");
        store
            .save(&record("main", version, 0))
            .await
            .expect("saved");
        drop(lease);
        assert_eq!(place.version(), Some(version));
    }
}

#[rstest]
#[tokio::test]
async fn without_a_lease_it_replaces_only_the_record_it_loaded(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let (first, second) = (place.store(), place.store());
    for store in [&first, &second] {
        assert_eq!(store.load().await.expect("loaded"), None);
    }
    second.save(&record("main", 2, 0)).await.expect("saved");
    let error = first.save(&record("main", 1, 0)).await.expect_err("moved");
    assert!(
        error.to_string().contains("another process has saved one"),
        "{error}"
    );
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Store, true),
        "{error:?}"
    );
    assert_eq!(
        first.load().await.expect("loaded"),
        Some(record("main", 2, 0))
    );
    first
        .save(&record("main", 3, 0))
        .await
        .expect("no other was faster");
    first
        .save(&record("main", 4, 0))
        .await
        .expect("no other but itself");
    let error = second.save(&record("main", 5, 0)).await.expect_err("moved");
    assert!(error.to_string().contains("load that first"), "{error}");
    assert_eq!(place.version(), Some(4));
}

#[rstest]
#[tokio::test]
async fn after_a_lease_it_still_replaces_the_record_it_loaded(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let lease = store.lease(LONG).await.expect("a lease");
    store.save(&record("main", 1, 0)).await.expect("saved");
    drop(lease);
    store.released().await;
    store
        .save(&record("main", 2, 0))
        .await
        .expect("no other was faster");
    assert_eq!(place.version(), Some(2));
}

#[rstest]
#[tokio::test]
async fn a_store_that_never_loaded_overwrites_nothing_without_a_lease(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    place
        .store()
        .save(&record("main", 1, 0))
        .await
        .expect("there was none");
    place
        .store()
        .save(&record("main", 2, 0))
        .await
        .expect_err("there is one");
    assert_eq!(
        place.store().load().await.expect("loaded"),
        Some(record("main", 1, 0))
    );
}

#[rstest]
#[tokio::test]
async fn under_a_lease_it_notices_saves_without_one(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let (holder, other) = (place.store(), place.store());
    let lease = holder.lease(LONG).await.expect("a lease");
    holder.load().await.expect("loaded");
    other
        .save(&record("main", 2, 0))
        .await
        .expect("there was none");
    holder.save(&record("main", 1, 0)).await.expect_err("moved");
    drop(lease);
    let lease = holder.lease(LONG).await.expect("a lease");
    holder
        .save(&record("main", 3, 0))
        .await
        .expect("a new lease, and nothing loaded under it");
    drop(lease);
    assert_eq!(
        other.load().await.expect("loaded"),
        Some(record("main", 3, 0))
    );
}

/// <https://github.com/BerriAI/litellm/pull/31493>: a lease that ran out in mid-renewal.
#[rstest]
#[tokio::test]
async fn a_process_without_the_lease_does_not_overwrite_its_holder(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let (former, holder) = (place.store(), place.store());
    let lost = former.lease(BRIEF).await.expect("a lease");
    let lease = holder.lease(LONG).await.expect("the next lease");
    let error = former.save(&record("main", 1, 0)).await.expect_err("lost");
    assert!(error.to_string().contains("the lease was lost"), "{error}");
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Store, true),
        "{error:?}"
    );
    holder.save(&record("main", 2, 0)).await.expect("saved");
    former
        .save(&record("main", 1, 0))
        .await
        .expect_err("still lost");
    drop(lost);
    drop(lease);
    assert_eq!(
        holder.load().await.expect("loaded"),
        Some(record("main", 2, 0))
    );
}

#[rstest]
#[tokio::test]
async fn an_expired_lease_gives_no_right_even_if_it_is_free(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let lost = store.lease(BRIEF).await.expect("a lease");
    let mut raw = place.raw();
    until("the lease runs out", || {
        !raw.exists::<_, bool>(place.lease_key()).expect("asked")
    })
    .await;
    let error = store.save(&record("main", 1, 0)).await.expect_err("lost");
    assert!(error.to_string().contains("the lease was lost"), "{error}");
    assert_eq!(place.version(), None);
    drop(lost);
}

#[rstest]
#[tokio::test]
async fn a_record_is_kept_as_long_as_its_refresh_token_is_good(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place
        .builder()
        .ttl(Duration::from_secs(7200))
        .build("jooto", "main")
        .expect("a store");
    let mut raw = place.raw();
    for (lifetime, expected) in [(Some(86_400), 86_400), (None, 7200)] {
        let refresh = Refresh::Replace {
            token: "CANARY-refresh".into(),
            lifetime: lifetime.map(Duration::from_secs),
        };
        let issued = Issued::new("CANARY-access", Some(Duration::from_secs(3600)), refresh);
        let record = Record::new(Token::new(issued, START, None));
        let lease = store.lease(LONG).await.expect("a lease");
        store.save(&record).await.expect("saved");
        drop(lease);
        let left: i64 = raw.ttl(store.key()).expect("asked");
        assert!(
            (expected - 60..=expected).contains(&left),
            "{left} s, not {expected}"
        );
    }
    let lease = place.store().lease(LONG).await.expect("a lease");
    let forever = place.store();
    forever.load().await.expect("loaded");
    forever.save(&record("main", 1, 0)).await.expect("saved");
    drop(lease);
    assert_eq!(
        raw.ttl::<_, i64>(store.key()).expect("asked"),
        -1,
        "an expiry is left"
    );
}

#[rstest]
#[tokio::test]
async fn a_lower_version_never_replaces_a_higher_one(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    store.save(&record("main", 7, 0)).await.expect("saved");
    // A process that has not loaded the record has to load it.
    let other = place.store();
    let lease = other.lease(LONG).await.expect("a lease");
    let error = other.save(&record("main", 6, 0)).await.expect_err("older");
    assert!(error.to_string().contains("load that first"), "{error}");
    assert!(error.is_transient(), "{error:?}");
    // One that has loaded it used too low a version.
    assert_eq!(
        other.load().await.expect("loaded"),
        Some(record("main", 7, 0))
    );
    let error = other.save(&record("main", 6, 0)).await.expect_err("older");
    let text = error.to_string();
    assert!(
        text.contains("version 6 and would replace version 7") && text.contains("with_version"),
        "{text}"
    );
    assert!(!error.is_transient(), "{error:?}");
    assert_eq!(place.version(), Some(7));
    other
        .save(&record("main", 7, 0).ended())
        .await
        .expect("as late as that one");
    drop(lease);
}

#[rstest]
#[tokio::test]
async fn a_record_that_went_back_in_time_is_replaced(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let mut raw = place.raw();
    store.save(&record("main", 1, 0)).await.expect("saved");
    let backup: Vec<u8> = raw.get(store.key()).expect("read");
    store.save(&record("main", 2, 0)).await.expect("saved");
    raw.set::<_, _, ()>(store.key(), backup).expect("restored");
    let lease = store.lease(LONG).await.expect("a lease");
    assert_eq!(
        store.load().await.expect("loaded"),
        Some(record("main", 1, 0))
    );
    store
        .save(&record("main", 2, 0))
        .await
        .expect("saved again");
    drop(lease);
    assert_eq!(
        place.store().load().await.expect("loaded"),
        Some(record("main", 2, 0))
    );
}
