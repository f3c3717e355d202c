//! What a stored token is bound to: a store hands it to no client of another server, scheme or grant.

use rstest::rstest;
use tegata::oauth::{Server, Tokens};
use tegata::provider::spec::Scheme;
use tegata::store::Record;
use tegata::{Client, ClientBuilder, ErrorKind, MemoryStore, Placement, TokenStore as _};

use crate::error_is_secretless;
use crate::lifecycle::token;
use crate::provider::Provider;

fn of_a_user(provider: &Provider, change: impl FnOnce(Server) -> Server) -> Tokens {
    let app = provider.app(change(provider.server())).build();
    app.expect("valid").refresh_tokens()
}

fn with_login(client: ClientBuilder, tokens: Tokens, store: &MemoryStore) -> Client {
    let client = client.oauth(tokens).store(store.clone());
    client.build().expect("valid")
}

async fn record(store: &MemoryStore) -> Option<Record> {
    store.load().await.expect("readable")
}

/// A store with the login of a user of this provider.
async fn of_a_login(provider: &Provider) -> MemoryStore {
    let store = MemoryStore::default();
    provider.state().refresh = Some("CANARY-refresh".into());
    let client = with_login(
        provider.client(),
        of_a_user(provider, |server| server),
        &store,
    );
    let login = async { Ok(token("CANARY-access", "CANARY-refresh")) };
    client.log_in(login).await.expect("logged in");
    client
        .get("/things")
        .send()
        .await
        .expect("renewed and saved");
    store
}

#[tokio::test]
async fn a_login_is_found_again_by_the_same_client() {
    let provider = Provider::start().await;
    let store = of_a_login(&provider).await;
    let again = with_login(
        provider.client(),
        of_a_user(&provider, |server| server),
        &store,
    );
    let response = again.get("/things").send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(provider.seen("/token").len(), 1, "not renewed");
    // The same endpoint by another way to write it.
    let same = of_a_user(&provider, |server| server.refresh_url("./token"));
    let same = with_login(provider.client(), same, &store);
    same.get("/things").send().await.expect("an answer");
    // An account below is one that took the place of the account without a name.
    let named = provider.client().account("7");
    let named = with_login(named, of_a_user(&provider, |server| server), &store);
    named.get("/things").send().await.expect("an answer");
}

#[rstest]
#[case::token_endpoint(|server: Server, other: &str| server.token_url(format!("{other}/token")))]
#[case::refresh_endpoint(|server: Server, other: &str| server.refresh_url(format!("{other}/token")))]
#[case::another_path(|server: Server, _: &str| server.token_url("/other/token"))]
#[case::tenant(|server: Server, _: &str| server.token_url("/token?tenant=b"))]
#[case::scheme(|server: Server, _: &str| server.token_in(Scheme { name: "Other", placement: Placement::Bearer }))]
#[tokio::test]
async fn no_token_goes_to_a_client_of_another_server(#[case] change: fn(Server, &str) -> Server) {
    let (ours, other) = (Provider::start().await, Provider::start().await);
    let store = of_a_login(&ours).await;
    let before = record(&store).await;
    let tokens = of_a_user(&ours, |server| change(server, &other.url));
    let theirs = with_login(ours.client(), tokens, &store);
    refused(&theirs, &ours).await;
    assert!(other.state().seen.is_empty());
    assert_eq!(record(&store).await, before);
}

#[tokio::test]
async fn no_token_goes_to_another_api_of_the_same_client_id() {
    let (ours, other) = (Provider::start().await, Provider::start().await);
    let store = of_a_login(&ours).await;
    let before = record(&store).await;
    let tokens = of_a_user(&ours, |server| server);
    let theirs = with_login(other.client(), tokens, &store);
    refused(&theirs, &other).await;
    assert_eq!(record(&store).await, before);
}

/// Its call fails before anything is sent, and says why.
async fn refused(client: &Client, provider: &Provider) {
    let before = provider.state().seen.len();
    let error = client.get("/things").send().await.expect_err("not theirs");
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
    assert!(error.to_string().contains("a store of its own"), "{error}");
    error_is_secretless(&error);
    assert_eq!(provider.state().seen.len(), before, "nothing was sent");
}

#[tokio::test]
async fn an_application_never_sends_a_users_token_nor_ends_the_login() {
    let provider = Provider::start().await;
    let store = of_a_login(&provider).await;
    let before = record(&store).await;
    let users = provider.state().live.clone();
    let app = provider.app(provider.server()).build().expect("valid");
    let application = with_login(provider.client(), app.client_credentials(), &store);
    // Without its store it may go on in memory, but with a token of its own.
    let _ = application.get("/things").send().await;
    provider.advance(3600);
    let _ = application.get("/things").send().await;
    let sent = provider.seen("/api/things");
    let users = format!("Bearer {users}");
    let by_application = &sent[1..];
    let has_users = by_application
        .iter()
        .any(|it| it.headers["authorization"] == users);
    assert!(!has_users);
    assert_eq!(record(&store).await, before, "the login is kept");
}
