//! The background task outlives its credential, dies with its runtime, or cannot be started.
//!
//! restatedev/restate#5151, restatedev/restate#5154, seanmonstar/reqwest#1148

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tegata::provider::{Authenticator as _, BoxFuture, Issued};
use tegata::{Error, ManualClock, TokenCache};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::support::{BEARER, Source, issued, until};
use tegata_test_support::Flow;
use tegata_test_support::loopback::{HOUR, Loopback};

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A cache whose source answers once `gate` says so, how often it was asked, and what it lives with.
fn cache(gate: &Arc<tokio::sync::Semaphore>, clock: &ManualClock) -> (TokenCache, Arc<AtomicU64>) {
    let gate = Arc::clone(gate);
    let source = Source::new(move |_| -> BoxFuture<'static, Result<Issued, Error>> {
        let gate = Arc::clone(&gate);
        Box::pin(async move {
            drop(gate.acquire().await);
            Ok(issued("CANARY-A", Some(HOUR)))
        })
    });
    let asked = Arc::clone(&source.1);
    let cache = TokenCache::builder(BEARER, source).clock(clock.clone());
    (cache.build().expect("valid"), asked)
}

#[test]
fn a_cache_needs_no_runtime_and_runs_nothing_while_idle() {
    let gate = Arc::new(tokio::sync::Semaphore::new(1));
    let clock = ManualClock::default();
    let (cache, asked) = cache(&gate, &clock);
    runtime().block_on(async {
        let alive = || Handle::current().metrics().num_alive_tasks();
        assert_eq!((alive(), asked.load(Ordering::SeqCst)), (0, 0));
        for renewals in 1..=3 {
            cache.warm_up().await.expect("a token");
            until("its task is over", || alive() == 0).await;
            assert_eq!(asked.load(Ordering::SeqCst), renewals);
            clock.advance(Duration::from_secs(HOUR));
        }
    });
}

#[test]
fn a_renewal_lost_with_its_runtime_is_restarted_for_waiters() {
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let (cache, asked) = cache(&gate, &ManualClock::default());
    let first = runtime();
    let began = cache.clone();
    first.block_on(async move {
        let caller = tokio::spawn(async move { began.warm_up().await });
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        drop(caller);
    });
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let second = runtime();
    let waiting = cache.clone();
    let waiter = second.spawn(async move { waiting.credential().await.map(drop) });
    second.block_on(async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    });
    assert!(
        !waiter.is_finished(),
        "it waits for the task of the first runtime"
    );
    drop(first);
    gate.add_permits(1);
    let outcome = second.block_on(waiter).expect("no panic");
    outcome.expect("the second task's token");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn dropping_the_last_handle_ends_everything() {
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let (cache, asked) = cache(&gate, &ManualClock::default());
    runtime().block_on(async {
        let alive = || Handle::current().metrics().num_alive_tasks();
        let caller = tokio::spawn(async move { cache.warm_up().await });
        until("it is asked", || asked.load(Ordering::SeqCst) == 1).await;
        caller.abort();
        drop(caller.await);
        gate.add_permits(1);
        until("nothing is alive", || alive() == 0).await;
    });
    // The source went with the cache.
    assert_eq!(Arc::strong_count(&asked), 1);
}

#[test]
fn a_client_works_in_another_runtime_after_the_first_has_gone() {
    // The server has a thread of its own, and the client one short-lived runtime after the other.
    let served = runtime();
    let flow = Flow::MarketoGet;
    let (loopback, client) = served.block_on(async {
        let loopback = Loopback::start();
        let client = flow.cold(&loopback).await;
        (loopback, client)
    });
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = std::thread::spawn(move || {
        served.block_on(async {
            drop(stopped.await);
        });
        drop(served);
    });
    for _ in 0..3 {
        let runtime = runtime();
        for _ in 0..2 {
            let status = runtime.block_on(client.get(flow.path()));
            assert_eq!(status.expect("served"), 200);
        }
        loopback.advance(HOUR);
    }
    assert_eq!(loopback.token_requests(flow.provider()).len(), 3);
    drop(stop);
    server.join().expect("no panic");
}
