//! The guard behind the redaction. Each test declares a name harmless that holds a secret, which is
//! what the guard is for.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::read::{DeflateEncoder, ZlibEncoder};
use rstest::rstest;
use tegata_conformance::case::Suite;
use tegata_conformance::fixture::percent_encode;
use tegata_conformance::record::{RecordError, Recorder, Settings, WriteError, find_leak};

use crate::support::{
    KEY, before, emulator, files, folder, redaction, request, send, server_named, settings,
};

const CANARY: &str = "CANARY ?~\"secret\"/é";

fn hex() -> String {
    let digits: Vec<String> = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

fn read(mut encoder: impl Read) -> Vec<u8> {
    let mut all = Vec::new();
    encoder.read_to_end(&mut all).unwrap();
    all
}

/// `CANARY` as gzip, made elsewhere.
fn gzipped() -> Vec<u8> {
    let deflated = read(DeflateEncoder::new(
        CANARY.as_bytes(),
        Compression::default(),
    ));
    [
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..],
        &deflated,
        &[0; 8],
    ]
    .concat()
}

#[rstest]
#[case::percent(percent_encode(CANARY), "percent-encoding")]
#[case::base64(STANDARD.encode(CANARY), "base64")]
#[case::base64url(URL_SAFE_NO_PAD.encode(format!("x{CANARY}")), "base64")]
#[case::json("CANARY ?~\\\"secret\\\"/\\u00e9".to_owned(), "JSON escapes")]
#[case::hex(hex(), "hexadecimal")]
#[case::gzip(STANDARD.encode(gzipped()), "gzip, deflate or zstd")]
#[tokio::test]
async fn a_canary_that_survives_in_any_encoding_fails_the_recording(
    #[case] spelled: String,
    #[case] how: &str,
) {
    let (emulator, place) = (emulator(), folder());
    let url = emulator.provider_url("fujitsu-aispf");
    let mut recorder = Recorder::start(Settings {
        redaction: redaction(&["x-note"]),
        canaries: vec!["another canary".to_owned(), CANARY.to_owned()],
        // It ends in any case, so that a guard that is broken does not hang the test.
        exchanges: Some(2),
        ..settings(place.path(), &[server_named("services")], &url)
    })
    .await
    .unwrap();
    let headers = [("x-api-key", KEY), ("x-note", spelled.as_str())];
    let clean = request("GET", "/da/example", &[("x-api-key", KEY)], "");
    let spoilt = request("GET", "/da/example", &headers, "");
    assert_eq!(
        send(&recorder, server_named("services"), &clean)
            .await
            .status,
        200
    );
    assert_eq!(
        send(&recorder, server_named("services"), &spoilt)
            .await
            .status,
        200
    );
    recorder.finished().await;
    // Nothing more is recorded.
    assert_eq!(
        send(&recorder, server_named("services"), &clean)
            .await
            .status,
        503
    );
    let error = recorder.stop().unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("canary 2 survived redaction in") && text.contains(how),
        "{text}"
    );
    let RecordError::Write(WriteError::Leaked(file, _)) = error else {
        panic!("{text}");
    };
    assert!(!file.exists(), "{}", file.display());
    assert_eq!(find_leak(text.as_bytes(), [CANARY]), None, "{text}");
    for (name, bytes) in files(place.path()) {
        assert_eq!(find_leak(&bytes, [CANARY, &spelled]), None, "{name}");
    }
    Suite::from_folder(place.path()).unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test]
async fn a_credential_found_by_its_place_is_a_canary_by_itself() {
    let (emulator, place) = (emulator(), folder());
    let url = emulator.provider_url("fujitsu-aispf");
    let recorder = Recorder::start(Settings {
        redaction: redaction(&["x-note"]),
        ..settings(place.path(), &[server_named("services")], &url)
    })
    .await
    .unwrap();
    let headers = [("x-api-key", KEY), ("x-note", KEY)];
    send(
        &recorder,
        server_named("services"),
        &request("GET", "/da/example", &headers, ""),
    )
    .await;
    let text = recorder.stop().unwrap_err().to_string();
    assert!(
        text.contains("survived redaction") && !text.contains(KEY),
        "{text}"
    );
}

#[tokio::test]
async fn a_compressed_body_is_looked_into() {
    let (emulator, place) = (emulator(), folder());
    let recorder = before(&emulator, "fujitsu-aispf", place.path()).await;
    let body = format!("{{\"clientSecret\":\"{CANARY_PLAIN}\"}}");
    let deflated = read(ZlibEncoder::new(body.as_bytes(), Compression::default()));
    let mut seen = request(
        "POST",
        "/v1/tokens",
        &[
            ("content-type", "application/json"),
            ("content-encoding", "deflate"),
        ],
        "",
    );
    seen.body = deflated;
    send(&recorder, server_named("auth"), &seen).await;
    recorder.stop().unwrap();
    let all = files(place.path());
    let fixture = all
        .iter()
        .find(|(name, _)| name.ends_with("post-v1-tokens.toml"))
        .unwrap();
    let text = String::from_utf8_lossy(&fixture.1);
    assert!(
        text.contains("clientSecret = \"${client-secret}\""),
        "{text}"
    );
    for (name, bytes) in &all {
        assert_eq!(find_leak(bytes, [CANARY_PLAIN]), None, "{name}");
    }
}

const CANARY_PLAIN: &str = "CANARY-in-a-compressed-body";

#[tokio::test]
async fn a_canary_of_no_use_and_a_folder_that_is_taken_are_refused() {
    let place = folder();
    let base = settings(place.path(), &[server_named("auth")], "http://127.0.0.1:1");
    for canary in ["short", "CANARY-recorded"] {
        let error = Recorder::start(Settings {
            canaries: vec![canary.to_owned()],
            ..base.clone()
        })
        .await
        .unwrap_err()
        .to_string();
        assert!(error.contains("canary 1 is shorter than 8"), "{error}");
    }
    std::fs::write(place.path().join("mine.txt"), "mine").unwrap();
    let error = Recorder::start(base).await.unwrap_err().to_string();
    assert!(error.contains("is not empty; name a folder"), "{error}");
    assert_eq!(files(place.path()).len(), 1);
}
