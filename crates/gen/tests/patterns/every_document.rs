//! Whatever a document has, the emulator serves all of its operations.

use rstest::rstest;
use serde_json::Value;
use tegata::reqwest::{Client, Method};
use tegata_emulator::{ApiConfig, Config, Emulator};

use crate::server::{json, profile};

#[rstest]
#[case("answers.yaml")]
#[case("authorization-code.yaml")]
#[case("bodies.yaml")]
#[case("client-credentials.yaml")]
#[case("credentials.yaml")]
#[case("device-code.yaml")]
#[case("key-and-signature.yaml")]
#[case("modern.yaml")]
#[case("names.yaml")]
#[case("next.yaml")]
#[case("odd.yaml")]
#[case("parameters.yaml")]
#[case("references/main.yaml")]
#[case("secrets.yaml")]
#[case("swagger.json")]
#[case("values.yaml")]
#[tokio::test]
async fn every_operation_is_served_and_asks_for_its_credential(#[case] document: &str) {
    let mut config = Config::default();
    config.apis.push(ApiConfig::new(profile(document)));
    let provider = config.apis[0].provider();
    let emulator = Emulator::start(config).expect("started");
    let http = Client::builder().no_proxy().build().expect("a client");
    let json: Value = serde_json::from_str(&json(document)).expect("JSON");
    let operations = json["operations"].as_array().expect("a list");
    assert!(!operations.is_empty());
    for operation in operations {
        let text = |key: &str| operation[key].as_str().expect("a text");
        // Any value will do for a parameter.
        let mut path = String::new();
        for (index, part) in text("path").split(['{', '}']).enumerate() {
            path.push_str(if index % 2 == 0 { part } else { "x1" });
        }
        let method = Method::from_bytes(text("method").as_bytes()).expect("a method");
        let url = format!("{}{path}", emulator.provider_url(provider));
        let answer = http.request(method, &url).send().await.expect("an answer");
        let security = operation["security"].as_array().expect("a list");
        let is_open = security.is_empty() || security.contains(&serde_json::json!({}));
        let status = operation["answer"]["status"].as_u64().expect("a status");
        let refusal = json["refusal"]["statuses"][0].as_u64().expect("a status");
        let expected = if is_open { status } else { refusal };
        assert_eq!(
            u64::from(answer.status().as_u16()),
            expected,
            "{} {url}",
            text("method")
        );
    }
}
