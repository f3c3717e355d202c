//! The URLs of an instance.

use rstest::rstest;
use tegata::ErrorKind;
use tegata::reqwest::Method;
use tegata_emulator::Provider;
use tegata_marketo::Client;

use tegata_test_support::Subject;
use tegata_test_support::loopback::{Loopback, MARKETO_ID, MARKETO_SECRET};
use tegata_test_support::raw::RawServer;

const MARKETO: Provider = Provider::Marketo;

#[rstest]
#[case::root("")]
#[case::slash("/")]
#[case::rest("/rest")]
#[case::rest_slash("/rest/")]
#[case::identity("/identity")]
#[tokio::test]
async fn urls_work_as_the_administration_shows_them(
    #[case] suffix: &str,
    #[values(true, false)] both: bool,
) {
    let loopback = Loopback::start();
    let url = format!("{}{suffix}", loopback.url(MARKETO));
    let builder = Client::builder(MARKETO_ID, MARKETO_SECRET);
    let builder = builder.base_url(&*url).settings(loopback.settings());
    let builder = if both {
        builder.identity_url(url)
    } else {
        builder
    };
    let client = builder.build().expect("valid settings");
    client.api().describe_lead().await.expect("accepted");
    let client = Subject::Marketo(client);
    assert_eq!(
        client.get("rest/v1/leads.json").await.expect("accepted"),
        200
    );
    let paths: Vec<_> = loopback
        .emulator
        .log(MARKETO)
        .into_iter()
        .map(|e| e.path)
        .collect();
    let expected = [
        "/identity/oauth/token",
        "/rest/v1/leads/describe.json",
        "/rest/v1/leads.json",
    ];
    assert_eq!(paths, expected);
}

#[tokio::test]
async fn the_identity_url_alone_is_enough() {
    let loopback = Loopback::start();
    let client = Client::builder(MARKETO_ID, MARKETO_SECRET)
        .identity_url(format!("{}/identity", loopback.url(MARKETO)))
        .settings(loopback.settings())
        .build();
    let described = client.expect("valid settings").api().describe_lead().await;
    assert!(described.expect("accepted").success);
}

#[tokio::test]
async fn the_credential_goes_to_no_other_origin() {
    let loopback = Loopback::start();
    let elsewhere = RawServer::silent().await;
    let client = loopback.marketo(MARKETO_ID, MARKETO_SECRET).build();
    let client = Subject::Marketo(client.expect("valid settings"));
    let http = tegata::reqwest::Client::new();
    let request = http.get(format!("{}/rest/v1/leads.json", elsewhere.origin()));
    let error = client.send(request).await.expect_err("another origin");
    assert_eq!(error.kind(), ErrorKind::OutOfScope, "{error:?}");
    assert_eq!(elsewhere.seen(), [""; 0]);
    assert!(loopback.emulator.log(MARKETO).is_empty());
}

#[tokio::test]
async fn a_request_to_the_own_origin_may_be_built_anywhere() {
    let loopback = Loopback::start();
    let client = loopback.marketo(MARKETO_ID, MARKETO_SECRET).build();
    let client = Subject::Marketo(client.expect("valid settings"));
    let http = tegata::reqwest::Client::new();
    let url = format!("{}/rest/v1/leads.json?a=1", loopback.url(MARKETO));
    let response = client.send(http.request(Method::DELETE, url)).await;
    assert_eq!(response.expect("accepted").status(), 200);
    let call = loopback.calls(MARKETO).remove(0);
    assert_eq!(
        (&*call.method, call.query.as_deref()),
        ("DELETE", Some("a=1"))
    );
}

#[rstest]
#[case::nothing(Client::builder("i", "s"))]
#[case::twice(Client::builder("i", "s").munchkin_id("284-RPR-133").base_url("https://h"))]
#[case::no_munchkin_id(Client::builder("i", "s").munchkin_id("evil.example/"))]
#[case::no_id(Client::builder("", "s").munchkin_id("284-RPR-133"))]
#[case::no_secret(Client::builder("i", "").munchkin_id("284-RPR-133"))]
#[case::plain_http(Client::builder("i", "s").base_url("http://example.com"))]
#[case::user_name(Client::builder("i", "s").base_url("https://CANARY@h"))]
fn settings_that_cannot_work_are_refused_at_once(#[case] builder: tegata_marketo::ClientBuilder) {
    let error = builder.build().expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert!(
        !format!("{error} {error:?}").contains("CANARY"),
        "{error:?}"
    );
}
