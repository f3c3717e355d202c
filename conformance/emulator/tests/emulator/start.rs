//! Starting and stopping.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;
use tegata_emulator::{Config, Emulator, Endpoint, Provider};

use crate::support::{Loopback, send};

#[tokio::test]
async fn the_root_answers_the_ready_line() {
    let loopback = Loopback::start();
    let base = loopback.emulator.base_url();
    let answer = send(loopback.get("/")).await;
    assert_eq!(answer.text, loopback.emulator.ready_line());
    let expected = json!({
        "ready": true,
        "base_url": base,
        "providers": {
            "fujitsu-aispf": format!("{base}/fujitsu-aispf"),
            "jooto": format!("{base}/jooto"),
            "marketo": format!("{base}/marketo"),
        },
    });
    assert_eq!(answer.json(), expected);
    assert!(answer.text.starts_with(r#"{"ready":true,"base_url":"#));
    let url = loopback.emulator.provider_url("jooto");
    assert_eq!(url, format!("{base}/jooto"));
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let first = Emulator::start(Config::default()).unwrap();
    let port = first.base_url().rsplit(':').next().unwrap();
    let second = Emulator::start_on(Config::default(), port.parse().unwrap());
    let message = second.err().unwrap().to_string();
    assert!(message.contains(port), "{message}");
    assert!(message.contains("taken"), "{message}");
}

#[test]
fn a_start_outside_a_runtime_is_an_error() {
    let message = Emulator::start(Config::default())
        .err()
        .unwrap()
        .to_string();
    assert!(message.contains("runtime"), "{message}");
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_is_an_error() {
    let mut config = Config::default();
    config.jooto.clients[0].redirect_uris.clear();
    let message = Emulator::start(config).err().unwrap().to_string();
    assert!(message.contains("redirect_uris"), "{message}");
}

#[tokio::test]
async fn stopping_answers_what_is_held_and_then_listens_no_more() {
    let Loopback { emulator, .. } = Loopback::start();
    let url = format!("{}/identity/oauth/token", emulator.provider_url("marketo"));
    emulator.hold(None);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let held = tokio::spawn(http.get(&url).send());
    emulator
        .until_held(Provider::Marketo, Endpoint::Token, 1)
        .await;
    emulator.stop().await;
    assert_eq!(held.await.unwrap().unwrap().status(), 400);
    let error = http.get(url).send().await.err();
    assert!(error.is_some_and(|error| error.is_connect()));
}

#[tokio::test]
async fn a_request_that_is_no_http_disturbs_no_other() {
    let loopback = Loopback::start();
    let address = loopback.emulator.base_url().trim_start_matches("http://");
    let address = address.to_owned();
    let talk = move || -> io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"\x16\x03\x01 hello\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = tokio::task::spawn_blocking(talk).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer:?}");
    send(loopback.get("/")).await.assert_status(200);
}

#[tokio::test]
async fn its_debug_form_shows_no_credential() {
    let emulator = Emulator::start(Config::default()).unwrap();
    let shown = format!("{emulator:?}");
    assert!(!shown.contains("CANARY"), "{shown}");
}
