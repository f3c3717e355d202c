//! Tokens shorter than the window, or handed out nearly dead: a request per call, or a busy loop.
//!
//! googleapis/google-cloud-rust#6678, `djc/gcp_auth#1`, rudderlabs/rudder-transformer#2432 (Marketo's
//! `expires_in: 0`)

use std::time::Duration;

use rstest::rstest;
use tegata::ErrorKind;
use tegata_emulator::{Endpoint, Fault, Provider};

use crate::support::{FIRST_PAUSE, PAUSE, Scene, until};
use tegata_test_support::Flow;

#[rstest]
#[tokio::test(start_paused = true)]
async fn two_hundred_calls_in_a_row_make_few_token_requests(#[values(5, 45, 200)] life: u32) {
    for flow in Flow::TOKENS {
        let scene = Scene::with(|config| config.set_access_token_seconds(life));
        let client = scene.warm(flow).await;
        for _ in 0..200 {
            assert_eq!(
                client.get(flow.path()).await.expect("served"),
                200,
                "{flow:?}"
            );
        }
        assert_eq!(scene.asked(flow), 0, "{flow:?}: all at one instant");

        let step = Duration::from_secs(life.into()) / 50;
        for _ in 0..200 {
            scene.pass(step).await;
            assert_eq!(
                client.get(flow.path()).await.expect("served"),
                200,
                "{flow:?}"
            );
            client.settled().await;
        }
        let periods = Duration::from_secs(life.into()) * 4;
        let period = Duration::from_secs(1).max(Duration::from_secs(life.into()) / 4);
        let most = periods.as_millis().div_ceil(period.as_millis());
        let asked = scene.asked(flow);
        assert!(
            (4..=most).contains(&(asked as u128)),
            "{flow:?}: {asked} of {most}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_without_lifetime_is_requested_thrice_at_most() {
    let scene = Scene::begin();
    let flow = Flow::MarketoGet;
    let client = scene.cold(flow).await;
    let dead = r#"{"access_token":"CANARY-old","token_type":"bearer","expires_in":0}"#;
    let fault = Fault::on(Endpoint::Token).body("application/json", dead);
    scene.loopback.fault(Provider::Marketo, fault.times(3));
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.warm_up().await })
        })
        .collect();
    for tries in 1..=3 {
        until("it is asked", || scene.asked(flow) == tries).await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(scene.asked(flow), tries, "it is not asked again at once");
        if tries < 3 {
            // In small steps, since the pause begins with the answer, and that takes real time.
            let is_asked = || scene.asked(flow) > tries;
            scene
                .pass_until("it is asked again", FIRST_PAUSE, is_asked)
                .await;
        }
    }
    for caller in callers {
        let error = caller
            .await
            .expect("no panic")
            .expect_err("dead on arrival");
        assert_eq!(error.kind(), ErrorKind::ExpiredToken, "{error:?}");
    }
    for _ in 0..100 {
        client.warm_up().await.expect_err("within the pause");
    }
    assert_eq!(scene.asked(flow), 3);
    scene.pass(PAUSE).await;
    assert_eq!(client.get(flow.path()).await.expect("a new token"), 200);
}

#[tokio::test(start_paused = true)]
async fn exactly_the_remaining_seconds_of_an_old_token_are_used() {
    let scene = Scene::begin();
    let flow = Flow::MarketoGet;
    let first = scene.warm(flow).await;
    scene.pass(Duration::from_secs(3597)).await;
    // A process that starts now is given the token of the first, with three seconds left.
    let second = scene
        .loopback
        .marketo("marketo-client", "CANARY-marketo-secret");
    let second = second.settings(scene.settings()).build().expect("valid");
    second.warm_up().await.expect("a token");
    let left = second
        .token_cache()
        .and_then(tegata::TokenCache::expires_at);
    let now = tegata::Clock::now(&scene.loopback.clock);
    assert_eq!(left, Some(now + Duration::from_secs(3)));
    for _ in 0..50 {
        second.warm_up().await.expect("three seconds");
    }
    assert_eq!(scene.asked(flow), 1);
    drop(first);
}
