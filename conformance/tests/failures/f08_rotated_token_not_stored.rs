//! The rotated token is not stored, stored in pieces, or wiped by an answer without `refresh_token`.
//!
//! golang/go#77502, D00mch/souz#711, swarajbachu/zuse#275, Temikus/denkeeper#283

use std::time::Duration;

use tegata::{Token, TokenCache, TokenStore as _};
use tegata_conformance::emulator::Provider;

use crate::common::Flow;
use crate::common::loopback::HOUR;
use crate::support::{Scene, assert_all_different, file_with};

fn refresh_token(token: &Token) -> String {
    let refresh_token = token.refresh_token().expect("a refresh token");
    refresh_token.expose().to_owned()
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_refresh_token_keeps_the_old_one() {
    let scene = Scene::with(|config| config.jooto.rotate = false);
    let first = scene.expired().await;
    let (_folder, store) = file_with(&first).await;
    let client = scene.jooto(store.clone());
    for access in ["CANARY-2", "CANARY-3"] {
        let answer =
            format!(r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":3600}}"#);
        scene.loopback.next_token(Provider::Jooto, answer);
        client.warm_up().await.expect("a token");
        let stored = store.load().await.expect("whole").expect("saved");
        assert_eq!(stored.access_token().expose(), access);
        assert_eq!(stored.refresh_token(), first.refresh_token());
        scene.pass(Duration::from_secs(HOUR)).await;
    }
    let flow = Flow::JootoOAuth2;
    assert_eq!(
        client
            .get(flow.path())
            .await
            .expect("renewed by the old one"),
        200
    );
    assert_eq!(scene.spent(), vec![refresh_token(&first); 3]);
}

#[tokio::test(start_paused = true)]
async fn a_rotated_token_that_cannot_be_stored_is_used_and_stored_as_soon_as_it_can_be() {
    let scene = Scene::begin();
    let (_folder, store) = file_with(&scene.expired().await).await;
    let client = scene.jooto(store.clone());
    // A folder where the new file is to be written: nothing can be stored.
    let mut obstacle = store.path().as_os_str().to_owned();
    obstacle.push(".new");
    std::fs::create_dir(&obstacle).expect("made");
    let old = store.load().await.expect("whole");

    let flow = Flow::JootoOAuth2;
    for _ in 0..3 {
        assert_eq!(client.get(flow.path()).await.expect("served"), 200);
    }
    assert_eq!(
        store.load().await.expect("whole"),
        old,
        "the old record, as a whole"
    );
    scene.pass(Duration::from_secs(HOUR)).await;
    let call = tokio::spawn({
        let client = client.clone();
        async move { client.get(flow.path()).await }
    });
    // The lock of the file may be with the task that tries to save once more, and is tried again every few
    // milliseconds.
    let step = Duration::from_millis(20);
    scene
        .pass_until("the call is served", step, || call.is_finished())
        .await;
    let status = call.await.expect("no panic");
    assert_eq!(status.expect("renewed from memory"), 200);
    assert_all_different(&scene.spent());

    std::fs::remove_dir(&obstacle).expect("removed");
    let newest = client
        .token_cache()
        .and_then(TokenCache::token)
        .expect("a token");
    let is_stored = || {
        let text = std::fs::read_to_string(store.path()).unwrap_or_default();
        text.contains(&refresh_token(&newest)) && text.contains(newest.access_token().expose())
    };
    scene
        .pass_until("the newest is stored", Duration::from_secs(1), is_stored)
        .await;
    let cache = client.token_cache().expect("tokens").clone();
    let shutdown = tokio::spawn(async move { cache.shutdown().await });
    scene
        .pass_until("all is saved", step, || shutdown.is_finished())
        .await;
    let saved = shutdown.await.expect("no panic");
    saved.expect("nothing is left to be saved");
    let next = scene.jooto(store);
    next.warm_up()
        .await
        .expect("the next process goes on with it");
    assert_all_different(&scene.spent());
}
