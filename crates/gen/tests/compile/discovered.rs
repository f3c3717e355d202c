//! Servers that describe themselves, by the functions that are generated for their schemes.

use tegata::ErrorKind;
use tegata::oauth::App;

use crate::credentials_on_the_wire::{all, serve_at};
use crate::discovery::Client;
use crate::discovery::api::security::{self, machine_server, own_server, tenant_server};
use crate::wire::{DONE, answer};

fn metadata(issuer: &str, methods: &str) -> String {
    let body = format!(
        r#"{{"issuer": "{issuer}", "token_endpoint": "{issuer}/token",
        "token_endpoint_auth_methods_supported": {methods}}}"#
    );
    answer("200 OK", "application/json", &body)
}

fn token() -> String {
    let body = r#"{"access_token": "CANARY", "expires_in": 3600}"#;
    answer("200 OK", "application/json", body)
}

#[tokio::test]
async fn the_metadata_says_where_and_how_tokens_are_asked_for() {
    let (url, requests) = serve_at(|url| {
        let metadata = metadata(url, r#"["client_secret_post"]"#);
        vec![metadata, token(), DONE.to_owned()]
    })
    .await;
    let server = own_server(&url).await.expect("metadata");
    let app = App::builder(server, "id", "secret").build().expect("valid");
    let client = Client::builder(&url).own(app.client_credentials());
    let client = client.build().expect("valid");
    client.api().items().await.expect("sent");
    let requests = all(requests).await;
    let lines: Vec<_> = requests.iter().map(|it| it.line.as_str()).collect();
    let expected = [
        "GET /.well-known/openid-configuration HTTP/1.1",
        "POST /token HTTP/1.1",
        "GET /items HTTP/1.1",
    ];
    assert_eq!(lines, expected);
    assert!(requests[1].body.contains("client_secret=secret"));
    assert!(requests[2].head.contains("authorization: bearer canary"));
}

#[tokio::test]
async fn what_an_overlay_says_is_set_beforehand() {
    let (url, requests) = serve_at(|_| vec![token(), DONE.to_owned()]).await;
    let mut described = None;
    // The vendor's own URL is not asked in a test.
    drop(machine_server().configure(|server| {
        described = Some(server.clone());
        server
    }));
    let server = described
        .expect("described")
        .token_url(format!("{url}/token"));
    let app = App::builder(server, "id", "secret").build().expect("valid");
    let client = Client::builder(&url).machine(app.client_credentials());
    let client = client.build().expect("valid");
    client.api().machine().await.expect("sent");
    let body = &all(requests).await[0].body;
    assert!(
        body.contains("client_secret=secret&audience=items"),
        "{body}"
    );
}

#[tokio::test]
async fn a_placeholder_in_the_url_is_the_callers_to_fill() {
    let (url, requests) = serve_at(|_| vec![metadata("https://evil.example", "[]")]).await;
    let error = tenant_server(&url).await.expect_err("another issuer");
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    all(requests).await;
    let error = tenant_server("https://{tenant}.example.com/").await;
    assert!(error.expect_err("a placeholder").is_configuration());
    assert_eq!(security::TENANT.name, "tenant");
}
