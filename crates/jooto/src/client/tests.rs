use super::*;
use std::sync::Arc;
use std::time::SystemTime;
use tegata::provider::{Issued, Refresh};

use rstest::rstest;

#[test]
fn a_client_can_be_shared_by_threads_and_tasks() {
    fn shared<T: Clone + Send + Sync + Unpin + 'static>() {}
    shared::<Client>();
    shared::<crate::App>();
}

fn handed_over(access: &str, refresh: &str) -> Result<(), Error> {
    let app = App::builder("id", "CANARY", "https://c.example/").build()?;
    let refresh = Refresh::Replace {
        token: refresh.into(),
        lifetime: None,
    };
    let token = Token::new(Issued::new(access, None, refresh), SystemTime::now(), None);
    let without = app.client(token.clone()).build().map(drop);
    let store = Arc::new(crate::MemoryStore::default());
    let with = app.client(token).store(store).build().map(drop);
    assert_eq!(without.is_ok(), with.is_ok());
    with
}

fn for_account(name: &str) -> Result<(), Error> {
    let app = App::builder("id", "CANARY", "https://c.example/").build()?;
    let store = Arc::new(crate::MemoryStore::default());
    app.for_account(name).client_from(store).build().map(drop)
}

#[rstest]
#[case(Client::builder("").build().map(drop), "is empty")]
#[case(Client::builder("CANARY\r").build().map(drop), "control character")]
#[case(for_account("CANARY\n"), "account holds a control character")]
#[case(for_account(""), "account is empty")]
#[case(Client::builder("CANARY").base_url("app.jooto.com").build().map(drop), "absolute")]
#[case(App::builder("", "CANARY", "https://c.example/").build().map(drop), "is empty")]
#[case(App::builder("id", "", "https://c.example/").build().map(drop), "is empty")]
#[case(App::builder("CANARY\n", "CANARY", "https://c.example/").build().map(drop), "client id holds")]
#[case(App::builder("id", "CANARY\n", "https://c.example/").build().map(drop), "client secret holds")]
#[case(App::builder("id", "CANARY ", "https://c.example/").build().map(drop), "begins or ends")]
#[case(App::builder("id", "CANARY", "https://c.example/\n").build().map(drop), "redirect URI holds")]
#[case(
    handed_over("CANARY", "CANARY\n"),
    "refresh token holds a control character"
)]
#[case(handed_over("CANARY", ""), "refresh token is empty")]
#[case(handed_over("CANARY\n", "CANARY"), "control character")]
#[case(App::builder("id", "CANARY", "/back").build().map(drop), "absolute URL")]
#[case(App::builder("id", "CANARY", "https://c.example/#x").build().map(drop), "fragment")]
#[case(
    App::builder("id", "CANARY", "https://c.example/").oauth_url("http://h").build().map(drop),
    "https"
)]
fn invalid_settings_fail_at_build_with_the_reason(
    #[case] built: Result<(), Error>,
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

#[rstest]
#[case("/../admin")]
#[case("/a/%2e%2e/b")]
#[case("/a//b")]
fn a_path_that_leads_elsewhere_is_refused(#[case] path: &str) {
    let client = Client::builder("key").build().expect("valid settings");
    let error = client.get(path).build().expect_err("refused");
    assert_eq!(error.kind(), crate::ErrorKind::OutOfScope, "{error:?}");
}

#[test]
fn a_builder_shows_no_key_and_no_password() {
    let app = App::builder("id", "CANARY", "https://c.example/").oauth_url("https://u:CANARY@h");
    let client = Client::builder("CANARY").base_url("https://u:CANARY@h");
    let shown = format!("{app:?} {client:?}");
    assert!(!shown.contains("CANARY"), "{shown}");
}
