//! `Debug` of secrets that are no texts.

use rstest::rstest;
use serde_json::{Value, from_value, json, to_value};

use crate::secrets::api::types::{Vault, Way};

fn vault(property: &str, value: &Value) -> Vault {
    from_value(json!({"name": "shown", property: value})).expect("a vault")
}

#[rstest]
#[case("password", json!(77_001))]
#[case("private_key", json!(77_001.5))]
#[case("session_token", json!("canary"))]
#[case("session_token", json!("canary of another kind"))]
#[case("client_secret", json!(77_001))]
#[case("client_secret", json!({"value": "canary"}))]
#[case("access_token", json!({"value": "canary"}))]
#[case("refresh_tokens", json!([{"value": "canary"}]))]
#[case("passwords", json!(["canary"]))]
#[case("secret_map", json!({"a": "canary"}))]
#[case("pin", json!(77_001))]
#[case("note", json!("canary"))]
#[case("both", json!({"passphrase": "canary"}))]
#[case("both", json!({"passphrase": 77_001}))]
#[case("both", json!({"code": 77_001}))]
#[case("doubled", json!({"api_key": "canary"}))]
#[case("doubled", json!({"apiKey": "canary"}))]
fn a_secret_of_any_type_is_not_printed(#[case] property: &str, #[case] value: Value) {
    let read = vault(property, &value);
    for shown in [format!("{read:?}"), format!("{read:#?}")] {
        let lower = shown.to_lowercase();
        assert!(
            !lower.contains("canary") && !shown.contains("77001"),
            "{shown}"
        );
        assert!(
            shown.contains("[redacted]") && shown.contains("shown"),
            "{shown}"
        );
    }
    assert_eq!(to_value(&read).expect("JSON")[property], value);
}

#[rstest]
#[case("has_password", json!(true), "has_password: Some(true)")]
#[case("secret_count", json!(77_001), "77001")]
#[case("secret_label", json!("canary"), "canary")]
#[case("doubled", json!({"name": "canary"}), "canary")]
fn what_is_no_secret_is_printed(#[case] property: &str, #[case] value: Value, #[case] text: &str) {
    let read = vault(property, &value);
    assert!(format!("{read:?}").contains(text), "{read:?}");
}

#[rstest]
#[case(json!({"kind": "key", "secret": {"value": "canary"}, "of": "shown"}))]
#[case(json!({"kind": "name", "name": "shown"}))]
fn a_variant_does_not_print_its_secret(#[case] way: Value) {
    let read: Way = from_value(way.clone()).expect("a way");
    let shown = format!("{read:?}");
    assert!(
        shown.contains("shown") && !shown.contains("canary"),
        "{shown}"
    );
    assert_eq!(to_value(&read).expect("JSON"), way);
}
