//! A burst of 401s: a late one throws away the token that was just renewed, and renews again.
//!
//! ProtonDriveApps/sdk#44, NousResearch/hermes-agent#90668, anthropics/anthropic-sdk-python#1841

use std::time::Duration;

use tegata_emulator::{Endpoint, Fault};

use crate::support::{Scene, until};
use tegata_test_support::{Flow, soon};

const CALLS: u64 = 20;

#[tokio::test(start_paused = true)]
async fn twenty_refusals_one_after_the_other_make_one_renewal() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let client = scene.warm(flow).await;
        for second in 1..=CALLS {
            let refusal = Fault::on(Endpoint::Resource).delay(Duration::from_secs(second));
            let refusal = match flow {
                Flow::MarketoGet | Flow::MarketoForm => refusal.body(
                    "application/json",
                    r#"{"requestId":"1","success":false,"errors":[{"code":"602","message":"x"}]}"#,
                ),
                _ => refusal.status(401),
            };
            scene.loopback.fault(flow.provider(), refusal);
        }
        let calls: Vec<_> = (0..CALLS)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.get(flow.path()).await })
            })
            .collect();
        let requests = || scene.loopback.calls(flow.provider()).len() as u64;
        until("all calls are out", || requests() == CALLS).await;
        scene.loopback.emulator.forget(flow.provider());
        for second in 1..=CALLS {
            scene.pass(Duration::from_secs(1)).await;
            until("a call is made again", || requests() == CALLS + second).await;
        }
        for call in calls {
            let status = soon("a call", call).await.expect("no panic");
            assert_eq!(status.expect("served"), 200, "{flow:?}");
        }
        assert_eq!(scene.asked(flow), 1, "{flow:?}");
        let carried = scene.carried(flow);
        let (first, again) = carried.split_at(carried.len() / 2);
        crate::support::assert_all_same(first);
        crate::support::assert_all_same(again);
        assert_ne!(first[0], again[0], "{flow:?}");
    }
}
