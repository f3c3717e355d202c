//! The token operations of the spec, called by hand.

use tegata::provider::{Auth, BaseUrl, Credential, Transport};
use tegata::{BasicEncoding, ErrorKind, HttpClient};
use tegata_emulator::Provider;
use tegata_fujitsu_aispf::api::{AuthOperations, security, types};

use tegata_test_support::facts;
use tegata_test_support::loopback::{AISPF_ID, AISPF_SECRET, Loopback};
use tegata_test_support::wire::{basic, form};

const FUJITSU: Provider = Provider::FujitsuAispf;

const GRANT: types::TokenRequest = types::TokenRequest {
    grant_type: types::GrantType::ClientCredentials,
};

#[tokio::test]
async fn the_operations_of_v1_need_no_credential() {
    let loopback = Loopback::start();
    let client = loopback.aispf_legacy(AISPF_ID, AISPF_SECRET).build();
    let client = client.expect("valid settings");
    let request = types::LegacyTokenRequest {
        client_id: AISPF_ID.to_owned(),
        client_secret: AISPF_SECRET.into(),
    };
    let issued = client.tokens().issue_legacy_token(&request).await;
    let issued = issued.expect("a token").into_inner();
    let request = types::LegacyRefreshRequest {
        refresh_token: issued.refresh_token.expect("a refresh token"),
    };
    let renewed = client.tokens().refresh_legacy_token(&request).await;
    let renewed = renewed.expect("a token");
    assert_eq!(renewed.status(), 200);
    assert_ne!(renewed.access_token, issued.access_token);
    assert_eq!(
        renewed.expires_in.map(tegata::provider::Seconds::get),
        Some(3600)
    );
}

#[tokio::test]
async fn the_operation_of_v2_takes_client_credentials_as_basic() {
    let loopback = Loopback::start();
    let url = BaseUrl::parse(&loopback.url(FUJITSU)).expect("a URL");
    let http = HttpClient::new().expect("a client");
    let credential = Credential::basic(
        security::CLIENT_BASIC,
        AISPF_ID,
        &AISPF_SECRET.into(),
        BasicEncoding::Form,
    );
    let auth = Auth::fixed(credential.expect("valid"));
    let transport = Transport::new(http, url, auth, &security::PROVIDER);
    let issued = AuthOperations::new(transport).issue_token(&GRANT).await;
    let issued = issued.expect("a token");
    assert!(
        issued
            .access_token
            .expose()
            .starts_with("CANARY-aispf-access")
    );
    let request = &loopback.token_requests(FUJITSU)[0];
    assert_eq!(basic(request), "aispf-client:CANARY-aispf-secret");
    assert_eq!(form(request), [("grant_type", "client_credentials")]);
}

#[tokio::test]
async fn without_client_credentials_the_operation_of_v2_is_not_sent() {
    let loopback = Loopback::start();
    let client = loopback.aispf_key("CANARY").build().expect("valid");
    let error = client
        .tokens()
        .issue_token(&GRANT)
        .await
        .expect_err("refused");
    assert_eq!(facts(&error), (ErrorKind::Configuration, None, None));
    assert!(error.to_string().contains("ClientBasic"), "{error}");
    assert_eq!(loopback.counts(FUJITSU).token_requests, 0);
}

#[tokio::test]
async fn a_refused_operation_is_an_error_with_the_servers_code() {
    let loopback = Loopback::start();
    let client = loopback.aispf_legacy(AISPF_ID, AISPF_SECRET).build();
    let client = client.expect("valid settings");
    let request = types::LegacyRefreshRequest {
        refresh_token: "CANARY-unknown".into(),
    };
    let answer = client.tokens().refresh_legacy_token(&request).await;
    let error = answer.expect_err("refused");
    assert_eq!(
        facts(&error),
        (ErrorKind::TokenDenied, Some(401), Some("401"))
    );
    assert!(error.is_at_token_endpoint() && !error.needs_authorization());
    assert!(error.description().is_some(), "{error:?}");
}
