//! Authorization code with PKCE, and refresh tokens that rotate.

use tegata::oauth::App;
use tegata::{ErrorKind, MemoryStore};

use crate::authorization_code::api::security::login_server;
use crate::authorization_code::{Client, ClientBuilder};
use crate::server::{BACK, SECRET, Server, access_token, refresh_token, shows_no_secret, token};

#[tokio::test]
async fn with_the_emulator() {
    let server = Server::emulated("authorization-code.yaml", |_| {});
    walk(&server).await;
    let (emulator, calendar) = server.emulator().expect("one");
    let log = emulator.log(calendar);
    let login = log.iter().find(|it| it.path == "/auth").expect("a login");
    let query = login.query.as_deref().unwrap_or_default();
    let parts = ["code_challenge_method=S256", "prompt=consent", "state="];
    for part in parts {
        assert!(query.contains(part), "{part} is not in {query}");
    }
}

#[tokio::test]
async fn with_an_independent_server() {
    if let Some(server) = Server::independent("TEGATA_OAUTH_SERVER", "/api") {
        walk(&server).await;
    }
}

#[tokio::test]
async fn a_user_who_refuses_is_an_error() {
    let server = Server::emulated("authorization-code.yaml", |_| {});
    let (emulator, calendar) = server.emulator().expect("one");
    emulator.decide_logins(calendar, false).expect("decided");
    let login = app(&server).authorize().expect("starts");
    let back = server.browse(login.url().as_str()).await;
    let error = login.callback(&back).expect_err("refused");
    let said = (error.kind(), error.code());
    assert_eq!(said, (ErrorKind::Authorization, Some("access_denied")));
}

fn app(server: &Server) -> App {
    let described = login_server().base_url(&server.api);
    let described = described.scopes(["openid", "offline_access"]);
    let app = App::builder(described, "post id", SECRET).redirect_uri(BACK);
    app.settings(server.settings()).build().expect("valid")
}

fn builder(server: &Server, app: &App) -> ClientBuilder {
    let builder = Client::builder().base_url(&server.api);
    let builder = builder.clock(server.clock()).renewal(Server::renewal());
    builder.login(app.refresh_tokens())
}

async fn walk(server: &Server) {
    let app = app(server);
    let client = builder(server, &app).store(MemoryStore::default());
    let client = client.build().expect("valid");
    let events = async || client.api().list_events().await;

    // Issue: the user logs in, and comes back with the state that the login had.
    let login = app.authorize().expect("starts");
    let other = app.authorize().expect("starts");
    let back = server.browse(login.url().as_str()).await;
    let error = other
        .callback(&back)
        .expect_err("the state of another login");
    assert_eq!(error.kind(), ErrorKind::StateMismatch);
    let code = login.callback(&back).expect("a code");
    let logged_in = client.shared().log_in(app.exchange(&code)).await;
    logged_in.expect("logged in");

    // Call, expiry, renewal, rotation.
    let first = token(client.shared());
    let mut former = Vec::new();
    for _ in 0..3 {
        assert_eq!(events().await.expect("called").id, 7);
        assert!(
            !former.contains(&refresh_token(client.shared())),
            "it rotates"
        );
        former.push(refresh_token(client.shared()));
        server.pass_an_hour();
    }

    // Refusal.
    events().await.expect("renewed");
    let refused = access_token(client.shared());
    server.refuse_token(client.shared()).await;
    events().await.expect("renewed once it was refused");
    assert_ne!(access_token(client.shared()), refused);

    // A wrong secret does not end the login.
    app.replace_client_secret("CANARY-wrong")
        .expect("may be one");
    server.pass_an_hour();
    let error = events().await.expect_err("a wrong secret");
    let said = (error.kind(), error.code());
    assert_eq!(said, (ErrorKind::TokenDenied, Some("invalid_client")));
    shows_no_secret(&error);
    app.replace_client_secret(SECRET).expect("may be one");
    events().await.expect("the right secret");

    // A refresh token that was replaced ends the login for all who have one of it.
    let late = builder(server, &app).token(first).build().expect("valid");
    server.pass_an_hour();
    let error = late.api().list_events().await.expect_err("it was replaced");
    assert!(error.needs_authorization(), "{error:?}");
    let error = events().await.expect_err("the login has ended");
    assert!(error.needs_authorization(), "{error:?}");
    shows_no_secret(&error);
    let error = app.exchange(&code).await.expect_err("the code was used");
    assert_eq!(error.code(), Some("invalid_grant"));
}
