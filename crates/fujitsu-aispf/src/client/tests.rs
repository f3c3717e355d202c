use rstest::rstest;
use tegata::{Error, Settings, reqwest};

use super::*;
use crate::{ApiKey, LegacyOAuth, OAuth2};

fn unbuildable() -> reqwest::ClientBuilder {
    reqwest::Client::builder().user_agent("CANARY\n")
}

#[test]
fn a_client_can_be_shared_by_threads_and_tasks() {
    fn shared<T: Clone + Send + Sync + Unpin + 'static>() {}
    shared::<Client>();
}

#[rstest]
#[case(Client::builder(ApiKey::new("")).build(), "is empty")]
#[case(Client::builder(ApiKey::new("CANARY\n")).build(), "control character")]
#[case(Client::builder(ApiKey::new("CANARY").secondary("CANARY")).build(), "same as the first")]
#[case(Client::builder(ApiKey::new("CANARY").secondary(" ")).build(), "is empty")]
#[case(Client::builder(OAuth2::new("", "CANARY")).build(), "client id is empty")]
#[case(Client::builder(OAuth2::new("a:b", "CANARY")).build(), "BasicEncoding::Form")]
#[case(Client::builder(LegacyOAuth::new("id", "")).build(), "client secret is empty")]
#[case(Client::builder(OAuth2::new("id", "")).build(), "client secret is empty")]
#[case(Client::builder(OAuth2::new("CANARY\n", "CANARY")).build(), "client id holds a control character")]
#[case(Client::builder(OAuth2::new("id", "CANARY\n")).build(), "client secret holds a control character")]
#[case(Client::builder(OAuth2::new("id", " CANARY")).build(), "client secret begins or ends with a blank")]
#[case(Client::builder(LegacyOAuth::new("CANARY\r\n", "CANARY")).build(), "client id holds a control")]
#[case(Client::builder(LegacyOAuth::new("id", "CANARY\n")).build(), "client secret holds a control")]
#[case(Client::builder(LegacyOAuth::new("id", "\u{feff}CANARY")).build(), "byte order mark")]
#[case(Client::builder(ApiKey::new("\u{feff}CANARY")).build(), "byte order mark")]
#[case(Client::builder(ApiKey::new("CANARY")).account("CANARY\n").build(), "account holds")]
#[case(Client::builder(ApiKey::new("CANARY")).base_url("CANARY").build(), "bad base URL")]
#[case(Client::builder(ApiKey::new("CANARY")).base_url("http://example.com").build(), "https")]
#[case(Client::builder(OAuth2::new("id", "CANARY")).auth_url("http://example.com").build(), "https")]
#[case(
    Client::builder(ApiKey::new("CANARY")).settings(Settings::new().http_client(unbuildable())).build(),
    "HTTP client could not be built"
)]
fn invalid_settings_fail_at_build_with_the_reason(
    #[case] built: Result<Client, Error>,
    #[case] why: &str,
) {
    let error = built.expect_err(why);
    assert!(
        error.is_configuration() && error.to_string().contains(why),
        "{error}"
    );
    assert!(
        !format!("{error} {error:?}").contains("CANARY"),
        "{error:?}"
    );
}

#[test]
fn the_method_can_be_chosen_when_the_program_runs() {
    for (method, has_tokens) in [("key", false), ("oauth2", true), ("legacy", true)] {
        let credentials: Credentials = match method {
            "key" => ApiKey::new("CANARY").into(),
            "oauth2" => OAuth2::new("id", "CANARY").into(),
            _ => LegacyOAuth::new("id", "CANARY").into(),
        };
        assert!(!format!("{credentials:?}").contains("CANARY"));
        let store = crate::MemoryStore::default();
        let client = Client::builder(credentials).store(store).build();
        let client = client.expect("valid settings");
        assert_eq!(client.token_cache().is_some(), has_tokens, "{method}");
    }
}

#[rstest]
#[case("/../admin")]
#[case("/a/%2e%2e/b")]
#[case("/a//b")]
fn a_path_that_leads_elsewhere_is_refused(#[case] path: &str) {
    let client = Client::builder(ApiKey::new("key"))
        .build()
        .expect("valid settings");
    let error = client.get(path).build().expect_err("refused");
    assert_eq!(error.kind(), crate::ErrorKind::OutOfScope, "{error:?}");
}

#[rstest]
#[case(Client::builder(ApiKey::new("CANARY").secondary("CANARY")))]
#[case(Client::builder(OAuth2::new("CANARY", "CANARY")))]
#[case(Client::builder(LegacyOAuth::new("CANARY", "CANARY")))]
fn a_builder_shows_no_secret_and_no_password(#[case] builder: crate::ClientBuilder) {
    let builder = builder
        .base_url("https://u:CANARY@h")
        .auth_url("https://u:CANARY@h")
        .account("CANARY");
    let shown = format!("{builder:?}");
    assert!(!shown.contains("CANARY"), "{shown}");
}
