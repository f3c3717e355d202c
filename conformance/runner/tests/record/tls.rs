//! Upstreams that speak TLS.

use tegata_conformance::record::{Recorder, Settings};
use tegata_conformance::trust::Trust;
use tegata_emulator::tls::Tls;
use tegata_emulator::{Config, Emulator};

use crate::support::{KEY, files, folder, request, send, server_named, settings};

/// An emulator over TLS, and a file with its certificate authority.
fn secure(place: &std::path::Path) -> (Emulator, std::path::PathBuf) {
    let tls = Tls::generate().unwrap();
    let file = place.join("ca.pem");
    std::fs::write(&file, tls.ca()).unwrap();
    let emulator = Emulator::start_with(Config::default(), 0, Some(&tls)).unwrap();
    (emulator, file)
}

/// The recording of one call, and how it was answered.
async fn record(emulator: &Emulator, trust: Trust) -> (u16, String, Vec<String>, Vec<String>) {
    let place = folder();
    let url = emulator.provider_url("fujitsu-aispf");
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let recorder = Recorder::start(Settings {
        trust,
        ..settings(place.path(), &[server_named("services")], &url)
    })
    .await
    .unwrap();
    let call = request("GET", "/da/example", &[("x-api-key", KEY)], "");
    let reply = send(&recorder, server_named("services"), &call).await;
    let summary = recorder.stop().unwrap();
    for (name, bytes) in files(place.path()) {
        assert!(!String::from_utf8_lossy(&bytes).contains(KEY), "{name}");
    }
    let text = String::from_utf8(reply.body).unwrap();
    (reply.status, text, summary.fixtures, summary.dropped)
}

#[tokio::test]
async fn an_upstream_that_a_named_authority_vouches_for_is_recorded() {
    let place = folder();
    let (emulator, ca) = secure(place.path());
    let (status, _, fixtures, dropped) = record(&emulator, Trust::read(&ca).unwrap()).await;
    assert_eq!((status, dropped.len()), (200, 0), "{dropped:?}");
    assert_eq!(fixtures, ["fujitsu-aispf/get-da-example.s200"]);
}

#[tokio::test]
async fn an_untrusted_upstream_is_sent_nothing_and_the_reply_says_why() {
    let (place, other) = (folder(), folder());
    let (emulator, _) = secure(place.path());
    let (_, wrong) = secure(other.path());
    for trust in [Trust::default(), Trust::read(&wrong).unwrap()] {
        let (status, text, fixtures, dropped) = record(&emulator, trust).await;
        assert_eq!((status, fixtures.len()), (502, 0));
        assert!(text.contains("name that one by --ca FILE"), "{text}");
        assert_eq!(dropped, [format!("GET /da/example: {text}")]);
    }
    assert!(emulator.log(None).is_empty(), "something was sent");
}
