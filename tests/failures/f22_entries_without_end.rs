//! Cache entries without end; credentials that do not expire are fetched again and again.
//!
//! smithy-lang/smithy-rs#4607, awslabs/aws-sdk-rust#999

use std::sync::atomic::Ordering;
use std::time::Duration;

use tegata::provider::{Authenticator as _, BoxFuture};
use tegata::{ManualClock, Registry, TokenCache, TokenState};

use crate::support::{BEARER, Source, issued};

#[tokio::test(start_paused = true)]
async fn a_credential_that_does_not_expire_is_fetched_once() {
    let clock = ManualClock::default();
    let source = Source::new(|_| -> BoxFuture<'static, _> {
        Box::pin(std::future::ready(Ok(issued("CANARY-A", None))))
    });
    let asked = source.1.clone();
    let cache = TokenCache::builder(BEARER, source).clock(clock.clone());
    let cache = cache.build().expect("valid");
    cache.warm_up().await.expect("a token");
    for _ in 0..1000 {
        // Thirty years in all.
        clock.advance(Duration::from_secs(11 * 86_400));
        tokio::time::advance(Duration::from_secs(11 * 86_400)).await;
        assert!(cache.cached().is_some(), "it is at hand");
        assert_eq!(cache.snapshot().state, TokenState::Fresh);
    }
    assert_eq!(
        (cache.expires_at(), asked.load(Ordering::SeqCst)),
        (None, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn dropped_accounts_leave_nothing_in_memory() {
    let clients: Registry<String, TokenCache> = Registry::new();
    let source = Source::new(|_| -> BoxFuture<'static, _> {
        Box::pin(std::future::ready(Ok(issued("CANARY-A", Some(3600)))))
    });
    let asked = source.1;
    for day in 0..20 {
        for number in 0..500 {
            let counted = asked.clone();
            let made = clients.get_or_try_insert_with(format!("{day}-{number}").as_str(), |_| {
                let source = Source(source.0, counted);
                TokenCache::builder(BEARER, source).build()
            });
            made.expect("valid").warm_up().await.expect("a token");
        }
        tokio::time::advance(Duration::from_secs(86_400)).await;
        let evicted = clients.evict_idle(Duration::from_secs(3600));
        assert_eq!((evicted.len(), clients.len()), (500, 0), "day {day}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 20 * 500);
    tokio::task::yield_now().await;
    // Each cache kept its source alive; none is left.
    assert_eq!(std::sync::Arc::strong_count(&asked), 1);
}
