//! Self-deadlock: a guard kept alive into the slow path, or the token request itself goes through the layer.
//!
//! kube-rs/kube#835 (kube-rs/kube#829), medplum/medplum#10559

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tegata::provider::{Authenticator as _, BoxFuture, Issued};
use tegata::{Error, ManualClock, RenewalEvent, TokenCache};
use tegata_emulator::{Endpoint, Fault};

use crate::support::{BEARER, DEADLINE, FIRST_PAUSE, Scene, Source, issued};
use tegata_test_support::loopback::HOUR;
use tegata_test_support::{Flow, soon};

type Itself = Arc<OnceLock<TokenCache>>;

/// A cache whose source and observer have the cache itself in their hands.
fn entangled(
    clock: &ManualClock,
    answer: impl Fn(TokenCache, u64) -> BoxFuture<'static, Result<Issued, Error>>
    + Send
    + Sync
    + 'static,
) -> TokenCache {
    let itself = Itself::default();
    let (in_source, in_observer) = (Arc::clone(&itself), Arc::clone(&itself));
    let source = Source::new(move |asked| answer(in_source.get().expect("built").clone(), asked));
    let observer = move |_: &RenewalEvent| {
        let cache = in_observer.get().expect("built");
        look(cache);
    };
    let cache = TokenCache::builder(BEARER, source)
        .clock(clock.clone())
        .observer(Arc::new(observer))
        .build()
        .expect("valid");
    itself.set(cache.clone()).expect("set once");
    cache
}

/// Everything that takes a lock and does not wait.
fn look(cache: &TokenCache) {
    drop((
        cache.snapshot(),
        cache.cached(),
        cache.expires_at(),
        cache.token(),
    ));
}

#[tokio::test(start_paused = true)]
async fn source_and_observer_may_use_the_cache_that_they_serve() {
    let clock = ManualClock::default();
    let cache = entangled(&clock, |cache, asked| {
        Box::pin(async move {
            look(&cache);
            cache.invalidate();
            tokio::task::yield_now().await;
            look(&cache);
            Ok(issued(
                if asked % 2 == 0 {
                    "CANARY-A"
                } else {
                    "CANARY-B"
                },
                Some(HOUR),
            ))
        })
    });
    for _ in 0..3 {
        soon("a token", cache.credential()).await.expect("a token");
        clock.advance(Duration::from_secs(HOUR - 240));
        look(&cache);
        clock.advance(Duration::from_secs(HOUR));
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_waiting_for_its_own_token_ends_at_the_deadline() {
    let clock = ManualClock::default();
    let cache = entangled(&clock, |cache, asked| {
        Box::pin(async move {
            if asked == 0 {
                cache.credential().await?;
            }
            Ok(issued("CANARY-A", Some(HOUR)))
        })
    });
    let began = tokio::time::Instant::now();
    let error = cache.credential().await.expect_err("it waits for itself");
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(began.elapsed(), DEADLINE);
    // The caller has a deadline of its own, and gives up a moment before the renewal does.
    while cache.snapshot().is_renewing {
        tokio::task::yield_now().await;
    }
    tokio::time::advance(FIRST_PAUSE).await;
    soon("a token", cache.credential()).await.expect("a token");
}

#[tokio::test(start_paused = true)]
async fn a_token_request_has_no_token_and_its_refusal_needs_none() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let client = scene.warm(flow).await;
        scene.pass(Duration::from_secs(HOUR)).await;
        // The very answer by which a call learns that its token is refused.
        let refusal = Fault::on(Endpoint::Token).status(401);
        let refusal = refusal.body(
            "application/json",
            r#"{"success":false,"errors":[{"code":"601"}]}"#,
        );
        scene.loopback.fault(flow.provider(), refusal);
        let error = client.get(flow.path()).await.expect_err("refused");
        assert_eq!(error.status().map(u16::from), Some(401), "{flow:?}");
        let requests = scene.token_requests(flow.provider());
        assert_eq!(
            requests.len(),
            1,
            "{flow:?}: it asked for a token to ask for a token"
        );
        let last = client
            .token_cache()
            .and_then(TokenCache::token)
            .expect("the old one");
        let sent = format!(
            "{:?} {:?} {}",
            requests[0].headers, requests[0].query, requests[0].body
        );
        assert!(
            !sent.contains(last.access_token().expose()),
            "{flow:?}: {sent}"
        );
    }
}
