use std::sync::{Arc, Mutex};

use super::*;
use crate::tests::tokens::{answer as answer_of_server, endpoint};
use crate::{App, ErrorKind};

fn started() -> Authorization {
    let oauth = BaseUrl::parse("https://app.jooto.com").expect("a URL");
    let redirect = "https://client.example/back?x=1&y=é";
    Authorization::new(&oauth, "client &id", redirect, OrganizationId::from(7)).expect("starts")
}

fn answer(state: &Secret, rest: &str) -> String {
    format!("https://client.example/back?state={}{rest}", state.expose())
}

#[test]
fn the_url_carries_all_documented_parameters() {
    let started = started();
    let url = started.url();
    assert_eq!(url.path(), "/oauth2/login");
    let pairs: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    let expected = [
        ("client_id", "client &id"),
        ("organization_id", "7"),
        ("redirect_uri", "https://client.example/back?x=1&y=é"),
        ("response_type", "code"),
        ("state", started.state().expose()),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(pairs, expected.into_iter().collect());
    assert_eq!(url.query_pairs().count(), 5);
}

#[test]
fn every_state_is_new_and_long() {
    let (first, second) = (started(), started());
    assert_ne!(first.state(), second.state());
    assert_eq!(first.state().expose().len(), 43);
}

#[tokio::test]
async fn a_code_is_read_from_a_url_a_path_or_a_query() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&sent);
    let answer = move |body| {
        log.lock().expect("sound").push(body);
        answer_of_server(400, "application/json", "{}")
    };
    let app = App::builder("id", "CANARY-secret", "https://c.example/");
    let app = app.oauth_url(endpoint(answer).await).build();
    let app = app.expect("an application");
    let started = started();
    let state = started.state().expose();
    for url in [
        format!("https://client.example/back?code=CANARY%2F%2B&state={state}&iss=x"),
        format!("/back?state={state}&code=CANARY%2F%2B#fragment"),
        format!(" code=CANARY%2F%2B&state={state}\n"),
    ] {
        let code = started.callback(&url).expect(&url);
        app.exchange(&code).await.expect_err("refused");
    }
    let sent = std::mem::take(&mut *sent.lock().expect("sound"));
    assert_eq!(sent.len(), 3);
    for body in sent {
        let mut parameters = url::form_urlencoded::parse(&body);
        let code = parameters.find(|(name, _)| name == "code");
        assert_eq!(code.expect("a code").1, "CANARY/+");
    }
}

#[test]
fn a_wrong_or_missing_state_is_refused_even_with_an_error() {
    let started = started();
    for url in [
        "https://client.example/back?code=CANARY".to_owned(),
        answer(&"other".into(), "&code=CANARY"),
        answer(&"".into(), "&error=access_denied"),
        "https://client.example/back?error=access_denied".to_owned(),
        String::new(),
    ] {
        let error = started.callback(&url).expect_err(&url);
        assert_eq!(error.kind(), ErrorKind::StateMismatch, "{url}");
        assert!(
            !format!("{error} {error:?}").contains("CANARY"),
            "{error:?}"
        );
    }
}

#[test]
fn an_error_redirect_is_an_error_with_its_code() {
    let started = started();
    let url = answer(
        started.state(),
        "&error=access_denied&error_description=CANARY+no&code=CANARY",
    );
    let error = started.callback(&url).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Authorization);
    assert_eq!(
        (error.code(), error.description()),
        (Some("access_denied"), Some("CANARY no"))
    );
    assert!(
        !format!("{error} {error:?}").contains("CANARY"),
        "{error:?}"
    );
}

#[test]
fn no_code_an_empty_one_or_two_are_refused() {
    let started = started();
    for rest in ["", "&code=", "&code=CANARY&code=CANARY2"] {
        let error = started
            .callback(&answer(started.state(), rest))
            .expect_err(rest);
        assert_eq!(error.kind(), ErrorKind::Authorization, "{rest}");
    }
}

#[test]
fn debug_shows_neither_state_nor_code() {
    let started = started();
    let code = AuthorizationCode::from(Secret::from("CANARY"));
    let shown = format!("{started:?} {code:?}");
    assert!(
        !shown.contains("CANARY") && !shown.contains(started.state().expose()),
        "{shown}"
    );
}
