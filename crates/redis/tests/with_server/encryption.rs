//! Tokens that the server cannot read.

use rstest::rstest;
use tegata::TokenStore as _;
use tegata_redis::redis::{self, Commands as _};
use tegata_redis::{EncryptionKey, RedisStore};

use crate::support::{
    LONG,
    Make::{self, Redis6, Redis7, Valkey},
    Place, RedisServer, record,
};

fn key(number: u8) -> EncryptionKey {
    EncryptionKey::new(number, &[number; 32])
}

async fn save(store: &RedisStore, number: u64) {
    let lease = store.lease(LONG).await.expect("a lease");
    store.save(&record("main", number, 0)).await.expect("saved");
    drop(lease);
    store.released().await;
}

#[rstest]
#[tokio::test]
async fn nothing_in_the_server_shows_the_token(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let place = server.place();
    let store = place
        .builder()
        .encrypt(key(1))
        .build("jooto", "main")
        .expect("a store");
    save(&store, 1).await;
    let mut raw = place.raw();
    let keys: Vec<String> = raw.keys("*").expect("keys");
    assert!(keys.len() >= 2, "{keys:?}");
    for name in keys {
        let stored: Vec<u8> = raw.get(&name).expect("read");
        assert!(!stored.windows(6).any(|part| part == b"CANARY"), "{name}");
    }
    // The search finds it where it is.
    save(
        &server
            .place()
            .builder()
            .build("jooto", "plain")
            .expect("a store"),
        1,
    )
    .await;
    let stored: Vec<u8> = raw.get("tegata:{jooto:plain}:token").expect("read");
    assert!(stored.windows(6).any(|part| part == b"CANARY"));
}

#[rstest]
#[tokio::test]
async fn a_key_is_replaced_without_a_login(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let build =
        |builder: tegata_redis::RedisStoreBuilder| builder.build("jooto", "main").expect("a store");
    let plain = build(place.builder());
    save(&plain, 1).await;
    let strict = build(place.builder().encrypt(key(1)));
    let error = strict.load().await.expect_err("not encrypted");
    assert!(error.to_string().contains("accept_unencrypted"), "{error}");
    let first = build(place.builder().encrypt(key(1)).accept_unencrypted());
    assert_eq!(
        first.load().await.expect("loaded"),
        Some(record("main", 1, 0))
    );
    save(&first, 2).await;
    let error = plain.load().await.expect_err("no key");
    assert!(
        error
            .to_string()
            .contains("key number 1, which this store was not given"),
        "{error}"
    );
    let second = build(place.builder().encrypt(key(2)).decrypt_with(key(1)));
    assert_eq!(
        second.load().await.expect("loaded"),
        Some(record("main", 2, 0))
    );
    save(&second, 3).await;
    let error = first.load().await.expect_err("a later key");
    assert!(
        error
            .to_string()
            .contains("key number 2, which this store was not given"),
        "{error}"
    );
    let only_second = build(place.builder().encrypt(key(2)));
    assert_eq!(
        only_second.load().await.expect("loaded"),
        Some(record("main", 3, 0))
    );
}

#[rstest]
#[tokio::test]
async fn a_wrong_key_is_an_error_and_overwrites_nothing(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let right = place
        .builder()
        .encrypt(key(1))
        .build("jooto", "main")
        .expect("a store");
    save(&right, 1).await;
    let wrong = EncryptionKey::new(1, &[9; 32]);
    let wrong = place
        .builder()
        .encrypt(wrong)
        .build("jooto", "main")
        .expect("a store");
    let lease = wrong.lease(LONG).await.expect("a lease");
    let error = wrong.load().await.expect_err("another key");
    let text = error.to_string();
    assert!(
        text.contains("cannot be decrypted with the key number 1"),
        "{text}"
    );
    assert!(
        text.contains(wrong.key()) && !error.is_transient(),
        "{error:?}"
    );
    let error = wrong
        .save(&record("main", 2, 0))
        .await
        .expect_err("not over it");
    assert!(error.to_string().contains("could not be read"), "{error}");
    drop(lease);
    assert_eq!(
        right.load().await.expect("loaded"),
        Some(record("main", 1, 0))
    );
}

#[rstest]
#[tokio::test]
async fn a_record_that_was_copied_to_another_account_is_refused(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place
        .builder()
        .encrypt(key(1))
        .build("jooto", "main")
        .expect("a store");
    save(&store, 1).await;
    let other = store.for_account("jooto", "other").expect("a store");
    redis::cmd("COPY")
        .arg(store.key())
        .arg(other.key())
        .exec(&mut place.raw())
        .expect("copied");
    let error = other.load().await.expect_err("another account's");
    assert!(error.to_string().contains("copied here"), "{error}");
}
