//! Credentials that are replaced while a client is in use.

use tegata_emulator::Provider;
use tegata_test_support::loopback::{HOUR, JOOTO_ID, JOOTO_KEY, JOOTO_SECRET, Loopback};

#[tokio::test]
async fn a_new_key_goes_out_with_the_next_request() {
    let loopback = Loopback::start();
    let client = loopback.jooto_key("CANARY-former").build();
    let client = client.expect("valid settings");
    let error = client.api().get_organizations().await;
    assert!(error.expect_err("no such key").is_credential_rejected());
    let error = client.replace_api_key("CANARY\n").expect_err("no key");
    assert!(error.is_configuration() && !format!("{error:?}").contains("CANARY"));
    client.replace_api_key(JOOTO_KEY).expect("a key");
    client.api().get_organizations().await.expect("accepted");
}

#[tokio::test]
async fn a_new_secret_serves_the_clients_of_the_application() {
    let loopback = Loopback::start();
    // The grant was made while the secret was another one.
    let app = loopback.jooto_app(JOOTO_ID, JOOTO_SECRET).build();
    let token = loopback.token(&app.expect("valid settings")).await;
    let app = loopback.jooto_app(JOOTO_ID, "CANARY-former").build();
    let app = app.expect("valid settings");
    let client = app.client(token).build().expect("valid settings");
    loopback.advance(HOUR);
    for _ in 0..2 {
        let error = client.warm_up().await.expect_err("a wrong secret");
        assert!(error.is_credential_rejected(), "{error:?}");
    }
    let asked = loopback.token_requests(Provider::Jooto).len();
    app.replace_client_secret(JOOTO_SECRET).expect("a secret");
    client.warm_up().await.expect("the refresh token is good");
    assert_eq!(loopback.token_requests(Provider::Jooto).len(), asked + 1);
}
