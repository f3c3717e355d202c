//! Tokens in stores, and logouts.

use super::*;

/// The callers get a timeout, and the token arrives all the same. The endpoint asserts that it is sent the
/// newest refresh token only, and a late answer spends the one that was sent when it was sent.
#[test]
fn an_answer_after_its_callers_deadline_is_published_and_saved() {
    explore(|| async {
        let world = World::answering(&[Answer::Late]).rotating();
        let (store, first) = (Arc::new(Store::new(&world)), world.first_token());
        let runtime = Runtime::default();
        let cache = world.cache_with(|b| b.token(first).store(store));
        world.advance(LIFETIME);
        together(&runtime, 3, |_| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                for _ in 0..2 {
                    if let Err(error) = world.call(&cache).await {
                        assert!(error.is_transient(), "{error:?}");
                    }
                }
            }
        })
        .await;
        let (asked, answered) = (world.requests(), world.answered());
        assert_eq!(asked, answered, "an answer was not waited for");
        assert_eq!(world.stored_token(), cache.token(), "saved and published");
        assert_alive(&world, &cache).await;
        world.advance(LIFETIME);
        assert_alive(&world, &cache).await;
    });
}

/// Until the newest token is saved the store holds a spent refresh token, and even then another renewal may
/// be on its way with the one that has just been saved. The endpoint asserts that neither is sent twice.
#[test]
fn an_unsaved_token_keeps_other_processes_from_refreshing() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh, Answer::Late, Answer::Unusable]).rotating();
        let (store, first) = (Arc::new(Store::new(&world)), world.first_token());
        let runtime = Runtime::default();
        let ours = world.cache_with(|b| b.token(first).store(store.clone()));
        let theirs = world.cache_with(|b| b.store(store.clone()));
        world.call_on(&runtime, &ours).await;
        let failures = thread_rng().gen_range(1..6);
        together(&runtime, 4, |number| {
            let (world, ours, theirs) = (world.clone(), ours.clone(), theirs.clone());
            async move {
                for round in 0..3 {
                    if number == 0 {
                        world.advance(LIFETIME);
                        world.fail_saves(if round == 0 { failures } else { 0 });
                    }
                    let cache = if number == 3 { &theirs } else { &ours };
                    let _ = world.call(cache).await;
                }
            }
        })
        .await;
        // No caller waits for a save that is being repeated.
        ours.shutdown().await.expect("all is saved");
        let stored = world.stored_token().expect("a token");
        let refresh_token = stored.refresh_token().map(Secret::expose);
        assert_eq!(refresh_token, world.refresh_token().as_deref(), "saved");
        assert_alive(&world, &theirs).await;
    });
}

/// The endpoint asserts that it is sent the newest refresh token.
#[test]
fn a_store_that_goes_back_in_time_does_no_harm_in_one_process() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh, Answer::Fresh, Answer::Busy]).rotating();
        let (store, first) = (Arc::new(Store::new(&world)), world.first_token());
        let runtime = Runtime::default();
        let cache = world.cache_with(|b| b.token(first).store(store));
        world.call_on(&runtime, &cache).await;
        together(&runtime, 3, |number| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                for _ in 0..4 {
                    if number > 0 {
                        let _ = world.call(&cache).await;
                        continue;
                    }
                    if thread_rng().gen_bool(0.5) {
                        world.advance(LIFETIME);
                    }
                    for _ in 0..thread_rng().gen_range(0..10) {
                        yield_now().await;
                    }
                    world.go_back_in_time();
                }
            }
        })
        .await;
        world.go_back_in_time();
        world.advance(LIFETIME);
        assert_alive(&world, &cache).await;
        assert_eq!(world.stored_token(), cache.token(), "ours is saved again");
    });
}

#[test]
fn a_logout_by_another_process_is_not_undone() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh, Answer::Late, Answer::Busy]).rotating();
        let (store, first) = (Arc::new(Store::new(&world)), world.first_token());
        let runtime = Runtime::default();
        let cache = world.cache_with(|b| b.token(first).store(store.clone()));
        world.call_on(&runtime, &cache).await;
        world.advance(LIFETIME);
        world.fail_saves(thread_rng().gen_range(0..3));
        together(&runtime, 3, |number| {
            let (world, cache, store) = (world.clone(), cache.clone(), Arc::clone(&store));
            async move {
                if number > 0 {
                    let _ = world.call(&cache).await;
                    let _ = world.call(&cache).await;
                    return;
                }
                while store.delete().await.is_err() {}
            }
        })
        .await;
        assert!(world.is_logged_out(), "the token was written back");
        let asked = world.requests();
        world.advance(LIFETIME);
        world.fix();
        together(&runtime, 2, |_| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                for _ in 0..3 {
                    let outcome = world.call(&cache).await;
                    let error = outcome.expect_err("logged out");
                    // Or the error of the last renewal before the logout, during its pause.
                    let expected = error.is_transient() || error.kind() == ErrorKind::TokenDenied;
                    assert!(expected, "{error:?}");
                }
            }
        })
        .await;
        assert_eq!(world.requests(), asked, "a token was asked for");
        assert!(world.is_logged_out(), "the token was written back");
    });
}

#[test]
fn after_a_logout_no_renewal_under_way_brings_the_token_back() {
    explore(|| async {
        let world = World::answering(&[Answer::Fresh, Answer::Late, Answer::Panic]).rotating();
        let (store, first) = (Arc::new(Store::new(&world)), world.first_token());
        let runtime = Runtime::default();
        let cache = world.cache_with(|b| b.token(first).store(store));
        world.call_on(&runtime, &cache).await;
        if thread_rng().gen_bool(0.5) {
            world.advance(LIFETIME);
        }
        world.fail_saves(thread_rng().gen_range(0..3));
        together(&runtime, 3, |number| {
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                if number > 0 {
                    let _ = world.call(&cache).await;
                    return;
                }
                while cache.forget().await.is_err() {}
                assert!(cache.token().is_none(), "it is forgotten");
                world.call(&cache).await.expect_err("logged out");
            }
        })
        .await;
        assert!(cache.token().is_none(), "a renewal has published its token");
        assert!(world.is_logged_out(), "the token was written back");
    });
}

/// The endpoint asserts that it is not sent the refresh token of a session that it has ended.
#[test]
fn all_processes_send_a_dead_refresh_token_only_once() {
    explore(|| async {
        let world = World::answering(&[Answer::Ended, Answer::Busy]).rotating();
        let (store, first) = (Arc::new(Store::new(&world)), world.first_token());
        let runtime = Runtime::default();
        let ours = world.cache_with(|b| b.token(first).store(store.clone()));
        let theirs = world.cache_with(|b| b.store(store.clone()));
        world.call_on(&runtime, &ours).await;
        world.advance(LIFETIME);
        together(&runtime, 4, |number| {
            let cache = if number < 2 { &ours } else { &theirs };
            let (world, cache) = (world.clone(), cache.clone());
            async move {
                for _ in 0..3 {
                    let _ = world.call(&cache).await;
                }
            }
        })
        .await;
        let marked = world.stored().is_some_and(|record| record.is_ended());
        let has_ended = world.facts().ended.is_some();
        assert_eq!(marked, has_ended, "an ended session is marked, no other");
    });
}
