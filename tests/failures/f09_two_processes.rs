//! Two processes spend the same refresh token, which is good once, and the whole family is revoked.
//!
//! cloudflare/workers-sdk#15089, jdx/mise#10995, aws/aws-cli#10628, stacklok/toolhive#4122; without the lock no
//! exchange: railwayapp/cli#1021. With real processes: the tests called `crash`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tegata::provider::BoxFuture;
use tegata::store::{Lease, LeaseTerms, Record};
use tegata::{Error, ErrorKind, FileStore, MemoryStore, TokenCache, TokenStore};
use tegata_emulator::{Endpoint, Provider};

use crate::support::{DEADLINE, FIRST_PAUSE, LEASE, Scene, file_with, until};
use tegata_test_support::loopback::{HOUR, Loopback};
use tegata_test_support::soon;

/// In real time, since waiting for the lock means trying it at intervals.
#[tokio::test]
async fn one_of_eight_processes_refreshes_and_the_others_adopt() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let (_folder, store) = file_with(&loopback.token(&app).await).await;
    loopback.advance(HOUR);
    loopback.emulator.clear_log();
    let processes: Vec<_> = (0..8)
        .map(|_| {
            let store = FileStore::new(store.path());
            app.client_from(Arc::new(store)).build().expect("valid")
        })
        .collect();
    loopback.emulator.hold(Provider::Jooto);
    let callers: Vec<_> = processes
        .iter()
        .map(|process| {
            let process = process.clone();
            tokio::spawn(async move { process.warm_up().await })
        })
        .collect();
    loopback
        .until_held(Provider::Jooto, Endpoint::Token, 1)
        .await;
    loopback.emulator.release(Provider::Jooto);
    for caller in callers {
        caller.await.expect("no panic").expect("served");
    }
    assert_eq!(loopback.token_requests(Provider::Jooto).len(), 1);
    let stored = store.load().await.expect("whole");
    for process in &processes {
        let token = process.token_cache().and_then(TokenCache::token);
        assert_eq!(
            token.as_ref().map(without_times),
            stored.as_ref().and_then(Record::token).map(without_times)
        );
    }
}

/// What is stored loses what is less than a millisecond.
fn without_times(token: &tegata::Token) -> (tegata::Secret, Option<tegata::Secret>) {
    (token.access_token().clone(), token.refresh_token().cloned())
}

#[tokio::test(start_paused = true)]
async fn a_spent_refresh_token_leads_to_the_meanwhile_stored_one() {
    let scene = Scene::begin();
    let first = scene.expired().await;
    let (_folder, store) = file_with(&first).await;
    // A process without the lock was quicker, and slower to store.
    let quick = scene.jooto(MemoryStore::holding(first));
    quick.warm_up().await.expect("a token");
    let newest = quick
        .token_cache()
        .and_then(TokenCache::token)
        .expect("a token");

    let client = scene.jooto(store.clone());
    scene.loopback.emulator.hold(Provider::Jooto);
    let caller = tokio::spawn({
        let client = client.clone();
        async move { client.get("/v1/boards").await }
    });
    scene
        .loopback
        .until_held(Provider::Jooto, Endpoint::Token, 1)
        .await;
    store.save(&Record::new(newest)).await.expect("saved");
    scene.loopback.emulator.release(Provider::Jooto);
    let status = soon("the call", caller).await.expect("no panic");
    assert_eq!(status.expect("adopted"), 200);
    let statuses: Vec<_> = scene
        .token_requests(Provider::Jooto)
        .iter()
        .map(|r| r.status)
        .collect();
    assert_eq!(statuses, [Some(200), Some(400)]);
}

/// The file store, and whether it was asked for a lease.
#[derive(Clone)]
struct Asked(FileStore, Arc<AtomicBool>);

impl TokenStore for Asked {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        self.0.load()
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        self.0.save(record)
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async move {
            let lease = self.0.lease(terms);
            self.1.store(true, Ordering::SeqCst);
            lease.await
        })
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_lock_nothing_is_spent() {
    let scene = Scene::begin();
    let (_folder, store) = file_with(&scene.expired().await).await;
    let is_asked = Arc::new(AtomicBool::new(false));
    let client = scene.jooto(Asked(store.clone(), Arc::clone(&is_asked)));
    let lock = store.lease(LEASE).await.expect("the lock");
    let caller = tokio::spawn({
        let client = client.clone();
        async move { client.warm_up().await }
    });
    until("a lease is asked for", || is_asked.load(Ordering::SeqCst)).await;
    // Longer than the store waits, and less than the renewal waits for the store. Not in steps: the attempts to
    // lock the file take real time, and with steps between them either of the two could end first.
    scene.pass(DEADLINE.mul_f64(0.85)).await;
    until("the renewal has failed", || caller.is_finished()).await;
    let error = caller.await.expect("no panic").expect_err("no lock");
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
    let (text, holder) = (error.to_string(), std::process::id().to_string());
    assert!(text.contains(&holder), "the holder is not named: {text}");
    assert!(scene.spent().is_empty(), "{:?}", scene.spent());
    drop(lock);
    scene.pass(FIRST_PAUSE).await;
    client.warm_up().await.expect("served");
}
