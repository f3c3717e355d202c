//! Concurrent scenarios.

mod stores;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shuttle::future::yield_now;
use shuttle::rand::{Rng as _, thread_rng};
use tegata_model::sync::Runtime;
use tegata_model::{ErrorKind, RenewalEvent, Secret, TokenCache, TokenStore as _};

use crate::endpoint::Answer;
use crate::explore::explore;
use crate::store::Store;
use crate::world::{LIFETIME, World, together};

const STALE: Duration = Duration::from_secs(80);

/// The next caller is served, whatever happened before.
async fn assert_alive(world: &World, cache: &TokenCache) {
    world.fix();
    let runtime = Runtime::default();
    let (world, cache) = (world.clone(), cache.clone());
    let served = runtime.spawn(async move {
        // Repeated, since there are pauses after a failure, and an exchange may outlast its callers.
        for _ in 0..200 {
            match world.call(&cache).await {
                Ok(_) => return,
                Err(error) => {
                    let passing = [ErrorKind::ExpiredToken, ErrorKind::InvalidResponse];
                    let passes = error.is_transient() || passing.contains(&error.kind());
                    assert!(passes, "{error:?}");
                }
            }
        }
        panic!("no caller is served any more");
    });
    served
        .await
        .expect("no task fails")
        .expect("the runtime is there");
    runtime.finish().await;
}

#[test]
fn cold_callers_share_one_request() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh]);
        let (runtime, cache) = (Runtime::default(), world.cache());
        together(&runtime, 4, |_| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                if let Err(error) = world.call(&cache).await {
                    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
                }
            }
        })
        .await;
        let answered = world.answered();
        assert!(answered <= 1, "{answered} requests were answered");
    });
}

#[test]
fn callers_survive_whatever_the_endpoint_does() {
    explore(|| async {
        let answers = &[
            Answer::Fresh,
            Answer::Dead,
            Answer::Busy,
            Answer::Panic,
            Answer::Hang,
        ];
        let world = World::answering(answers).rotating();
        let (runtime, cache) = (Runtime::default(), world.cache());
        together(&runtime, 3, |_| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                for _ in 0..3 {
                    let _ = world.call(&cache).await;
                }
            }
        })
        .await;
        assert_alive(&world, &cache).await;
    });
}

#[test]
fn a_refused_token_comes_back_only_if_it_is_issued_again() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh, Answer::Fresh, Answer::Same]);
        let first = world.first_token();
        let (runtime, cache) = (Runtime::default(), world.cache_with(|b| b.token(first)));
        if thread_rng().gen_bool(0.5) {
            world.advance(STALE);
        }
        together(&runtime, 3, |number| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                for round in 0..2 {
                    let Ok(credential) = world.call(&cache).await else {
                        continue;
                    };
                    if number != round {
                        let _ = world.replace(&cache, &credential).await;
                    }
                }
            }
        })
        .await;
    });
}

/// Between publishing a token and the end of its renewal there is time for a request.
#[test]
fn a_token_that_is_refused_at_once_is_handed_to_no_later_caller() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh]);
        let (runtime, cache) = (Runtime::default(), world.cache());
        together(&runtime, 2, |number| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                world.give_up(&cache).await;
                let credential = world.call(&cache).await;
                if let (0, Ok(credential)) = (number, credential) {
                    let _ = world.replace(&cache, &credential).await;
                }
            }
        })
        .await;
    });
}

/// The same for a token that has expired before its renewal has ended.
#[test]
fn a_token_that_expires_at_once_is_handed_to_no_later_caller() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh]);
        let (runtime, cache) = (Runtime::default(), world.cache());
        together(&runtime, 2, |number| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                let _ = world.call(&cache).await;
                if number == 0 {
                    world.advance(LIFETIME);
                }
                let _ = world.call(&cache).await;
            }
        })
        .await;
    });
}

#[test]
fn the_wall_clock_moves_under_the_callers() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh, Answer::Fresh, Answer::Dead, Answer::Busy]);
        let first = world.first_token();
        let (runtime, cache) = (Runtime::default(), world.cache_with(|b| b.token(first)));
        together(&runtime, 4, |number| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                for _ in 0..3 {
                    if number == 0 {
                        match thread_rng().gen_range(0..4) {
                            0 => world.rewind(LIFETIME),
                            1 => world.advance(LIFETIME),
                            _ => world.advance(STALE),
                        }
                        yield_now().await;
                    } else {
                        let _ = world.call(&cache).await;
                    }
                }
            }
        })
        .await;
    });
}

#[test]
fn a_dropped_caller_changes_nothing() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh]);
        let (runtime, cache) = (Runtime::default(), world.cache());
        together(&runtime, 4, |number| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                if number == 0 {
                    let _ = world.call(&cache).await;
                } else {
                    world.give_up(&cache).await;
                }
            }
        })
        .await;
        let snapshot = cache.snapshot();
        assert!(
            world.requests() == 1 || snapshot.last_error.is_some() || snapshot.generation > 0,
            "{snapshot:?}"
        );
        assert_alive(&world, &cache).await;
    });
}

#[test]
fn a_runtime_takes_no_caller_of_another_with_it() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh, Answer::Fresh, Answer::Busy]).rotating();
        let cache = world.cache();
        let (first, second) = (Runtime::default(), Runtime::default());
        let caller = |runtime: &Runtime| {
            let (world, cache) = (world.clone(), cache.clone());
            runtime.spawn(async move { world.call(&cache).await.map(drop) })
        };
        let (on_first, on_second) = (caller(&first), caller(&second));
        yield_now().await;
        first.shut_down();
        let late = caller(&first);
        let served = on_second
            .await
            .expect("no task fails")
            .expect("still there");
        if let Err(error) = served {
            assert!(error.is_transient(), "{error:?}");
        }
        let _ = (
            on_first.await.expect("no task fails"),
            late.await.expect("no task fails"),
        );
        first.finish().await;
        second.finish().await;
        assert_alive(&world, &cache).await;
    });
}

#[test]
fn shutdown_ends_and_no_renewal_begins_after_it() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh, Answer::Busy, Answer::Panic]).rotating();
        let store = Arc::new(Store::new(&world));
        world.fail_saves(thread_rng().gen_range(0..3));
        let (runtime, cache) = (Runtime::default(), world.cache_with(|b| b.store(store)));
        together(&runtime, 3, |number| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                if number > 0 {
                    let _ = world.call(&cache).await;
                    return;
                }
                let saved = cache.shutdown().await.is_ok();
                let asked = world.requests();
                let unsaved = world.stored_token() != cache.token();
                assert_eq!(saved, !unsaved, "what shutdown says of the newest token");
                world.advance(LIFETIME);
                let _ = world.call(&cache).await;
                assert_eq!(world.requests(), asked, "a renewal after the shutdown");
            }
        })
        .await;
    });
}

/// A shutdown may come between the check whether a renewal may begin and its registration.
#[test]
fn no_renewal_slips_in_while_the_cache_shuts_down() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh]);
        let (runtime, cache) = (Runtime::default(), world.cache());
        together(&runtime, 2, |number| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                if number > 0 {
                    let _ = world.call(&cache).await;
                    return;
                }
                cache.shutdown().await.expect("nothing to save");
                let asked = world.requests();
                for _ in 0..20 {
                    yield_now().await;
                }
                assert_eq!(world.requests(), asked, "a renewal after the shutdown");
            }
        })
        .await;
    });
}

/// For the cache these are two processes: they share nothing but the store.
#[test]
fn caches_on_one_store_spend_no_refresh_token_twice() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh, Answer::Fresh, Answer::Busy]).rotating();
        let store = Arc::new(Store::new(&world));
        let runtime = Runtime::default();
        let caches = [0, 1].map(|_| world.cache_with(|b| b.store(store.clone())));
        for _ in 0..2 {
            together(&runtime, 4, |number| {
                let (world, cache) = (world.clone(), caches[number % 2].clone());
                async move {
                    let _ = world.call(&cache).await;
                }
            })
            .await;
            world.advance(LIFETIME);
        }
    });
}

#[test]
fn no_rotated_refresh_token_is_lost_with_a_runtime() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh]).rotating();
        let store = Arc::new(Store::new(&world));
        let cache = world.cache_with(|b| b.store(store));
        let first = Runtime::default();
        let caller = {
            let (world, cache) = (world.clone(), cache.clone());
            first.spawn(async move { world.call(&cache).await.map(drop) })
        };
        for _ in 0..thread_rng().gen_range(0..30) {
            yield_now().await;
        }
        first.shut_down();
        let _ = caller.await.expect("no task fails");
        first.finish().await;
        // The endpoint asserts that it is sent the newest refresh token.
        assert_alive(&world, &cache).await;
        world.advance(LIFETIME);
        assert_alive(&world, &cache).await;
    });
}

#[test]
fn an_early_renewal_and_a_refusal_at_once_leave_a_good_token() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh]);
        let first = world.first_token();
        let (runtime, cache) = (Runtime::default(), world.cache_with(|b| b.token(first)));
        world.advance(STALE);
        together(&runtime, 3, |number| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                let Ok(credential) = world.call(&cache).await else {
                    return;
                };
                if number == 0 {
                    let _ = world.replace(&cache, &credential).await;
                }
            }
        })
        .await;
        assert_alive(&world, &cache).await;
    });
}

/// The endpoint asserts that after a permanent denial it is not asked again until an invalidation.
#[test]
fn a_denial_stands_until_the_cache_is_invalidated() {
    explore(|| async {
        let world = World::answering(&[Answer::Denied, Answer::Denied, Answer::Fresh]);
        let (runtime, cache) = (Runtime::default(), world.cache());
        together(&runtime, 3, |number| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                for round in 0..3 {
                    if number == 0 && round == 1 {
                        world.invalidate(&cache);
                    }
                    let _ = world.call(&cache).await;
                }
            }
        })
        .await;
        world.invalidate(&cache);
        let before = world.requests();
        let asker = runtime.spawn({
            let (world, cache) = (world.clone(), cache.clone());
            async move { world.call(&cache).await.map(drop) }
        });
        let _ = asker.await.expect("no task fails");
        // The caller may have given up before the endpoint was asked.
        runtime.finish().await;
        assert!(world.requests() > before, "the no is forgotten");
    });
}

/// All tasks that begin to wait for a token, at any moment, get it as soon as it is published. The renewal is
/// kept from ending before, since its end wakes all waiters, too.
#[test]
fn no_waiter_misses_the_next_token() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh]);
        let seen = Arc::new(AtomicUsize::new(0));
        let observer = {
            let seen = Arc::clone(&seen);
            move |event: &RenewalEvent| {
                let is_published = event.outcome.as_str() == "issued";
                while is_published && seen.load(Ordering::SeqCst) < 2 {
                    shuttle::thread::yield_now();
                }
            }
        };
        let cache = world.cache_with(|b| b.observer(Arc::new(observer)));
        let runtime = Runtime::default();
        together(&runtime, 3, |number| {
            let (world, cache, seen) = (world.clone(), cache.clone(), Arc::clone(&seen));
            async move {
                if number == 0 {
                    // A deadline may come early, so it is asked until there is a token.
                    while world.call(&cache).await.is_err() {}
                    return;
                }
                // Some begin while the token is on its way from the endpoint to the callers.
                while number == 1 && world.answered() == 0 {
                    yield_now().await;
                }
                assert!(cache.renewed_since(0).await > 0);
                seen.fetch_add(1, Ordering::SeqCst);
                assert!(cache.snapshot().generation > 0, "seen before it is there");
            }
        })
        .await;
    });
}
