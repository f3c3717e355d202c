//! Client credentials, by HTTP Basic and by parameters.

use rstest::rstest;
use tegata::ErrorKind;
use tegata::oauth::App;

use crate::client_credentials::Client;
use crate::client_credentials::api::security::{basic_login_server, post_login_server};
use crate::server::{SECRET, Server, access_token, shows_no_secret};

#[derive(Clone, Copy, PartialEq)]
enum By {
    Basic,
    Post,
}

#[rstest]
#[tokio::test]
async fn with_the_emulator(#[values(By::Basic, By::Post)] by: By) {
    let server = Server::emulated("client-credentials.yaml", |_| {});
    let client = walk(&server, by).await;
    let (emulator, ledger) = server.emulator().expect("one");
    assert_eq!(emulator.counts(ledger).tokens_issued, 4);
    client.api().get_status().await.expect("public");
    let log = emulator.log(ledger);
    assert!(log[log.len() - 1].header("authorization").is_empty());
    let asked = log.iter().find(|it| it.path == "/token").expect("asked");
    let is_basic = asked.header("authorization").concat().starts_with("Basic ");
    let form = asked.form.as_ref().expect("a form");
    let is_post = form.iter().any(|(name, _)| name == "client_secret");
    assert_eq!((is_basic, is_post), (by == By::Basic, by == By::Post));
}

#[rstest]
#[tokio::test]
async fn with_an_independent_server(#[values(By::Basic, By::Post)] by: By) {
    if let Some(server) = Server::independent("TEGATA_OAUTH_SERVER", "/api") {
        walk(&server, by).await;
    }
}

async fn walk(server: &Server, by: By) -> Client {
    let (id, described) = match by {
        By::Basic => ("basic id", basic_login_server()),
        By::Post => ("post id", post_login_server()),
    };
    let app = App::builder(described.base_url(&server.api), id, SECRET);
    let app = app.settings(server.settings()).build().expect("valid");
    let builder = Client::builder().base_url(&server.api);
    let builder = builder.clock(server.clock()).renewal(Server::renewal());
    let client = match by {
        By::Basic => builder.basic_login(app.client_credentials()),
        By::Post => builder.post_login(app.client_credentials()),
    };
    let client = client.build().expect("valid");
    let entry = async || client.api().get_entry(7).await;
    let in_use = || access_token(client.shared());

    // Issue and call: one token for both.
    assert_eq!(entry().await.expect("issued").id, 7);
    let first = in_use();
    entry().await.expect("called");
    assert_eq!(in_use(), first);

    // Refusal, and renewal for it.
    server.refuse_token(client.shared()).await;
    entry().await.expect("renewed once it was refused");
    let second = in_use();
    assert_ne!(second, first);

    // Expiry.
    server.pass_an_hour();
    entry().await.expect("renewed once it had expired");
    assert_ne!(in_use(), second);

    // A wrong secret, and the rotation to a right one while the client is in use.
    app.replace_client_secret("CANARY-wrong")
        .expect("may be one");
    server.pass_an_hour();
    let error = entry().await.expect_err("a wrong secret");
    let said = (error.kind(), error.code());
    assert_eq!(said, (ErrorKind::TokenDenied, Some("invalid_client")));
    shows_no_secret(&error);
    app.replace_client_secret(SECRET).expect("may be one");
    entry().await.expect("the right secret");
    client
}
