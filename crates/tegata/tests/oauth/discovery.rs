//! Servers that are described by their own metadata.

use std::error::Error as _;

use axum::body::Body;
use axum::http::Response;
use rstest::rstest;
use serde_json::{Value, json};
use tegata::oauth::{Discovery, Server};
use tegata::{Error, ErrorKind, HttpClient};

use crate::provider::{Provider, answer};
use crate::{error_is_secretless, secretless};

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

fn metadata(provider: &Provider) -> Value {
    let url = &provider.url;
    json!({
        "issuer": url,
        "token_endpoint": format!("{url}/token"),
        "authorization_endpoint": format!("{url}/authorize"),
        "device_authorization_endpoint": format!("{url}/device"),
        "jwks_uri": "http://elsewhere.example/keys",
    })
}

fn changed(provider: &Provider, change: &Value) -> Value {
    let mut metadata = metadata(provider);
    let all = metadata.as_object_mut().expect("an object");
    all.extend(change.as_object().expect("an object").clone());
    metadata
}

fn scripted(provider: &Provider, answers: impl IntoIterator<Item = Response<Body>>) {
    provider.state().scripted.extend(answers);
}

fn page(status: u16, kind: &str, body: impl Into<Body>) -> Response<Body> {
    let builder = Response::builder()
        .status(status)
        .header("content-type", kind);
    builder.body(body.into()).expect("an answer")
}

fn asked(provider: &Provider) -> Vec<String> {
    let seen = &provider.state().seen;
    seen.iter().map(|it| it.uri.to_string()).collect()
}

/// Metadata with these members, or why it is refused.
pub(crate) async fn discovered(
    change: Value,
    configure: impl FnOnce(Discovery) -> Discovery,
) -> (Provider, Result<Server, Error>) {
    let provider = Provider::start().await;
    scripted(&provider, [answer(200, &changed(&provider, &change))]);
    let discovery = Server::discover(format!("{}{OPENID}", provider.url));
    let server = configure(discovery).await;
    (provider, server)
}

#[tokio::test]
async fn a_discovered_server_issues_and_renews_tokens() {
    let provider = Provider::start().await;
    scripted(&provider, [answer(200, &metadata(&provider))]);
    let discovery = Server::discover(&provider.url);
    secretless(&[&discovery]);
    let server = discovery.await.expect("metadata");
    let app = provider
        .app(server)
        .redirect_uri("https://app.example/back");
    let app = app.build().expect("valid");
    let client = provider.client().oauth(app.client_credentials());
    let client = client.build().expect("valid");
    for _ in 0..2 {
        let things = client.get("/things").send().await.expect("an answer");
        assert_eq!(things.status(), 200);
        provider.advance(3600);
    }
    let login = app.authorize().expect("starts");
    assert_eq!(login.url().path(), "/authorize");
    let started =
        json!({"device_code": "CANARY", "user_code": "A", "verification_uri": "https://h/"});
    scripted(&provider, [answer(200, &started)]);
    app.authorize_device().await.expect("started");
    let seen = asked(&provider);
    assert_eq!(
        seen.iter()
            .filter(|it| it.starts_with("/.well-known/"))
            .count(),
        1
    );
    assert_eq!(seen.last().map(String::as_str), Some("/device"));
    let asked = &provider.state().seen[0];
    assert_eq!(asked.headers["accept"], "application/json");
    assert!(!asked.headers.contains_key("authorization"));
}

#[rstest]
#[case::rfc_8414("/tenant", &[], "/.well-known/oauth-authorization-server/tenant")]
#[case::openid_inserted("/tenant", &[404], "/.well-known/openid-configuration/tenant")]
#[case::openid_appended("/tenant", &[404, 404], "/tenant/.well-known/openid-configuration")]
#[case::other_refusals("/tenant", &[400, 405], "/tenant/.well-known/openid-configuration")]
#[case::at_the_root("", &[404], "/.well-known/openid-configuration")]
#[tokio::test]
async fn metadata_is_found_at_each_place(
    #[case] path: &str,
    #[case] refusals: &[u16],
    #[case] place: &str,
) {
    let provider = Provider::start().await;
    let issuer = format!("{}{path}", provider.url);
    let refused = |status: &u16| answer(*status, &json!({"error": "CANARY"}));
    scripted(&provider, refusals.iter().map(refused));
    let found = changed(&provider, &json!({"issuer": issuer}));
    scripted(&provider, [answer(200, &found)]);
    let _ = Server::discover(&issuer).await.expect("metadata");
    let seen = asked(&provider);
    assert_eq!(seen.len(), refusals.len() + 1);
    assert_eq!(seen.last().map(String::as_str), Some(place));
}

#[rstest]
#[case::html(page(200, "text/html", "<html>CANARY"))]
#[case::login_page(Response::builder().status(302).header("location", "/CANARY").body(Body::empty()).expect("an answer"))]
#[case::other_json(answer(200, &json!({"message": "CANARY"})))]
#[case::list(answer(200, &json!(["CANARY"])))]
#[tokio::test]
async fn a_page_in_its_place_is_no_metadata(#[case] page: Response<Body>) {
    let provider = Provider::start().await;
    scripted(&provider, [page, answer(200, &metadata(&provider))]);
    let _ = Server::discover(&provider.url).await.expect("metadata");
    assert_eq!(asked(&provider), [OAUTH, OPENID]);
}

#[rstest]
#[case::html(
    200,
    "text/html",
    "<html>CANARY",
    ErrorKind::InvalidResponse,
    "text/html in place of its metadata"
)]
#[case::text(
    200,
    "application/json",
    "CANARY",
    ErrorKind::InvalidResponse,
    "no JSON object"
)]
#[case::nothing(
    200,
    "application/json",
    "",
    ErrorKind::InvalidResponse,
    "no JSON object"
)]
#[case::no_issuer(
    200,
    "application/json",
    r#"{"token_endpoint":"CANARY"}"#,
    ErrorKind::InvalidResponse,
    "lacks `issuer`"
)]
#[case::null(
    200,
    "application/json",
    r#"{"issuer":null}"#,
    ErrorKind::InvalidResponse,
    "lacks `issuer`"
)]
#[case::redirect(
    302,
    "text/html",
    "CANARY",
    ErrorKind::Status,
    "redirect, which is not followed"
)]
#[case::refused(403, "text/html", "CANARY", ErrorKind::Status, "could not be fetched")]
#[case::missing(
    404,
    "text/html",
    "CANARY",
    ErrorKind::Status,
    "neither where RFC 8414"
)]
#[case::failing(503, "text/html", "CANARY", ErrorKind::Status, "could not be fetched")]
#[case::too_often(429, "text/html", "CANARY", ErrorKind::Status, "could not be fetched")]
#[tokio::test]
async fn no_metadata_says_why(
    #[case] status: u16,
    #[case] kind: &str,
    #[case] body: &'static str,
    #[case] expected: ErrorKind,
    #[case] why: &str,
) {
    let provider = Provider::start().await;
    scripted(&provider, [0, 1, 2].map(|_| page(status, kind, body)));
    let error = Server::discover(&provider.url).await.expect_err(why);
    assert_eq!(error.kind(), expected, "{error:?}");
    assert_eq!(
        error.status().map(|it| it.as_u16()),
        (body != r#"{"issuer":null}"#).then_some(status)
    );
    assert!(error.to_string().contains(why), "{error}");
    assert_eq!(error.is_transient(), [429, 503].contains(&status));
    error_is_secretless(&error);
    let tries = if error.is_transient() || body.contains("null") {
        1
    } else {
        2
    };
    assert_eq!(asked(&provider).len(), tries);
}

#[rstest]
#[case(262_144, true)]
#[case(262_145, false)]
#[tokio::test]
async fn metadata_is_read_up_to_a_length(#[case] length: usize, #[case] is_read: bool) {
    let provider = Provider::start().await;
    let text = metadata(&provider).to_string();
    let text = format!("{text}{}", " ".repeat(length - text.len()));
    scripted(&provider, [page(200, "application/json", text)]);
    let server = Server::discover(&provider.url).await;
    assert_eq!(server.is_ok(), is_read);
    if let Err(error) = server {
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        let cause = error.source().expect("a cause").to_string();
        assert!(cause.contains("256 KiB"), "{cause}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_to_metadata() {
    let provider = Provider::start().await;
    let redirect = || {
        let builder = Response::builder().status(302);
        let builder = builder.header("location", format!("{}/CANARY", provider.url));
        builder.body(Body::empty()).expect("an answer")
    };
    scripted(
        &provider,
        [redirect(), redirect(), answer(200, &metadata(&provider))],
    );
    let error = Server::discover(&provider.url)
        .await
        .expect_err("redirects");
    assert!(error.to_string().contains("redirect"), "{error}");
    assert_eq!(asked(&provider), [OAUTH, OPENID]);
    error_is_secretless(&error);
}

#[rstest]
#[case("https://evil.example/CANARY")]
#[case("")]
#[tokio::test]
async fn metadata_of_another_issuer_is_not_used(#[case] issuer: &str) {
    let (_, server) = discovered(json!({"issuer": issuer}), |it| it).await;
    let error = server.expect_err("another issuer");
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(error.to_string().contains("another issuer"), "{error}");
    error_is_secretless(&error);
}

#[rstest]
#[case::slash_added("", "/", false)]
#[case::slash_left_out("/", "", false)]
#[case::of_a_url(OPENID, "/", true)]
#[case::path("/a", "/b", false)]
#[tokio::test]
async fn only_the_issuer_that_was_asked_for_is_taken(
    #[case] asked: &str,
    #[case] issuer: &str,
    #[case] is_taken: bool,
) {
    let provider = Provider::start().await;
    let issuer = format!("{}{issuer}", provider.url);
    let found = changed(&provider, &json!({"issuer": issuer}));
    scripted(&provider, [0, 1].map(|_| answer(200, &found)));
    let url = format!("{}{asked}", provider.url);
    let server = Server::discover(&url).await;
    assert_eq!(server.is_ok(), is_taken);
    // One that is named is taken in place of the one that follows.
    let named = Server::discover(&url).issuer(&issuer).await;
    assert!(named.is_ok());
}

#[tokio::test]
async fn a_named_issuer_counts_in_place_of_the_url() {
    let change = json!({"issuer": "https://login.example/{tenant}"});
    let (_, server) = discovered(change, |it| it.issuer("https://login.example/{tenant}")).await;
    assert!(server.is_ok());
    let (_, server) = discovered(json!({}), |it| it.issuer("https://login.example")).await;
    assert!(server.is_err(), "the metadata is of another one");
}

#[rstest]
#[case("http://login.example/CANARY", "must be https")]
#[case("login.example/CANARY", "absolute URL")]
#[case("https://CANARY:CANARY@login.example", "user name or password")]
#[case("https://login.example/?CANARY", "must not hold a query")]
#[case("https://login.example/#CANARY", "fragment")]
#[case(
    "https://login.example/a/.well-known/openid-configuration/b",
    "set `issuer`"
)]
#[tokio::test]
async fn a_url_to_which_nothing_may_go_is_refused(#[case] url: &str, #[case] why: &str) {
    let error = Server::discover(url).await.expect_err(why);
    assert!(error.is_configuration(), "{error:?}");
    assert!(error.to_string().contains(why), "{error}");
    error_is_secretless(&error);
}

#[tokio::test]
async fn a_relative_metadata_url_lies_below_the_base_url() {
    let provider = Provider::start().await;
    scripted(&provider, [answer(200, &metadata(&provider))]);
    let base_url = format!("{}/v1", provider.url);
    let discovery = Server::discover(OPENID).configure(|server| server.base_url(base_url));
    let _ = discovery.await.expect("metadata");
    assert_eq!(asked(&provider), [OPENID]);
}

#[tokio::test]
async fn the_http_client_that_is_set_fetches() {
    let (provider, server) = discovered(json!({}), |it| {
        it.http_client(HttpClient::builder().user_agent("mine"))
    })
    .await;
    assert!(server.is_ok());
    assert_eq!(provider.state().seen[0].headers["user-agent"], "mine");
}

#[tokio::test]
async fn a_server_that_is_gone_is_a_failed_connection() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    drop(listener);
    let error = Server::discover(url).await.expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.is_transient());
}
