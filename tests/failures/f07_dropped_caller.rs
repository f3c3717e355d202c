//! The caller is dropped in the middle of a refresh, and the rotated refresh token is lost.
//!
//! dhkts1/teamclaude-rs#325, pleaseai/shunt#73, matrix-org/matrix-rust-sdk#4304, golang/oauth2#388

use std::time::Duration;

use tegata::TokenStore as _;

use crate::support::{Scene, assert_all_different, file_with};
use tegata_test_support::loopback::HOUR;
use tegata_test_support::{Flow, waits};

/// Drops a call after it was polled so often; says whether it had ended before.
async fn dropped_after(polls: usize, scene: &Scene, store: &tegata::FileStore) -> bool {
    let client = scene.jooto(store.clone());
    let mut call = Box::pin(client.get(Flow::JootoOAuth2.path()));
    let mut ended = false;
    for _ in 0..polls {
        ended = !waits(&mut call).await;
        if ended {
            break;
        }
        tokio::task::yield_now().await;
    }
    drop(call);
    client.settled().await;
    ended
}

#[tokio::test(start_paused = true)]
async fn a_dropped_caller_loses_no_rotated_refresh_token() {
    let scene = Scene::begin();
    let (_folder, store) = file_with(&scene.expired().await).await;
    let mut polls = 1;
    loop {
        let before = store.load().await.expect("whole");
        let ended = dropped_after(polls, &scene, &store).await;
        let after = store.load().await.expect("whole");
        assert_ne!(
            before, after,
            "dropped after {polls}: the file has the old token"
        );
        scene.pass(Duration::from_secs(HOUR)).await;
        if ended {
            break;
        }
        // Every single one at first, and then ever fewer: how many there are is up to the machine.
        polls += 1 + polls / 8;
    }
    // Every process went on with what the one before had stored.
    assert_all_different(&scene.spent());
    let requests = scene.token_requests(Flow::JootoOAuth2.provider());
    assert!(requests.iter().all(|request| request.status == Some(200)));
}
