use super::*;
use crate::ClientBuilder;
use rstest::rstest;
use tegata::Error;

#[test]
fn a_client_can_be_shared_by_threads_and_tasks() {
    fn shared<T: Clone + Send + Sync + Unpin + 'static>() {}
    shared::<Client>();
}

#[rstest]
#[case(with("id", "CANARY").build(), "no Marketo instance")]
#[case(with("", "CANARY").munchkin_id("284-RPR-133").build(), "is empty")]
#[case(with("id", "").munchkin_id("284-RPR-133").build(), "is empty")]
#[case(with("CANARY\n", "CANARY").base_url("https://h").build(), "client id holds a control character")]
#[case(with("id", "CANARY\n").base_url("https://h").build(), "client secret holds a control")]
#[case(with("id", "CANARY ").base_url("https://h").build(), "client secret begins or ends")]
#[case(with("id", "CANARY").base_url("https://h").partner_id("CANARY\n").build(), "partner id holds")]
#[case(with("id", "CANARY").base_url("https://h").partner_id("").build(), "partner id is empty")]
#[case(with("id", "CANARY").base_url("https://h").account("CANARY\n").build(), "account holds")]
#[case(with("id", "CANARY").munchkin_id("284").build(), "three groups")]
#[case(with("id", "CANARY").munchkin_id("284-RPR-133").base_url("https://h").build(), "named twice")]
#[case(with("id", "CANARY").base_url("http://h").build(), "https")]
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

fn with(id: &str, secret: &str) -> ClientBuilder {
    Client::builder(id, secret)
}

#[rstest]
#[case("/../admin")]
#[case("/a/%2e%2e/b")]
#[case("/a//b")]
fn a_path_that_leads_elsewhere_is_refused(#[case] path: &str) {
    let client = with("id", "secret")
        .base_url("https://h")
        .build()
        .expect("valid settings");
    let error = client.get(path).build().expect_err("refused");
    assert_eq!(error.kind(), crate::ErrorKind::OutOfScope, "{error:?}");
}

#[test]
fn a_builder_shows_no_secret_and_no_password() {
    let builder = with("CANARY", "CANARY")
        .base_url("https://u:CANARY@h")
        .identity_url("https://u:CANARY@h")
        .partner_id("CANARY")
        .account("CANARY");
    let shown = format!("{builder:?}");
    assert!(!shown.contains("CANARY"), "{shown}");
}
