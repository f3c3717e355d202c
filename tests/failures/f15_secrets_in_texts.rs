//! Secrets in logs, `Debug`, error texts and panic messages.
//!
//! requests/requests-oauthlib#536, librefang/librefang#5395, librefang/librefang#5525

use tegata::{RenewalPolicy, Settings, TokenCache};
use tegata_emulator::{Endpoint, Fault};

use crate::support::{PAUSE, Scene, file_with};
use tegata_test_support::shown::Shown;
use tegata_test_support::traced::Traced;
use tegata_test_support::{Flow, Subject};

/// The endpoint repeats what it was sent and what it would have answered.
fn secret_bearing_faults() -> [Fault; 6] {
    let answer = || Fault::on(Endpoint::Token);
    let error = r#"{"error":"CANARY-code","error_description":"client_secret=CANARY-secret"}"#;
    let json = "application/json";
    [
        answer().status(400).body(json, error),
        answer().status(500).body(json, error),
        answer().status(503).header("x-echo", "CANARY").html(),
        answer().body(json, r#"{"access_token":{"CANARY":"CANARY"}}"#),
        answer().body(
            json,
            r#"{"access_token":"CANARY\nCANARY","token_type":"CANARY","expires_in":"CANARY"}"#,
        ),
        answer()
            .status(302)
            .header("location", "https://CANARY.example/?CANARY=CANARY")
            .empty(),
    ]
}

#[tokio::test(start_paused = true)]
async fn no_text_repeats_what_the_endpoint_answers() {
    let traced = Traced::begin();
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let client = scene.cold(flow).await;
        let mut shown = Shown::default();
        for fault in secret_bearing_faults() {
            scene.loopback.fault(flow.provider(), fault);
            let outcome = client.get(flow.path()).await;
            let error = outcome.as_ref().expect_err("no token");
            shown.error(format!("{flow:?}"), error);
            // As in the panic of an `unwrap`.
            let unwrapped = std::panic::AssertUnwindSafe(|| outcome.expect("a token"));
            let unwrapped = std::panic::catch_unwind(unwrapped);
            let message = unwrapped.expect_err("it panics");
            let message = message.downcast_ref::<String>().expect("a message");
            shown.text("a panic", message);
            shown.debug(
                "a snapshot",
                &client.token_cache().map(TokenCache::snapshot),
            );
            shown.debug("a client", &client);
            client.token_cache().expect("tokens").invalidate();
            scene.pass(PAUSE).await;
        }
        assert_eq!(
            client.get(flow.path()).await.expect("served"),
            200,
            "{flow:?}"
        );
        let cache = client.token_cache().expect("tokens");
        shown.debug("a token", &cache.token());
        shown.debug("a cache", cache);
        shown.assert_clean(&[]);
        traced.assert_clean();
    }
}

/// Marketo's secrets stand in the URL, which every HTTP library likes to print.
#[tokio::test(start_paused = true)]
async fn no_text_repeats_the_url_of_an_unsendable_token_request() {
    let traced = Traced::begin();
    let scene = Scene::begin();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let nowhere = format!("http://{}", closed.local_addr().expect("an address"));
    drop(closed);
    let client = tegata_marketo::Client::builder("id", "CANARY-secret")
        .partner_id("CANARY-partner")
        .base_url(nowhere)
        .settings(Settings::new().renewal(RenewalPolicy::new().retry_interval(PAUSE)));
    let client = Subject::Marketo(client.build().expect("valid"));
    let error = client.warm_up().await.expect_err("the port is closed");
    let mut shown = Shown::default();
    shown.error("Marketo", &error);
    shown.assert_clean(&[]);
    traced.assert_clean();
    drop(scene);
}

#[tokio::test(start_paused = true)]
async fn a_damaged_token_file_is_named_and_not_shown() {
    let traced = Traced::begin();
    let scene = Scene::begin();
    let (_folder, store) = file_with(&scene.expired().await).await;
    let whole = std::fs::read(store.path()).expect("there");
    std::fs::write(store.path(), &whole[..whole.len() - 2]).expect("written");
    let client = scene.jooto(store);
    let error = client.warm_up().await.expect_err("damaged");
    assert!(error.to_string().contains("account.json"), "{error}");
    let mut shown = Shown::default();
    shown.error("a file", &error);
    shown.assert_clean(&[]);
    traced.assert_clean();
}
