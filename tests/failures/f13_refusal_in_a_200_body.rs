//! The rejection is in a 200 body, and one of its codes is missed.
//!
//! segmentio/action-destinations#1799

use tegata::reqwest::Method;
use tegata_emulator::{Endpoint, Fault, Provider};

use crate::support::Scene;
use tegata_test_support::Flow;

const FLOW: Flow = Flow::MarketoGet;

fn body(codes: &str) -> String {
    // Blanks and an order that would not survive serializing again.
    format!(
        "{{ \"success\" :false,\n \"errors\":[{codes}] , \"requestId\":\"e42b#14272d07d78\"}}\r\n"
    )
}

async fn answer(is_refusal: bool, content_type: &str, body: &str) -> (Scene, u16, String) {
    let scene = Scene::begin();
    let client = scene.warm(FLOW).await;
    let fault = Fault::on(Endpoint::Resource).body(content_type, body);
    scene.loopback.fault(Provider::Marketo, fault);
    if is_refusal {
        // The endpoint would answer the same token again.
        scene.loopback.emulator.forget(Provider::Marketo);
    }
    let answer = client.send(client.request(Method::GET, FLOW.path())).await;
    let answer = answer.expect("an answer");
    let status = answer.status().as_u16();
    (scene, status, answer.text().await.expect("a body"))
}

#[tokio::test(start_paused = true)]
async fn both_codes_renew_and_repeat_however_they_are_written() {
    for code in [r#""601""#, r#""602""#, "601", "602"] {
        for codes in [
            format!(r#"{{"code":{code},"message":"Access token"}}"#),
            format!(r#"{{"message":"Access token","code":{code}}}"#),
        ] {
            let (scene, status, text) = answer(true, "application/json", &body(&codes)).await;
            assert!(
                status == 200 && text.contains(r#""success":true"#),
                "{codes}: {text}"
            );
            assert_eq!(
                (scene.asked(FLOW), scene.carried(FLOW).len()),
                (1, 2),
                "{codes}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn everything_else_comes_through_byte_for_byte() {
    let refusal = body(r#"{"code":"601","message":"Access token invalid"}"#);
    let others = [
        "600", "603", "604", "606", "607", "611", "1006", "6011", "0601",
    ];
    let others = others.map(|code| body(&format!(r#"{{"code":"{code}","message":"601 602"}}"#)));
    let mut cases: Vec<_> = others
        .iter()
        .map(|body| ("application/json", body.clone()))
        .collect();
    cases.push(("text/csv", refusal.clone()));
    cases.push(("application/json", refusal[..refusal.len() / 2].to_owned()));
    cases.push((
        "application/json",
        r#"{"success":true,"result":[{"code":"601"}]}"#.to_owned(),
    ));
    for (content_type, body) in cases {
        let (scene, status, text) = answer(false, content_type, &body).await;
        assert_eq!((status, &text), (200, &body));
        assert_eq!(
            (scene.asked(FLOW), scene.carried(FLOW).len()),
            (0, 1),
            "{body}"
        );
    }
}
