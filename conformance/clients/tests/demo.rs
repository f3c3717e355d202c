//! The demo, as `cargo xtask demo` runs it.

use std::process::Command;

#[test]
fn every_flow_is_as_documented_and_no_secret_is_printed() {
    let output = Command::new(env!("CARGO_BIN_EXE_tegata-clients"))
        .arg("demo")
        .output()
        .expect("the demo starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{text}");
    assert!(text.trim_end().ends_with("0 not"), "{text}");
    for provider in ["Fujitsu AISPF", "Jooto", "Adobe Marketo"] {
        assert!(text.contains(provider), "{text}");
    }
    // The emulator's default secrets are canaries, but for the documents' own example key.
    for secret in ["CANARY", "hogehoge"] {
        assert!(!text.contains(secret), "{text}");
    }
}
