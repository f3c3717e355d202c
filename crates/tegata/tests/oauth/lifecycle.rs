//! Each way to authenticate, from the first token to the last refusal.

use std::time::{Duration, SystemTime};

use rstest::rstest;
use serde_json::{Value, json};
use tegata::BasicEncoding::{Form, Raw};
use tegata::oauth::{App, ClientAuth, RequestFormat, Server};
use tegata::provider::spec::TokenAnswer;
use tegata::provider::{Issued, Refresh};
use tegata::{Client, Error, ErrorKind, MemoryStore, Placement, Refusal, Token, TokenStore as _};

use crate::provider::{Provider, SECRET, answer, parameters};
use crate::{error_is_secretless, secretless};

pub(crate) fn token(access: &str, refresh: &str) -> Token {
    let refresh = Refresh::Replace {
        token: refresh.into(),
        lifetime: None,
    };
    Token::new(
        Issued::new(access, Some(Duration::ZERO), refresh),
        SystemTime::UNIX_EPOCH,
        None,
    )
}

async fn call(client: &Client) -> Result<Value, Error> {
    let reply = client.get("/things").send_json::<Value>().await;
    reply.map(tegata::Reply::into_inner)
}

const WAYS: [(ClientAuth, RequestFormat); 6] = [
    (ClientAuth::Basic(Form), RequestFormat::Form),
    (ClientAuth::Basic(Raw), RequestFormat::Form),
    (ClientAuth::Post, RequestFormat::Form),
    (ClientAuth::Post, RequestFormat::Json),
    (ClientAuth::Post, RequestFormat::GetQuery),
    (ClientAuth::Post, RequestFormat::PostQuery),
];

#[tokio::test]
async fn client_credentials_live_through_expiry_and_refusals() {
    for (method, format) in WAYS {
        let provider = Provider::start().await;
        let server = provider.server().client_auth(method).request_format(format);
        let app = provider.app(server).build().expect("valid");
        let client = provider
            .client()
            .oauth(app.client_credentials())
            .build()
            .expect("valid");
        secretless(&[
            &app,
            &client,
            &client.token_cache(),
            &app.client_credentials(),
        ]);
        let issued = || provider.seen("/token").len();

        for _ in 0..2 {
            assert_eq!(
                call(&client).await.expect("the first token"),
                json!({"ok": true})
            );
        }
        assert_eq!(issued(), 1, "{method:?}");
        provider.advance(3600);
        call(&client).await.expect("a renewed one");
        assert_eq!(issued(), 2, "{method:?}");
        provider.state().live = "another".into();
        call(&client)
            .await
            .expect("one in place of the refused one");
        assert_eq!(issued(), 3, "{method:?}");

        app.replace_client_secret("CANARY-wrong")
            .expect("may be one");
        provider.advance(3600);
        let error = call(&client).await.expect_err("a wrong secret");
        assert_eq!(error.kind(), ErrorKind::TokenDenied, "{error:?}");
        assert_eq!(error.code(), Some("invalid_client"));
        assert!(error.is_at_token_endpoint() && !error.needs_authorization());
        error_is_secretless(&error);
        let hint = std::error::Error::source(&error).map(ToString::to_string);
        let is_basic = matches!(method, ClientAuth::Basic(_));
        let is_hinted = hint.is_some_and(|hint| hint.contains("`BasicEncoding`"));
        assert_eq!(is_hinted, is_basic, "the id holds a blank");
        let denied = issued();
        call(&client).await.expect_err("still wrong");
        assert_eq!(
            issued(),
            denied,
            "a denied client does not ask again: {method:?}"
        );
        app.replace_client_secret(SECRET).expect("the right one");
        call(&client).await.expect("a token again");
    }
}

#[tokio::test]
async fn refresh_tokens_rotate_stay_and_end() {
    let ways = WAYS
        .into_iter()
        .chain([(ClientAuth::Public, RequestFormat::Form)]);
    for (method, format) in ways {
        let provider = Provider::start().await;
        let server = provider.server().client_auth(method).request_format(format);
        let app = match method {
            ClientAuth::Public => App::public(server, "id").settings(provider.settings()),
            _ => provider.app(server),
        };
        let app = app.build().expect("valid");
        let store = MemoryStore::holding(token("", "CANARY-refresh-0"));
        provider.state().refresh = Some("CANARY-refresh-0".into());
        let client = provider
            .client()
            .oauth(app.refresh_tokens())
            .store(store.clone());
        let client = client.build().expect("valid");
        let sent = || {
            let seen = provider.seen("/token");
            let sent = seen
                .iter()
                .map(|seen| parameters(seen)["refresh_token"].clone());
            sent.collect::<Vec<_>>()
        };

        call(&client)
            .await
            .expect("a token for the stored refresh token");
        provider.advance(3600);
        call(&client).await.expect("one for the new refresh token");
        assert_eq!(
            sent(),
            ["CANARY-refresh-0", "CANARY-refresh-1"],
            "{method:?}"
        );
        provider.state().keeps_refresh_tokens = true;
        for _ in 0..2 {
            provider.advance(3600);
            call(&client)
                .await
                .expect("one for the refresh token that stays");
        }
        assert_eq!(sent()[2..], ["CANARY-refresh-2", "CANARY-refresh-2"]);
        let stored = store.load().await.expect("readable").expect("a record");
        let stored = stored.token().expect("a token").refresh_token().cloned();
        assert_eq!(stored, Some("CANARY-refresh-2".into()));

        provider.state().refresh = None;
        provider.advance(3600);
        for _ in 0..2 {
            let error = call(&client).await.expect_err("the session has ended");
            assert!(error.needs_authorization(), "{error:?}");
            assert_eq!(error.code(), Some("invalid_grant"));
            error_is_secretless(&error);
        }
        assert_eq!(
            sent().len(),
            5,
            "a dead refresh token is sent once: {method:?}"
        );
    }
}

#[tokio::test]
async fn without_a_refresh_token_a_person_has_to_log_in() {
    let provider = Provider::start().await;
    let app = provider.app(provider.server()).build().expect("valid");
    let client = provider
        .client()
        .oauth(app.refresh_tokens())
        .build()
        .expect("valid");
    let error = call(&client).await.expect_err("no token");
    assert!(error.needs_authorization(), "{error:?}");
    assert!(provider.state().seen.is_empty());
}

#[tokio::test]
async fn a_client_takes_the_settings_of_its_app() {
    let provider = Provider::start().await;
    let app = provider.app(provider.server()).build().expect("valid");
    let client = Client::builder("test", format!("{}/api", provider.url));
    let client = client.oauth(app.client_credentials()).build();
    let client = client.expect("valid");
    for count in 1..3 {
        call(&client).await.expect("a token");
        assert_eq!(provider.seen("/token").len(), count);
        provider.advance(3600);
    }
}

#[tokio::test]
async fn a_refusal_of_a_plain_secret_hints_at_no_encoding() {
    let provider = Provider::start().await;
    let app = App::builder(provider.server(), "id", "CANARY-wrong");
    let app = app.settings(provider.settings()).build().expect("valid");
    let client = provider.client().oauth(app.client_credentials());
    let error = client.build().expect("valid").warm_up().await;
    let error = error.expect_err("a wrong secret");
    assert_eq!(error.code(), Some("invalid_client"));
    assert!(std::error::Error::source(&error).is_none(), "{error:?}");
}

#[tokio::test]
async fn an_app_at_another_server_shares_the_secret() {
    let (one, other) = (Provider::start().await, Provider::start().await);
    let app = App::builder(one.server(), "my id", "CANARY-wrong").settings(one.settings());
    let app = app.build().expect("valid");
    let there = app
        .at(other.server().client_auth(ClientAuth::Post))
        .expect("valid");
    app.replace_client_secret(SECRET).expect("may be one");
    let client = other.client().oauth(there.client_credentials()).build();
    call(&client.expect("valid")).await.expect("a token");
    assert_eq!(
        (one.seen("/token").len(), other.seen("/token").len()),
        (0, 1)
    );
    let public = other.server().client_auth(ClientAuth::Public);
    let error = app.at(public).expect_err("it has a secret");
    assert!(error.is_configuration(), "{error:?}");
}

#[tokio::test]
async fn an_error_can_name_the_setting_of_another_crate() {
    let provider = Provider::start().await;
    let server = provider.server().setting("auth_url");
    let app = provider.app(server).build().expect("valid");
    let client = provider.client().oauth(app.client_credentials());
    let gone = answer(404, &json!({}));
    provider.state().scripted.push_back(gone);
    let error = call(&client.build().expect("valid")).await;
    let error = error.expect_err("no endpoint");
    assert!(error.to_string().contains("`auth_url`"), "{error}");
}

#[tokio::test]
async fn members_of_other_names_and_places_are_read() {
    let provider = Provider::start().await;
    let members = TokenAnswer {
        access_token: "accessToken",
        token_type: None,
        expires_in: Some("ttl"),
        ..TokenAnswer::RFC6749
    };
    let server = provider
        .server()
        .answer(members)
        .token_in(Placement::Prefixed(&(
            "Bearer ",
            Placement::Header("authorization"),
        )));
    let app = provider.app(server).build().expect("valid");
    let client = provider
        .client()
        .oauth(app.client_credentials())
        .build()
        .expect("valid");
    {
        let mut state = provider.state();
        let token = json!({"accessToken": "CANARY-other", "ttl": "60", "token_type": "jwt"});
        state.scripted.push_back(answer(200, &token));
        state.live = "CANARY-other".into();
    }
    call(&client).await.expect("a token");
    let left = client
        .token_cache()
        .and_then(tegata::TokenCache::expires_at);
    let left = left
        .expect("a lifetime")
        .duration_since(tegata::Clock::now(&provider.clock));
    assert_eq!(left.expect("to come"), Duration::from_secs(60));
}

#[rstest]
#[case(None, None)]
#[case(Some(900), Some(900))]
#[tokio::test]
async fn a_token_without_a_lifetime_has_the_documented_one(
    #[case] documented: Option<u64>,
    #[case] expected: Option<u64>,
) {
    let provider = Provider::start().await;
    let mut server = provider.server();
    if let Some(seconds) = documented {
        server = server.lifetime(Duration::from_secs(seconds));
    }
    let app = provider.app(server).build().expect("valid");
    let client = provider
        .client()
        .oauth(app.client_credentials())
        .build()
        .expect("valid");
    let token = json!({"access_token": "CANARY", "token_type": "bearer"});
    provider.state().scripted.push_back(answer(200, &token));
    client.warm_up().await.expect("a token");
    let left = client
        .token_cache()
        .and_then(tegata::TokenCache::expires_at);
    let now = tegata::Clock::now(&provider.clock);
    let left = left.map(|at| at.duration_since(now).expect("to come").as_secs());
    assert_eq!(left, expected);
}

#[tokio::test]
async fn a_code_of_the_servers_own_denies_the_client() {
    let provider = Provider::start().await;
    let refusal = Refusal {
        denied_codes: &["unknown_app"],
        ..Refusal::default()
    };
    let app = provider
        .app(provider.server().refusal(refusal))
        .build()
        .expect("valid");
    let client = provider
        .client()
        .oauth(app.client_credentials())
        .build()
        .expect("valid");
    let refused = answer(400, &json!({"error": "unknown_app"}));
    provider.state().scripted.push_back(refused);
    for _ in 0..2 {
        let error = call(&client).await.expect_err("denied");
        assert!(error.is_credential_rejected(), "{error:?}");
    }
    assert_eq!(provider.seen("/token").len(), 1);
}

#[rstest]
#[case("token_url", provider_with(|server| server))]
#[case("refresh_url", provider_with(|server| server.refresh_url("/refresh")))]
#[tokio::test]
async fn an_error_of_the_endpoint_names_its_setting(
    #[case] setting: &str,
    #[case] change: impl Fn(Server) -> Server,
) {
    let provider = Provider::start().await;
    let app = provider
        .app(change(provider.server()))
        .build()
        .expect("valid");
    let client = provider
        .client()
        .oauth(app.refresh_tokens())
        .token(token("", "CANARY"));
    let client = client.build().expect("valid");
    let gone = axum::http::Response::builder()
        .status(404)
        .body("CANARY".into());
    provider
        .state()
        .scripted
        .push_back(gone.expect("an answer"));
    let error = call(&client).await.expect_err("no endpoint");
    assert!(
        error.to_string().contains(&format!("`{setting}`")),
        "{error}"
    );
    error_is_secretless(&error);
}

fn provider_with(change: impl Fn(Server) -> Server) -> impl Fn(Server) -> Server {
    change
}

#[rstest]
#[case::empty_id(
    App::builder(Server::new("https://h/"), "", "CANARY"),
    "client id is empty"
)]
#[case::line_break(
    App::builder(Server::new("https://h/"), "id", "CANARY\n"),
    "client secret holds"
)]
#[case::no_url(App::builder(Server::new("token"), "id", "CANARY"), "`token_url`")]
#[case::plain_http(App::builder(Server::new("http://h/"), "id", "CANARY"), "https")]
#[case::no_secret(
    App::public(Server::new("https://h/"), "id\u{0}"),
    "client id holds a control character"
)]
#[case::secret_of_a_public_client(
    App::builder(Server::new("https://h/").client_auth(ClientAuth::Public), "id", "CANARY"),
    "public client has no secret"
)]
#[case::raw_colon(
    App::builder(Server::new("https://h/").client_auth(ClientAuth::Basic(Raw)), "a:b", "CANARY"),
    "BasicEncoding::Form"
)]
#[case::fragment(
    App::builder(Server::new("https://h/"), "id", "CANARY").redirect_uri("https://h/#x"),
    "fragment"
)]
fn invalid_settings_fail_at_build_with_the_reason(
    #[case] app: tegata::oauth::AppBuilder,
    #[case] why: &str,
) {
    secretless(&[&app]);
    let error = app.build().expect_err(why);
    assert!(
        error.is_configuration() && error.to_string().contains(why),
        "{error}"
    );
    error_is_secretless(&error);
}

#[tokio::test]
async fn a_public_client_has_no_credentials_of_its_own() {
    let provider = Provider::start().await;
    let app = App::public(provider.server(), "id").build().expect("valid");
    assert!(
        app.replace_client_secret("CANARY")
            .expect_err("public")
            .is_configuration()
    );
    let client = provider
        .client()
        .oauth(app.client_credentials())
        .build()
        .expect("valid");
    let error = client.warm_up().await.expect_err("no credentials");
    assert!(error.to_string().contains("let a user log in"), "{error}");
    assert!(provider.state().seen.is_empty());
}
