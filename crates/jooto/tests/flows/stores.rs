//! Tokens that outlive a client.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tegata::provider::BoxFuture;
use tegata::provider::ErrorExt as _;
use tegata::store::{Owner, Record};
use tegata::{AccountHash, Error, ErrorKind, MemoryStore, Token, TokenStore};
use tegata_emulator::Provider;
use tegata_jooto::Client;

use tegata_test_support::facts;
use tegata_test_support::loopback::{HOUR, JOOTO_ID, Loopback};
use tegata_test_support::shown::found;
use tegata_test_support::traced::Traced;
use tegata_test_support::wire::{credential, statuses};

const JOOTO: Provider = Provider::Jooto;

fn from(loopback: &Loopback, store: &MemoryStore) -> Client {
    let client = loopback.app().client_from(Arc::new(store.clone())).build();
    client.expect("valid settings")
}

async fn call(client: &Client) {
    let organization = client.api().get_organization(1).await;
    assert_eq!(organization.expect("accepted")["id"], 1);
}

#[tokio::test]
async fn a_restart_uses_the_stored_and_rotated_refresh_token() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let store = MemoryStore::default();
    let first = app.client(loopback.token(&app).await);
    let first = first.store(Arc::new(store.clone())).build();
    let first = first.expect("valid settings");
    loopback.advance(HOUR);
    call(&first).await;
    drop(first);
    loopback.emulator.clear_log();

    let second = from(&loopback, &store);
    call(&second).await;
    assert!(loopback.token_requests(JOOTO).is_empty());
    loopback.advance(HOUR);
    call(&second).await;
    drop(second);

    loopback.advance(HOUR);
    call(&from(&loopback, &store)).await;
    assert_eq!(statuses(&loopback.token_requests(JOOTO)), [200, 200]);
    assert_eq!(statuses(&loopback.calls(JOOTO)), [200, 200, 200]);
}

#[tokio::test]
async fn the_token_of_the_exchange_is_stored_before_it_is_used() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let token = loopback.token(&app).await;
    let store = MemoryStore::default();
    let client = app.client(token.clone()).store(Arc::new(store.clone()));
    let client = client.build().expect("valid settings");
    assert_eq!(store.token(), None);
    call(&client).await;
    assert_eq!(store.token(), Some(token));
}

#[tokio::test]
async fn clients_that_share_a_store_share_a_refresh() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let store = MemoryStore::holding(loopback.token(&app).await);
    let (one, other) = (from(&loopback, &store), from(&loopback, &store));
    call(&one).await;
    call(&other).await;
    loopback.advance(HOUR);
    loopback.emulator.clear_log();
    call(&one).await;
    // The refresh token that it knew is spent; the one in the store is fresh.
    call(&other).await;
    assert_eq!(statuses(&loopback.token_requests(JOOTO)), [200]);
    let calls: Vec<_> = loopback.calls(JOOTO).iter().map(credential).collect();
    assert_eq!(calls[0], calls[1]);
}

#[tokio::test]
async fn an_empty_store_asks_for_the_users_consent() {
    let loopback = Loopback::start();
    let client = from(&loopback, &MemoryStore::default());
    let error = client.warm_up().await.expect_err("nothing to begin with");
    assert_eq!(facts(&error), (ErrorKind::TokenDenied, None, None));
    assert!(error.to_string().contains("authorize"), "{error}");
    assert!(loopback.emulator.log(JOOTO).is_empty());
}

#[tokio::test]
async fn a_newer_token_in_hand_wins_over_an_older_one_in_the_store() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let store = MemoryStore::holding(loopback.token(&app).await);
    loopback.advance(10);
    let newer = loopback.token(&app).await;
    loopback.emulator.clear_log();
    let client = app.client(newer.clone()).store(Arc::new(store.clone()));
    let client = client.build().expect("valid settings");
    call(&client).await;
    assert_eq!(store.token(), Some(newer));
    assert!(loopback.token_requests(JOOTO).is_empty());
}

/// A store that cannot be read, or not be written.
struct Broken {
    holds: Option<Token>,
    saves: Arc<AtomicUsize>,
}

impl TokenStore for Broken {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        let loaded = match &self.holds {
            Some(token) => Ok(Some(Record::new(token.clone()))),
            None => Err(Error::store("the disk is gone", "no such device")),
        };
        Box::pin(std::future::ready(loaded))
    }

    fn save<'a>(&'a self, _: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        self.saves.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready(Err(Error::store(
            "the disk is full",
            "no space",
        ))))
    }
}

#[tokio::test]
async fn an_unreadable_store_is_a_distinct_error() {
    let loopback = Loopback::start();
    let store = Broken {
        holds: None,
        saves: Arc::default(),
    };
    let client = loopback.app().client_from(Arc::new(store)).build();
    let error = client.expect("valid settings").warm_up().await;
    let error = error.expect_err("unreadable");
    assert_eq!(facts(&error), (ErrorKind::Store, None, None));
    assert_eq!(error.to_string(), "the disk is gone");
    assert!(loopback.emulator.log(JOOTO).is_empty());
}

#[tokio::test]
async fn a_token_that_cannot_be_saved_is_still_used() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let saves = Arc::new(AtomicUsize::new(0));
    let store = Broken {
        holds: Some(loopback.token(&app).await),
        saves: Arc::clone(&saves),
    };
    let client = app.client_from(Arc::new(store)).build();
    let client = client.expect("valid settings");
    loopback.advance(HOUR);
    call(&client).await;
    call(&client).await;
    // It is tried again after a pause, which may be over already.
    assert!(saves.load(Ordering::SeqCst) >= 1, "no save was tried");
    assert_eq!(statuses(&loopback.token_requests(JOOTO)), [200, 200]);
}

#[tokio::test]
async fn a_stored_token_that_no_header_can_carry_is_renewed() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let token = loopback.token(&app).await;
    let mut spoilt = serde_json::to_value(&token).expect("serializes");
    spoilt["access_token"] = "CANARY\nline".into();
    let spoilt = serde_json::from_value(spoilt).expect("a token");
    let store = MemoryStore::holding(spoilt);
    let client = from(&loopback, &store);
    call(&client).await;
    assert_eq!(statuses(&loopback.token_requests(JOOTO)), [200, 200]);
}

#[tokio::test]
async fn organizations_of_one_application_are_accounts_of_their_own() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let token = loopback.token(&app).await;
    let log = Traced::begin();
    let store = MemoryStore::default();
    let first = app.for_account("CANARY-organization-7").client(token);
    let first = first.store(Arc::new(store.clone())).build();
    call(&first.expect("valid settings")).await;
    let account = AccountHash::of(JOOTO_ID).with("CANARY-organization-7");
    let record = store.load().await.expect("loads").expect("saved");
    assert_eq!(record.owner(), Some(&Owner::new("jooto", account)));
    let text = log.take();
    let event = text.lines().find(|line| line.contains("tegata.renewal"));
    let event = event.expect("a renewal is logged");
    for part in [
        "provider=\"jooto\"",
        &format!("account={account}"),
        "reason=\"missing\"",
        "duration_ms=",
    ] {
        assert!(event.contains(part), "{part}: {event}");
    }
    assert_eq!(found(&text, &[]), None, "{text}");

    let second = app.client_from(Arc::new(store)).account("organization-8");
    let second = second.build().expect("valid settings");
    let error = second
        .api()
        .get_organization(1)
        .await
        .expect_err("another's");
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
}
