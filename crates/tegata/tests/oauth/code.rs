//! The authorization code, with PKCE.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rstest::rstest;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tegata::oauth::{App, Authorization, Server, Step};
use tegata::{ErrorKind, MemoryStore, TokenStore as _};

use crate::provider::{Provider, parameters};
use crate::{error_is_secretless, secretless};

const BACK: &str = "https://app.example/back?x=é";

fn app(provider: &Provider, change: impl FnOnce(Server) -> Server) -> App {
    let server = provider
        .server()
        .authorization_url("https://login.example/authorize?ui=1");
    let app = provider.app(change(server)).redirect_uri(BACK);
    app.build().expect("valid")
}

fn query(login: &Authorization) -> BTreeMap<String, String> {
    let pairs: Vec<_> = login.url().query_pairs().into_owned().collect();
    let all: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(all.len(), pairs.len(), "no parameter comes twice");
    all
}

fn back(login: &Authorization, rest: &str) -> String {
    format!("{BACK}&state={}{rest}", query(login)["state"])
}

#[tokio::test]
async fn the_url_carries_all_parameters_and_a_challenge() {
    let provider = Provider::start().await;
    let app = app(&provider, |server| {
        let server = server.scopes(["a", "b"]);
        server.parameter(Step::Authorization, "prompt", "consent")
    });
    let login = app.authorize().expect("starts");
    secretless(&[&login, &login.to_keep()]);
    let kept = login.to_keep();
    let (state, verifier) = kept.expose().split_once('.').expect("two parts");
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let expected = [
        ("client_id", "my id"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("prompt", "consent"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("scope", "a b"),
        ("state", state),
        ("ui", "1"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(query(&login), expected.into());
    assert_eq!((state.len(), verifier.len()), (43, 43));
    assert!(!login.url().as_str().contains(verifier));
    let other = app.authorize().expect("starts").to_keep();
    assert!(!other.expose().contains(state) && !other.expose().contains(verifier));
}

#[tokio::test]
async fn a_login_is_exchanged_saved_and_renewed() {
    let provider = Provider::start().await;
    let app = app(&provider, |server| server);
    let kept = app.authorize().expect("starts").to_keep();
    // In another request the web server has only what it kept.
    let login = app.resume(&kept).expect("kept");
    let code = login
        .callback(&back(&login, "&code=CANARY%2Fcode"))
        .expect("a code");
    secretless(&[&code]);
    let store = MemoryStore::default();
    let client = provider
        .client()
        .oauth(app.refresh_tokens())
        .store(store.clone());
    let client = client.build().expect("valid");
    client.log_in(app.exchange(&code)).await.expect("logged in");
    assert!(
        store.load().await.expect("readable").is_some(),
        "saved before the first call"
    );
    let sent = parameters(&provider.seen("/token")[0]);
    let verifier = kept.expose().split_once('.').expect("two parts").1;
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "CANARY/code"),
        ("redirect_uri", BACK),
        ("code_verifier", verifier),
    ] {
        assert_eq!(sent[name], value, "{name}");
    }
    assert!(!sent.contains_key("scope"));
    for _ in 0..2 {
        client
            .get("/things")
            .send_json::<Value>()
            .await
            .expect("an answer");
        provider.advance(3600);
    }
    assert_eq!(
        parameters(&provider.seen("/token")[1])["refresh_token"],
        "CANARY-refresh-1"
    );
}

#[tokio::test]
async fn without_pkce_no_challenge_and_no_verifier_are_sent() {
    let provider = Provider::start().await;
    let app = app(&provider, Server::without_pkce);
    let login = app.authorize().expect("starts");
    assert!(!query(&login).contains_key("code_challenge"));
    let login = app.resume(&login.to_keep()).expect("kept");
    let code = login
        .callback(&back(&login, "&code=CANARY"))
        .expect("a code");
    app.exchange(&code).await.expect("a token");
    assert!(!parameters(&provider.seen("/token")[0]).contains_key("code_verifier"));
}

#[rstest]
#[case::wrong_state("?state=CANARY&code=CANARY", ErrorKind::StateMismatch)]
#[case::no_state("?code=CANARY", ErrorKind::StateMismatch)]
#[case::state_twice("?state=CANARY&state={state}&code=CANARY", ErrorKind::Authorization)]
#[case::error(
    "?state={state}&error=access_denied&error_description=CANARY",
    ErrorKind::Authorization
)]
#[case::error_of_another("?state=CANARY&error=access_denied", ErrorKind::StateMismatch)]
#[case::no_code("?state={state}", ErrorKind::Authorization)]
#[case::two_codes("?state={state}&code=CANARY&code=CANARY2", ErrorKind::Authorization)]
#[case::other_issuer(
    "?state={state}&code=CANARY&iss=https://evil.example",
    ErrorKind::StateMismatch
)]
#[case::implicit("#access_token=CANARY&state={state}", ErrorKind::StateMismatch)]
#[tokio::test]
async fn a_callback_that_is_no_answer_of_ours_is_refused(
    #[case] callback: &str,
    #[case] kind: ErrorKind,
) {
    let provider = Provider::start().await;
    let app = app(&provider, |server| server.issuer("https://login.example"));
    let login = app.authorize().expect("starts");
    let state = query(&login)["state"].clone();
    let error = login.callback(&callback.replace("{state}", &state));
    let error = error.expect_err("refused");
    assert_eq!(error.kind(), kind, "{error:?}");
    error_is_secretless(&error);
}

#[rstest]
#[case("")]
#[case("&iss=https%3A%2F%2Flogin.example")]
#[tokio::test]
async fn the_right_issuer_or_none_is_accepted(#[case] issuer: &str) {
    let provider = Provider::start().await;
    let app = app(&provider, |server| server.issuer("https://login.example"));
    let login = app.authorize().expect("starts");
    let url = back(&login, &format!("&code=CANARY{issuer}"));
    login.callback(&url).expect("a code");
}

#[rstest]
#[case::missing("&code=CANARY")]
#[case::missing_in_an_error("&error=access_denied&error_description=CANARY")]
#[case::empty("&code=CANARY&iss=")]
#[case::another("&code=CANARY&iss=https://evil.example")]
#[case::only_in_the_fragment("&code=CANARY#iss=https%3A%2F%2Flogin.example")]
#[tokio::test]
async fn an_issuer_that_is_always_sent_has_to_be_there(#[case] rest: &str) {
    let provider = Provider::start().await;
    let required = |server: Server| server.required_issuer("https://login.example");
    let app = app(&provider, required);
    let kept = app.authorize().expect("starts").to_keep();
    let login = app.resume(&kept).expect("kept");
    let error = login.callback(&back(&login, rest)).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::StateMismatch, "{error:?}");
    assert!(error.to_string().contains("`iss`"), "{error}");
    error_is_secretless(&error);
    let url = back(&login, "&code=CANARY&iss=https%3A%2F%2Flogin.example");
    login.callback(&url).expect("a code");
}

#[rstest]
#[case("")]
#[case(".")]
#[case("CANARY")]
#[case("CANARY.")]
#[case(".CANARY")]
#[tokio::test]
async fn what_was_not_kept_is_refused(#[case] kept: &str) {
    let provider = Provider::start().await;
    let app = app(&provider, |server| server);
    let error = app.resume(&kept.into()).expect_err("not kept");
    assert!(error.is_configuration(), "{error:?}");
    error_is_secretless(&error);
}

#[tokio::test]
async fn a_setting_that_is_missing_is_named() {
    let provider = Provider::start().await;
    let no_url = provider.app(provider.server()).redirect_uri(BACK).build();
    let server = provider.server().authorization_url("/authorize");
    let no_redirect = provider.app(server).build();
    for (app, setting) in [(no_url, "authorization_url"), (no_redirect, "redirect_uri")] {
        let error = app.expect("valid").authorize().expect_err(setting);
        assert!(error.to_string().contains(setting), "{error}");
    }
}
