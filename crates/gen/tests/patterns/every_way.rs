//! One document with every way to authenticate, and its generated crate against its emulator.

use tegata::ErrorKind;
use tegata::oauth::App;

use crate::credentials::Client;
use crate::credentials::api::security::{APP_KEY, login_server};
use crate::server::{SECRET, Server};

/// The key that the emulator takes for a scheme.
fn key(scheme: &str) -> String {
    format!("CANARY-credentials-{scheme}-key")
}

#[tokio::test]
async fn every_operation_gets_what_it_takes() {
    let server = Server::emulated("credentials.yaml", |_| {});
    let described = login_server(&server.api).scopes(["items:read", "items:write"]);
    let app = App::builder(described, "post id", SECRET);
    let app = app.settings(server.settings()).build().expect("valid");
    let client = Client::builder(&server.api)
        .app_id(key("app-id"))
        .app_key(key("app-key"))
        .old(key("old"))
        .session(key("session"))
        .signed(key("signed"))
        .user("credentials-user", "CANARY-credentials-password")
        .login(app.client_credentials())
        .clock(server.clock())
        .renewal(Server::renewal())
        .build()
        .expect("valid");
    let api = client.api();
    api.items().await.expect("a token");
    api.both().await.expect("two keys");
    api.either().await.expect("one of three");
    api.perhaps().await.expect("a cookie");
    api.signed().await.expect("a token and a key");
    api.public().await.expect("nothing");
    api.certified().await.expect("what can be attached");
    api.said_twice().await.expect("four of them");
    api.scoped().await.expect("a token with scopes");
    let error = api.odd_scopes().await.expect_err("other scopes");
    assert_eq!(error.status().map(|it| it.as_u16()), Some(403));

    let (emulator, provider) = server.emulator().expect("one");
    let log = emulator.log(provider);
    let asked: serde_json::Value = serde_json::from_str(&log[0].body).expect("JSON");
    assert_eq!(asked["audience"], "https://api.example.com");
    assert_eq!(asked["scope"], "items:read,items:write");
    assert_eq!(emulator.counts(provider).tokens_issued, 1);

    // This API calls it `expiresIn`, and the emulator as well.
    server.pass_an_hour();
    api.items().await.expect("renewed");
    client
        .shared()
        .replace_key(APP_KEY, "CANARY-wrong")
        .expect("replaced");
    let error = api.both().await.expect_err("one is wrong");
    assert_eq!(error.kind(), ErrorKind::CredentialRejected);
}

#[tokio::test]
async fn each_alternative_is_enough() {
    let server = Server::emulated("credentials.yaml", |_| {});
    let user =
        || Client::builder(&server.api).user("credentials-user", "CANARY-credentials-password");
    let clients = [
        user(),
        Client::builder(&server.api).old(key("old")),
        Client::builder(&server.api).build_credential(key("build")),
    ];
    for client in clients {
        let api = client.build().expect("valid").api();
        api.either().await.expect("one of three");
        api.perhaps().await.expect("no cookie");
    }
    let wrong = user().session("CANARY-wrong").build().expect("valid");
    let error = wrong.api().perhaps().await.expect_err("a wrong cookie");
    assert_eq!(error.kind(), ErrorKind::CredentialRejected);
}
