//! The refresh hangs while it holds the lock, and everything stops.
//!
//! router-for-me/CLIProxyAPI#4712, piotr-agier/google-drive-mcp#169, zalando/tokens#52

use std::time::Duration;

use tegata::{ErrorKind, Token, TokenStore as _};
use tegata_emulator::{Endpoint, Provider};

use crate::support::{DEADLINE, FIRST_PAUSE, LEASE, Scene, breathe, file_with, until};
use tegata_test_support::{Flow, soon};

/// Longer than any caller waits, and shorter than an answer is waited for.
const HANGS_ON: Duration = Duration::from_secs(500);

#[tokio::test(start_paused = true)]
async fn a_hanging_endpoint_costs_callers_one_deadline_only() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let (provider, client) = (flow.provider(), scene.cold(flow).await);
        scene.loopback.emulator.hold(provider);
        let callers: Vec<_> = (0..20)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.get(flow.path()).await })
            })
            .collect();
        scene
            .loopback
            .until_held(provider, Endpoint::Token, 1)
            .await;
        scene
            .pass(DEADLINE.saturating_sub(Duration::from_millis(1)))
            .await;
        assert!(
            callers.iter().all(|caller| !caller.is_finished()),
            "{flow:?}: too early"
        );
        scene.pass(Duration::from_millis(1)).await;
        for caller in callers {
            let error = soon("the deadline", caller).await.expect("no panic");
            let error = error.expect_err("it hangs");
            assert_eq!(error.kind(), ErrorKind::Timeout, "{flow:?}: {error:?}");
        }
        assert_eq!(scene.time.passed(), DEADLINE, "{flow:?}");
        let emulator = &scene.loopback.emulator;
        let asked = if flow == Flow::JootoOAuth2 {
            // Its answer may hold the only good refresh token, so it is waited for.
            breathe().await;
            assert_eq!(emulator.held(provider, Endpoint::Token), 1);
            1
        } else {
            // The server sees that no caller waits any more.
            until("the request is given up", || {
                emulator.held(provider, Endpoint::Token) == 0
            })
            .await;
            2
        };
        emulator.release(provider);
        client.settled().await;
        scene.pass(FIRST_PAUSE).await;
        assert_eq!(
            client.get(flow.path()).await.expect("served"),
            200,
            "{flow:?}"
        );
        assert_eq!(scene.asked(flow), asked, "{flow:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_refresh_keeps_the_file_lock_until_it_is_saved() {
    let scene = Scene::begin();
    let (_folder, store) = file_with(&scene.expired().await).await;
    let client = scene.jooto(store.clone());
    scene.loopback.emulator.hold(Provider::Jooto);
    let caller = tokio::spawn(async move { client.warm_up().await });
    scene
        .loopback
        .until_held(Provider::Jooto, Endpoint::Token, 1)
        .await;
    let other = tokio::spawn({
        let store = store.clone();
        async move {
            let lease = store.lease(LEASE).await;
            lease.map(drop)?;
            store.load().await
        }
    });
    scene
        .pass(DEADLINE.saturating_sub(Duration::from_millis(1)))
        .await;
    assert!(!other.is_finished(), "two hold the lock");
    scene.pass(Duration::from_millis(1)).await;
    let error = soon("the deadline", caller).await.expect("no panic");
    assert!(error.expect_err("it hangs").is_timeout());
    scene.pass(HANGS_ON).await;
    breathe().await;
    assert!(!other.is_finished(), "the lock is free before the answer");
    let old = scene.spent();
    scene.loopback.emulator.release(Provider::Jooto);
    // The lock is tried again every few milliseconds.
    let step = Duration::from_millis(20);
    let is_free = || other.is_finished();
    scene.pass_until("the lock is free", step, is_free).await;
    let lease = other.await.expect("no panic");
    let record = lease.expect("the lock").expect("a record");
    let saved = record.token().and_then(Token::refresh_token);
    let saved = saved.expect("a refresh token").expose().to_owned();
    assert_eq!(old.len(), 1);
    assert!(!old.contains(&saved), "the lock was free before the save");
}
