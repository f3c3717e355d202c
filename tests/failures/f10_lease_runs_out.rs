//! The lease runs out in the middle of a refresh and is given back by its former owner; or the lock file of
//! a dead process blocks all others.
//!
//! BerriAI/litellm#31493, OpenHikmah/openhikmah-web#595, AzureAD/microsoft-authentication-library-for-js#7148,
//! AzureAD/microsoft-authentication-extensions-for-dotnet#110. With processes that are killed: the tests
//! called `crash`, and those of the Redis store.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tegata::provider::BoxFuture;
use tegata::store::{Lease, LeaseTerms, Record};
use tegata::{Error, MemoryStore, RenewalPolicy, TokenCache, TokenStore};
use tokio::time::Instant;

use crate::support::{BEARER, Scene, Source, breathe, file_with, issued, until};

/// A store for many machines, which takes a lease back when its time is over.
#[derive(Clone, Default)]
struct Leased(Arc<Mutex<Book>>, MemoryStore);

#[derive(Default)]
struct Book {
    owner: Option<(u64, Instant)>,
    last: u64,
    /// How often a lease had to be taken from its owner.
    taken_away: u64,
    given_back_late: u64,
}

impl TokenStore for Leased {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        self.1.load()
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        self.1.save(record)
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async move {
            loop {
                if let Some(lease) = self.try_lease(terms.lifetime) {
                    return Ok(lease);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
    }
}

impl Leased {
    fn try_lease(&self, lifetime: Duration) -> Option<Lease> {
        let mut book = self.0.lock().expect("not poisoned");
        if let Some((_, until)) = book.owner {
            if Instant::now() < until {
                return None;
            }
            book.taken_away += 1;
        }
        book.last += 1;
        let number = book.last;
        book.owner = Some((number, Instant::now() + lifetime));
        let book = Arc::clone(&self.0);
        Some(Lease::new(move || {
            let mut book = book.lock().expect("not poisoned");
            if book.owner.is_some_and(|(owner, _)| owner == number) {
                book.owner = None;
            } else {
                book.given_back_late += 1;
            }
        }))
    }
}

/// Not at once, for a lease is prolonged every so often.
async fn pass(scene: &Scene, by: Duration) {
    for _ in 0..100 {
        scene.pass(by / 100).await;
        breathe().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_refresh_ends_and_releases_its_lease_in_time() {
    for deadline in [1, 30, 600] {
        let scene = Scene::begin();
        let store = Leased::default();
        let deadline = Duration::from_secs(deadline);
        let policy = RenewalPolicy::new().deadline(deadline);
        let cache = |source| {
            TokenCache::builder(BEARER, source)
                .store(Arc::new(store.clone()))
                .clock(scene.loopback.clock.clone())
                .renewal(policy)
                .build()
                .expect("valid")
        };
        let hangs = cache(Source::new(|_| -> BoxFuture<'static, _> {
            Box::pin(std::future::pending())
        }));
        let first = tokio::spawn(async move { hangs.warm_up().await });
        let has_lease = || store.0.lock().expect("not poisoned").owner.is_some();
        until("the first has the lease", has_lease).await;
        pass(&scene, deadline / 2).await;

        let serves = TokenCache::builder(
            BEARER,
            Source::new(|_| -> BoxFuture<'static, _> {
                Box::pin(std::future::ready(Ok(issued("CANARY-A", Some(3600)))))
            }),
        );
        let serves = serves.store(Arc::new(store.clone())).renewal(policy);
        let serves = serves.clock(scene.loopback.clock.clone());
        let serves = serves.build().expect("valid");
        let second = tokio::spawn(async move { serves.warm_up().await });
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(!second.is_finished(), "two have the lease");
        pass(&scene, deadline / 2).await;
        let error = first.await.expect("no panic").expect_err("it hangs");
        assert!(error.is_timeout(), "{error:?}");
        // The caller has a deadline of its own, and gives up a moment before the renewal does.
        let step = Duration::from_millis(20);
        scene
            .pass_until("the lease is had", step, || second.is_finished())
            .await;
        second.await.expect("no panic").expect("its turn");
        let book = store.0.lock().expect("not poisoned");
        assert_eq!(
            (book.taken_away, book.given_back_late),
            (0, 0),
            "deadline {deadline:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_processs_lock_file_blocks_no_other() {
    let scene = Scene::begin();
    let (_folder, store) = file_with(&scene.expired().await).await;
    let mut lock = store.path().as_os_str().to_owned();
    lock.push(".lock");
    std::fs::write(lock, "4711").expect("written");
    scene.jooto(store).warm_up().await.expect("served at once");
    assert_eq!(scene.time.passed(), Duration::ZERO);
}
