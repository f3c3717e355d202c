//! The deadline is too tight, or the caller's short request timeout kills the refresh.
//!
//! smithy-lang/smithy-rs#2086, smithy-lang/smithy-rs#4740, helium/oracles#1189

use std::time::Duration;

use tegata::reqwest::Method;
use tegata_emulator::{Endpoint, Fault, Provider};
use tokio::time::timeout;

use crate::support::{Scene, breathe, until};
use tegata_test_support::Flow;
use tegata_test_support::loopback::{HOUR, WINDOW};

#[tokio::test(start_paused = true)]
async fn callers_giving_up_one_by_one_do_not_stop_the_refresh() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let (provider, client) = (flow.provider(), scene.cold(flow).await);
        let slow = Fault::on(Endpoint::Token).delay(Duration::from_secs(20));
        scene.loopback.fault(provider, slow);
        for _ in 0..50 {
            let impatient = client.clone();
            let patience = Duration::from_millis(400);
            let call = async move { timeout(patience, impatient.get(flow.path())).await };
            let call = tokio::spawn(call);
            until("it is asked", || scene.asked(flow) == 1).await;
            breathe().await;
            scene.pass(patience).await;
            // The last one has its token: twenty seconds are over.
            drop(call.await.expect("no panic"));
        }
        assert_eq!(
            client.get(flow.path()).await.expect("served"),
            200,
            "{flow:?}"
        );
        assert_eq!(scene.asked(flow), 1, "{flow:?}");
        assert_eq!(scene.failed(), 0, "{flow:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_timeout_does_not_limit_the_refresh_before_it() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let client = scene.cold(flow).await;
        let slow = Fault::on(Endpoint::Token).delay(Duration::from_secs(20));
        scene.loopback.fault(flow.provider(), slow);
        let request = client.request(Method::GET, flow.path());
        let request = request.timeout(Duration::from_secs(1));
        let call = tokio::spawn({
            let client = client.clone();
            async move {
                client
                    .send(request)
                    .await
                    .map(|answer| answer.status().as_u16())
            }
        });
        until("it is asked", || scene.asked(flow) == 1).await;
        scene.pass(Duration::from_secs(20)).await;
        assert_eq!(
            call.await.expect("no panic").expect("served"),
            200,
            "{flow:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_covers_a_refused_refresh_and_the_next_login() {
    let scene = Scene::begin();
    let flow = Flow::AispfLegacy;
    let client = scene.warm(flow).await;
    let slow = || Fault::on(Endpoint::Token).delay(Duration::from_secs(14));
    scene
        .loopback
        .fault(Provider::FujitsuAispf, slow().status(401).empty());
    scene.loopback.fault(Provider::FujitsuAispf, slow());
    scene.pass(Duration::from_secs(HOUR - WINDOW)).await;
    assert_eq!(client.get(flow.path()).await.expect("still valid"), 200);
    for asked in 1..=2 {
        until("it is asked", || scene.asked(flow) == asked).await;
        scene.pass(Duration::from_secs(14)).await;
    }
    client.settled().await;
    assert_eq!(client.get(flow.path()).await.expect("renewed"), 200);
    let carried = scene.carried(flow);
    assert_ne!(carried[0], carried[1], "the login's token is used");
    assert_eq!((scene.asked(flow), scene.failed()), (2, 0));
}
