//! Keys, users and several credentials at once, by the client without generated code.

use rstest::rstest;
use tegata::{Client, ClientBuilder, ErrorKind, KeyInUse, Placement, Refusal};

use crate::provider::{Provider, Seen};
use crate::{error_is_secretless, secretless};

const HEADER: Placement = Placement::Header("x-api-key");
const OTHER: Placement = Placement::Header("x-app-id");
const COOKIE: Placement = Placement::Cookie("session");
const QUERY: Placement = Placement::Query("api_key");

/// Sends one request, which the API accepts.
async fn sent(change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Seen {
    let provider = Provider::start().await;
    let accepting = provider.client().refusal(Refusal::statuses(&[]));
    let client = change(accepting).build().expect("valid");
    secretless(&[&client]);
    let response = client
        .get("/things?x=1")
        .header("cookie", "a=b")
        .send()
        .await;
    secretless(&[&response.expect("an answer")]);
    provider.seen("/api/things").remove(0)
}

#[rstest]
#[case::header(HEADER, "x-api-key", "CANARY-k")]
#[case::bearer(Placement::Bearer, "authorization", "Bearer CANARY-k")]
#[case::prefix(
    Placement::Prefixed(&("Token token=", Placement::Header("authorization"))),
    "authorization",
    "Token token=CANARY-k"
)]
#[case::cookie(COOKIE, "cookie", "a=b; session=CANARY-k")]
#[case::prefix_in_a_cookie(
    Placement::Prefixed(&("v1.", COOKIE)),
    "cookie",
    "a=b; session=v1.CANARY-k"
)]
#[tokio::test]
async fn a_key_is_sent_in_its_place(
    #[case] placement: Placement,
    #[case] header: &str,
    #[case] value: &str,
) {
    let seen = sent(|client| client.key(placement, "CANARY-k")).await;
    let values: Vec<_> = seen.headers.get_all(header).iter().collect();
    assert_eq!(values, [value]);
    assert_eq!(seen.uri.query(), Some("x=1"));
}

#[rstest]
#[case(QUERY, "x=1&api_key=CANARY+%2B")]
#[case(Placement::Prefixed(&("k:", QUERY)), "x=1&api_key=k%3ACANARY+%2B")]
#[tokio::test]
async fn a_key_is_sent_in_the_query(#[case] placement: Placement, #[case] query: &str) {
    let seen = sent(|client| client.key(placement, "CANARY +")).await;
    assert_eq!(seen.uri.query(), Some(query));
}

#[rstest]
#[case("user", "CANARY:é", "Basic dXNlcjpDQU5BUlk6w6k=")]
#[case("CANARY-key", "", "Basic Q0FOQVJZLWtleTo=")]
#[case("", "CANARY-key", "Basic OkNBTkFSWS1rZXk=")]
#[tokio::test]
async fn user_and_password_are_sent_by_basic(
    #[case] user: &str,
    #[case] password: &str,
    #[case] value: &str,
) {
    let seen = sent(|client| client.basic(user, password)).await;
    assert_eq!(seen.headers["authorization"], value);
}

#[tokio::test]
async fn several_credentials_are_all_sent() {
    let all = |client: ClientBuilder| {
        client
            .key(HEADER, "CANARY-1")
            .key(OTHER, "CANARY-2")
            .key(QUERY, "CANARY-3")
            .key(COOKIE, "CANARY-4")
            .key(Placement::Cookie("other"), "CANARY-5")
            .bearer("CANARY-6")
    };
    let seen = sent(all).await;
    assert_eq!(seen.headers["x-api-key"], "CANARY-1");
    assert_eq!(seen.headers["x-app-id"], "CANARY-2");
    assert_eq!(seen.uri.query(), Some("x=1&api_key=CANARY-3"));
    assert_eq!(
        seen.headers["cookie"],
        "a=b; session=CANARY-4; other=CANARY-5"
    );
    assert_eq!(seen.headers["authorization"], "Bearer CANARY-6");
}

#[tokio::test]
async fn a_key_is_sent_beside_a_token_again_after_its_renewal() {
    let provider = Provider::start().await;
    let app = provider.app(provider.server()).build().expect("valid");
    let client = provider
        .client()
        .key(HEADER, "CANARY-key")
        .oauth(app.client_credentials());
    let client = client.build().expect("valid");
    client.warm_up().await.expect("a token");
    provider.state().live = "another".into();
    let response = client.get("/things").send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    let seen = provider.seen("/api/things");
    assert_eq!(seen.len(), 2);
    for (seen, token) in seen.iter().zip(["CANARY-access-1", "CANARY-access-2"]) {
        assert_eq!(seen.headers["x-api-key"], "CANARY-key");
        assert_eq!(seen.headers["authorization"], format!("Bearer {token}"));
    }
}

#[tokio::test]
async fn of_two_keys_the_accepted_one_is_used_from_then_on() {
    let provider = Provider::start().await;
    provider.state().live = "CANARY-b".into();
    let client = provider
        .client()
        .key_pair(Placement::Bearer, "CANARY-a", "CANARY-b");
    let client = client.key(OTHER, "CANARY-app").build().expect("valid");
    secretless(&[&client]);
    assert_eq!(client.key_in_use(), Some(KeyInUse::Primary));
    for _ in 0..2 {
        let response = client.get("/things").send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(client.key_in_use(), Some(KeyInUse::Secondary));
    }
    let seen = provider.seen("/api/things");
    let keys: Vec<_> = seen
        .iter()
        .map(|seen| &seen.headers["authorization"])
        .collect();
    assert_eq!(
        keys,
        ["Bearer CANARY-a", "Bearer CANARY-b", "Bearer CANARY-b"]
    );
    assert!(
        seen.iter()
            .all(|seen| seen.headers["x-app-id"] == "CANARY-app")
    );
}

#[tokio::test]
async fn a_key_can_be_replaced_while_the_client_is_in_use() {
    let provider = Provider::start().await;
    let client = provider
        .client()
        .key(HEADER, "CANARY-1")
        .key(OTHER, "CANARY-2");
    let client = client
        .refusal(Refusal::statuses(&[]))
        .build()
        .expect("valid");
    for (placement, key) in [(HEADER, "CANARY-3"), (OTHER, "CANARY-4")] {
        client.replace_key(placement, key).expect("a key");
    }
    client.get("/things").send().await.expect("an answer");
    let seen = &provider.seen("/api/things")[0];
    assert_eq!(seen.headers["x-api-key"], "CANARY-3");
    assert_eq!(seen.headers["x-app-id"], "CANARY-4");
    for result in [
        client.replace_key(QUERY, "CANARY"),
        client.replace_key(HEADER, "CANARY\n"),
    ] {
        let error = result.expect_err("refused");
        assert!(error.is_configuration(), "{error:?}");
        error_is_secretless(&error);
    }
}

#[tokio::test]
async fn credentials_go_to_no_other_origin_but_one_that_was_named() {
    let (api, uploads) = (Provider::start().await, Provider::start().await);
    let client = api.client().key(HEADER, "CANARY").key(OTHER, "CANARY");
    let client = client
        .refusal(Refusal::statuses(&[]))
        .build()
        .expect("valid");
    let url = format!("{}/api/files", uploads.url);
    let request =
        tegata::reqwest::Request::new(tegata::reqwest::Method::GET, url.parse().expect("a URL"));
    let error = client.execute(request).await.expect_err("another origin");
    assert_eq!(error.kind(), ErrorKind::OutOfScope);
    error_is_secretless(&error);
    assert!(uploads.state().seen.is_empty() && api.state().seen.is_empty());
    let there = client
        .at(&format!("{}/api", uploads.url))
        .expect("a base URL");
    there.get("/files").send().await.expect("an answer");
    let seen = &uploads.seen("/api/files")[0];
    assert_eq!(
        (&seen.headers["x-api-key"], &seen.headers["x-app-id"]),
        (
            &"CANARY".parse().expect("a value"),
            &"CANARY".parse().expect("a value")
        )
    );
    assert!(
        client
            .at("http://h")
            .expect_err("no TLS")
            .is_configuration()
    );
}

#[rstest]
#[case::header("x-app-id", "x")]
#[case::cookie("cookie", "a=b; session=x")]
#[tokio::test]
async fn a_request_that_carries_a_credential_is_refused(#[case] header: &str, #[case] value: &str) {
    let provider = Provider::start().await;
    let client = provider
        .client()
        .key(HEADER, "CANARY")
        .key(OTHER, "CANARY")
        .key(COOKIE, "CANARY");
    let client = client.build().expect("valid");
    let error = client.get("/things").header(header, value).send().await;
    let error = error.expect_err("refused");
    assert!(
        error.is_configuration() && error.to_string().contains("already carries"),
        "{error}"
    );
    assert!(provider.state().seen.is_empty());
}

#[tokio::test]
async fn an_error_shows_no_key_of_a_query() {
    let provider = Provider::start().await;
    let refused = provider
        .client()
        .key(QUERY, "CANARY")
        .build()
        .expect("valid");
    let error = refused.get("/things").send().await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::CredentialRejected);
    error_is_secretless(&error);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", closed.local_addr().expect("bound"));
    drop(closed);
    let client = Client::builder("test", url)
        .key(QUERY, "CANARY")
        .build()
        .expect("valid");
    let error = client
        .get("/things")
        .send()
        .await
        .expect_err("a closed port");
    assert_eq!(error.kind(), ErrorKind::Connection);
    error_is_secretless(&error);
}

fn new() -> ClientBuilder {
    Client::builder("test", "https://h")
}

#[rstest]
#[case::none(new(), "no credential")]
#[case::empty(new().key(HEADER, ""), "credential for x-api-key is empty")]
#[case::line_break(new().key(QUERY, "CANARY\n"), "control character")]
#[case::cookie_with_a_semicolon(new().key(COOKIE, "CANARY;x"), "cookie cannot carry")]
#[case::cookie_with_a_blank(new().key(COOKIE, "CANARY x"), "cookie cannot carry")]
#[case::cookie_beyond_ascii(new().key(COOKIE, "CANARYé"), "cookie cannot carry")]
#[case::cookie_name(new().key(Placement::Cookie("a b"), "CANARY"), "no cookie name")]
#[case::upper_case(new().key(Placement::Header("X-Key"), "CANARY"), "lower-case")]
#[case::several(new().key(Placement::All(&[]), "CANARY"), "give each of them")]
#[case::basic(new().key(Placement::Basic, "CANARY"), "HTTP Basic")]
#[case::no_user(new().basic("", ""), "user name is empty")]
#[case::colon(new().basic("a:b", "CANARY"), "colon")]
#[case::password(new().basic("a", "CANARY\n"), "password holds a control character")]
#[case::twice(new().key(HEADER, "CANARY").key(HEADER, "CANARY"), "same place (x-api-key)")]
#[case::authorization_twice(new().bearer("CANARY").basic("a", "CANARY"), "same place (authorization)")]
#[case::two_renewable(
    new().key_pair(HEADER, "CANARY", "CANARY").key_pair(OTHER, "CANARY", "CANARY"),
    "two credentials that can be replaced"
)]
#[case::token_of_a_login(
    new().bearer("CANARY").token(crate::lifecycle::token("CANARY", "CANARY")),
    "renewed by `oauth`"
)]
#[case::base_url(Client::builder("test", "http://CANARY").bearer("CANARY"), "https")]
#[case::account(new().bearer("CANARY").account("CANARY\n"), "account holds")]
fn invalid_settings_fail_at_build_with_the_reason(
    #[case] client: ClientBuilder,
    #[case] why: &str,
) {
    secretless(&[&client]);
    let error = client.build().expect_err(why);
    assert!(
        error.is_configuration() && error.to_string().contains(why),
        "{error}"
    );
    error_is_secretless(&error);
}

#[tokio::test]
async fn a_client_without_oauth_cannot_log_in() {
    let client = new().bearer("CANARY").build().expect("valid");
    let never = std::future::pending();
    assert!(
        client
            .log_in(never)
            .await
            .expect_err("no OAuth 2.0")
            .is_configuration()
    );
}
