//! The monotonic clock stops in suspend; the wall clock jumps back.
//!
//! librespot-org/librespot#1617, ltratt/pizauth#47, caozhiyuan/copilot-api#170

use std::time::{Duration, SystemTime};

use tegata_emulator::Endpoint;

use crate::support::{Scene, file_with};
use tegata_test_support::loopback::HOUR;
use tegata_test_support::{Flow, Subject, soon};

const DAY: Duration = Duration::from_secs(86_400);

/// Ten calls, each of which is served.
async fn ten(client: &Subject, flow: Flow) {
    for _ in 0..10 {
        assert_eq!(
            client.get(flow.path()).await.expect("served"),
            200,
            "{flow:?}"
        );
        client.settled().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expired_in_a_suspend_is_renewed_before_use() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let client = scene.warm(flow).await;
        // Only the wall clocks went on.
        scene.loopback.advance(HOUR * 8);
        ten(&client, flow).await;
        assert_eq!(
            (scene.asked(flow), scene.carried(flow).len()),
            (1, 10),
            "{flow:?}"
        );
        assert_eq!(scene.time.passed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_jump_of_the_wall_clock_costs_at_most_one_request() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let client = scene.warm(flow).await;
        let clock = &scene.loopback.clock;
        let mut most = 0;
        for (forwards, by) in [
            (true, DAY * 3650),
            (false, DAY * 3650),
            (false, DAY * 2),
            (true, DAY * 2),
        ] {
            if forwards {
                clock.advance(by);
            } else {
                clock.rewind(by);
            }
            most += 1;
            ten(&client, flow).await;
            let asked = scene.asked(flow);
            assert!(
                asked <= most,
                "{flow:?}: {asked} requests after {most} jumps"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_costs_one_refusal_and_one_renewal() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let client = scene.warm(flow).await;
        scene.loopback.clock.rewind(DAY * 2);
        scene.loopback.emulator.advance(Duration::from_secs(HOUR));
        ten(&client, flow).await;
        // AISPF's endpoint takes no refresh token after the hour, and is asked by id and secret then.
        let most = if flow == Flow::AispfLegacy { 2 } else { 1 };
        let asked = scene.asked(flow);
        assert!((1..=most).contains(&asked), "{flow:?}: {asked}");
        assert_eq!(scene.carried(flow).len(), 11, "{flow:?}: one was refused");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_during_a_renewal_harms_no_caller() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let client = scene.cold(flow).await;
        scene.loopback.emulator.hold(flow.provider());
        let caller = tokio::spawn({
            let client = client.clone();
            async move { client.get(flow.path()).await }
        });
        scene
            .loopback
            .until_held(flow.provider(), Endpoint::Token, 1)
            .await;
        scene.loopback.clock.rewind(DAY * 30);
        scene.loopback.emulator.release(flow.provider());
        let status = soon("the call", caller).await.expect("no panic");
        assert_eq!(status.expect("served"), 200, "{flow:?}");
        ten(&client, flow).await;
        assert!(scene.asked(flow) <= 2, "{flow:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_before_1970_breaks_nothing_that_is_stored() {
    let scene = Scene::begin();
    let (_folder, store) = file_with(&scene.expired().await).await;
    scene.loopback.clock.set(SystemTime::UNIX_EPOCH - DAY);
    let flow = Flow::JootoOAuth2;
    for _ in 0..3 {
        ten(&scene.jooto(store.clone()), flow).await;
    }
    assert!(scene.spent().len() <= 3, "{:?}", scene.spent());
    crate::support::assert_all_different(&scene.spent());
}
