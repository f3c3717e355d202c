//! The retry sends the old header again, or a body already consumed; or it loops.
//!
//! canonical/ubuntu.com#10146 (Marketo), jackmusick/bifrost#16, TrueLayer/reqwest-middleware#44, a2aproject/a2a-js#735

use tegata::ErrorKind;
use tegata::reqwest::Method;
use tegata_emulator::Refusal;

use crate::support::Scene;
use tegata_test_support::wire::sent;
use tegata_test_support::{Flow, streamed};

const BODY: &str = r#"{"input":[{"email":"a@example.com"}]}"#;

fn code(flow: Flow) -> u16 {
    match flow {
        Flow::MarketoGet | Flow::MarketoForm => 601,
        _ => 401,
    }
}

#[tokio::test(start_paused = true)]
async fn one_retry_sends_the_same_request_with_the_new_credential() {
    for flow in Flow::TOKENS {
        for (refusals, served) in [(1, true), (10, false)] {
            let scene = Scene::begin();
            let client = scene.warm(flow).await;
            let refusal = Refusal::new(code(flow)).times(refusals);
            scene.loopback.refuse_next(flow.provider(), refusal);
            let answer = client.send(client.post(flow.path(), BODY)).await;
            match answer {
                Ok(answer) => assert!(served && answer.status() == 200, "{flow:?}"),
                Err(error) => {
                    assert!(!served, "{flow:?}: {error:?}");
                    assert_eq!(error.kind(), ErrorKind::CredentialRejected, "{error:?}");
                }
            }
            let calls = scene.loopback.calls(flow.provider());
            assert_eq!(calls.len(), 2, "{flow:?}");
            assert_eq!(sent(&calls[0]), sent(&calls[1]), "{flow:?}");
            assert_eq!(calls[1].body, BODY, "{flow:?}");
            let carried = scene.carried(flow);
            assert_ne!(carried[0], carried[1], "{flow:?}: the old header again");
            assert_eq!(scene.asked(flow), 1, "{flow:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_consumed_body_is_not_resent_and_the_next_call_succeeds() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let client = scene.warm(flow).await;
        scene
            .loopback
            .refuse_next(flow.provider(), Refusal::new(code(flow)));
        let request = client
            .request(Method::POST, flow.path())
            .body(streamed(BODY));
        let error = client
            .send(request)
            .await
            .expect_err("it cannot be sent again");
        assert_eq!(
            error.kind(),
            ErrorKind::NotReplayable,
            "{flow:?}: {error:?}"
        );
        assert_eq!(scene.carried(flow).len(), 1, "{flow:?}");
        let request = client
            .request(Method::POST, flow.path())
            .body(streamed(BODY));
        let answer = client.send(request).await.expect("served");
        assert_eq!(answer.status(), 200, "{flow:?}");
        let carried = scene.carried(flow);
        assert_ne!(carried[0], carried[1], "{flow:?}");
        assert_eq!(scene.asked(flow), 1, "{flow:?}");
    }
}
