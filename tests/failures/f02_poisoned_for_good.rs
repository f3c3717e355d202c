//! One transient or misread error makes the credential unusable permanently.
//!
//! googleapis/google-cloud-rust#4541, googleapis/google-cloud-rust#5864 (a file that was read while it was
//! written was taken for a permanent error)

use rstest::rstest;
use tegata::store::Record;
use tegata::{ErrorKind, TokenStore as _};
use tegata_emulator::{Endpoint, Fault, Provider};

use crate::support::{PAUSE, Scene, file_with};
use tegata_test_support::Flow;

fn misreadable() -> [Fault; 6] {
    let answer = || Fault::on(Endpoint::Token);
    [
        answer().status(503),
        answer().status(404).html(),
        // A gateway that has not heard of us yet.
        answer().status(401).html(),
        answer().status(403).empty(),
        answer().body("application/json", r#"{"access_token":"CANARY","acce"#),
        answer().body("application/json", r#"{"status":"UP"}"#),
    ]
}

#[tokio::test(start_paused = true)]
async fn after_any_answer_but_a_plain_no_one_waits_a_minute_at_most() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let client = scene.cold(flow).await;
        // After the second answer that cannot be read, Jooto's refresh token is not sent again.
        let answers = misreadable().into_iter();
        let answers = answers.take(if flow == Flow::JootoOAuth2 { 5 } else { 6 });
        for (number, fault) in answers.enumerate() {
            scene.loopback.fault(flow.provider(), fault);
            client.get(flow.path()).await.expect_err("no token");
            scene.pass(60 * PAUSE).await;
            assert_eq!(scene.asked(flow), number + 1, "{flow:?}");
        }
        assert_eq!(
            client.get(flow.path()).await.expect("recovered"),
            200,
            "{flow:?}"
        );
    }
}

/// Each may have held the next refresh token.
#[tokio::test(start_paused = true)]
async fn two_unreadable_answers_to_a_refresh_require_a_new_grant() {
    let scene = Scene::begin();
    let (_folder, store) = file_with(&scene.expired().await).await;
    let client = scene.jooto(store.clone());
    let unreadable = Fault::on(Endpoint::Token).body("application/json", r#"{"tokens":"UP"}"#);
    scene.loopback.fault(Provider::Jooto, unreadable.times(2));
    for _ in 0..10 {
        let error = client.warm_up().await.expect_err("unreadable");
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
        scene.pass(PAUSE).await;
    }
    assert_eq!(scene.spent().len(), 2, "{:?}", scene.spent());

    let granted = scene.loopback.token(&scene.loopback.app()).await;
    store.save(&Record::new(granted)).await.expect("saved");
    let flow = Flow::JootoOAuth2;
    assert_eq!(client.get(flow.path()).await.expect("granted anew"), 200);
}

/// It can be read, and there is no other refresh token in it.
#[rstest]
#[case(r#"{"access_token":"CANARY","token_type":"mac"}"#)]
#[case(r#"{"access_token":"","token_type":"Bearer"}"#)]
#[case(r#"{"message":"maintenance"}"#)]
#[tokio::test(start_paused = true)]
async fn an_answer_without_a_refresh_token_ends_no_session(#[case] body: &'static str) {
    let scene = Scene::begin();
    let (_folder, store) = file_with(&scene.expired().await).await;
    let client = scene.jooto(store.clone());
    let useless = Fault::on(Endpoint::Token).body("application/json", body);
    scene.loopback.fault(Provider::Jooto, useless.times(3));
    let mut seconds = 0;
    while client.warm_up().await.is_err() {
        seconds += 1;
        assert!(seconds < 60, "{:?}", scene.spent());
        scene.pass(PAUSE).await;
    }
    assert_eq!(scene.spent().len(), 4, "{:?}", scene.spent());
}

#[tokio::test(start_paused = true)]
async fn a_torn_token_file_is_an_error_only_as_long_as_it_is_torn() {
    let scene = Scene::begin();
    let (_folder, store) = file_with(&scene.expired().await).await;
    let whole = std::fs::read(store.path()).expect("there");
    let client = scene.jooto(store.clone());
    std::fs::write(store.path(), &whole[..whole.len() / 2]).expect("written");
    let error = client.warm_up().await.expect_err("torn");
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
    assert!(scene.spent().is_empty(), "{:?}", scene.spent());

    std::fs::write(store.path(), &whole).expect("written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(store.path(), mode).expect("set");
    scene.pass(PAUSE).await;
    client.warm_up().await.expect("whole again");
}

#[tokio::test(start_paused = true)]
async fn even_a_plain_no_yields_to_a_new_grant() {
    let scene = Scene::begin();
    let (_folder, store) = file_with(&scene.expired().await).await;
    let client = scene.jooto(store.clone());
    scene
        .loopback
        .emulator
        .forget_refresh_tokens(Provider::Jooto);
    for _ in 0..10 {
        let error = client.warm_up().await.expect_err("refused");
        assert_eq!(error.code(), Some("invalid_grant"), "{error:?}");
        scene.pass(PAUSE).await;
    }
    assert_eq!(scene.spent().len(), 1, "a plain no is not asked for again");

    let granted = scene.loopback.token(&scene.loopback.app()).await;
    store.save(&Record::new(granted)).await.expect("saved");
    let flow = Flow::JootoOAuth2;
    assert_eq!(client.get(flow.path()).await.expect("granted anew"), 200);
}
