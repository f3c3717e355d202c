//! What the members of a server's metadata mean for its clients.

use rstest::rstest;
use serde_json::{Value, json};
use tegata::oauth::{App, ClientAuth, Server};
use tegata::{BasicEncoding, ErrorKind};

use crate::discovery::discovered;
use crate::error_is_secretless;
use crate::provider::{ID, SECRET, parameters};

#[rstest]
#[case(json!({"token_endpoint": null}), "lacks `token_endpoint`")]
#[case(json!({"token_endpoint": "http://h.example/CANARY"}), "`token_endpoint` in the server's metadata: it must be https")]
#[case(json!({"token_endpoint": "/CANARY"}), "must be an absolute URL")]
#[case(json!({"token_endpoint": "https://CANARY@h.example/"}), "user name or password")]
#[case(json!({"token_endpoint": ["CANARY"]}), "it must be a text")]
#[case(json!({"authorization_endpoint": "http://h.example/CANARY"}), "`authorization_endpoint`")]
#[case(json!({"authorization_endpoint": "https://h.example/#CANARY"}), "must not hold a fragment")]
#[case(json!({"authorization_endpoint": "javascript:CANARY"}), "`authorization_url`")]
#[case(json!({"device_authorization_endpoint": "ftp://CANARY/"}), "`device_authorization_endpoint`")]
#[case(json!({"issuer": {"a": "CANARY"}}), "bad `issuer`")]
#[case(json!({"scopes_supported": "CANARY"}), "a list of texts")]
#[case(json!({"code_challenge_methods_supported": [1]}), "a list of texts")]
#[case(json!({"authorization_response_iss_parameter_supported": "CANARY"}), "`true` or `false`")]
#[case(json!({"token_endpoint_auth_methods_supported": ["private_key_jwt", "CANARY"]}), "(private_key_jwt)")]
#[case(json!({"token_endpoint_auth_methods_supported": []}), "set `client_auth`")]
#[tokio::test]
async fn metadata_that_cannot_be_used_says_what_is_wrong(#[case] change: Value, #[case] why: &str) {
    let (_, server) = discovered(change, |it| it).await;
    let error = server.expect_err(why);
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
    assert!(error.to_string().contains(why), "{error}");
    error_is_secretless(&error);
}

#[rstest]
#[case::nothing_is_said(json!(null), ClientAuth::Basic(BasicEncoding::Form))]
#[case::both(json!(["client_secret_post", "client_secret_basic"]), ClientAuth::Basic(BasicEncoding::Form))]
#[case::post(json!(["none", "private_key_jwt", "client_secret_post"]), ClientAuth::Post)]
#[case::none(json!(["none"]), ClientAuth::Public)]
#[tokio::test]
async fn a_way_to_authenticate_is_chosen(#[case] methods: Value, #[case] expected: ClientAuth) {
    let change = json!({"token_endpoint_auth_methods_supported": methods});
    let (provider, server) = discovered(change.clone(), |it| it).await;
    let server = server.expect("metadata");
    let sent = async |server: Server| {
        let app = match expected {
            ClientAuth::Public => App::public(server, ID).build(),
            _ => App::builder(server, ID, SECRET).build(),
        };
        let code = tegata::Secret::from("CANARY").into();
        let app = app.expect("valid");
        app.exchange(&code).await.expect("a token");
        provider.seen("/token").pop().expect("a request")
    };
    let seen = sent(server).await;
    let has_header = seen.headers.contains_key("authorization");
    let (id, secret) = (
        seen.body.contains("client_id="),
        seen.body.contains("client_secret="),
    );
    let expected_parts = match expected {
        ClientAuth::Basic(_) => (true, false, false),
        ClientAuth::Post => (false, true, true),
        _ => (false, true, false),
    };
    assert_eq!((has_header, id, secret), expected_parts);
    assert_eq!(parameters(&seen)["client_id"], ID);
}

#[tokio::test]
async fn what_the_program_sets_wins_over_the_metadata() {
    let change = json!({
        "token_endpoint_auth_methods_supported": ["private_key_jwt"], "token_endpoint": null,
        "authorization_endpoint": "http://h.example/CANARY", "device_authorization_endpoint": 7,
    });
    let (provider, server) = discovered(change, |it| {
        it.configure(|server| {
            let server = server.client_auth(ClientAuth::Post).token_url("/token");
            let server = server
                .authorization_url("https://own.example/")
                .device_url("https://own.example/");
            server
                .base_url("http://127.0.0.1:9")
                .required_issuer("https://own.example")
        })
    })
    .await;
    let server = server.expect("settings").base_url(&provider.url);
    let app = provider
        .app(server)
        .redirect_uri("https://app.example/")
        .build()
        .expect("valid");
    let login = app.authorize().expect("starts");
    assert_eq!(login.url().host_str(), Some("own.example"));
    app.exchange(&tegata::Secret::from("CANARY").into())
        .await
        .expect("a token");
    assert!(provider.seen("/token")[0].body.contains("client_secret="));
}

#[rstest]
#[case(json!(null), true)]
#[case(json!(["plain", "S256"]), true)]
#[case(json!(["plain"]), false)]
#[case(json!([]), false)]
#[tokio::test]
async fn pkce_is_used_unless_the_server_says_it_cannot(
    #[case] methods: Value,
    #[case] is_used: bool,
) {
    let change = json!({"code_challenge_methods_supported": methods});
    let (provider, server) = discovered(change, |it| it).await;
    let app = provider
        .app(server.expect("metadata"))
        .redirect_uri("https://app.example/");
    let login = app.build().expect("valid").authorize().expect("starts");
    let has_challenge = login
        .url()
        .query_pairs()
        .any(|(name, _)| name == "code_challenge");
    assert_eq!(has_challenge, is_used);
}

#[rstest]
#[case(json!(true), false)]
#[case(json!(false), true)]
#[case(json!(null), true)]
#[tokio::test]
async fn an_answer_without_issuer_is_refused_where_it_is_always_sent(
    #[case] is_always_sent: Value,
    #[case] is_taken: bool,
) {
    let change = json!({"authorization_response_iss_parameter_supported": is_always_sent});
    let (provider, server) = discovered(change, |it| it).await;
    let app = provider
        .app(server.expect("metadata"))
        .redirect_uri("https://app.example/");
    let login = app.build().expect("valid").authorize().expect("starts");
    let state = login.to_keep();
    let state = state.expose().split('.').next().expect("a state");
    let back = |iss: &str| format!("/?code=CANARY&state={state}{iss}");
    assert_eq!(login.callback(&back("")).is_ok(), is_taken);
    login
        .callback(&back(&format!("&iss={}", provider.url)))
        .expect("its issuer");
    let other = login.callback(&back("&iss=https://evil.example"));
    assert_eq!(
        other.expect_err("another issuer").kind(),
        ErrorKind::StateMismatch
    );
}

#[tokio::test]
async fn scopes_are_known_and_not_asked_for() {
    let change = json!({"scopes_supported": ["openid", "items:read"]});
    let (provider, server) = discovered(change, |it| it).await;
    let server = server.expect("metadata");
    assert_eq!(server.offered_scopes(), ["openid", "items:read"]);
    let app = provider.app(server).redirect_uri("https://app.example/");
    let login = app.build().expect("valid").authorize().expect("starts");
    assert!(login.url().query_pairs().all(|(name, _)| name != "scope"));
}
