//! A herd on cold start and, worse, during an outage.
//!
//! Azure/azure-sdk-for-net#13610, veryfront/veryfront-code#2249

use std::time::Duration;

use tegata::{Error, ErrorKind};
use tegata_emulator::{Endpoint, Fault};

use crate::support::{FIRST_PAUSE, Scene};
use tegata_test_support::{Flow, Subject};

const CALLERS: usize = 1000;

async fn all(client: &Subject) -> Vec<Result<(), Error>> {
    let callers = (0..CALLERS).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.warm_up().await })
    });
    let mut outcomes = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        outcomes.push(caller.await.expect("no panic"));
    }
    outcomes
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_share_one_request_at_start_and_in_outages() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let client = scene.cold(flow).await;
        scene.loopback.fault(
            flow.provider(),
            Fault::on(Endpoint::Token).status(503).times(3),
        );
        for (outage, pause) in [1, 2, 4].into_iter().enumerate() {
            // Two waves: the second comes within the pause after the first.
            for _ in 0..2 {
                for outcome in all(&client).await {
                    let error = outcome.expect_err("down");
                    assert_eq!(
                        (error.kind(), error.status().map(u16::from)),
                        (ErrorKind::Status, Some(503))
                    );
                }
                assert_eq!(scene.asked(flow), outage + 1, "{flow:?}");
            }
            scene
                .pass((FIRST_PAUSE * pause).saturating_sub(Duration::from_millis(1)))
                .await;
            client.warm_up().await.expect_err("one more millisecond");
            assert_eq!(scene.asked(flow), outage + 1, "{flow:?}");
            scene.pass(Duration::from_millis(1)).await;
        }
        for outcome in all(&client).await {
            outcome.expect("up again");
        }
        assert_eq!(scene.asked(flow), 4, "{flow:?}");
    }
}
