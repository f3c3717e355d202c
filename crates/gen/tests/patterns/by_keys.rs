//! A key and a signature, which go together.

use tegata::ErrorKind;

use crate::key_and_signature::api::security::{API_KEY, SIGNATURE};
use crate::key_and_signature::api::types::{Order, OrderState};
use crate::key_and_signature::{Client, ClientBuilder};
use crate::server::{Server, shows_no_secret};

const KEY: &str = "CANARY-key";
const SIGN: &str = "CANARY-signature";
const NEXT: &str = "CANARY-next-key";

#[tokio::test]
async fn with_the_emulator() {
    let server = Server::emulated("key-and-signature.yaml", |api| {
        api.keys.insert("apiKey".to_owned(), vec![KEY.to_owned()]);
        api.keys
            .insert("signature".to_owned(), vec![SIGN.to_owned()]);
    });
    let (emulator, orders) = server.emulator().expect("one");
    walk(&server, async || {
        emulator.add_key(orders, NEXT).expect("added");
        assert!(emulator.revoke_key(orders, KEY).expect("revoked"));
    })
    .await;
    let log = emulator.log(orders);
    let order = log.iter().find(|it| it.path == "/v2/orders").expect("one");
    assert_eq!(
        (order.header("x-api-key"), order.header("x-signature")),
        (vec![KEY], vec![SIGN])
    );
    let health = log.iter().find(|it| it.path == "/v2/health").expect("one");
    assert!(health.header("x-api-key").is_empty() && health.header("x-signature").is_empty());
}

#[tokio::test]
async fn with_an_independent_server() {
    let Some(server) = Server::independent("TEGATA_KEYS_SERVER", "/v2") else {
        return;
    };
    walk(&server, async || {
        let url = server.api.replace("/v2", "/rotate");
        let rotated = tegata::reqwest::Client::new().post(url).send().await;
        assert_eq!(rotated.expect("an answer").status(), 200);
    })
    .await;
}

fn builder(server: &Server) -> ClientBuilder {
    Client::builder().base_url(&server.api)
}

/// `rotate` makes the server take another key in place of the first.
async fn walk(server: &Server, rotate: impl AsyncFnOnce()) {
    let order = Order { id: 7, state: None };
    let client = builder(server).api_key(KEY).signature(SIGN);
    let client = client.build().expect("valid");
    let sent = client.api().create_order(&order).await.expect("sent");
    assert_eq!((sent.id, sent.state.clone()), (7, Some(OrderState::Open)));

    // Neither alone is enough, and one that is missing is not sent for.
    for (key, sign) in [(KEY, "CANARY-wrong"), ("CANARY-wrong", SIGN), (SIGN, KEY)] {
        let client = builder(server).api_key(key).signature(sign);
        let client = client.build().expect("valid");
        let error = client.api().create_order(&order).await;
        let error = error.expect_err("one is wrong");
        let said = (error.kind(), error.status().map(|it| it.as_u16()));
        assert_eq!(said, (ErrorKind::CredentialRejected, Some(401)));
        shows_no_secret(&error);
    }
    let half = builder(server).api_key(KEY).build().expect("valid");
    let error = half.api().create_order(&order).await;
    let error = error.expect_err("one is missing");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(
        error.to_string().contains("apiKey and signature"),
        "{error}"
    );
    let none = builder(server).build().expect("public operations");
    none.api().health().await.expect("public");

    // Rotation, while the client is in use.
    rotate().await;
    let error = client.api().create_order(&order).await;
    let error = error.expect_err("the key has ended");
    assert_eq!(error.kind(), ErrorKind::CredentialRejected);
    client
        .shared()
        .replace_key(API_KEY, NEXT)
        .expect("replaced");
    client
        .api()
        .create_order(&order)
        .await
        .expect("the next key");
}
