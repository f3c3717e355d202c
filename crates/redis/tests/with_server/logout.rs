//! Logouts, and the other contents of a record besides its token.

use std::time::SystemTime;

use rstest::rstest;
use tegata::store::{Owner, Record};
use tegata::{AccountHash, TokenStore as _};
use tegata_redis::EncryptionKey;
use tegata_redis::redis::Commands as _;

use crate::support::Make::{self, Redis6, Redis7, Valkey};
use crate::support::{LONG, Place, record, token};

fn owner() -> Owner {
    Owner::new("jooto", AccountHash::of("main"))
}

#[rstest]
#[tokio::test]
async fn a_logout_is_a_record_that_all_processes_see(
    #[values(Redis7, Redis6, Valkey)] make: Make,
    #[values(false, true)] encrypted: bool,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = || {
        let mut builder = place.builder();
        if encrypted {
            builder = builder.encrypt(EncryptionKey::new(1, &[7; 32]));
        }
        builder.build("jooto", "main").expect("a store")
    };
    let first = store();
    let lease = first.lease(LONG).await.expect("a lease");
    let saved = record("main", 7, 0).with_owner(Some(owner()));
    first.save(&saved).await.expect("saved");
    drop(lease);
    store().delete().await.expect("deleted");
    let found = first.load().await.expect("loaded").expect("a record");
    assert_eq!(found.token(), None);
    assert!(found.deleted_at().is_some_and(|at| at <= SystemTime::now()));
    assert_eq!((found.version(), found.owner()), (8, Some(&owner())));
    assert_eq!(place.version(), Some(8));
    let stored: Vec<u8> = place.raw().get(first.key()).expect("read");
    let shown = String::from_utf8_lossy(&stored);
    assert!(!shown.contains("CANARY"), "{shown}");
    assert_eq!(shown.contains("deleted_at"), !encrypted, "{shown}");
    // A login is a record again.
    let lease = first.lease(LONG).await.expect("a lease");
    first.save(&record("main", 9, 0)).await.expect("saved");
    drop(lease);
    assert_eq!(
        store().load().await.expect("loaded"),
        Some(record("main", 9, 0))
    );
}

#[rstest]
#[tokio::test]
async fn the_mark_of_an_ended_session_and_the_owner_are_kept(
    #[values(Redis7, Redis6, Valkey)] make: Make,
    #[values(false, true)] encrypted: bool,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let mut builder = place.builder();
    if encrypted {
        builder = builder.encrypt(EncryptionKey::new(1, &[7; 32]));
    }
    let store = builder.build("jooto", "main").expect("a store");
    let ended = record("main", 3, 0).with_owner(Some(owner())).ended();
    store.save(&ended).await.expect("saved");
    let found = store.load().await.expect("loaded").expect("a record");
    assert_eq!(found, ended);
    assert!(found.is_ended());
    let stored: Vec<u8> = place.raw().get(store.key()).expect("read");
    let shown = String::from_utf8_lossy(&stored);
    assert_eq!(shown.contains("ended"), !encrypted, "{shown}");
}

#[rstest]
#[tokio::test]
async fn a_logout_replaces_an_unreadable_record_but_no_foreign_one(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let mut raw = place.raw();
    raw.set::<_, _, ()>(store.key(), "tegata 2 7 00ff {\"damaged")
        .expect("set");
    store.delete().await.expect("deleted");
    let found = store.load().await.expect("loaded").expect("a record");
    assert!(found.deleted_at().is_some());
    assert_eq!(found.version(), 8);
    for foreign in ["something else", "tegata 3 of a later version"] {
        raw.set::<_, _, ()>(store.key(), foreign).expect("set");
        store.delete().await.expect_err("not ours");
        assert_eq!(raw.get::<_, String>(store.key()).expect("read"), foreign);
    }
    raw.del::<_, ()>(store.key()).expect("deleted");
    store.delete().await.expect("there was none");
    assert!(
        store
            .load()
            .await
            .expect("loaded")
            .is_some_and(|it| it.deleted_at().is_some())
    );
}

#[rstest]
#[tokio::test]
async fn a_record_of_the_former_format_is_read_and_replaced(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    let mut raw = place.raw();
    let former = serde_json::to_string(&token("main", 1, 0)).expect("JSON");
    raw.set::<_, _, ()>(store.key(), format!("tegata 1 12 00ff {former}"))
        .expect("set");
    let lease = store.lease(LONG).await.expect("a lease");
    let found = store.load().await.expect("loaded").expect("a record");
    assert_eq!(found, Record::new(token("main", 1, 0)).with_version(12));
    let next = record("main", 2, 0)
        .with_version(13)
        .with_owner(Some(owner()));
    store.save(&next).await.expect("saved");
    drop(lease);
    let stored: String = raw.get(store.key()).expect("read");
    assert!(stored.starts_with("tegata 2 13 "), "{stored}");
    assert_eq!(place.store().load().await.expect("loaded"), Some(next));
}

#[rstest]
#[case("tegata 2 7 00ff {}")]
#[case("tegata 2 7 00ff {\"version\":7}")]
#[case("tegata 2 8 00ff {\"version\":7,\"deleted_at\":0}")]
#[case("tegata 1 7 00ff {\"version\":7,\"deleted_at\":0}")]
#[tokio::test]
async fn an_empty_or_ambiguous_record_is_damaged(#[case] stored: &str) {
    let Some(place) = Place::find(Redis7) else {
        return;
    };
    let store = place.store();
    place
        .raw()
        .set::<_, _, ()>(store.key(), stored)
        .expect("set");
    let error = store.load().await.expect_err("damaged");
    assert!(error.to_string().contains("is damaged"), "{error}");
}
