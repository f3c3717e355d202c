//! Keys with foreign values.

use rstest::rstest;
use tegata::{ErrorKind, TokenStore as _};
use tegata_redis::redis::{self, Commands as _};

use crate::support::{
    LONG,
    Make::{self, Redis6, Redis7, Valkey},
    Place, record,
};

#[rstest]
#[tokio::test]
async fn a_foreign_value_is_named_and_left_alone(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let mut raw = place.raw();
    for (lies, why) in [
        ("CANARY", "not written by this store"),
        ("", "not written by this store"),
        ("tegata 2 7 00ff", "not written by this store"),
        ("tegata 3 CANARY", "unknown format 3"),
    ] {
        raw.set::<_, _, ()>(store.key(), lies).expect("set");
        let error = store.load().await.expect_err("no record");
        let text = format!("{error} {error:?}");
        assert!(text.contains(why) && text.contains(store.key()), "{text}");
        assert!(!text.contains("CANARY"), "{text}");
        assert_eq!(
            (error.kind(), error.is_transient()),
            (ErrorKind::Store, false),
            "{error:?}"
        );
        store
            .save(&record("main", 1, 0))
            .await
            .expect_err("not ours, without a lease");
        // A store that has not loaded it notices it all the same.
        let blind = place.store();
        let lease = blind.lease(LONG).await.expect("a lease");
        let error = blind
            .save(&record("main", 1, 0))
            .await
            .expect_err("not ours");
        assert!(error.to_string().contains("was left alone"), "{error}");
        drop(lease);
        assert_eq!(
            raw.get::<_, String>(store.key()).expect("still there"),
            lies
        );
    }
}

#[rstest]
#[tokio::test]
async fn a_damaged_token_is_left_alone_once_it_was_seen(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let lies = "tegata 1 7 00ff {\"access_token\":\"CANARY\"";
    place.raw().set::<_, _, ()>(store.key(), lies).expect("set");
    let lease = store.lease(LONG).await.expect("a lease");
    let error = store.load().await.expect_err("damaged");
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("is damaged") && text.contains("log in again"),
        "{text}"
    );
    assert!(!text.contains("CANARY"), "{text}");
    let error = store
        .save(&record("main", 1, 0))
        .await
        .expect_err("not over it");
    assert!(error.to_string().contains("could not be read"), "{error}");
    drop(lease);
    assert_eq!(
        place.raw().get::<_, String>(store.key()).expect("there"),
        lies
    );
    // Moved away, as the error says, it is in no one's way.
    let aside = format!("{}:damaged", store.key());
    place
        .raw()
        .rename::<_, _, ()>(store.key(), aside)
        .expect("moved");
    let lease = store.lease(LONG).await.expect("a lease");
    assert_eq!(store.load().await.expect("none"), None);
    store.save(&record("main", 1, 0)).await.expect("saved");
    drop(lease);
}

#[rstest]
#[tokio::test]
async fn another_kind_of_value_is_named_and_left_alone(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let mut raw = place.raw();
    raw.rpush::<_, _, ()>(store.key(), "of another")
        .expect("set");
    let loading = store.load().await.expect_err("a list");
    let saving = store.save(&record("main", 1, 0)).await.expect_err("a list");
    raw.rpush::<_, _, ()>(place.lease_key(), "of another")
        .expect("set");
    let leasing = store.lease(LONG).await.expect_err("a list");
    for (error, key) in [
        (loading, store.key()),
        (saving, store.key()),
        (leasing, &place.lease_key()),
    ] {
        let text = error.to_string();
        assert!(
            text.contains("another kind of value") && text.contains(key),
            "{text}"
        );
        assert!(!error.is_transient(), "{error:?}");
    }
    for key in [store.key(), &place.lease_key()] {
        let kind: String = redis::cmd("TYPE").arg(key).query(&mut raw).expect("asked");
        assert_eq!(kind, "list", "{key}");
    }
}
