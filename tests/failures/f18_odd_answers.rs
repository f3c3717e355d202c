//! Odd answers: `expires_in` as a string, absent, 0, negative, 10¹²; 200 without `access_token`; a token with
//! a newline.
//!
//! ramosbugs/oauth2-rs#85, ramosbugs/oauth2-rs#320, Azure/azure-sdk-for-rust#419,
//! jepcastelein/marketo-rest-python#62

use std::time::Duration;

use tegata::TokenCache;
use tegata_emulator::{Endpoint, Fault};

use crate::support::{EARLY, PAUSE, Scene, assert_all_same};
use tegata_test_support::Flow;
use tegata_test_support::loopback::{HOUR, WINDOW};

/// An answer of the flow's shape with these values, written as JSON; an empty one is left out.
fn answer(flow: Flow, token: &str, life: &str) -> Fault {
    let [token_name, life_name] = match flow {
        Flow::AispfLegacy => ["accessToken", "expiresIn"],
        _ => ["access_token", "expires_in"],
    };
    let mut fields = vec![r#""token_type":"Bearer""#.to_owned()];
    for (name, value) in [(token_name, token), (life_name, life)] {
        if !value.is_empty() {
            fields.push(format!(r#""{name}":{value}"#));
        }
    }
    Fault::on(Endpoint::Token).body("application/json", format!("{{{}}}", fields.join(",")))
}

const READABLE: [(&str, u64); 10] = [
    (r#""7200""#, 7200),
    (r#"" 7200.9 ""#, 7200),
    ("7.2e3", 7200),
    ("", HOUR),
    ("null", HOUR),
    ("1000000000000", 315_360_000),
    // A value that is no number counts as missing.
    ("1e400", HOUR),
    (r#""soon""#, HOUR),
    ("{}", HOUR),
    ("true", HOUR),
];

#[tokio::test(start_paused = true)]
async fn a_lifetime_is_read_however_it_is_written_and_clamped() {
    for flow in EARLY {
        for (life, seconds) in READABLE {
            let scene = Scene::begin();
            let client = scene.warm(flow).await;
            scene
                .loopback
                .fault(flow.provider(), answer(flow, r#""CANARY-odd""#, life));
            scene.pass(Duration::from_secs(HOUR - WINDOW)).await;
            let now = tegata::Clock::now(&scene.loopback.clock);
            client.get(flow.path()).await.expect("still valid");
            client.settled().await;
            let token = client
                .token_cache()
                .and_then(TokenCache::token)
                .expect("a token");
            assert_eq!(
                token.access_token().expose(),
                "CANARY-odd",
                "{flow:?} {life}"
            );
            assert_eq!(
                token.expires_at(),
                Some(now + Duration::from_secs(seconds)),
                "{flow:?} {life}"
            );
        }
    }
}

const USELESS: [(&str, &str); 5] = [
    ("", "3600"),
    ("null", "3600"),
    (r#""""#, "3600"),
    ("12345", "3600"),
    (r#""CANARY\nX-Injected: 1""#, "3600"),
];

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_usable_token_harms_no_current_token() {
    for flow in EARLY {
        // After the second answer that cannot be read, Jooto's refresh token is not sent again.
        let in_a_row = if flow == Flow::JootoOAuth2 {
            1
        } else {
            USELESS.len()
        };
        for useless in USELESS.chunks(in_a_row) {
            harms_no_token_in_hand(flow, useless).await;
        }
    }
}

async fn harms_no_token_in_hand(flow: Flow, useless: &[(&str, &str)]) {
    let scene = Scene::begin();
    let client = scene.warm(flow).await;
    scene.pass(Duration::from_secs(HOUR - WINDOW)).await;
    for (number, (token, life)) in useless.iter().copied().enumerate() {
        // AISPF's conventional method asks by id and secret after a refresh that brings no usable token.
        let times = if flow == Flow::AispfLegacy { 2 } else { 1 };
        let useless = answer(flow, token, life).times(times);
        scene.loopback.fault(flow.provider(), useless);
        assert_eq!(
            client.get(flow.path()).await.expect("still valid"),
            200,
            "{flow:?} {token}"
        );
        client.settled().await;
        let snapshot = client
            .token_cache()
            .map(TokenCache::snapshot)
            .expect("tokens");
        let error = snapshot
            .last_error
            .unwrap_or_else(|| panic!("{flow:?}: {token} {life} is taken"));
        assert_eq!(
            error.kind(),
            tegata::ErrorKind::InvalidResponse,
            "{flow:?} {token}: {error:?}"
        );
        assert_eq!(scene.failed(), number as u64 + 1, "{flow:?}");
        // Ever longer, for such answers may never end.
        let pause = PAUSE / 4 * (1 << (2 * number).min(8));
        scene.pass(pause.min(60 * PAUSE)).await;
    }
    assert_all_same(&scene.carried(flow));
    client.get(flow.path()).await.expect("still valid");
    client.settled().await;
    client.get(flow.path()).await.expect("renewed");
    let carried = scene.carried(flow);
    assert_ne!(carried.first(), carried.last(), "{flow:?}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_dead_on_arrival_is_one_error_and_no_loop() {
    for flow in EARLY {
        for life in ["0", "-5", r#""-1""#, "0.3"] {
            let scene = Scene::begin();
            let client = scene.cold(flow).await;
            scene
                .loopback
                .fault(flow.provider(), answer(flow, r#""CANARY-odd""#, life));
            for _ in 0..50 {
                let error = client.get(flow.path()).await.expect_err("dead");
                assert_eq!(
                    error.kind(),
                    tegata::ErrorKind::ExpiredToken,
                    "{flow:?} {life}"
                );
            }
            assert_eq!(
                (scene.asked(flow), scene.carried(flow).len()),
                (1, 0),
                "{flow:?} {life}"
            );
            scene.pass(PAUSE).await;
            assert_eq!(
                client.get(flow.path()).await.expect("served"),
                200,
                "{flow:?} {life}"
            );
        }
    }
}
