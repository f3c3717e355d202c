//! Device code, for a client without a secret.

use rstest::rstest;
use tegata::ErrorKind;
use tegata::oauth::App;
use tegata_emulator::Endpoint;

use crate::device_code::Client;
use crate::device_code::api::security::device_server;
use crate::server::{Server, access_token, refresh_token, shows_no_secret};

#[rstest]
#[tokio::test]
async fn with_the_emulator(#[values(true, false)] agrees: bool) {
    walk(&emulated(), agrees).await;
}

#[rstest]
#[tokio::test]
async fn with_an_independent_server(#[values(true, false)] agrees: bool) {
    if let Some(server) = Server::independent("TEGATA_OAUTH_SERVER", "/api") {
        walk(&server, agrees).await;
    }
}

#[tokio::test]
async fn the_device_waits_while_its_user_decides() {
    let server = emulated();
    let (emulator, tv) = server.emulator().expect("one");
    let login = app(&server, "public id")
        .authorize_device()
        .await
        .expect("started");
    let user_code = login.user_code().to_owned();
    emulator.hold(tv);
    let token = tokio::spawn(login.token());
    emulator.until_held(tv, Endpoint::Token, 1).await;
    emulator.release(tv);
    let is_answered = |it: &tegata_emulator::LogEntry| it.note.is_some();
    while !emulator.log(tv).iter().any(is_answered) {
        tokio::task::yield_now().await;
    }
    // It asks once more, a second later.
    server.decide(&user_code, true).await;
    token.await.expect("ended").expect("a token");
    let log = emulator.log(tv);
    let notes: Vec<_> = log.iter().filter_map(|it| it.note.as_deref()).collect();
    assert_eq!(notes, ["the user has not decided yet"]);
}

#[tokio::test]
async fn a_client_that_is_unknown_gets_no_code() {
    let error = app(&emulated(), "another").authorize_device().await;
    let error = error.expect_err("an unknown client");
    assert_eq!(error.code(), Some("invalid_client"));
}

fn emulated() -> Server {
    Server::emulated("device-code.yaml", |api| api.device_interval_seconds = 1)
}

fn app(server: &Server, id: &str) -> App {
    let described = device_server().base_url(&server.api);
    let app = App::public(described.scopes(["openid", "offline_access"]), id);
    app.settings(server.settings()).build().expect("valid")
}

async fn walk(server: &Server, agrees: bool) {
    let app = app(server, "public id");
    let login = app.authorize_device().await.expect("started");
    server.decide(login.user_code(), agrees).await;
    let issued = login.token().await;
    if !agrees {
        let error = issued.expect_err("refused");
        let said = (error.kind(), error.code());
        assert_eq!(said, (ErrorKind::Authorization, Some("access_denied")));
        return;
    }
    let builder = Client::builder().base_url(&server.api);
    let builder = builder.clock(server.clock()).renewal(Server::renewal());
    let client = builder.device(app.refresh_tokens());
    let client = client.token(issued.expect("a token")).build();
    let client = client.expect("valid");
    let channel = async || client.api().list_channels().await;

    // Call, expiry, renewal, rotation.
    let mut former = Vec::new();
    for _ in 0..3 {
        assert_eq!(channel().await.expect("called").id, 7);
        assert!(
            !former.contains(&refresh_token(client.shared())),
            "it rotates"
        );
        former.push(refresh_token(client.shared()));
        server.pass_an_hour();
    }
    // Refusal.
    channel().await.expect("renewed");
    let refused = access_token(client.shared());
    server.refuse_token(client.shared()).await;
    channel().await.expect("renewed once it was refused");
    assert_ne!(access_token(client.shared()), refused);
}
