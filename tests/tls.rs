//! RFC 6749 section 10.9: a client of ours speaks to no server that it cannot verify.
//!
//! No case says so: to a server that it does not trust a client sends nothing, and neither does one
//! that does nothing at all.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use tegata::Settings;
use tegata::reqwest::{Certificate, Client, ClientBuilder};
use tegata_emulator::tls::Tls;
use tegata_emulator::{Config, Emulator};

fn trusting(ca: Option<&Certificate>) -> ClientBuilder {
    Client::builder().no_proxy().tls_certs_merge(ca.cloned())
}

/// Whether each client was served: two ask for a token, one calls the API with its key.
async fn served(emulator: &Emulator, ca: Option<&Certificate>) -> [bool; 3] {
    let settings = || Settings::new().http_client(trusting(ca));
    let url = |provider: &str| emulator.provider_url(provider);
    let aispf = tegata_fujitsu_aispf::Client::builder(tegata_fujitsu_aispf::OAuth2::new(
        "aispf-client",
        "CANARY-aispf-secret",
    ))
    .auth_url(url("fujitsu-aispf"))
    .base_url(url("fujitsu-aispf"))
    .settings(settings())
    .build()
    .unwrap();
    let jooto = tegata_jooto::Client::builder("hogehoge")
        .base_url(url("jooto"))
        .settings(settings())
        .build()
        .unwrap();
    let marketo = tegata_marketo::Client::builder("marketo-client", "CANARY-marketo-secret")
        .base_url(url("marketo"))
        .settings(settings())
        .build()
        .unwrap();
    [
        aispf.warm_up().await.is_ok(),
        jooto.get("/organizations").send().await.is_ok(),
        marketo.warm_up().await.is_ok(),
    ]
}

#[tokio::test]
async fn an_untrusted_server_is_sent_nothing() {
    let tls = Tls::generate().unwrap();
    let emulator = Emulator::start_with(Config::default(), 0, Some(&tls)).unwrap();
    let other = Tls::generate().unwrap();
    let other = Certificate::from_pem(other.ca().as_bytes()).unwrap();
    for ca in [None, Some(&other)] {
        assert_eq!(served(&emulator, ca).await, [false; 3]);
        assert!(emulator.log(None).is_empty(), "something was sent");
    }
    let right = Certificate::from_pem(tls.ca().as_bytes()).unwrap();
    assert_eq!(served(&emulator, Some(&right)).await, [true; 3]);
}
