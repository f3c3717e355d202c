//! The rotated token is not stored, stored in pieces, or wiped by an answer without `refresh_token`.
//!
//! golang/go#77502, D00mch/souz#711, swarajbachu/zuse#275, Temikus/denkeeper#283

use std::time::Duration;

use tegata::{Token, TokenStore as _};
use tegata_emulator::Provider;

use crate::support::{Scene, file_with};
use tegata_test_support::Flow;
use tegata_test_support::loopback::HOUR;

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
        let stored = stored.token().expect("a token");
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
async fn as_long_as_nothing_can_be_stored_nothing_is_sent() {
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
        let error = client.get(flow.path()).await.expect_err("not sent");
        assert_eq!(error.kind(), tegata::ErrorKind::Store, "{error:?}");
        assert!(error.to_string().contains("nothing was sent"), "{error}");
        scene.pass(Duration::from_secs(1)).await;
    }
    assert_eq!(scene.spent(), Vec::<String>::new());
    assert_eq!(store.load().await.expect("whole"), old, "the old record");
    std::fs::remove_dir(&obstacle).expect("removed");
    assert_eq!(client.get(flow.path()).await.expect("served"), 200);
    assert_eq!(scene.spent().len(), 1);
}
