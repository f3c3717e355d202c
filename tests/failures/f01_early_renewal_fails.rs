//! A failed early renewal displaces a token that is still valid.
//!
//! googleapis/google-cloud-rust#5809, Azure/azure-sdk-for-rust#2611

use std::time::Duration;

use tegata::ErrorKind;
use tegata_emulator::{Endpoint, Fault};

use crate::support::{EARLY, PAUSE, Scene, assert_all_same};
use tegata_test_support::loopback::{HOUR, WINDOW};

#[tokio::test(start_paused = true)]
async fn a_token_is_served_to_its_end_while_early_renewals_fail() {
    for flow in EARLY {
        let scene = Scene::begin();
        let client = scene.warm(flow).await;
        let tries = WINDOW / 10;
        // One more for the caller who comes too late.
        let down = Fault::on(Endpoint::Token).status(503).times(tries + 1);
        scene.loopback.fault(flow.provider(), down);
        scene.pass(Duration::from_secs(HOUR - WINDOW)).await;
        for _ in 0..tries {
            let before = scene.time.passed();
            assert_eq!(
                client.get(flow.path()).await.expect("still valid"),
                200,
                "{flow:?}"
            );
            assert_eq!(scene.time.passed(), before, "{flow:?}: a caller waited");
            client.settled().await;
            scene.pass(Duration::from_secs(10)).await;
        }
        assert_all_same(&scene.carried(flow));
        assert_eq!(scene.failed(), tries, "{flow:?}: every failure is an event");
        let error = client.get(flow.path()).await.expect_err("expired");
        assert_eq!(
            (error.kind(), error.status().map(u16::from)),
            (ErrorKind::Status, Some(503))
        );

        scene.pass(PAUSE).await;
        assert_eq!(client.get(flow.path()).await.expect("recovered"), 200);
        let carried = scene.carried(flow);
        assert_ne!(carried.first(), carried.last(), "{flow:?}");
    }
}
