//! The user's consent: out to the login page, and back with a code.

use std::collections::HashSet;

use rstest::rstest;
use tegata::ErrorKind;
use tegata::reqwest;
use tegata_emulator::Provider;
use tegata_jooto::OrganizationId;

use tegata_test_support::loopback::{JOOTO_CALLBACK, JOOTO_ID, JOOTO_SECRET, Loopback};
use tegata_test_support::wire::query;

const JOOTO: Provider = Provider::Jooto;

#[tokio::test]
async fn the_login_page_gets_the_five_parameters_and_nothing_else() {
    let loopback = Loopback::start();
    let authorization = loopback.app().authorize(1).expect("random numbers");
    let back = loopback.consent(&authorization).await;
    assert!(back.starts_with(JOOTO_CALLBACK), "{back}");
    let login = loopback.emulator.log(JOOTO).remove(0);
    assert_eq!((&*login.method, &*login.path), ("GET", "/oauth2/login"));
    let state = authorization.state().expose();
    let expected = [
        ("client_id", JOOTO_ID),
        ("redirect_uri", JOOTO_CALLBACK),
        ("response_type", "code"),
        ("state", state),
        ("organization_id", "1"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(query(&login), expected);
    authorization.callback(&back).expect("a code");
    assert_eq!(loopback.counts(JOOTO).token_requests, 0);
}

#[test]
fn every_state_is_new_and_long_enough_to_be_unguessable() {
    let app = tegata_jooto::App::builder("id", "secret", JOOTO_CALLBACK).build();
    let app = app.expect("valid settings");
    let states: HashSet<_> = (0..100)
        .map(|_| {
            let authorization = app.authorize(1).expect("random numbers");
            let state = authorization.state().expose().to_owned();
            assert_eq!(state.len(), 43, "256 bits in base64");
            assert!(authorization.url().as_str().contains(&state), "not escaped");
            state
        })
        .collect();
    assert_eq!(states.len(), 100);
}

#[tokio::test]
async fn the_organization_is_read_from_a_pasted_url() {
    let loopback = Loopback::with(|config| config.jooto.clients[0].organization_ids = vec![42]);
    let pasted = "https://app.jooto.com/boards?organization_id=42";
    let organization: OrganizationId = pasted.parse().expect("an organization");
    let app = loopback.app();
    let authorization = app.authorize(organization).expect("random numbers");
    let back = loopback.consent(&authorization).await;
    let code = authorization.callback(&back).expect("a code");
    let client = app.client(app.exchange(&code).await.expect("a token"));
    let client = client.build().expect("valid settings");
    let organization = client.api().get_organization(42).await;
    assert_eq!(organization.expect("accepted")["id"], 42);
}

#[tokio::test]
async fn a_redirect_uri_keeps_its_query() {
    let callback = "https://app.example.com/back?tenant=a%20b&x=1";
    let register = |config: &mut tegata_emulator::Config| {
        config.jooto.clients[0].redirect_uris = vec![callback.to_owned()];
    };
    let loopback = Loopback::with(register);
    let app = tegata_jooto::App::builder(JOOTO_ID, JOOTO_SECRET, callback)
        .base_url(loopback.url(JOOTO))
        .oauth_url(loopback.url(JOOTO))
        .settings(loopback.settings())
        .build()
        .expect("valid settings");
    let authorization = app.authorize(1).expect("random numbers");
    let back = loopback.consent(&authorization).await;
    assert!(back.starts_with(callback), "{back}");
    let code = authorization.callback(&back).expect("a code");
    app.exchange(&code).await.expect("a token");
}

#[tokio::test]
async fn an_authorization_goes_on_in_another_request_by_its_state() {
    let loopback = Loopback::start();
    let started = loopback.app().authorize(1).expect("random numbers");
    let back = loopback.consent(&started).await;
    // Another process, which knows only the contents of the session.
    let state = started.state().expose().to_owned();
    let app = loopback.app();
    let resumed = app.resume(state.as_str()).expect("a state");
    assert_eq!(resumed.state(), started.state());
    let code = resumed.callback(&back).expect("a code");
    app.exchange(&code).await.expect("a token");
    let error = app.resume("").expect_err("no state");
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
}

#[tokio::test]
async fn an_answer_to_another_authorization_is_not_used() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let mine = app.authorize(1).expect("random numbers");
    let theirs = app.authorize(1).expect("random numbers");
    let back = loopback.consent(&theirs).await;
    let state = theirs.state().expose();
    let spoilt = [
        back.clone(),
        back.replace(state, ""),
        back.replace(state, &state[1..]),
        back.replace(&format!("&state={state}"), ""),
        back.replace("state=", "State="),
    ];
    for back in spoilt {
        let error = mine.callback(&back).expect_err(&back);
        assert_eq!(error.kind(), ErrorKind::StateMismatch, "{error:?}");
        assert!(!error.is_transient() && !error.is_credential_rejected());
        assert!(!format!("{error} {error:?}").contains(state), "{error:?}");
    }
    assert_eq!(loopback.counts(JOOTO).token_requests, 0);
    theirs.callback(&back).expect("the right one still does");
}

#[tokio::test]
async fn a_user_without_access_comes_back_with_access_denied() {
    let loopback = Loopback::start();
    let authorization = loopback.app().authorize(999).expect("random numbers");
    let back = loopback.consent(&authorization).await;
    let error = authorization.callback(&back).expect_err("denied");
    assert_eq!(error.kind(), ErrorKind::Authorization, "{error:?}");
    assert_eq!(error.code(), Some("access_denied"));
    assert!(error.description().is_some(), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the user was sent back with an error (code access_denied)"
    );
    assert_eq!(loopback.counts(JOOTO).token_requests, 0);
}

#[rstest]
#[case("invalid_request")]
#[case("unauthorized_client")]
#[case("unsupported_response_type")]
#[case("invalid_scope")]
#[case("server_error")]
#[case("temporarily_unavailable")]
fn every_error_redirect_of_the_rfc_is_reported(#[case] code: &str) {
    let app = tegata_jooto::App::builder("id", "secret", JOOTO_CALLBACK).build();
    let app = app.expect("valid settings");
    let started = app.authorize(1).expect("random numbers");
    let state = started.state().expose();
    let error = started
        .callback(&format!(
            "{JOOTO_CALLBACK}?error={code}&state={state}&iss=x"
        ))
        .expect_err("an error");
    assert_eq!(error.code(), Some(code), "{error:?}");
    assert!(error.to_string().contains(code), "{error}");
}

#[tokio::test]
async fn a_wrong_client_or_redirect_uri_is_shown_and_never_redirected() {
    let loopback = Loopback::start();
    for (id, callback) in [
        ("nobody", JOOTO_CALLBACK),
        (JOOTO_ID, "https://evil.example/"),
    ] {
        let app = tegata_jooto::App::builder(id, JOOTO_SECRET, callback)
            .oauth_url(loopback.url(JOOTO))
            .build()
            .expect("valid settings");
        let authorization = app.authorize(1).expect("random numbers");
        let url = authorization.url().as_str();
        let page = reqwest::Client::builder().no_proxy().build();
        let page = page.expect("a client").get(url).send().await;
        assert_eq!(page.expect("a page").status(), 400, "{id}");
    }
}

#[rstest]
#[case::no_id("", "s", JOOTO_CALLBACK)]
#[case::no_secret("i", "", JOOTO_CALLBACK)]
#[case::relative("i", "s", "/callback")]
#[case::fragment("i", "s", "https://app.example.com/back#x")]
fn an_application_that_cannot_work_is_refused_at_once(
    #[case] id: &str,
    #[case] secret: &str,
    #[case] callback: &str,
) {
    let built = tegata_jooto::App::builder(id, secret, callback).build();
    let error = built.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
}
