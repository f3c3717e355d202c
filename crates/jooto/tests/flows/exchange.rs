//! A code for a token.

use rstest::rstest;
use tegata::{ErrorKind, Secret};
use tegata_emulator::{Config, JootoClient, Provider};
use tegata_jooto::App;
use tegata_jooto::api::types;

use tegata_test_support::facts;
use tegata_test_support::loopback::{HOUR, JOOTO_CALLBACK, JOOTO_ID, JOOTO_SECRET, Loopback};
use tegata_test_support::wire::{form, header};

const JOOTO: Provider = Provider::Jooto;

#[tokio::test]
async fn the_code_goes_with_client_and_redirect_uri_in_a_form() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let authorization = app.authorize(1).expect("random numbers");
    let back = loopback.consent(&authorization).await;
    let code = back.split(['=', '&']).nth(1).expect("a code").to_owned();
    let token = authorization.callback(&back).expect("a code");
    let token = app.exchange(&token).await.expect("a token");

    let request = loopback.token_requests(JOOTO).remove(0);
    assert_eq!(
        (&*request.method, &*request.path),
        ("POST", "/oauth2/token")
    );
    assert_eq!(request.query, None);
    assert_eq!(request.header("authorization"), [""; 0]);
    assert_eq!(
        header(&request, "content-type"),
        "application/x-www-form-urlencoded"
    );
    let mut sent = form(&request);
    sent.sort_unstable();
    let expected = [
        ("client_id", JOOTO_ID),
        ("client_secret", JOOTO_SECRET),
        ("code", &*code),
        ("grant_type", "authorization_code"),
        ("redirect_uri", JOOTO_CALLBACK),
    ];
    assert_eq!(sent, expected);

    let access = token.access_token().expose();
    assert!(access.starts_with("CANARY-jooto-access"), "another token");
    let refresh = token.refresh_token().map(Secret::expose);
    assert!(refresh.is_some_and(|r| r.starts_with("CANARY-jooto-refresh")));
    let life = std::time::Duration::from_secs(HOUR);
    assert_eq!(token.expires_at(), Some(token.issued_at() + life));
}

#[tokio::test]
async fn a_code_is_good_for_one_exchange() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let code = loopback.code(&app).await;
    app.exchange(&code).await.expect("a token");
    let error = app.exchange(&code).await.expect_err("used");
    assert_eq!(
        facts(&error),
        (ErrorKind::TokenDenied, Some(400), Some("invalid_grant"))
    );
    assert!(
        error.is_credential_rejected() && !error.is_transient(),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_code_that_waited_too_long_is_refused() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let code = loopback.code(&app).await;
    loopback.advance(600);
    let error = app.exchange(&code).await.expect_err("expired");
    assert_eq!(
        facts(&error),
        (ErrorKind::TokenDenied, Some(400), Some("invalid_grant"))
    );
}

#[tokio::test]
async fn a_failed_client_check_leaves_the_code_good() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let code = loopback.code(&app).await;
    let wrong = loopback.jooto_app(JOOTO_ID, "CANARY-wrong").build();
    let error = wrong.expect("valid settings").exchange(&code).await;
    let error = error.expect_err("refused");
    assert_eq!(
        facts(&error),
        (ErrorKind::TokenDenied, Some(401), Some("invalid_client"))
    );
    app.exchange(&code).await.expect("a token");
}

#[tokio::test]
async fn a_redirect_uri_other_than_the_authorized_one_is_refused() {
    let loopback = Loopback::start();
    let code = loopback.code(&loopback.app()).await;
    let other = App::builder(JOOTO_ID, JOOTO_SECRET, "http://127.0.0.1:8400/callback")
        .oauth_url(loopback.url(JOOTO))
        .settings(loopback.settings())
        .build();
    let error = other.expect("valid settings").exchange(&code).await;
    let error = error.expect_err("refused");
    assert_eq!(
        facts(&error),
        (ErrorKind::TokenDenied, Some(400), Some("invalid_grant"))
    );
}

#[tokio::test]
async fn any_characters_work_in_the_form() {
    let texts = [
        "a b",
        "a+b%20",
        "a:b&c=d;e",
        "\"\\",
        "café手形",
        "*-._~!'()",
    ];
    let clients = texts
        .map(|text| JootoClient::new(format!("id{text}"), format!("CANARY{text}"), JOOTO_CALLBACK));
    let loopback = Loopback::with(|config: &mut Config| config.jooto.clients = clients.to_vec());
    for known in &clients {
        let app = loopback.jooto_app(&known.id, &known.secret).build();
        let app = app.expect("valid settings");
        let token = loopback.token(&app).await;
        let client = app.client(token).build().expect("valid settings");
        loopback.advance(HOUR);
        let organization = client.api().get_organization(1).await;
        assert_eq!(organization.expect(&known.id)["id"], 1, "{}", known.id);
    }
    let requests = loopback.token_requests(JOOTO);
    assert_eq!(requests.len(), 2 * clients.len());
    for (pair, known) in requests.chunks(2).zip(&clients) {
        for request in pair {
            let sent = form(request);
            assert!(sent.contains(&("client_id", &known.id)), "{}", known.id);
            assert!(
                sent.contains(&("client_secret", &known.secret)),
                "{}",
                known.id
            );
        }
    }
}

#[rstest]
#[case::upper("BEARER")]
#[case::lower("bearer")]
#[case::mixed("BeArEr")]
#[tokio::test]
async fn the_type_of_a_token_is_compared_without_case(#[case] kind: &str) {
    let loopback = Loopback::start();
    let app = loopback.app();
    let code = loopback.code(&app).await;
    let answer = format!(r#"{{"access_token":"CANARY-a","token_type":"{kind}"}}"#);
    loopback.next_token(JOOTO, answer);
    let token = app.exchange(&code).await.expect("a token");
    assert_eq!(token.access_token().expose(), "CANARY-a");
}

#[tokio::test]
async fn the_grants_can_be_sent_by_hand() {
    let loopback = Loopback::start();
    let app = loopback.app();
    let authorization = app.authorize(1).expect("random numbers");
    let back = loopback.consent(&authorization).await;
    let code = back.split(['=', '&']).nth(1).expect("a code");
    let request = types::TokenRequest::AuthorizationCode {
        client_id: JOOTO_ID.to_owned(),
        client_secret: JOOTO_SECRET.into(),
        code: code.into(),
        redirect_uri: JOOTO_CALLBACK.to_owned(),
    };
    let url = tegata::provider::BaseUrl::parse(&loopback.url(JOOTO)).expect("a URL");
    let transport = tegata::provider::Transport::new(
        tegata::HttpClient::new().expect("a client"),
        url,
        tegata::provider::Auth::none(),
        &tegata_jooto::api::security::PROVIDER,
    );
    let operations = tegata_jooto::api::OauthOperations::new(transport);
    let first = operations.issue_token(&request).await.expect("a token");
    assert_eq!(first.token_type, "Bearer");
    let request = types::TokenRequest::RefreshToken {
        client_id: JOOTO_ID.to_owned(),
        client_secret: JOOTO_SECRET.into(),
        refresh_token: first.refresh_token.clone().expect("a refresh token"),
    };
    let second = operations.issue_token(&request).await.expect("a token");
    assert_ne!(second.access_token, first.access_token);
}
